"""Talks from a script: utterances come in, one JSON object or plain text a turn goes out, and nothing else."""

import json
import logging
import sys
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol, TextIO

from agent.state import TurnFinished, TurnReport
from server.chat_roles import ChatSession
from server.console_views import amount, proof_lines
from server.error_boundary import expected_problem
from server.terminal_text import neutral
from tools.errors import DataError, OperatorError

FAILED = "failed"
"""The intent of a turn that ended in an error instead of a reply."""

MAX_SCRIPT_BYTES = 64 * 1024 * 1024
log = logging.getLogger(__name__)


class TurnPrinter(Protocol):
    """Writes one turn, and flushes."""

    def show(self, report: TurnReport) -> None:
        """Write it."""
        ...

    def next_customer(self) -> None:
        """Another customer comes."""
        ...


class JsonPrinter:
    """One JSON object a line with the keys of a TurnReport; control characters are escaped."""

    def __init__(self, out: TextIO) -> None:
        self._out = _utf8(out)

    def show(self, report: TurnReport) -> None:
        """See TurnPrinter."""
        line = json.dumps(report.model_dump(mode="json"), ensure_ascii=False)
        self._out.write("".join(_escaped(character) for character in line) + "\n")
        self._out.flush()

    def next_customer(self) -> None:
        """JSON lines need no mark: order ids and the script itself tell customers apart."""


class TextPrinter:
    """Each turn as a person would read it."""

    def __init__(self, out: TextIO) -> None:
        self._out = _utf8(out)

    def show(self, report: TurnReport) -> None:
        """See TurnPrinter."""
        lines = [f"> {neutral(report.utterance)}", neutral(report.reply)]
        for card in report.products:
            here = "in stock" if card.in_stock else "not in stock"
            price = amount(card.price_minor, card.currency, report.language)
            parts = (card.name, card.colour, card.size, price, here)
            lines.append(neutral("  * " + ", ".join(part for part in parts if part)))
        lines += [f"  {line}" for line in proof_lines(report.proof)]
        if report.checkout_stage:
            lines.append(neutral(f"  checkout: {report.checkout_stage}"))
        self._out.write("\n".join(lines) + "\n\n")
        self._out.flush()

    def next_customer(self) -> None:
        """See TurnPrinter."""
        self._out.write("---\n\n")


def read_script(path: Path) -> list[list[str]]:
    """Each customer's utterances, none of them empty; OperatorError when the file cannot be read or is not UTF-8."""
    name = "standard input" if str(path) == "-" else path.name
    try:
        content = sys.stdin.buffer.read(MAX_SCRIPT_BYTES + 1) if str(path) == "-" else _read_bytes(path)
    except OSError as error:
        raise OperatorError(f"the script {path} cannot be read: {error.strerror}") from error
    if len(content) > MAX_SCRIPT_BYTES:
        raise OperatorError(f"the script {name} is larger than {MAX_SCRIPT_BYTES // 1024 // 1024} MiB")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _not_utf8(content, name) from error
    customers: list[list[str]] = [[]]
    for line in text.split("\n"):
        utterance = line.removesuffix("\r")
        if utterance.strip():
            customers[-1].append(utterance)
        elif customers[-1]:
            customers.append([])
    return [utterances for utterances in customers if utterances]


def _read_bytes(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MAX_SCRIPT_BYTES + 1)


def _not_utf8(content: bytes, name: str) -> DataError:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        byte = error.start - content.rfind(b"\n", 0, error.start)
        problem = f"not UTF-8 text (byte 0x{content[error.start]:02X}); save the script as UTF-8"
        return DataError(problem, name, line, f"byte {byte}")
    raise AssertionError("called for text that is UTF-8")


def require_utf8(argument: str) -> str:
    """The argument; OperatorError when the shell passed bytes that are not UTF-8."""
    try:
        argument.encode("utf-8")
    except UnicodeEncodeError as error:
        raise OperatorError(f"the text is not UTF-8 (character {error.start + 1})") from error
    return argument


async def run_script(
    customers: Sequence[Sequence[str]],
    new_session: Callable[[], ChatSession],
    printer: TurnPrinter,
    problems: TextIO,
) -> bool:
    """Say everything, each customer in a session of their own; whether every turn ended with a reply.

    What is said after a goodbye begins a session too. What a session still has to say at its end goes to `problems`.
    """
    all_ran = True
    for number, utterances in enumerate(customers):
        if number:
            printer.next_customer()
        waiting = deque(utterances)
        while waiting:
            session = new_session()
            try:
                all_ran = await _talk(session, waiting, printer, problems) and all_ran
            finally:
                problems.writelines(f"{neutral(sentence)}\n" for sentence in await session.close())
    return all_ran


async def _talk(session: ChatSession, waiting: deque[str], printer: TurnPrinter, problems: TextIO) -> bool:
    """Say what waits, up to a goodbye; whether every turn ended with a reply."""
    all_ran, is_farewell = True, False
    while waiting and not is_farewell:
        report, is_farewell = await _turn(session, waiting.popleft(), problems)
        all_ran = all_ran and report.intent != FAILED
        printer.show(report)
    return all_ran


async def _turn(session: ChatSession, utterance: str, problems: TextIO) -> tuple[TurnReport, bool]:
    """The turn's report, and whether the customer leaves; a turn that fails is told on `problems` and is no end."""
    try:
        async for event in session.say(utterance):
            if isinstance(event, TurnFinished):
                return event.report, event.is_farewell
        log.error("a turn ended without a report")
        problems.write("The kiosk gave no answer.\n")
    except Exception as error:
        log.exception("a turn failed")
        problems.write(f"{expected_problem(error) or f'The turn failed ({type(error).__name__}).'}\n")
    return TurnReport(utterance=utterance, language=session.language, intent=FAILED, reply=""), False


def _utf8(out: TextIO) -> TextIO:
    """The stream writing UTF-8 whatever the locale; lone surrogates come out as JSON would escape them."""
    reconfigure = getattr(out, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(encoding="utf-8", errors="backslashreplace")
    return out


def _escaped(character: str) -> str:
    """What JSON leaves raw and steers a terminal (DEL, C1, direction overrides) or ends a line (U+2028), escaped."""
    code = ord(character)
    is_escaped = 0x7F <= code <= 0x9F or 0x2028 <= code <= 0x202E or 0x2066 <= code <= 0x2069
    return f"\\u{code:04x}" if is_escaped else character
