"""Streams of sound, cut and resampled in pieces of any length."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tools.audio import HEARING_HZ, SILENCE_DBFS, Framer, RecentAudio, Samples, level_dbfs
from tools.resampling import StreamResampler

CUTS = st.lists(st.integers(0, 5_000), max_size=20)


def ramp(count: int) -> Samples:
    return (np.arange(count) % 32_768).astype(np.int16)


def cut(samples: Samples, places: list[int]) -> list[Samples]:
    return np.split(samples, sorted(min(place, len(samples)) for place in places))


@given(st.integers(0, 5_000), CUTS, st.integers(1, 700))
def test_frames_do_not_depend_on_how_the_stream_was_cut(count: int, places: list[int], frame_samples: int) -> None:
    framer, samples = Framer(frame_samples), ramp(count)
    frames = [frame for piece in cut(samples, places) for frame in framer.frames(piece)]
    assert all(len(frame) == frame_samples for frame in frames)
    assert len(frames) == count // frame_samples
    assert np.concatenate([*frames, samples[:0]]).tolist() == samples[: len(frames) * frame_samples].tolist()


@given(CUTS)
def test_resampled_sound_does_not_depend_on_how_the_stream_was_cut(places: list[int]) -> None:
    tone = (10_000 * np.sin(np.arange(4_800) * 2 * np.pi * 440 / 24_000)).astype(np.int16)
    whole, pieces = StreamResampler(24_000, HEARING_HZ), StreamResampler(24_000, HEARING_HZ)
    expected = np.concatenate((whole.resample(tone), whole.flush()))
    found = np.concatenate([*(pieces.resample(piece) for piece in cut(tone, places)), pieces.flush()])
    assert len(found) == 3_200
    assert np.abs(found.astype(int) - expected).max() <= 4  # rounding is dithered
    again = pieces.resample(tone)
    assert len(again) <= 3_200


def test_a_tone_stays_at_its_pitch_and_level() -> None:
    tone = (10_000 * np.sin(np.arange(24_000) * 2 * np.pi * 1_000 / 24_000)).astype(np.int16)
    found = StreamResampler(24_000, HEARING_HZ).resample(tone)[2_000:10_000]
    assert np.argmax(np.abs(np.fft.rfft(found))) == 500
    assert abs(level_dbfs(found) - level_dbfs(tone)) < 0.1


@given(st.lists(st.integers(0, 400), max_size=60), st.integers(0, 1_500), st.integers(0, 1_500))
def test_the_recent_past_is_what_was_appended(lengths: list[int], start_ms: int, length_ms: int) -> None:
    recent, samples = RecentAudio(1_000, 500), ramp(sum(lengths))
    for piece in np.split(samples, np.cumsum(lengths)[:-1]) if lengths else []:
        recent.append(piece)
    assert recent.end_ms == len(samples)
    found = recent.between(start_ms, start_ms + length_ms).samples.tolist()
    asked = samples[start_ms : start_ms + length_ms].tolist()
    assert found == asked[len(asked) - len(found) :]
    if start_ms >= len(samples) - 500:
        assert found == asked


def test_the_past_is_forgotten() -> None:
    recent = RecentAudio(1_000, 500)
    for _ in range(100):
        recent.append(ramp(100))
    assert len(recent.between(0, recent.end_ms).samples) == 500


def test_levels_are_of_full_scale() -> None:
    assert level_dbfs(np.full(100, -32_768, np.int16)) == 0.0
    assert level_dbfs(np.zeros(100, np.int16)) == level_dbfs(np.zeros(0, np.int16)) == SILENCE_DBFS
