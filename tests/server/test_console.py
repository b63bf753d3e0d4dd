"""The text console: lines in, a drawn conversation out; nothing untrusted steers the terminal."""

import asyncio
import io
import os
import signal
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prompt_toolkit.application import create_app_session
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput
from rich.console import Console

from agent.state import ProductCard
from server.console import ChatConsole
from server.console_input import Complete, LineInput, TerminalInput
from server.console_views import amount, product_card, proof_lines
from server.terminal_text import neutral
from tests.server.small_kiosk import PaidUnheard, SmallKiosk, proof
from tools.errors import OperatorError
from tools.path_query import Node, ProofStep


class Typed:
    """Lines as if typed; a KeyboardInterrupt among them is Ctrl-C at the prompt."""

    def __init__(self, *lines: str | type[KeyboardInterrupt]) -> None:
        self._lines = list(lines)
        self.complete: Complete | None = None
        self.forgotten = 0

    async def read(self, status: str, complete: Complete, idle_s: float | None = None) -> str | None:
        self.complete = complete
        if not self._lines:
            return None
        line = self._lines.pop(0)
        if isinstance(line, str):
            return line
        raise line

    async def read_secret(self, question: str) -> str | None:
        return str(self._lines.pop(0)) if self._lines else None

    def forget(self) -> None:
        self.forgotten += 1


async def shown(*lines: str | type[KeyboardInterrupt], kiosk: SmallKiosk | None = None, width: int = 100) -> str:
    out = io.StringIO()
    screen = Console(file=out, width=width, force_terminal=False)
    await ChatConsole(kiosk or SmallKiosk(), screen, Typed(*lines)).run(None, "C1", None)
    return out.getvalue()


async def test_welcome_says_who_where_and_that_payment_is_simulated() -> None:
    text = await shown()
    assert "Ada · Lobby (K1) · en" in text
    assert "payment is simulated" in text


async def test_turn_shows_reply_card_proof_cart_and_stage() -> None:
    text = await shown("black shoes")
    for part in ("You said black shoes.", "$89.96", "$99.95", "in stock here", "size 42", "P1-BLACK-42"):
        assert part in text
    assert "Some One ─acted_in→ A Film ─has_scene→ The First" in text
    assert "2 ×" in text
    assert "$179.92" in text
    assert "checkout: reserved, order ORDER1" in text


async def test_nothing_untrusted_reaches_the_terminal_raw() -> None:
    text = await shown("hello", "/trace on")
    assert not {"\x1b", "\x07", "\u202e"} & set(text)
    assert "[bold]not markup[/bold]" in text


async def test_trace_shows_stages_tools_and_evidence() -> None:
    text = await shown("/trace on", "hello")
    assert "understand 12.0 ms" in text
    assert "text=hello" in text
    assert "price: 89.96 USD" in text


async def test_trace_turned_on_shows_the_last_turn() -> None:
    assert "understand 12.0 ms" in await shown("hello", "/trace")


@pytest.mark.parametrize("width", [20, 40])
async def test_narrow_terminals_lose_nothing(width: int) -> None:
    text = await shown("hello", width=width)
    assert "$89.96" in text
    assert max(len(line) for line in text.splitlines()) <= width


async def test_next_customer_gets_a_new_session_and_the_old_one_is_closed() -> None:
    kiosk = SmallKiosk()
    await shown("hello", "/reset", "hi", kiosk=kiosk)
    first, second = kiosk.sessions
    assert (first.customer_id, second.customer_id) == ("C1", None)
    assert first.is_closed
    assert second.is_closed
    assert second.heard == ["hi"]


async def test_after_a_goodbye_the_next_customer_comes() -> None:
    kiosk = SmallKiosk()
    await shown("hello", "goodbye", "hi", kiosk=kiosk)
    first, second = kiosk.sessions
    assert (first.heard, second.heard) == (["hello", "goodbye"], ["hi"])
    assert (first.is_closed, second.customer_id) == (True, None)


