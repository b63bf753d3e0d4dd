"""Customer and kiosk take turns in virtual time: whose turn it is, and when the kiosk's voice gives way."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from server.endpointing import FRAME_MS, EndpointingSettings
from server.floor import (
    Floor,
    FloorEvent,
    SpokenOver,
    TurnBegan,
    TurnEnded,
    TurnPaused,
    VoiceHeld,
    VoiceReleased,
)
from server.microphone import HeardFrame

SETTINGS = EndpointingSettings()
SPEECH_DBFS, SILENCE_DBFS, KIOSK_DBFS = -20.0, -70.0, -25.0


class Talk:
    """A customer, a kiosk whose echo is cancelled, a judge of turns, and whoever recognises words."""

    def __init__(self, end_probability: float = 1.0, words: bool | None = None, may_interrupt: bool = True) -> None:
        self.floor = Floor(may_interrupt=may_interrupt)
        self.end_probability = end_probability
        self.is_backchannel = words
        """What the words over the kiosk turn out to be; None: they are never known."""
        self.time_ms = 0
        self.events: list[FloorEvent] = []

    def pass_time(self, duration_ms: int, speech: bool = False, kiosk: bool = False) -> list[FloorEvent]:
        """What happens meanwhile, without the questions about pauses."""
        before = len(self.events)
        for _ in range(duration_ms // FRAME_MS):
            self.time_ms += FRAME_MS
            frame = HeardFrame(self.time_ms, 0.99 if speech else 0.01, SPEECH_DBFS if speech else SILENCE_DBFS)
            self._take(self.floor.frame(frame, KIOSK_DBFS if kiosk else None))
        return [event for event in self.events[before:] if not isinstance(event, TurnPaused | SpokenOver)]

    def _take(self, events: list[FloorEvent]) -> None:
        for event in events:
            self.events.append(event)
            if isinstance(event, TurnPaused):
                self._take(self.floor.judge(event.question, self.end_probability))
            if isinstance(event, SpokenOver) and self.is_backchannel is not None:
                self._take(self.floor.words(self.is_backchannel))

    def let_kiosk_begin(self) -> None:
        """The kiosk speaks until nothing is taken for its echo only because the echo is not known yet."""
        assert self.pass_time(2_048, kiosk=True) == []


def test_a_turn_begins_and_ends() -> None:
    talk = Talk()
    assert talk.pass_time(1_600, speech=True) == [TurnBegan(0)]
    [ended] = talk.pass_time(1_000)
    assert ended == TurnEnded(1_600, 0)


def test_what_may_go_on_is_answered_in_silence_first() -> None:
    talk = Talk(end_probability=0.5)
    talk.pass_time(1_600, speech=True)
    [ended] = talk.pass_time(640)
    assert isinstance(ended, TurnEnded)
    assert ended.wait_ms == SETTINGS.doubt_ms - SETTINGS.ask_after_ms[0]
    assert talk.pass_time(640, speech=True) == [TurnBegan(1_600, goes_on=True)]


def test_what_follows_the_kiosks_first_word_is_another_turn() -> None:
    talk = Talk()
    talk.pass_time(1_600, speech=True)
    talk.pass_time(320)
    talk.pass_time(160, kiosk=True)
    talk.pass_time(1_024)
    [began] = talk.pass_time(640, speech=True)
    assert isinstance(began, TurnBegan)
    assert began.start_ms > 1_600
    assert not began.goes_on


@pytest.mark.parametrize("duration_ms", [320, 640])
def test_nodding_along_holds_the_kiosk_for_a_moment_only(duration_ms: int) -> None:
    talk = Talk(words=True)
    talk.let_kiosk_begin()
    events = talk.pass_time(duration_ms, speech=True, kiosk=True) + talk.pass_time(3_008, kiosk=True)
    assert events == [VoiceHeld(), VoiceReleased()]
    assert talk.pass_time(3_008) == []


@pytest.mark.parametrize("words", [False, None])
def test_a_long_interruption_is_a_turn_from_its_first_word(words: bool | None) -> None:
    talk = Talk(words=words)
    talk.let_kiosk_begin()
    start_ms = talk.time_ms
    held, began = talk.pass_time(1_600, speech=True, kiosk=True)
    assert held == VoiceHeld()
    assert isinstance(began, TurnBegan)
    assert start_ms - SETTINGS.pre_roll_ms <= began.start_ms <= start_ms
    assert talk.pass_time(640) == [TurnEnded(start_ms + 1_600, 0)]


def test_a_short_interruption_is_known_by_its_words() -> None:
    talk = Talk(words=False)
    talk.let_kiosk_begin()
    talk.pass_time(480, speech=True, kiosk=True)
    began, ended = talk.pass_time(1_600, kiosk=True)
    assert isinstance(began, TurnBegan)
    assert ended == TurnEnded(began.start_ms + 480 + SETTINGS.pre_roll_ms, 0)


def test_words_that_are_never_known_let_the_kiosk_go_on() -> None:
    talk = Talk(words=None)
    talk.let_kiosk_begin()
    assert talk.pass_time(480, speech=True, kiosk=True) == [VoiceHeld()]
    assert talk.pass_time(1_600, kiosk=True) == [VoiceReleased()]


def test_who_began_over_the_kiosks_last_words_has_the_floor() -> None:
    talk = Talk()
    talk.let_kiosk_begin()
    assert talk.pass_time(320, speech=True, kiosk=True) == [VoiceHeld()]
    [began] = talk.pass_time(1_280, speech=True)
    assert isinstance(began, TurnBegan)
    [ended] = talk.pass_time(640)
    assert isinstance(ended, TurnEnded)


def test_a_kiosk_that_must_not_be_interrupted_goes_on_and_hears_the_turn() -> None:
    talk = Talk(may_interrupt=False)
    talk.let_kiosk_begin()
    [began] = talk.pass_time(1_600, speech=True, kiosk=True)
    assert isinstance(began, TurnBegan)


@given(
    st.lists(st.tuples(st.integers(1, 60), st.booleans(), st.booleans()), max_size=40),
    st.floats(0, 1),
    st.sampled_from([True, False, None]),
)
@example([(32, False, True), (3, True, True), (63, False, True), (3, True, True)], 1.0, None)
def test_turns_are_in_order_and_the_voice_is_held_and_released_in_turns(
    sounds: list[tuple[int, bool, bool]], end_probability: float, words: bool | None
) -> None:
    talk = Talk(end_probability, words)
    for frames, speech, kiosk in sounds:
        talk.pass_time(frames * FRAME_MS, speech, kiosk)
    talk.pass_time(6_016)
    is_turn, is_held, last_ms = False, False, 0
    for event in talk.events:
        match event:
            case TurnBegan():
                assert event.start_ms >= last_ms - SETTINGS.pre_roll_ms
                is_turn, is_held = True, False
            case TurnEnded():
                assert is_turn
                assert event.end_ms >= last_ms
                is_turn, last_ms = False, event.end_ms
            case VoiceHeld():
                assert not is_held
                is_held = True
            case VoiceReleased():
                is_held = False
            case _:
                pass
    assert not is_turn
