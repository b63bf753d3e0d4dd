"""What the owner learns of a kiosk's health: each event is counted as what it is, and kept when the kiosk goes down."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from agent.bootstrap import open_kiosk
from agent.health_watch import counted_in
from agent.observation import ModelAsked, ReplyGiven, Step, TurnEnded, UtteranceHeard
from agent.scripted_model import ScriptedModel
from agent.settings import Settings
from tests.agent.talk import Talk
from tools.database import open_database, utc_now
from tools.health import HealthBook, Signal, read_tallies
from tools.schema import migrate

STEPS = (
    Step("stage", "understand", 0, None, 900.0),
    Step("model", "Reading", 0, None, 800.0),
    Step("model", "Idea", 0, None, 1_100.0, "failed"),
    Step("model", "Idea", 0, None, 6_000.0, "refused"),
    Step("model", "Idea", 0, None, 100.0, "given_up"),
    Step("tool", "search", 0, None, 30.0, "failed"),
    Step("tool", "search", 0, None, 30.0, "refused"),
)


def test_each_event_is_counted_as_what_it_is() -> None:
    engine = open_database(None)
    migrate(engine)
    book = HealthBook(engine)
    count = counted_in(book)
    for outcome in ("ok", "failed", "given_up"):
        count(TurnEnded("t", "s", "K1", "en", "find", outcome, 0, 950.0, STEPS, 2, 1, 940.0))
    count(UtteranceHeard("K1", True, 310.0))
    count(UtteranceHeard("K1", False, 4_000.0))
    count(ReplyGiven("t", "K1", 0, True, "completed", None, None, 10.0, 1_300.0, 2_000.0, unspoken_sentences=2))
    count(ReplyGiven("t", "K1", 0, False, "completed", None, None, 10.0, None, 12.0))
    count(ModelAsked())
    book.save()
    now = utc_now()
    tally = read_tallies(engine, now - timedelta(hours=2), now)["K1"]
    assert {signal.value: tally.count(signal) for signal in Signal} == {
        "turn": 1, "turn_failed": 1, "model_answered": 3, "model_failed": 6, "tool_failed": 3, "sentence_refused": 3,
        "heard": 1, "hearing_failed": 1, "spoken": 1, "speaking_failed": 2,
    }  # fmt: skip
    assert (tally.quantile_ms(Signal.TURN, 1), tally.quantile_ms(Signal.HEARD, 1)) == (1_000, 500)


async def test_a_kiosk_keeps_what_was_counted_when_it_goes_down(make_home: Callable[[], Path]) -> None:
    settings = Settings().in_home(make_home())
    async with open_kiosk(settings, model=ScriptedModel({})) as kiosk:
        await Talk(kiosk.new_session("K1"))("hello")
    engine, now = open_database(settings.database), utc_now()
    tally = read_tallies(engine, now - timedelta(hours=2), now)["K1"]
    engine.dispose()
    assert tally.count(Signal.TURN) == 1
    assert tally.quantile_ms(Signal.TURN, 0.5) is not None
