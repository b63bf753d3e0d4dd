"""Scripted chat: one JSON object a turn on stdout and nothing else, whatever the script holds."""

import io
import json
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.settings import Settings
from server.chat_command import ChatOptions, run_chat
from server.chat_roles import ChatKiosk
from server.error_boundary import ErrorBoundary
from server.scripted_chat import JsonPrinter, TextPrinter, read_script, require_utf8, run_script
from tests.server.small_kiosk import PaidUnheard, SmallKiosk, SmallSession, full_report
from tools.errors import CustomerError, OperatorError

pytestmark = pytest.mark.usefixtures("own_home")
KEYS = [
    "utterance",
    "language",
    "intent",
    "reply",
    "tool_calls",
    "evidence",
    "products",
    "proof",
    "cart",
    "checkout_stage",
    "order_id",
    "timings_ms",
]


def script(folder: Path, content: bytes) -> Path:
    path = folder / "script.txt"
    path.write_bytes(content)
    return path


def test_empty_lines_part_customers_and_hashes_are_said(tmp_path: Path) -> None:
    path = script(tmp_path, b"\xef\xbb\xbf\nhello\r\n# not a comment\n\n\n  \nnext one\n\n")
    assert read_script(path) == [["hello", "# not a comment"], ["next one"]]


def test_long_lines_and_odd_characters_are_passed_on(tmp_path: Path) -> None:
    long = "x" * 20_000
    assert read_script(script(tmp_path, f"{long}\na\x0bb\u2028c\x00\n".encode())) == [[long, "a\x0bb\u2028c\x00"]]


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_not_utf8_names_line_and_byte(tmp_path: Path, mark: bytes) -> None:
    with pytest.raises(OperatorError, match=r"script\.txt:2:byte 4: not UTF-8 text \(byte 0xE9\)"):
        read_script(script(tmp_path, mark + b"ok\ncaf\xe9\n"))


def test_missing_script_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="cannot be read: No such file"):
        read_script(tmp_path / "none.txt")


def test_text_with_broken_bytes_is_refused() -> None:
    with pytest.raises(OperatorError, match="not UTF-8"):
        require_utf8("caf\udce9")


async def run(
    customers: list[list[str]], session_type: type[SmallSession] = SmallSession
) -> tuple[bool, list[dict], str, SmallKiosk]:
    kiosk, out, problems = SmallKiosk(), io.StringIO(), io.StringIO()
    kiosk.session_type = session_type
    all_ran = await run_script(customers, lambda: kiosk.new_session(None, "C1", "es"), JsonPrinter(out), problems)
    return all_ran, [json.loads(line) for line in out.getvalue().splitlines()], problems.getvalue(), kiosk


async def test_one_object_a_turn_with_exactly_the_promised_keys() -> None:
    all_ran, turns, problems, kiosk = await run([["hola", ""], ["adiós"]])
    assert all_ran
    assert problems == ""
    assert [turn["utterance"] for turn in turns] == ["hola", "", "adiós"]
    assert all(list(turn) == KEYS for turn in turns)
    assert {"sku", "name", "price_minor", "currency", "in_stock"} <= set(turns[0]["products"][0])
    assert [session.is_closed for session in kiosk.sessions] == [True, True]
    assert kiosk.sessions[1].customer_id == "C1"


async def test_a_failed_turn_keeps_its_line_and_the_script_goes_on() -> None:
    all_ran, turns, problems, kiosk = await run([["fail", "crash", "hello"]])
    assert not all_ran
    assert [turn["intent"] for turn in turns] == ["failed", "failed", "find"]
    assert all(list(turn) == KEYS for turn in turns)
    assert "server is gone" in problems
    assert "Traceback" not in problems
    assert kiosk.sessions[0].is_closed


async def test_a_goodbye_ends_the_session_and_only_words_begin_another() -> None:
    _, turns, _, kiosk = await run([["hello", "goodbye"], ["goodbye", "and another thing"]])
    assert len(turns) == 4
    assert [session.heard for session in kiosk.sessions] == [["hello", "goodbye"], ["goodbye"], ["and another thing"]]
    assert all(session.is_closed for session in kiosk.sessions)


async def test_what_was_paid_and_not_heard_is_told_beside_the_turns() -> None:
    _, turns, problems, _ = await run([["hello"]], PaidUnheard)
    assert len(turns) == 1
    assert problems == "Paid: take your goods from slot A05.\n"


def test_json_lines_are_flushed_utf8_and_cannot_steer_a_terminal() -> None:
    buffer = io.BytesIO()
    out = io.TextIOWrapper(buffer, encoding="ascii")
    JsonPrinter(out).show(full_report("日本 \x1b[31m \x9b \u202e \ud83d", "ja"))
    line = buffer.getvalue().decode("utf-8")
    assert json.loads(line)["utterance"] == "日本 \x1b[31m \x9b \u202e \ud83d"
    assert "日本" in line
    assert not {"\x1b", "\x9b", "\u202e"} & set(line)


@given(st.text(st.characters(exclude_categories=())))
def test_any_turn_is_one_line_that_says_the_same(utterance: str) -> None:
    buffer = io.BytesIO()
    out = io.TextIOWrapper(buffer, encoding="utf-8", newline="\n")
    JsonPrinter(out).show(full_report(utterance, "en"))
    [line] = buffer.getvalue().decode("utf-8").splitlines()
    assert json.loads(line)["utterance"] == utterance
    assert line.isprintable() or not {"\x1b", "\x7f", "\x9b"} & set(line)


def test_plain_text_shows_the_turn() -> None:
    out = io.StringIO()
    TextPrinter(out).show(full_report("hello", "en"))
    for part in ("> hello", "You said hello.", "$89.96", "in stock", "─acted_in→", "checkout: reserved"):
        assert part in out.getvalue()
    assert "\x1b" not in out.getvalue()


def small_kiosk(settings: Settings, notice: object) -> AbstractAsyncContextManager[ChatKiosk]:
    @asynccontextmanager
    async def opened():
        yield SmallKiosk()

    return opened()


def test_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_chat(ChatOptions(once="", as_json=True), ErrorBoundary(), small_kiosk) == 0
    assert json.loads(capsys.readouterr().out)["utterance"] == ""


def test_broken_script_runs_no_turn(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ChatOptions(script=script(tmp_path, b"hello\n\xff\n"), as_json=True)
    with pytest.raises(OperatorError):
        run_chat(options, ErrorBoundary(), small_kiosk)
    assert capsys.readouterr().out == ""


def test_unknown_customer_runs_no_turn(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(CustomerError):
        run_chat(ChatOptions(once="hello", customer_id="C9"), ErrorBoundary(), small_kiosk)
    assert capsys.readouterr().out == ""


def test_a_failed_turn_makes_the_exit_code_1() -> None:
    assert run_chat(ChatOptions(once="fail"), ErrorBoundary(), small_kiosk) == 1
