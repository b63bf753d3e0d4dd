"""What a screen shows beside the talk: a turn's report comes in, `kiosk.*` events for what changed go out."""

from collections.abc import Iterator

from pydantic import BaseModel

from agent.state import AgeCheck, TurnReport
from server.realtime.kiosk_events import (
    KioskAgeCheck,
    KioskCart,
    KioskCheckout,
    KioskLanguage,
    KioskProducts,
    KioskProof,
    ProofEdge,
    ProofNode,
)
from server.realtime.server_events import ServerEvent
from tools.money import Money
from tools.path_query import ProofStep


class Shown(BaseModel):
    """What is shown at one moment."""

    language: str
    cart: KioskCart = KioskCart(lines=[], total=None)
    checkout: KioskCheckout | None = None
    age_check: AgeCheck | None = None


class Screen:
    """Remembers what is shown, so that only changes are sent."""

    def __init__(self, shown: Shown) -> None:
        self._language, self._cart = shown.language, shown.cart
        self._checkout, self._age_check = shown.checkout, shown.age_check

    @property
    def shown(self) -> Shown:
        """What is shown now."""
        return Shown(language=self._language, cart=self._cart, checkout=self._checkout, age_check=self._age_check)

    def again(self) -> Iterator[ServerEvent]:
        """All that is shown, for a client that may have missed some of it."""
        yield KioskLanguage(language=self._language)
        yield self._cart
        if self._checkout is not None:
            yield self._checkout
        if self._age_check is not None:
            yield _age_check_event(self._age_check)

    def turn(self, report: TurnReport, age_check: AgeCheck | None, response_id: str) -> Iterator[ServerEvent]:
        """What the turn brought to be shown."""
        yield from self.language(report.language)
        if report.products:
            yield KioskProducts(response_id=response_id, products=report.products)
        if report.proof:
            yield proof_event(report.proof, response_id)
        yield from self._order(report)
        if age_check != self._age_check:
            self._age_check = age_check
            yield _age_check_event(age_check)

    def language(self, language: str) -> Iterator[ServerEvent]:
        """The talk's language, if it is another now."""
        if language != self._language:
            self._language = language
            yield KioskLanguage(language=language)

    def _order(self, report: TurnReport) -> Iterator[ServerEvent]:
        currency = report.cart[0].currency if report.cart else ""
        total = Money(amount_minor=report.total_minor, currency=currency) if currency and report.total_minor else None
        cart = KioskCart(lines=report.cart, total=total)
        if cart != self._cart:
            self._cart = cart
            yield cart
        if report.checkout_stage and report.order_id:
            checkout = KioskCheckout(
                stage=report.checkout_stage, order_id=report.order_id, total=total or _order_total(report)
            )
            if checkout != self._checkout:
                self._checkout = checkout
                yield checkout


def _age_check_event(age_check: AgeCheck | None) -> KioskAgeCheck:
    return KioskAgeCheck(
        names=list(age_check.names) if age_check else [], min_age=age_check.min_age if age_check else None
    )


def _order_total(report: TurnReport) -> Money | None:
    """What the order of the report came to, once it is no cart any more."""
    totals = [item.facts.get("total") for item in report.evidence if item.kind == "order"]
    return next((total for total in reversed(totals) if isinstance(total, Money)), None)


def proof_event(steps: list[ProofStep], response_id: str) -> KioskProof:
    """The walk as nodes, each once, and edges."""
    ends = [end for step in steps for end in (step.source, step.target)]
    nodes = {end.id: ProofNode(id=end.id, type=end.type, name=end.name) for end in ends}
    edges = [ProofEdge(source=step.source.id, relation=step.relation, target=step.target.id) for step in steps]
    return KioskProof(response_id=response_id, nodes=list(nodes.values()), edges=list(dict.fromkeys(edges)))
