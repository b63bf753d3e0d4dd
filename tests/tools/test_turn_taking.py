"""The real models of speech and of the end of a turn, on generated speech."""

import asyncio
from pathlib import Path
from statistics import median

import numpy as np
import pytest
from faster_whisper.feature_extractor import FeatureExtractor

from evals.bench.spoken_sounds import WIRE_HZ, HeardStream, in_room, say, silence
from server.microphone import HeardFrame
from tests.spoken import need_speech, rooms, speech_model
from tools.audio import HEARING_HZ, Audio, Framer, Samples
from tools.errors import SpeechError
from tools.turn_taking.detectors import FRAME_SAMPLES
from tools.turn_taking.onnx_models import OnnxModel
from tools.turn_taking.silero import SILERO_FILE, SharedSilero, SileroDetector, load_silero, speech_probabilities
from tools.turn_taking.smart_turn import SMART_TURN_FILE, SmartTurnDetector, last_seconds, log_mel

SENTENCES = {
    "en": "Show me the cheapest umbrella you have.",
    "de": "Was kostet die silberne Uhr?",
    "hi": "इस घड़ी की कीमत क्या है?",
}
LEAD_MS = 1_500


@pytest.fixture
def detector() -> SileroDetector:
    return SharedSilero(load_silero(speech_model(SILERO_FILE))).new_detector()


@pytest.fixture(scope="module")
def turn_end() -> SmartTurnDetector:
    return SmartTurnDetector(speech_model(SMART_TURN_FILE))


async def hear(detector: SileroDetector, samples: Samples) -> list[HeardFrame]:
    return [frame async for frame in HeardStream(detector).hear(samples)]


@pytest.mark.parametrize("room", rooms())
@pytest.mark.parametrize("language", SENTENCES)
async def test_speech_is_told_from_the_room_around_it(
    detector: SileroDetector, language: str, room: str | None
) -> None:
    need_speech()
    sentence = say(SENTENCES[language], language)
    frames = await hear(detector, in_room(np.concatenate((silence(LEAD_MS), sentence, silence(2_500))), room))
    end_ms = LEAD_MS + len(sentence) * 1000 // WIRE_HZ
    before = [frame.speech_probability for frame in frames if frame.time_ms < LEAD_MS]
    within = [frame.speech_probability for frame in frames if LEAD_MS + 150 < frame.time_ms <= end_ms - 100]
    after = [frame.speech_probability for frame in frames if frame.time_ms > end_ms + 1_500]
    assert max(before) < 0.8
    assert np.mean(np.array(within) > 0.8) > 0.75
    assert max(after) < 0.8


async def test_streams_that_share_weights_do_not_disturb_each_other() -> None:
    need_speech()
    model = load_silero(speech_model(SILERO_FILE))
    silero = SharedSilero(model)
    frames = list(Framer(FRAME_SAMPLES).frames(say(SENTENCES["en"], "en")))
    streams = [frames, frames[::-1], frames[len(frames) // 2 :], frames[3:4]]

    async def found(stream: list[Samples]) -> list[float]:
        detector = silero.new_detector()
        return [await detector.speech_probability(frame) for frame in stream]

    together = await asyncio.gather(*map(found, streams))
    for stream, probabilities in zip(streams, together, strict=True):
        assert probabilities == pytest.approx(speech_probabilities(model, stream), abs=1e-4)


async def test_a_stream_that_is_given_up_does_not_hold_up_the_others(detector: SileroDetector) -> None:
    frame = np.zeros(FRAME_SAMPLES, np.int16)
    given_up = asyncio.create_task(detector.speech_probability(frame))
    await asyncio.sleep(0)
    given_up.cancel()
    assert 0 <= await detector.speech_probability(frame) <= 1
    assert given_up.cancelled()


async def test_whoever_waits_hears_of_a_failure(detector: SileroDetector, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("no memory")

    monkeypatch.setattr(OnnxModel, "run", fail)
    with pytest.raises(SpeechError, match="no memory"):
        await detector.speech_probability(np.zeros(FRAME_SAMPLES, np.int16))


def test_features_are_whispers() -> None:
    sound = (np.random.default_rng(1).normal(0, 3_000, 8 * HEARING_HZ)).astype(np.int16)
    heard = last_seconds(sound)
    np.testing.assert_allclose(log_mel(heard), FeatureExtractor()(heard, padding=0)[:, :800], atol=1e-5)


def test_short_sound_stands_at_the_end_and_long_sound_loses_its_start() -> None:
    sound = (np.random.default_rng(1).normal(0, 3_000, 9 * HEARING_HZ)).astype(np.int16)
    assert np.array_equal(last_seconds(sound), last_seconds(sound[HEARING_HZ:]))
    short = last_seconds(sound[:1_000])
    assert np.ptp(short[:-1_000]) == 0
    assert np.ptp(short[-1_000:]) > 1
    assert np.isfinite(log_mel(last_seconds(sound[:0]))).all()


WHOLE = ("Please cancel my order.", "How much is it?", "Do you have it in black?", "Which one is cheaper?")
BROKEN_OFF = (
    "I would like two of the,",
    "Could I have the um,",
    "I am looking for a coat that,",
    "I want the one with,",
)


@pytest.mark.parametrize("room", rooms())
async def test_a_sentence_that_breaks_off_is_less_over_than_a_whole_one(
    detector: SileroDetector, turn_end: SmartTurnDetector, room: str | None
) -> None:
    need_speech()

    async def probability(text: str) -> float:
        heard = in_room(np.concatenate((say(text, "en"), silence(200))), room)
        microphone = HeardStream(detector)
        frames = [frame async for frame in microphone.hear(heard)]
        return turn_end.end_probability(microphone.between(0, frames[-1].time_ms))

    # of a single sentence the model may be wrong, and how sure it is of all differs between processors: its weights are
    # whole numbers, which they add up in different ways
    whole = [await probability(text) for text in WHOLE]
    broken = [await probability(text) for text in BROKEN_OFF]
    assert all(0 <= one <= 1 for one in whole + broken)
    assert median(broken) < 0.5
    assert median(whole) > 5 * median(broken)


def test_what_cannot_be_judged_is_told(turn_end: SmartTurnDetector, tmp_path: Path) -> None:
    with pytest.raises(SpeechError, match="16000 Hz"):
        turn_end.end_probability(Audio(np.zeros(100, np.int16), 24_000))
    with pytest.raises(SpeechError, match="another model"):
        SmartTurnDetector(speech_model(SILERO_FILE))
    with pytest.raises(SpeechError, match=r"gone\.onnx"):
        load_silero(tmp_path / "gone.onnx")
    (tmp_path / "bad.onnx").write_bytes(b"no model")
    with pytest.raises(SpeechError, match=r"bad\.onnx"):
        load_silero(tmp_path / "bad.onnx")
