"""Text comes in, its sound or its phonemes go out: the espeak-ng program, run as a process for each text."""

import asyncio
import os
import signal
import struct
from contextlib import suppress

import numpy as np

from tools.audio import Audio
from tools.errors import SpeechError
from tools.speaking.readings import reading
from tools.speaking.spoken_forms import spoken_form
from tools.speaking.synthesizer import checked_text
from tools.speaking.voices import Voice, voices

_PROGRAM = "espeak-ng"
_LIMIT_S = 10.0
_MAX_BYTES = 16 * 1024 * 1024
"""Six minutes of sound: more than the longest sentence takes."""
_WORDS_A_MINUTE = "155"


class EspeakSynthesizer:
    """A `SpeechSynthesizer` that needs no model and speaks every language of the kiosk, like a robot."""

    @property
    def languages(self) -> frozenset[str]:
        """The languages it can speak."""
        return frozenset(voices())

    async def synthesize(self, text: str, language: str) -> Audio:
        """The sound of one sentence or clause. Raises SpeechError."""
        text, voice = checked_text(text), voice_of(language)
        words = await reading(spoken_form(text, language), voice)
        # -z: no pause after the last sentence; how long to wait there is not the voice's business.
        return _read_wav(await _espeak(["--stdout", "-z", "-s", _WORDS_A_MINUTE], voice, words))


async def espeak_ipa(words: str, voice: Voice) -> str:
    """The phonemes of words without punctuation (IPA, `^` ties letters of one sound). Raises SpeechError."""
    return (await _espeak(["-q", "--ipa", "--tie=^"], voice, words)).decode("utf-8", "replace")


def voice_of(language: str) -> Voice:
    """The voices of a language. Raises SpeechError."""
    if (voice := voices().get(language)) is None:
        raise SpeechError(f"There is no voice for the language {language!r}.")
    return voice


async def _espeak(options: list[str], voice: Voice, text: str) -> bytes:
    """What the program writes. Whatever happens here, its process ends."""
    command = [_PROGRAM, "-b", "1", "-v", voice.espeak, *options, "--stdin"]
    pipe = asyncio.subprocess.PIPE
    try:
        process = await asyncio.create_subprocess_exec(
            *command, stdin=pipe, stdout=pipe, stderr=asyncio.subprocess.DEVNULL, start_new_session=True
        )
    except FileNotFoundError as missing:
        raise SpeechError("The program espeak-ng is missing: apt-get install espeak-ng.") from missing
    except OSError as failure:
        raise SpeechError(f"The program espeak-ng cannot be started: {failure.strerror}.") from failure
    try:
        async with asyncio.timeout(_LIMIT_S):
            return await _converse(process, text.encode("utf-8", "replace"))
    except TimeoutError as late:
        raise SpeechError(f"espeak-ng took longer than {_LIMIT_S:.0f} s.") from late
    finally:
        await _end(process)


async def _end(process: asyncio.subprocess.Process) -> None:
    """Kill it with all it started. It counts as ended only when what it wrote has been read."""
    if process.returncode is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    assert process.stdout
    while await process.stdout.read(1 << 16):
        pass
    await process.wait()


async def _converse(process: asyncio.subprocess.Process, text: bytes) -> bytes:
    """Give it the text and read at most _MAX_BYTES of what it makes of it. Raises SpeechError."""
    assert process.stdin
    assert process.stdout
    process.stdin.write(text)
    process.stdin.close()  # the text fits into the pipe's buffers
    written = bytearray()
    while piece := await process.stdout.read(1 << 16):
        written += piece
        if len(written) > _MAX_BYTES:
            raise SpeechError("espeak-ng made more sound than one sentence has.")
    if await process.wait():  # at the end of what it writes, it ends
        raise SpeechError(f"espeak-ng failed with exit status {process.returncode}.")
    return bytes(written)


def _read_wav(wav: bytes) -> Audio:
    """The sound in a WAV stream whose sizes are unknown to its writer. Raises SpeechError."""
    start = wav.find(b"data", 36, 1024) + 8
    if wav[:4] != b"RIFF" or wav[8:16] != b"WAVEfmt " or start < 44:
        raise SpeechError("espeak-ng made no sound that can be read.")
    encoding, channels, rate_hz, _, _, bits = struct.unpack_from("<HHIIHH", wav, 20)
    if (encoding, channels, bits) != (1, 1, 16) or rate_hz <= 0:
        raise SpeechError("espeak-ng made sound of a kind that is not wanted.")
    return Audio(np.frombuffer(wav, "<i2", (len(wav) - start) // 2, start).astype(np.int16), rate_hz)