async def test_who_says_nothing_for_long_has_left() -> None:
    class SilentAfterwards(Typed):
        def __init__(self) -> None:
            super().__init__("hello")
            self.reads = 0

        async def read(self, status: str, complete: Complete, idle_s: float | None = None) -> str | None:
            self.reads += 1
            if self.reads == 2:
                async with asyncio.timeout(idle_s):
                    await asyncio.Event().wait()
            return await super().read(status, complete)

    kiosk, source = SmallKiosk(), SilentAfterwards()
    screen = Console(file=io.StringIO(), width=100, force_terminal=False)
    await ChatConsole(kiosk, screen, source, idle_s=0.01).run(None, "C1", None)
    first, second = kiosk.sessions
    assert first.is_closed
    assert (second.customer_id, second.heard) == (None, [])
    assert source.forgotten == 1


async def test_nobody_is_sent_away_who_has_not_come() -> None:
    class Waiting(Typed):
        def __init__(self) -> None:
            super().__init__("/help", "hello")
            self.limits: list[float | None] = []

        async def read(self, status: str, complete: Complete, idle_s: float | None = None) -> str | None:
            self.limits.append(idle_s)
            return await super().read(status, complete)

    source = Waiting()
    screen = Console(file=io.StringIO(), width=100, force_terminal=False)
    await ChatConsole(SmallKiosk(), screen, source, idle_s=9.0).run(None, "C1", None)
    assert source.limits == [None, None, 9.0]


async def test_typing_is_not_idling() -> None:
    with create_pipe_input() as keys, create_app_session(input=keys, output=DummyOutput()):
        source = TerminalInput()

        async def type_slowly() -> None:
            for key in "hello\r":
                await asyncio.sleep(0.3)
                keys.send_text(key)

        typing = asyncio.create_task(type_slowly())
        assert await source.read("", lambda _: (), idle_s=1.5) == "hello"
        await typing
        with pytest.raises(TimeoutError):
            await source.read("", lambda _: (), idle_s=0.02)


async def test_what_was_paid_while_nobody_listened_is_told_at_the_end() -> None:
    kiosk = SmallKiosk()
    kiosk.session_type = PaidUnheard
    assert "slot A05" in await shown("hello", "/quit", kiosk=kiosk)


async def test_customer_kiosk_and_language_can_be_changed() -> None:
    kiosk = SmallKiosk()
    await shown("/customer C2", "/kiosk K2", "/lang de", "/customer -", kiosk=kiosk)
    states = [(item.kiosk_id, item.customer_id, item.language) for item in kiosk.sessions]
    assert states == [
        ("K1", "C1", "en"),
        ("K1", "C2", "en"),
        ("K2", "C2", "en"),
        ("K2", "C2", "de"),
        ("K2", None, "en"),
    ]


async def test_unknown_customer_keeps_the_session() -> None:
    kiosk = SmallKiosk()
    text = await shown("/customer C9", "hello", kiosk=kiosk)
    assert "Unknown customer: C9" in text
    assert kiosk.sessions[0].heard == ["hello"]


async def test_staff_approve_with_a_pin_that_is_not_shown() -> None:
    kiosk = SmallKiosk()
    text = await shown("whisky please", "/staff Ada Lund", "123456", kiosk=kiosk)
    assert "To approve: Ten-Year, sold from 21 years on." in text
    assert "Approved for this customer" in text
    assert "123456" not in text
    assert kiosk.sessions[0].approvals == ["Ada Lund"]
    assert kiosk.sessions[0].heard == ["whisky please"]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (("/staff Ada",), "Nothing here waits for an age check."),
        (("whisky", "/staff"), "Say who you are: /staff NAME."),
        (("whisky", "/staff Ada"), "Nothing was approved."),
        (("whisky", "/staff Ada", "000000"), "This name and PIN do not fit"),
        (("whisky", "/reset", "/staff Ada", "123456"), "Nothing here waits for an age check."),
    ],
)
async def test_without_goods_a_name_or_the_pin_nothing_is_approved(lines: tuple[str, ...], said: str) -> None:
    kiosk = SmallKiosk()
    assert said in await shown(*lines, kiosk=kiosk)
    assert all(not session.approvals for session in kiosk.sessions)


async def test_a_pipe_cannot_type_a_pin() -> None:
    with pytest.raises(OperatorError, match="only be typed at a terminal"):
        await LineInput(0).read_secret("PIN: ")


async def test_lists_customers_and_kiosks() -> None:
    text = await shown("/customer", "/kiosk", "/help")
    assert "Björn" in text
    assert "Gate" in text
    assert "/trace [on|off]" in text


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("/trcae", "did you mean /trace?"),
        ("/", "/help lists"),
        ("/xyzzy", "/help lists"),
        ("/quit now", "takes nothing"),
        ("/trace x", "/trace on or"),
    ],
)
async def test_bad_command_gets_a_hint(line: str, hint: str) -> None:
    assert hint in await shown(line)


