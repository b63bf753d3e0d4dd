"""Spoken dialogues go over a real websocket in the time of their sound; how soon the kiosk is heard is printed.

`evals/bench/turns.yaml` is spoken by the kiosk's own voices. The clock starts at the last sample of speech that was
sent and stops at the first sound that came back. Each answer is reported played at once, so that the customer does not
wait to hear it out.
"""

import asyncio
import base64
import itertools
import json
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import soxr
import websockets
from rapidfuzz import fuzz, process
from rich.console import Console
from rich.progress import track
from rich.table import Table

from agent.bootstrap import open_kiosk
from agent.dialogue_model import DialogueModel
from agent.scripted_model import ScriptedModel
from agent.settings import Settings
from evals.bench.figures import median, p95
from evals.bench.spoken_sounds import SPEECH_DBFS, WIRE_HZ, at_level, can_speak, in_room, noises, silence, trimmed
from evals.bench.turn_bench import load_dialogues
from prompts.language_packs import load_language_packs
from server.realtime.roles import TalkKiosk
from server.server_settings import ServerSettings
from server.serving import listen, make_server, open_service, run
from server.speech import open_voice
from tools.audio import Samples
from tools.errors import OperatorError, SpeechError

_PIECE_MS = 40
_PIECE_SAMPLES = _PIECE_MS * WIRE_HZ // 1000
_PATIENCE_S = 30.0
_STAGES = ("turn_end_ms", "transcript_ms", "first_text_ms", "first_audio_ms")


@dataclass
class SpokenAnswer:
    """When what of one answer was there, in ms from the end of speech."""

    first_sound_ms: float
    stages_ms: Mapping[str, float | None] = field(default_factory=dict)


class Customer:
    """A client that speaks: a microphone that never stops, and what comes back."""

    def __init__(self, websocket: websockets.ClientConnection, room: str | None, sounds: Mapping[str, Samples]) -> None:
        """`sounds` has every sentence as it sounds, at WIRE_HZ."""
        self._websocket, self._room, self._sounds = websocket, room, sounds
        self.answers = 0
        self._speech: asyncio.Queue[Samples] = asyncio.Queue()
        self._spoken: asyncio.Queue[float] = asyncio.Queue()

    async def stream(self) -> None:
        """Send sound for ever, piece by piece as time goes."""
        quiet, began, sent = silence(_PIECE_MS), time.monotonic(), 0
        speech: Samples = silence(0)
        while True:
            if not len(speech) and not self._speech.empty():
                speech = self._speech.get_nowait()
            piece, was_speech = (speech[:_PIECE_SAMPLES], True) if len(speech) else (quiet, False)
            speech = speech[_PIECE_SAMPLES:]
            heard = in_room(piece, self._room, offset=sent) if self._room else piece
            event = {"type": "input_audio_buffer.append", "audio": base64.b64encode(heard.tobytes()).decode()}
            await self._websocket.send(json.dumps(event))
            sent += 1
            if was_speech and not len(speech):
                self._spoken.put_nowait(time.monotonic())
            await asyncio.sleep(max(0.0, began + sent * _PIECE_MS / 1000 - time.monotonic()))

    async def ask(self, text: str) -> SpokenAnswer | None:
        """Say something and listen; None when nothing came back."""
        self._speech.put_nowait(self._sounds[text])
        ended_s = await self._spoken.get()
        first_sound_s: float | None = None
        try:
            async with asyncio.timeout(_PATIENCE_S):
                while True:
                    event = json.loads(await self._websocket.recv())
                    kind = event["type"]
                    if kind == "response.output_audio.delta" and first_sound_s is None:
                        first_sound_s = time.monotonic()
                    elif kind == "response.output_item.done" and event["item"]["type"] == "message":
                        played = {"type": "kiosk.playout", "item_id": event["item"]["id"], "audio_end_ms": 10**6}
                        await self._websocket.send(json.dumps({**played, "is_over": True}))
                    elif kind == "kiosk.latency" and first_sound_s is not None:
                        self.answers += 1
                        return SpokenAnswer((first_sound_s - ended_s) * 1000, {name: event[name] for name in _STAGES})
        except (TimeoutError, websockets.ConnectionClosed):
            return None


def nearest_script(dialogues: Sequence[dict[str, Any]]) -> ScriptedModel:
    """A model that answers as turns.yaml says for the sentence that is most like what was heard."""
    forms = {turn["say"]: turn.get("form") for dialogue in dialogues for turn in dialogue["turns"]}
    chat = {"intent": "chat", "reply": "Hello!"}

    def answer(text: str) -> Mapping[str, Any]:
        found = process.extractOne(text, list(forms), scorer=fuzz.ratio)
        return forms[found[0]] or chat

    return ScriptedModel(answer)


