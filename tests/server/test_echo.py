"""The kiosk does not take its own voice for a customer's, whatever the delay and the loudness of its echo."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evals.bench.spoken_sounds import WIRE_HZ, at_level, in_room, mix, say, silence
from server.echo import EchoGate
from tests.spoken import need_speech
from tools.audio import SILENCE_DBFS, Samples, level_dbfs

FRAME_SAMPLES = 32 * WIRE_HZ // 1000
KIOSK = (
    "The list price is one hundred and twenty nine dollars, and you pay less with the gold card. Would you like to buy "
    "it? I can also show you the film, or another colour."
)


def levels(samples: Samples) -> list[float]:
    blocks = samples[: len(samples) // FRAME_SAMPLES * FRAME_SAMPLES].reshape(-1, FRAME_SAMPLES)
    return [level_dbfs(block) for block in blocks]


def judged(heard: Samples, played: Samples) -> tuple[list[bool], EchoGate]:
    gate = EchoGate()
    return [gate.is_echo(one, other) for one, other in zip(levels(heard), levels(played), strict=True)], gate


@pytest.mark.parametrize("delay_ms", [60, 250, 700])
@pytest.mark.parametrize("echo_db", [-6.0, -20.0])
def test_the_kiosks_own_voice_is_told_by_its_delay_and_loudness(delay_ms: int, echo_db: float) -> None:
    need_speech()
    kiosk = say(KIOSK, "en", 1)
    back = np.concatenate((silence(delay_ms), at_level(kiosk, level_dbfs(kiosk) + echo_db)))[: len(kiosk)]
    echo, gate = judged(in_room(back, None), kiosk)
    assert gate.coupling_db == pytest.approx(echo_db, abs=2)
    loud = [is_echo for is_echo, level in zip(echo, levels(back), strict=True) if level > -45]
    assert np.mean(loud) > 0.97


def test_a_customer_who_is_louder_than_the_echo_is_heard() -> None:
    need_speech()
    kiosk, customer = say(KIOSK, "en", 1), say("Wait, I want the other one!", "en", 0)
    back = np.concatenate((silence(200), at_level(kiosk, level_dbfs(kiosk) - 18)))[: len(kiosk)]
    echo, _ = judged(in_room(mix(back, np.concatenate((silence(4_000), customer))), None), kiosk)
    during = echo[4_000 // 32 : 4_000 // 32 + len(customer) // FRAME_SAMPLES]
    assert np.mean(during) < 0.4


def test_a_client_that_cancels_echo_is_not_held_deaf() -> None:
    need_speech()
    kiosk, customer = say(KIOSK, "en", 1), say("Excuse me, how much is that in all, please?", "en", 0)
    heard = mix(silence(len(kiosk) * 1000 // WIRE_HZ + 1)[: len(kiosk)], np.concatenate((silence(3_000), customer)))
    echo, gate = judged(in_room(heard, None), kiosk)
    assert gate.coupling_db is None
    assert not any(echo[3_000 // 32 :])


def test_nothing_is_echo_while_the_kiosk_is_silent() -> None:
    gate = EchoGate()
    assert not any(gate.is_echo(-20.0, SILENCE_DBFS) for _ in range(500))


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.floats(-96, 0), st.floats(-96, 0)), max_size=300))
def test_any_levels_will_do(frames: list[tuple[float, float]]) -> None:
    gate = EchoGate()
    for heard, played in frames:
        gate.is_echo(heard, played)
    assert gate.coupling_db is None or np.isfinite(gate.coupling_db)
