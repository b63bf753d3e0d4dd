"""What a turn looks like on a terminal: parts of a turn's report come in, rich renderables go out.

Every text is made neutral and wrapped in `Text`, never read as markup: it may come from a catalogue or a model.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from babel import Locale, UnknownLocaleError
from babel.numbers import format_currency
from rich import box
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from agent.state import CartLine, ProductCard, TurnReport
from server.terminal_text import neutral
from tools.evidence import Evidence, Fact
from tools.money import Money
from tools.path_query import ProofStep

MAX_PROOF_LINES = 6
MAX_FACT_CHARACTERS = 80


def safe(text: object, style: str = "") -> Text:
    """Any value as text that cannot steer the terminal."""
    return Text(neutral(str(text)), style=style)


def amount(minor: int, currency: str, language: str) -> str:
    """An amount as people of the language write it."""
    try:
        locale = Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        locale = Locale("en")
    return format_currency(Money(amount_minor=minor, currency=currency).to_decimal(), currency, locale=locale)


def reply_sentence(text: str) -> Text:
    """A sentence the kiosk says."""
    return safe(text)


def problem(text: str) -> Text:
    """Something that went wrong."""
    return safe(text, "red")


def turn_views(report: TurnReport) -> Iterator[RenderableType]:
    """What is shown under the reply: products, how they were found, and the cart."""
    for card in report.products:
        yield product_card(card, report.language)
    for line in proof_lines(report.proof):
        yield safe(line, "dim")
    if report.cart:
        yield cart_view(report.cart, report.total_minor, report.language)
    if report.checkout_stage:
        order = f", order {report.order_id}" if report.order_id else ""
        yield safe(f"checkout: {report.checkout_stage}{order}", "cyan")


def product_card(card: ProductCard, language: str) -> RenderableType:
    """A product with its price, the list price where it differs, and whether it is here."""
    lines = []
    kind = " · ".join(part for part in (card.colour, f"size {card.size}" if card.size else "") if part)
    if kind:
        lines.append(safe(kind))
    price = safe(amount(card.price_minor, card.currency, language), "bold")
    if card.list_price_minor > card.price_minor:
        list_price = safe(amount(card.list_price_minor, card.currency, language), "strike dim")
        price = Text.assemble(price, "  ", ("list price ", "dim"), list_price)
    lines.append(price)
    lines.append(Text("in stock here", style="green") if card.in_stock else Text("not in stock here", style="yellow"))
    sku = safe(card.sku, "dim")
    return Panel(
        Group(*lines), title=safe(card.name, "bold"), subtitle=sku, title_align="left", expand=False, box=box.ROUNDED
    )


def cart_view(lines: Sequence[CartLine], total_minor: int | None, language: str) -> RenderableType:
    """The cart's lines and their total, with what is charged on top of them."""
    table = Table(title="Cart", title_justify="left", box=box.SIMPLE, show_footer=True, pad_edge=False)
    goods = sum(line.unit_price_minor * line.quantity for line in lines)
    total = goods if total_minor is None else total_minor
    table.add_column("", justify="right")
    table.add_column("", footer="Total")
    table.add_column("", justify="right", footer=safe(amount(total, lines[0].currency, language), "bold"))
    table.show_header = False
    for line in lines:
        kind = ", ".join(part for part in (line.name, line.colour, line.size) if part)
        cost = amount(line.unit_price_minor * line.quantity, line.currency, language)
        table.add_row(f"{line.quantity} ×", safe(kind), safe(cost))
    if total != goods:
        table.add_row("", "Tax", safe(amount(total - goods, lines[0].currency, language)))
    return table


def proof_lines(proof: Sequence[ProofStep]) -> list[str]:
    """Walks through the graph as lines such as `A ─acted_in→ B ─has_scene→ C`, each walk once."""
    lines: list[str] = []
    end: tuple[str, str] | None = None
    for step, following in pairwise([*proof, None]):
        assert step is not None
        source, target = _key(step, "source"), _key(step, "target")
        if end not in (source, target) or not lines:
            walks_backwards = following is not None and _touches(following, source) and not _touches(following, target)
            end = target if walks_backwards else source
            lines.append(_name(step.target.name if walks_backwards else step.source.name))
        if end == source:
            lines[-1] += f" ─{_name(step.relation)}→ {_name(step.target.name)}"
            end = target
        else:
            lines[-1] += f" ←{_name(step.relation)}─ {_name(step.source.name)}"
            end = source
    once = list(dict.fromkeys(lines))
    return (
        once if len(once) <= MAX_PROOF_LINES else [*once[:MAX_PROOF_LINES], f"… and {len(once) - MAX_PROOF_LINES} more"]
    )


def _key(step: ProofStep, side: str) -> tuple[str, str]:
    node = step.source if side == "source" else step.target
    return node.type, node.id


def _touches(step: ProofStep, key: tuple[str, str]) -> bool:
    return key in (_key(step, "source"), _key(step, "target"))


def _name(text: str) -> str:
    return neutral(text)


def trace_views(report: TurnReport) -> Iterator[RenderableType]:
    """How the turn came about: what each stage and tool took, and what the tools found."""
    stages = " · ".join(f"{stage} {ms:,.1f} ms" for stage, ms in report.timings_ms.items())
    yield safe(f"intent {report.intent} · language {report.language}", "dim")
    yield safe(stages, "dim")
    if report.tool_calls:
        yield _tool_calls(report)
    if report.evidence:
        yield _evidence(report.evidence)


def _tool_calls(report: TurnReport) -> RenderableType:
    table = Table("tool", "arguments", "outcome", "ms", box=box.SIMPLE, title="Tool calls", title_justify="left")
    table.columns[-1].justify = "right"
    for call in report.tool_calls:
        arguments = ", ".join(f"{name}={_shortened(str(value))}" for name, value in call.arguments.items())
        style = "" if call.outcome == "ok" else "yellow"
        table.add_row(safe(call.name), safe(arguments), safe(call.outcome, style), f"{call.ms:,.1f}")
    return table


def _evidence(items: Sequence[Evidence]) -> RenderableType:
    table = Table("id", "kind", "subject", "facts", box=box.SIMPLE, title="Evidence", title_justify="left")
    for item in items:
        facts = "\n".join(neutral(f"{name}: {_shortened(fact_text(value))}") for name, value in item.facts.items())
        table.add_row(safe(item.id), safe(item.kind), safe(item.subject), Text(facts))
    return table


def fact_text(fact: Fact) -> str:
    """A fact as plain text: amounts in major units, several words with commas."""
    if isinstance(fact, Money):
        return f"{fact.to_decimal()} {fact.currency}"
    if isinstance(fact, bool):
        return "yes" if fact else "no"
    if isinstance(fact, tuple):
        return ", ".join(fact)
    return str(fact)


def _shortened(text: str) -> str:
    return text if len(text) <= MAX_FACT_CHARACTERS else f"{text[: MAX_FACT_CHARACTERS - 1]}…"
