"""Many microphones stream into one process while some customers talk: how late frames are and what memory a session
takes is printed.

The server runs in a process of its own, on the same cores as the microphones. A frame's lag is the time from when it
was due to be sent until the server says that it has dealt with it and with an empty request sent right behind it.
"""

import asyncio
import base64
import itertools
import json
import multiprocessing
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import websockets

from agent.settings import Settings
from evals.bench.figures import median, percentile
from evals.bench.spoken_sounds import WIRE_HZ, can_speak, in_room, noises, silence
from evals.bench.turn_bench import load_dialogues
from evals.bench.voice_bench import Customer, nearest_script, served, spoken_sentences
from server.serving import run
from tools.errors import OperatorError, SpeechError

_SESSIONS = 50
_TALKERS = 2
_STREAM_S = 40
_PIECE_MS = 40
_PIECES_A_REQUEST = 25
_CUSTOMERS, _AT_ONCE = 300, 10
_MIB = 1024 * 1024


class Microphone:
    """A client that streams the sound of a room and notes how late its frames are."""

    def __init__(self, websocket: websockets.ClientConnection, frames: Sequence[str], first: int) -> None:
        self._websocket, self._frames = websocket, itertools.islice(itertools.cycle(frames), first, None)
        self._due_s: dict[str, float] = {}
        self.lags_ms: list[float] = []

    async def stream(self, duration_s: float, offset_s: float) -> None:
        """Send a frame whenever it is due; wait at the end for the last requests."""
        began_s = time.monotonic() + offset_s
        receiving = asyncio.create_task(self._receive())
        for number in range(round(duration_s * 1000 / _PIECE_MS)):
            due_s = began_s + (number + 1) * _PIECE_MS / 1000
            await asyncio.sleep(max(0.0, due_s - time.monotonic()))
            await self._websocket.send(next(self._frames))
            if number % _PIECES_A_REQUEST == _PIECES_A_REQUEST - 1:
                self._due_s[f"r{number}"] = due_s
                request = {"type": "conversation.item.retrieve", "item_id": "none", "event_id": f"r{number}"}
                await self._websocket.send(json.dumps(request))
        await asyncio.sleep(2.0)
        receiving.cancel()

    async def _receive(self) -> None:
        async for message in self._websocket:
            event = json.loads(message)
            if event["type"] == "error" and (due_s := self._due_s.pop(event["error"]["event_id"], None)) is not None:
                self.lags_ms.append((time.monotonic() - due_s) * 1000)

    @property
    def unanswered(self) -> int:
        """Requests that were never answered."""
        return len(self._due_s)


def serve(channel: Connection) -> None:
    """A server with a scripted model, until something comes from the channel."""

    async def serve_until_told() -> None:
        with tempfile.TemporaryDirectory() as folder:
            settings = Settings().in_home(Path(folder))
            async with served(settings, nearest_script(load_dialogues())) as port:
                channel.send(port)
                await asyncio.to_thread(channel.recv)

    run(serve_until_told())


