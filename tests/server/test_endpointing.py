"""Turns in virtual time: when they begin, pause, go on and end."""

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from server.endpointing import (
    FRAME_MS,
    Endpointer,
    EndpointingSettings,
    MaybeOver,
    Resumed,
    SpeechStarted,
    TurnEvent,
    TurnOver,
)

SETTINGS = EndpointingSettings()
SPEECH, SILENCE = 0.99, 0.01


class Talk:
    """Someone at the microphone, and a judge that always says the same."""

    def __init__(self, end_probability: float | None, settings: EndpointingSettings = SETTINGS) -> None:
        self.endpointer = Endpointer(settings)
        self.end_probability = end_probability
        self.time_ms = 0
        self.events: list[TurnEvent] = []

    def hear(self, duration_ms: int, probability: float) -> list[TurnEvent]:
        """What happens while one kind of sound lasts."""
        heard: list[TurnEvent] = []
        for _ in range(duration_ms // FRAME_MS):
            self.time_ms += FRAME_MS
            events = self.endpointer.frame(self.time_ms, probability)
            heard += events
            for event in events:
                if isinstance(event, MaybeOver) and self.end_probability is not None:
                    heard += self.endpointer.judge(event, self.end_probability)
        self.events += heard
        return heard

    def of(self, kind: type[TurnEvent]) -> list[TurnEvent]:
        return [event for event in self.events if isinstance(event, kind)]


def test_a_clear_end_is_answered_at_once() -> None:
    talk = Talk(1.0)
    talk.hear(320, SILENCE)
    (started,) = talk.hear(1_600, SPEECH)
    assert isinstance(started, SpeechStarted)
    assert started.time_ms - 320 == SETTINGS.min_speech_ms
    assert started.start_ms == 0
    asked, over = talk.hear(200, SILENCE)
    assert isinstance(asked, MaybeOver)
    assert isinstance(over, TurnOver)
    assert (over.start_ms, over.end_ms, over.time_ms) == (0, 1_920, 1_920 + SETTINGS.ask_after_ms[0])
    assert over.act_from_ms == over.time_ms


@given(st.one_of(st.none(), st.floats(0, SETTINGS.sure, exclude_max=True)), st.integers(0, 1_200))
def test_a_pause_of_1200_ms_is_never_answered_into(end_probability: float | None, pause_ms: int) -> None:
    talk = Talk(end_probability)
    talk.hear(1_024, SPEECH)
    talk.hear(pause_ms, SILENCE)
    talk.hear(1_024, SPEECH)
    assert all(over.act_from_ms > talk.time_ms - 1_024 + 96 for over in talk.of(TurnOver) if isinstance(over, TurnOver))
    talk.hear(4_000, SILENCE)
    assert len(talk.of(SpeechStarted)) == 1
    last = talk.of(TurnOver)[-1]
    assert isinstance(last, TurnOver)
    assert last.start_ms == 0
    assert last.end_ms == talk.time_ms - 4_000 // FRAME_MS * FRAME_MS


@given(st.floats(0, 1))
def test_no_one_is_waited_for_longer_than_the_limit(end_probability: float) -> None:
    talk = Talk(end_probability)
    talk.hear(1_024, SPEECH)
    talk.hear(SETTINGS.max_silence_ms + FRAME_MS, SILENCE)
    assert len(talk.of(TurnOver)) == 1


@given(st.floats(0, 1), st.floats(0, 1))
def test_the_less_it_sounds_over_the_longer_one_waits(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert SETTINGS.patience_ms(low) >= SETTINGS.patience_ms(high)


def test_an_answer_that_was_begun_too_soon_is_withdrawn() -> None:
    talk = Talk(0.6)
    talk.hear(1_024, SPEECH)
    over = talk.hear(640, SILENCE)[-1]
    assert isinstance(over, TurnOver)
    (resumed,) = talk.hear(640, SPEECH)
    assert isinstance(resumed, Resumed)
    assert resumed.was_over
    assert resumed.time_ms < over.act_from_ms


def test_speech_after_the_answer_is_another_turn() -> None:
    talk = Talk(1.0)
    talk.hear(1_024, SPEECH)
    talk.hear(640, SILENCE)
    talk.endpointer.close()
    (started,) = talk.hear(640, SPEECH)
    assert isinstance(started, SpeechStarted)
    assert started.start_ms > 1_024


def test_a_click_is_no_turn_and_ends_no_pause() -> None:
    talk = Talk(0.0)
    for _ in range(20):
        talk.hear(64, SPEECH)
        talk.hear(64, SILENCE)
    assert talk.events == []
    talk.hear(512, SPEECH)
    talk.hear(512, SILENCE)
    talk.hear(64, SPEECH)
    talk.hear(512, SILENCE)
    assert not talk.of(Resumed)


def test_a_late_answer_to_an_earlier_pause_changes_nothing() -> None:
    talk = Talk(None)
    talk.hear(512, SPEECH)
    question = talk.hear(128, SILENCE)[0]
    assert isinstance(question, MaybeOver)
    talk.hear(512, SPEECH)
    assert talk.endpointer.judge(question, 1.0) == []
    talk.hear(128, SILENCE)
    assert talk.endpointer.judge(question, 1.0) == []


def test_a_turn_without_end_is_cut_and_goes_on_as_another() -> None:
    talk = Talk(None)
    talk.hear(SETTINGS.max_turn_ms * 2 + 2_000, SPEECH)
    assert [type(event) for event in talk.events] == [SpeechStarted, TurnOver] * 2 + [SpeechStarted]
    first, over, second = talk.events[:3]
    assert isinstance(first, SpeechStarted)
    assert isinstance(over, TurnOver)
    assert isinstance(second, SpeechStarted)
    assert over.end_ms - first.start_ms <= SETTINGS.max_turn_ms
    assert over.end_ms - SETTINGS.pre_roll_ms <= second.start_ms < over.end_ms + FRAME_MS


class Endpointing(RuleBasedStateMachine):
    """Anything a microphone, a model and a server can do, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.endpointer = Endpointer()
        self.time_ms = 0
        self.questions: list[MaybeOver] = []
        self.in_turn = self.is_over = False
        self.start_ms = 0
        self.last_end_ms = 0

    def take(self, events: list[TurnEvent]) -> None:
        for event in events:
            assert event.time_ms == self.time_ms
            assert 0 <= event.start_ms <= self.time_ms
            match event:
                case SpeechStarted():
                    assert not self.in_turn
                    self.in_turn, self.is_over, self.start_ms = True, False, event.start_ms
                case MaybeOver():
                    assert self.in_turn
                    self.questions.append(event)
                    assert event.end_ms <= event.time_ms
                case TurnOver():
                    assert self.in_turn
                    self.in_turn, self.is_over = False, True
                    assert event.start_ms < event.end_ms <= event.time_ms <= event.act_from_ms
                    self.last_end_ms = event.end_ms
                case Resumed():
                    assert self.in_turn != event.was_over
                    assert not event.was_over or self.is_over
                    self.in_turn, self.is_over = True, False
            assert event.start_ms == self.start_ms

    @rule(probability=st.floats(0, 1), frames=st.integers(1, 40))
    def hear(self, probability: float, frames: int) -> None:
        for _ in range(frames):
            self.time_ms += FRAME_MS
            self.take(self.endpointer.frame(self.time_ms, probability))

    @precondition(lambda self: self.questions)
    @rule(data=st.data(), probability=st.floats(0, 1))
    def judge(self, data: st.DataObject, probability: float) -> None:
        self.take(self.endpointer.judge(data.draw(st.sampled_from(self.questions)), probability))

    @rule()
    def close(self) -> None:
        self.endpointer.close()
        self.is_over = False

    @invariant()
    def no_turn_lasts_for_ever(self) -> None:
        assert not self.in_turn or self.time_ms - self.start_ms <= SETTINGS.max_turn_ms + SETTINGS.pre_roll_ms


TestEndpointing = Endpointing.TestCase
TestEndpointing.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
