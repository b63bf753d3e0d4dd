"""Who interrupts the kiosk and who only nods along, in virtual time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.lexicon import Lexicon
from prompts.language_packs import LanguagePack, load_language_packs
from server.barge_in import BargeIn, BargeInSettings, Command
from server.endpointing import FRAME_MS

SETTINGS = BargeInSettings()
PACKS = load_language_packs()
LEXICON = Lexicon(PACKS)
SPEECH, SILENCE = 0.99, 0.01


@pytest.fixture
def speaking() -> BargeIn:
    barge_in = BargeIn()
    barge_in.started()
    return barge_in


def hear(barge_in: BargeIn, duration_ms: int, probability: float) -> list[Command]:
    commands = [barge_in.frame(probability) for _ in range(duration_ms // FRAME_MS)]
    return [command for command in commands if command]


def test_whoever_goes_on_speaking_silences_the_kiosk_at_once_and_stops_it(speaking: BargeIn) -> None:
    assert hear(speaking, SETTINGS.duck_after_ms, SPEECH) == [Command.DUCK]
    assert hear(speaking, SETTINGS.stop_after_ms, SPEECH) == [Command.STOP]
    assert hear(speaking, 5_000, SPEECH) == []


def test_a_nod_is_waited_for_and_the_kiosk_goes_on(speaking: BargeIn) -> None:
    assert hear(speaking, 400, SPEECH) == [Command.DUCK]
    assert hear(speaking, 200, SILENCE) == []
    assert speaking.words(is_backchannel=True) is Command.RESUME
    assert not speaking.is_undecided
    assert speaking.words(is_backchannel=False) is None


def test_short_words_that_mean_something_stop_it(speaking: BargeIn) -> None:
    hear(speaking, 400, SPEECH)
    assert speaking.words(is_backchannel=False) is Command.STOP


def test_words_that_come_late_stop_it_all_the_same(speaking: BargeIn) -> None:
    hear(speaking, 400, SPEECH)
    assert hear(speaking, 2_000, SILENCE) == [Command.RESUME]
    assert speaking.is_undecided
    assert speaking.words(is_backchannel=False) is Command.STOP


def test_a_click_does_nothing_and_a_short_noise_next_to_nothing(speaking: BargeIn) -> None:
    assert hear(speaking, SETTINGS.duck_after_ms - FRAME_MS, SPEECH) == []
    assert hear(speaking, 320, SILENCE) == []
    assert hear(speaking, 160, SPEECH) == [Command.DUCK]
    assert hear(speaking, SETTINGS.pause_ms, SILENCE) == [Command.RESUME]


def test_nothing_interrupts_a_kiosk_that_is_silent(speaking: BargeIn) -> None:
    speaking.finished()
    assert hear(speaking, 3_000, SPEECH) == []
    assert speaking.words(is_backchannel=False) is None


@given(st.lists(st.one_of(st.tuples(st.integers(1, 40), st.floats(0, 1)), st.booleans()), max_size=30))
def test_the_voice_is_never_left_silent_by_what_is_over(steps: list[tuple[int, float] | bool]) -> None:
    barge_in = BargeIn()
    barge_in.started()
    state = Command.RESUME
    for step in [*steps, (60, SILENCE)]:
        if isinstance(step, bool):
            commands = [command for command in [barge_in.words(step)] if command]
        else:
            commands = hear(barge_in, step[0] * FRAME_MS, step[1])
        for command in commands:
            assert state is not Command.STOP
            assert (command is Command.DUCK) == (state is Command.RESUME) or command is Command.STOP
            state = command
    assert state is not Command.DUCK


@pytest.mark.parametrize("pack", PACKS.values(), ids=lambda pack: pack.code)
def test_every_language_has_words_that_only_nod_along(pack: LanguagePack) -> None:
    assert all(LEXICON.is_backchannel(phrase) for phrase in pack.backchannels)
    assert LEXICON.is_backchannel(", ".join(pack.backchannels[:3]) + ".")
    for name in ("no", "cancel", "help", "goodbye", "buy", "staff"):
        assert not [phrase for phrase in getattr(pack, name) if LEXICON.is_backchannel(phrase)]


@pytest.mark.parametrize("text", ["uh-huh, but in black", "yeah, how much is it?", "wait", "no", "oh no", "stop"])
def test_a_nod_with_more_behind_it_is_none(text: str) -> None:
    assert not LEXICON.is_backchannel(text)


def test_nothing_heard_is_nothing_said() -> None:
    assert LEXICON.is_backchannel(" ")