async def test_failed_turns_do_not_end_the_session() -> None:
    kiosk = SmallKiosk()
    text = await shown("fail", "crash", "hello", kiosk=kiosk)
    assert "The language model server is gone" in text
    assert "the session goes on" in text
    assert "Traceback" not in text
    assert kiosk.sessions[0].heard == ["fail", "crash", "hello"]


async def test_ctrl_c_at_the_prompt_and_quit() -> None:
    kiosk = SmallKiosk()
    text = await shown(KeyboardInterrupt, "hello", "/quit", "never", kiosk=kiosk)
    assert "Ctrl-D" in text
    assert kiosk.sessions[0].heard == ["hello"]


async def test_ctrl_c_during_a_turn_stops_waiting_only() -> None:
    kiosk = SmallKiosk()
    talk = asyncio.create_task(shown("dawdle", "hello", kiosk=kiosk))
    await kiosk.is_dawdling.wait()
    os.kill(os.getpid(), signal.SIGINT)
    text = await talk
    assert "Stopped waiting" in text
    assert "You said hello." in text


async def test_completion_offers_commands_and_ids() -> None:
    typed = Typed()
    await ChatConsole(SmallKiosk(), Console(file=io.StringIO()), typed).run(None, None, None)
    assert typed.complete is not None
    assert "/trace" in dict(typed.complete("/t"))
    assert "C2" in dict(typed.complete("/customer "))


async def _lines_of(chunks: Iterable[bytes]) -> list[str]:
    reading, writing = os.pipe()
    for chunk in chunks:
        os.write(writing, chunk)
    os.close(writing)
    source = LineInput(reading)
    lines: list[str] = []
    while (line := await source.read("", lambda _: ())) is not None:
        lines.append(line)
    os.close(reading)
    return lines


async def test_lines_of_a_pipe() -> None:
    assert await _lines_of([b"one\r\ntw", b"o\n\nbad \xff byte"]) == [
        "one",
        "two",
        "",
        "bad \N{REPLACEMENT CHARACTER} byte",
    ]


def test_proof_lines_follow_edges_against_their_direction() -> None:
    person, film = proof()[0].source, proof()[0].target
    other = Node(id="o", type="Person", name="Other")
    edges = [
        ProofStep(source=person, relation="acted_in", target=film),
        ProofStep(source=other, relation="directed", target=film),
    ]
    assert proof_lines(edges) == ["Some One ─acted_in→ A Film ←directed─ Other"]
    wardrobe = Node(id="w", type="Wardrobe", name="shoes")
    backwards = [
        ProofStep(source=wardrobe, relation="worn_by", target=person),
        ProofStep(source=wardrobe, relation="shows", target=other),
    ]
    assert proof_lines(backwards) == ["Some One ←worn_by─ shoes ─shows→ Other"]
    assert proof_lines([]) == []


def test_amounts_are_written_for_the_language() -> None:
    assert amount(123_456, "USD", "en") == "$1,234.56"
    assert "1.234,56" in amount(123_456, "EUR", "de")
    assert amount(1_234, "JPY", "nonsense") == "¥1,234"


def test_card_without_variant_shows_no_empty_parts() -> None:
    out = io.StringIO()
    card = ProductCard(sku="P1", name="Hat", price_minor=100, currency="USD", in_stock=False)
    Console(file=out, width=40).print(product_card(card, "en"))
    assert "size" not in out.getvalue()
    assert "not in stock here" in out.getvalue()


@given(st.text(st.characters(), max_size=200))
def test_neutral_text_has_no_control_characters(text: str) -> None:
    shown_text = neutral(text)
    assert shown_text.isprintable() or all(ord(character) > 0x9F or character.isprintable() for character in shown_text)
    shown_text.encode("utf-8")


@pytest.mark.parametrize(
    ("text", "shown_text"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07x", "x"),
        ("\x1b]8;;http://evil\x1b\\link", "link"),
        ("a\r\nb", "a  b"),
        ("\x9b31mx", "x"),
        ("日本 é 👍", "日本 é 👍"),
    ],
)
def test_escape_sequences_go_as_a_whole(text: str, shown_text: str) -> None:
    assert neutral(text) == shown_text