def memory_mib(process_id: int) -> float:
    """What a process holds in memory."""
    for line in Path(f"/proc/{process_id}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise OperatorError(f"there is no process {process_id}")


def room_frames() -> list[str]:
    """Ten seconds of a room in which nobody speaks, as events."""
    quiet = silence(10_000)
    sound = in_room(quiet, noises()[0], snr_db=25) if noises() else in_room(quiet, None)
    size = _PIECE_MS * WIRE_HZ // 1000
    pieces = [sound[start : start + size] for start in range(0, len(sound), size)]
    return [
        json.dumps({"type": "input_audio_buffer.append", "audio": base64.b64encode(piece.tobytes()).decode()})
        for piece in pieces
    ]


def connected(port: int) -> websockets.connect:
    """A connection to the server."""
    address = f"ws://127.0.0.1:{port}/v1/realtime"
    return websockets.connect(address, subprotocols=[websockets.Subprotocol("realtime")], compression=None)


async def measure_streams(port: int, process_id: int, sounds: dict[str, Any]) -> None:
    """Print how late frames are while some customers talk, and what memory a stream takes."""
    frames = room_frames()
    dialogues = [dialogue for dialogue in load_dialogues() if dialogue.get("language", "en") == "en"]
    before_mib = memory_mib(process_id)
    async with AsyncExitStack() as stack:
        sockets = [await stack.enter_async_context(connected(port)) for _ in range(_SESSIONS + _TALKERS)]
        microphones = [Microphone(socket, frames, 5 * number) for number, socket in enumerate(sockets[_TALKERS:])]
        customers = [Customer(socket, None, sounds) for socket in sockets[:_TALKERS]]
        talking = [asyncio.create_task(_talk(customer, dialogues)) for customer in customers]
        step_s = _PIECE_MS / 1000 / _SESSIONS  # microphones of different kiosks are not in step
        await asyncio.gather(*(each.stream(_STREAM_S, number * step_s) for number, each in enumerate(microphones)))
        held_mib = memory_mib(process_id)
        for task in talking:
            task.cancel()
        answers = [customer.answers for customer in customers]
    lags_ms = [lag for microphone in microphones for lag in microphone.lags_ms]
    print(
        f"{_SESSIONS} microphones and {_TALKERS} customers talking for {_STREAM_S} s: frame lag p50 "
        f"{median(lags_ms):.0f} p95 {percentile(lags_ms, 95):.0f} p99 {percentile(lags_ms, 99):.0f} max "
        f"{max(lags_ms):.0f} ms ({len(lags_ms)} frames, {sum(each.unanswered for each in microphones)} never), "
        f"{sum(answers)} answers; memory {before_mib:.0f} → {held_mib:.0f} MiB, "
        f"{(held_mib - before_mib) / (_SESSIONS + _TALKERS):.1f} a session"
    )


async def _talk(customer: Customer, dialogues: Sequence[dict[str, Any]]) -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(customer.stream())
        for dialogue in itertools.cycle(dialogues):
            for turn in dialogue["turns"]:
                await customer.ask(turn["say"])


async def measure_customers(port: int, process_id: int) -> None:
    """Print what memory is held as customers come and go, each with a turn and some seconds of sound."""
    frames = room_frames()[:100]
    held: list[float] = [memory_mib(process_id)]

    async def visit() -> None:
        async with connected(port) as websocket:
            for frame in frames:
                await websocket.send(frame)
            content = [{"type": "input_text", "text": "show me leather jackets"}]
            item = {"type": "message", "role": "user", "content": content}
            await websocket.send(json.dumps({"type": "conversation.item.create", "item": item}))
            asked = {"type": "response.create", "response": {"output_modalities": ["text"]}}
            await websocket.send(json.dumps(asked))
            async for message in websocket:
                if json.loads(message)["type"] == "response.done":
                    break
            await websocket.send(json.dumps({"type": "kiosk.session.end"}))
            async for _ in websocket:
                pass

    for number in range(_CUSTOMERS // _AT_ONCE):
        await asyncio.gather(*(visit() for _ in range(_AT_ONCE)))
        if (number + 1) * _AT_ONCE % 50 == 0:
            held.append(memory_mib(process_id))
    print(f"memory after each 50 of {_CUSTOMERS} customers: {' → '.join(f'{mib:.0f}' for mib in held)} MiB")


async def measure(port: int, process_id: int) -> None:
    """Print all figures."""
    sounds = await spoken_sentences(load_dialogues())
    async with connected(port) as websocket:  # warms what is made once
        customer = Customer(websocket, None, sounds)
        streaming = asyncio.create_task(customer.stream())
        await customer.ask(load_dialogues()[0]["turns"][0]["say"])
        streaming.cancel()
    await measure_streams(port, process_id, sounds)
    await measure_customers(port, process_id)


def main() -> None:
    """Print the figures, or what is missing for them."""
    if not can_speak():
        print("skipped: espeak-ng is not here")
        return
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(theirs,))
    server.start()
    theirs.close()
    try:
        asyncio.run(measure(ours.recv(), server.pid or 0))
        ours.send(None)
    except (EOFError, SpeechError, OperatorError) as error:
        print(f"skipped: {error or 'the server did not start'}", file=sys.stderr)
    finally:
        server.join(30)
        server.kill()


if __name__ == "__main__":
    main()