async def spoken_sentences(dialogues: Sequence[dict[str, Any]]) -> dict[str, Samples]:
    """Every sentence of the dialogues as it sounds, at WIRE_HZ and the level of speech."""
    sounds: dict[str, Samples] = {}
    async with open_voice(Settings(), list(load_language_packs()), _silent) as voice:
        for dialogue in dialogues:
            for turn in dialogue["turns"]:
                pieces = [
                    piece.audio async for piece in voice.speaker.speak(turn["say"], dialogue.get("language", "en"))
                ]
                spoken = [soxr.resample(audio.samples, audio.rate_hz, WIRE_HZ) for audio in pieces]
                sounds[turn["say"]] = at_level(trimmed(np.concatenate(spoken)), SPEECH_DBFS)
    return sounds


@asynccontextmanager
async def served(settings: Settings, model: DialogueModel | None) -> AsyncIterator[int]:
    """A server of the kiosk with its voice; its port."""

    @asynccontextmanager
    async def opened(settings: Settings, _: object) -> AsyncIterator[TalkKiosk]:
        async with open_kiosk(settings, model=model) as kiosk:
            yield kiosk

    with listen("127.0.0.1", 0) as listening:
        async with open_service(settings, ServerSettings(), "127.0.0.1", _silent, opened, open_voice) as service:
            server = make_server(service)
            listening.listen()
            serving = asyncio.create_task(server.serve([listening]))
            yield listening.getsockname()[1]
            await service.talks.drain()
            server.should_exit = True
            await serving


async def play(
    port: int, dialogues: Sequence[dict[str, Any]], room: str | None, sounds: Mapping[str, Samples], label: str
) -> tuple[list[SpokenAnswer], int]:
    """Speak all dialogues; the answers, and how many sentences got none."""
    answers: list[SpokenAnswer] = []
    unanswered = 0
    for dialogue in track(dialogues, label, console=Console(stderr=True), transient=True):
        query = f"?customer={dialogue['customer']}" if "customer" in dialogue else ""
        address = f"ws://127.0.0.1:{port}/v1/realtime{query}"
        async with websockets.connect(address, subprotocols=[websockets.Subprotocol("realtime")]) as websocket:
            customer = Customer(websocket, room, sounds)
            streaming = asyncio.create_task(customer.stream())
            for turn in dialogue["turns"]:
                answer = await customer.ask(turn["say"])
                answers += [answer] if answer else []
                unanswered += answer is None
            streaming.cancel()
    return answers, unanswered


def row(name: str, answers: Sequence[SpokenAnswer], unanswered: int) -> list[str]:
    """A row of the table: the first sound, and where its time went."""
    sounds = [answer.first_sound_ms for answer in answers]
    stages = [[answer.stages_ms[name] or 0.0 for answer in answers] for name in _STAGES]
    shares = [
        stages[0],
        *([b - a for a, b in zip(*pair, strict=True)] for pair in itertools.pairwise(stages)),
    ]
    told = [f"{median(share):.0f}" for share in shares]
    return [name, f"{len(answers)}", str(unanswered), f"{median(sounds):.0f}", f"{p95(sounds):.0f}", *told]


async def measure() -> None:
    """Print the table."""
    dialogues = load_dialogues()
    sounds = await spoken_sentences(dialogues)
    table = Table(
        "model, room", "answers", "none", "first sound p50 ms", "p95", "turn end", "+ words", "+ reply", "+ voice"
    )
    rooms = (None, *noises()[:1]) if "--rooms" in sys.argv else (None,)
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings().in_home(Path(folder))
        for name, model in (("scripted", nearest_script(dialogues)), ("embedded", None)):
            async with served(settings, model) as port:
                await play(port, dialogues[:1], None, sounds, "warming")
                for room in rooms:
                    label = f"{name}, {room or 'quiet'}"
                    table.add_row(*row(label, *await play(port, dialogues, room, sounds, label)))
    Console(width=140).print(table)


def _silent(_: str) -> None:
    return None


def main() -> None:
    """Print the figures, or what is missing for them."""
    if not can_speak():
        print("skipped: espeak-ng is not here")
        return
    try:
        run(measure())
    except (SpeechError, OperatorError) as error:
        print(f"skipped: {error}")


if __name__ == "__main__":
    main()
