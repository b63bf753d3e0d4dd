"""Where the console's lines come from: a person at a terminal or a pipe; a read gives a line, or None at the end."""

import asyncio
import os
import threading
from collections.abc import Callable, Iterable
from typing import Protocol

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.formatted_text import FormattedText
from prompt_toolkit.history import DummyHistory, InMemoryHistory

from tools.errors import OperatorError

Complete = Callable[[str], Iterable[tuple[str, str]]]
"""A line typed so far to its possible last words and what each means."""

MAX_LINE_BYTES = 1_000_000
_CHUNK_BYTES = 65_536
_MENU_LINES = 5


class InputSource(Protocol):
    """Gives the customer's lines, one at a time."""

    async def read(self, status: str, complete: Complete, idle_s: float | None = None) -> str | None:
        """The next line without its end, None when there are no more; KeyboardInterrupt on Ctrl-C.

        TimeoutError when nothing is typed for `idle_s` seconds.
        """
        ...

    async def read_secret(self, question: str) -> str | None:
        """What is typed without being shown or remembered, None if that was given up; OperatorError off a terminal."""
        ...

    def forget(self) -> None:
        """Drop what was remembered of earlier lines: another customer comes."""
        ...


class TerminalInput:
    """A prompt with line editing. What was typed is remembered in memory only: the next customer may not read it."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """See InputSource."""
        self._prompt: PromptSession[str] = PromptSession(history=InMemoryHistory())

    async def read(self, status: str, complete: Complete, idle_s: float | None = None) -> str | None:
        """See InputSource."""
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(idle_s) as limit:

            def wait_anew(_: object) -> None:
                if idle_s is not None:
                    limit.reschedule(loop.time() + idle_s)

            typed = self._prompt.default_buffer.on_text_changed
            typed += wait_anew
            try:
                return await self._prompt.prompt_async(
                    FormattedText([("bold", "› ")]),
                    completer=_CommandCompleter(complete),
                    bottom_toolbar=FormattedText([("", status)]),
                    complete_while_typing=True,
                    reserve_space_for_menu=_MENU_LINES,
                )
            except EOFError:
                return None
            finally:
                typed -= wait_anew

    async def read_secret(self, question: str) -> str | None:
        """See InputSource."""
        try:
            return await PromptSession[str](history=DummyHistory()).prompt_async(question, is_password=True)
        except (EOFError, KeyboardInterrupt):
            return None


class LineInput:
    """Lines of a pipe or file, by its descriptor; bytes that are not UTF-8 come out as replacement characters.

    Reading runs in a daemon thread on the bare descriptor, so that neither the event loop nor the program's end waits
    for a line that may never come.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._rest = b""
        self._ended = False

    def forget(self) -> None:
        """See InputSource; nothing is remembered."""

    async def read_secret(self, question: str) -> str | None:
        """See InputSource; nobody is there to type it."""
        del question
        raise OperatorError("a PIN can only be typed at a terminal")

    async def read(self, status: str, complete: Complete, idle_s: float | None = None) -> str | None:
        """See InputSource; a line longer than MAX_LINE_BYTES comes in pieces. A pipe is waited for without a limit."""
        del status, complete, idle_s
        while b"\n" not in self._rest and len(self._rest) < MAX_LINE_BYTES and not self._ended:
            chunk = await _read_in_thread(self._descriptor)
            self._ended = not chunk
            self._rest += chunk
        if not self._rest:
            return None
        line, newline, self._rest = self._rest.partition(b"\n")
        if not newline and len(line) > MAX_LINE_BYTES:
            line, self._rest = line[:MAX_LINE_BYTES], line[MAX_LINE_BYTES:]
        return line.decode("utf-8", errors="replace").removesuffix("\r")


async def _read_in_thread(descriptor: int) -> bytes:
    loop = asyncio.get_running_loop()
    arrived: asyncio.Future[bytes] = loop.create_future()

    def deliver(outcome: bytes | OSError) -> None:
        if arrived.done():
            return
        if isinstance(outcome, OSError):
            arrived.set_exception(outcome)
        else:
            arrived.set_result(outcome)

    def read() -> None:
        try:
            outcome: bytes | OSError = os.read(descriptor, _CHUNK_BYTES)
        except OSError as error:
            outcome = error
        if not loop.is_closed():
            loop.call_soon_threadsafe(deliver, outcome)

    threading.Thread(target=read, daemon=True, name="console input").start()
    return await arrived


class _CommandCompleter(Completer):
    def __init__(self, complete: Complete) -> None:
        self._complete = complete

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        """The words that fit what stands before the cursor."""
        del complete_event
        before = document.text_before_cursor
        if not before.startswith("/"):
            return
        typed = before.rpartition(" ")[2]
        for word, meaning in self._complete(before):
            if word.casefold().startswith(typed.casefold()):
                yield Completion(word, start_position=-len(typed), display_meta=meaning)
