"""The kiosk's tools, listed: what the dialogue may call, each with typed arguments and an effect."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from tools.checkout import Checkout
from tools.contract import Effect, Tool, ToolContext, ToolResult
from tools.errors import CustomerError, GraphError
from tools.evidence import Evidence, Fact
from tools.feedback import FeedbackBook
from tools.graph_answers import GraphReader
from tools.inventory import Inventory
from tools.ledger import UnknownOrder
from tools.money import Money
from tools.offers import OfferMaker, Wish
from tools.order import CartItem, OrderView
from tools.path_planning import GraphQuestion
from tools.product_search import MAX_LIMIT, ProductSearch, SearchRequest, stands_out
from tools.translation import TranslationFailed, Translator, translate_keeping

log = logging.getLogger(__name__)
MAX_OFFERS = 5
MAX_SKIPPED = 40

Key = Annotated[str, Field(pattern=r"^[\w .-]{0,80}$")]
Words = Annotated[str, Field(max_length=600)]
Skip = Annotated[int, Field(ge=0, le=MAX_SKIPPED)]
"""So many of the best were shown before."""


class Arguments(BaseModel):
    """Arguments are closed: what a tool does not know is an error, not ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class FindProducts(Arguments):
    """Attributes are the store's keys; prices are in the store's currency."""

    text: Words = ""
    sentence: Words = ""
    categories: tuple[Key, ...] = ()
    colours: tuple[Key, ...] = ()
    materials: tuple[Key, ...] = ()
    features: tuple[Key, ...] = ()
    excluded: tuple[Key, ...] = ()
    max_price: Decimal | None = None
    min_price: Decimal | None = None
    size: Key = ""
    is_aside: bool = False
    """Whether the text may be no wish for goods at all: then only what clearly is one finds anything."""
    skip: Skip = 0


class ShowOffer(Arguments):
    """One product, in one of some colours and a size if they matter."""

    product_id: Key
    colours: tuple[Key, ...] = ()
    size: Key = ""


class FollowPath(Arguments):
    """A question to the graph; colours and size are for the products among the answers."""

    question: GraphQuestion
    colours: tuple[Key, ...] = ()
    size: Key = ""
    skip: Skip = 0


class DescribeNodes(Arguments):
    """Nodes of the graph by id."""

    node_ids: Annotated[list[Annotated[str, Field(max_length=200)]], Field(min_length=1, max_length=10)]
    node_type: Key


class CompareProducts(Arguments):
    """Two products side by side."""

    product_ids: Annotated[list[Key], Field(min_length=2, max_length=2)]
    colours: Annotated[list[Key], Field(max_length=2)] = []


class NoArguments(Arguments):
    """Nothing to say: the session's customer and kiosk are known."""


class QuoteCustomer(Arguments):
    """The customer's own words, to be said back."""

    text: Annotated[str, Field(min_length=1, max_length=60)]


class Translate(Arguments):
    """A text of the shop's into the customer's language; `subject` is what it describes, `names` stay as they are."""

    text: Annotated[str, Field(min_length=1, max_length=2_000)]
    subject: Key
    source: Key
    target: Key
    names: Annotated[tuple[Annotated[str, Field(max_length=200)], ...], Field(max_length=10)] = ()


class OpenOrder(Arguments):
    """A WRITE: hold these items."""

    items: tuple[CartItem, ...]
    idempotency_key: str


class ChangeOrder(Arguments):
    """A WRITE: hold these items instead."""

    order_id: Key
    items: tuple[CartItem, ...]
    idempotency_key: str


class ConfirmOrder(Arguments):
    """A WRITE: charge and dispense the order the hash stands for."""

    order_id: Key
    consent_hash: Key
    idempotency_key: str


class CancelOrder(Arguments):
    """A WRITE: give the order up."""

    order_id: Key
    idempotency_key: str


class ShowOrder(Arguments):
    """The order as it stands: its cart while it is held, otherwise what became of it."""

    order_id: Key


class GiveFeedback(Arguments):
    """A WRITE: keep what the customer said."""

    text: Words
    language: Key
    rating: Annotated[int, Field(ge=1, le=5)] | None = None
    order_id: Key | None = None
    idempotency_key: str


class CallStaff(Arguments):
    """A WRITE: ask a person to come."""

    reason: Words = ""
    idempotency_key: str


@dataclass(frozen=True)
class Services:
    """The parts that the tools work with."""

    inventory: Inventory
    search: ProductSearch
    offers: OfferMaker
    checkout: Checkout
    feedback: FeedbackBook
    translator: Translator
    currency: str
    call_staff: Callable[[str, str], Awaitable[None]]
    """Called with the kiosk and the reason."""


def list_tools(services: Services) -> dict[str, Tool[Any]]:
    """All tools by name."""
    skills = _Skills(services)
    read, write = Effect.READ, Effect.WRITE
    listed: list[Tool[Any]] = [
        Tool("find_products", "Search the catalogue by description and attributes.", FindProducts, read, skills.find),
        Tool("show_offer", "Price and stock of one product.", ShowOffer, read, skills.offer),
        Tool("follow_path", "Answer a question from the knowledge graph.", FollowPath, read, skills.follow),
        Tool("describe_nodes", "Facts about nodes of the graph.", DescribeNodes, read, skills.describe),
        Tool("compare_products", "Two products side by side.", CompareProducts, read, skills.compare),
        Tool("describe_customer", "The customer's name.", NoArguments, read, skills.customer),
        Tool("quote_customer", "The customer's own words.", QuoteCustomer, read, skills.quote),
        Tool("translate", "A text of the shop's in another language.", Translate, read, skills.translate),
        Tool("show_order", "The order as it stands.", ShowOrder, read, skills.show_order),
        Tool("open_order", "Hold items and total them.", OpenOrder, write, skills.open_order),
        Tool("change_order", "Hold other items instead.", ChangeOrder, write, skills.change_order),
        Tool("confirm_order", "Charge and dispense, after a yes.", ConfirmOrder, write, skills.confirm_order),
        Tool("cancel_order", "Give the order up.", CancelOrder, write, skills.cancel_order),
        Tool("give_feedback", "Keep the customer's opinion.", GiveFeedback, write, skills.give_feedback),
        Tool("call_staff", "Ask a person to come.", CallStaff, write, skills.call_staff),
    ]
    return {tool.name: tool for tool in listed}


class _Skills:
    """The tools' bodies. Work on the database and the graph is done in threads, off the event loop."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def find(self, asked: FindProducts, context: ToolContext) -> ToolResult:
        request = SearchRequest(
            text=asked.text,
            sentence=asked.sentence,
            categories=asked.categories,
            colours=asked.colours,
            materials=asked.materials,
            features=asked.features,
            excluded=asked.excluded,
            size=asked.size or None,
            kiosk_id=context.kiosk_id,
            is_aside=asked.is_aside,
            limit=MAX_LIMIT if asked.skip or asked.max_price is not None or asked.min_price is not None else MAX_OFFERS,
        )

        def work() -> list[Evidence]:
            with self._services.inventory.shared_reads():
                hits = self._services.search.search(request)
                wishes = [Wish(hit.product_id, (hit.colour,) if hit.colour else (), asked.size) for hit in hits]
                offers = self._services.offers.offers(wishes, context)
            fitting = [offer for offer in offers if _is_within(offer, asked)][asked.skip : asked.skip + MAX_OFFERS]
            if fitting and fitting[0].subject == hits[0].product_id and stands_out(hits):
                best = fitting[0].model_copy(update={"facts": {**fitting[0].facts, "stands_out": True}})
                return [best, *fitting[1:]]
            return fitting

        return ToolResult(evidence=await asyncio.to_thread(work))

    async def offer(self, asked: ShowOffer, context: ToolContext) -> ToolResult:
        wish = Wish(asked.product_id, asked.colours, asked.size)
        return ToolResult(evidence=await asyncio.to_thread(self._services.offers.offers, [wish], context))

    async def follow(self, asked: FollowPath, context: ToolContext) -> ToolResult:
        return await asyncio.to_thread(self._follow, asked, context)

    def _follow(self, asked: FollowPath, context: ToolContext) -> ToolResult:
        graph = _graph_of(context)
        found = graph.answer(asked.question.model_copy(update={"limit": asked.question.limit + asked.skip}))
        answers = found.answers[asked.skip :]
        if not answers:
            return ToolResult(evidence=_known_names(asked.question, graph))
        told = [graph.tell(answer, around=place == 0) for place, answer in enumerate(answers[:MAX_OFFERS])]
        names: Fact = tuple(dict.fromkeys(answer.node.name for answer in answers))[:MAX_OFFERS]
        paths = [
            evidence.model_copy(update={"facts": {**evidence.facts, "names": names, "count": found.count}})
            for evidence, _, _ in told
        ]
        offers: list[Evidence] = []
        if asked.question.target == graph.ontology.product_type:
            worn = {path.subject: _colours_in(path) for path in reversed(paths)}
            ids = dict.fromkeys(path.subject for path in paths)
            wishes = [
                Wish(product_id, _wanted_colours(asked.colours, worn[product_id]), asked.size) for product_id in ids
            ]
            offers = self._services.offers.offers(wishes, context)
        doubt = [
            Evidence(
                kind="node",
                subject="doubt",
                facts={"ambiguous": True, "names_or": tuple(node.name for node in found.doubtful)},
            )
        ]
        return ToolResult(
            evidence=[*paths, *offers, *(doubt if found.doubtful else [])],
            nodes=tuple({node.id: node for _, nodes, _ in told[:1] for node in nodes}.values()),
            proof=tuple(edge for _, _, edges in told[:1] for edge in edges),
        )

    async def describe(self, asked: DescribeNodes, context: ToolContext) -> ToolResult:
        graph = _graph_of(context)
        nodes = await asyncio.to_thread(graph.graph.nodes, asked.node_ids)
        wanted = tuple(node for node in nodes if node.type == asked.node_type)
        if not wanted:
            raise CustomerError("fact-unknown")
        return ToolResult(evidence=[graph.describe(node) for node in wanted], nodes=wanted)

    async def compare(self, asked: CompareProducts, context: ToolContext) -> ToolResult:
        colours = [*asked.colours, "", ""]
        wishes = [
            Wish(product_id, (colours[place],) if colours[place] else ())
            for place, product_id in enumerate(asked.product_ids)
        ]
        offers = await asyncio.to_thread(self._services.offers.offers, wishes, context)
        prices = [_price(offer) for offer in offers]
        cheaper = 0 if prices[0].amount_minor <= prices[1].amount_minor else 1
        difference = prices[1 - cheaper] - prices[cheaper]
        facts: dict[str, Fact] = {"cheaper": offers[cheaper].facts["name"], "difference": difference}
        return ToolResult(evidence=[*offers, Evidence(kind="price", subject="comparison", facts=facts)])

    async def customer(self, _asked: NoArguments, context: ToolContext) -> ToolResult:
        customer = await asyncio.to_thread(self._services.inventory.customer, context.customer_id or "")
        if customer is None:
            raise CustomerError("welcome")
        return ToolResult(
            evidence=[Evidence(kind="store", subject=customer.customer_id, facts={"name": customer.name})]
        )

    async def quote(self, asked: QuoteCustomer, _context: ToolContext) -> ToolResult:
        return ToolResult(evidence=[Evidence(kind="policy", subject="utterance", facts={"text": asked.text})])

    async def translate(self, asked: Translate, _context: ToolContext) -> ToolResult:
        translator = self._services.translator
        if not translator.translates(asked.source, asked.target):
            return ToolResult()
        try:
            done = await translate_keeping(translator, asked.text, asked.source, asked.target, asked.names)
        except TranslationFailed as failure:
            log.warning("the description of %s is told in %s: %s", asked.subject, asked.source, failure)
            return ToolResult()
        return ToolResult(
            evidence=[Evidence(kind="translation", subject=asked.subject, facts={"description": done.text})]
        )

    async def show_order(self, asked: ShowOrder, context: ToolContext) -> ToolResult:
        with _orders_of_the_session():
            order = await asyncio.to_thread(self._services.checkout.view, asked.order_id, context.session_id)
        return ToolResult(evidence=_cart(order) if order.state == "reserved" else [await self._told(order)])

    async def open_order(self, asked: OpenOrder, context: ToolContext) -> ToolResult:
        order = await self._services.checkout.open(
            context.kiosk_id,
            context.session_id,
            context.customer_id,
            asked.items,
            asked.idempotency_key,
            context.age_approval,
            context.claim,
        )
        return ToolResult(evidence=_cart(order))

    async def change_order(self, asked: ChangeOrder, context: ToolContext) -> ToolResult:
        checkout, age = self._services.checkout, context.age_approval
        with _orders_of_the_session():
            try:
                order = await checkout.change(
                    asked.order_id, asked.items, asked.idempotency_key, age, context.claim, context.session_id
                )
            except CustomerError as refusal:
                return await self._refused(refusal, asked.order_id, context)
        return ToolResult(evidence=_cart(order))

    async def confirm_order(self, asked: ConfirmOrder, context: ToolContext) -> ToolResult:
        with _orders_of_the_session():
            try:
                order = await self._services.checkout.confirm(
                    asked.order_id, asked.consent_hash, asked.idempotency_key, context.claim, context.session_id
                )
            except CustomerError as refusal:
                return await self._refused(refusal, asked.order_id, context)
        return ToolResult(evidence=[await self._told(order)])

    async def _told(self, order: OrderView) -> Evidence:
        """What there is to tell of an order that is no longer held."""
        known = self._services.inventory.customer
        customer = await asyncio.to_thread(known, order.customer_id) if order.customer_id else None
        facts: dict[str, Fact] = {
            "order_id": order.order_id,
            "state": str(order.state),
            "problem": order.problem,
            "total": order.captured or order.total,
            "slots": tuple(dict.fromkeys(line.slot for line in order.lines if line.dispensed)),
            "customer": customer.name if customer else "",
        }
        return Evidence(kind="order", subject=order.order_id, facts=facts)

    async def _refused(self, refusal: CustomerError, order_id: str, context: ToolContext) -> ToolResult:
        """A refusal, with the cart if it is still held, so that the customer can be asked anew."""
        order = await asyncio.to_thread(self._services.checkout.view, order_id, context.session_id)
        facts: dict[str, Fact] = {
            name: value for name, value in refusal.facts.items() if isinstance(value, str | int | Money | tuple)
        }
        policy = Evidence(kind="policy", subject=refusal.message, facts=facts)
        cart = _cart(order) if order.state == "reserved" else []
        return ToolResult(evidence=[policy, *cart], refusal=refusal.message)

    async def cancel_order(self, asked: CancelOrder, context: ToolContext) -> ToolResult:
        with _orders_of_the_session():
            order = await self._services.checkout.cancel(
                asked.order_id, asked.idempotency_key, context.claim, context.session_id
            )
        facts: dict[str, Fact] = {"state": str(order.state), "order_id": order.order_id}
        return ToolResult(evidence=[Evidence(kind="order", subject=order.order_id, facts=facts)])

    async def give_feedback(self, asked: GiveFeedback, context: ToolContext) -> ToolResult:
        await asyncio.to_thread(
            self._services.feedback.add,
            context.kiosk_id,
            asked.order_id,
            asked.language,
            asked.text,
            asked.rating,
            context.claim,
            asked.idempotency_key,
        )
        return ToolResult()

    async def call_staff(self, asked: CallStaff, context: ToolContext) -> ToolResult:
        await self._services.call_staff(context.kiosk_id, asked.reason)
        return ToolResult()


@contextmanager
def _orders_of_the_session() -> Generator[None, None, None]:
    """A customer who asks for an order that their session does not have hears that the shop knows of none."""
    try:
        yield
    except UnknownOrder:
        raise CustomerError("fact-unknown") from None


def _graph_of(context: ToolContext) -> GraphReader:
    """The graph of the turn; GraphError outside of turns."""
    if context.graph is None:
        raise GraphError("the knowledge graph was asked for outside of a turn")
    return context.graph


def _known_names(question: GraphQuestion, graph: GraphReader) -> list[Evidence]:
    """The names that were understood, so that the customer hears what was looked for in vain."""
    nodes = [node for entity in question.entities for node in graph.graph.nodes(entity.node_ids[:1])]
    names = tuple(dict.fromkeys(node.name for node in nodes))
    return [Evidence(kind="node", subject="names", facts={"names": names})] if names else []


def _price(offer: Evidence) -> Money:
    price = offer.facts["price"]
    assert isinstance(price, Money)
    return price


def _is_within(offer: Evidence, asked: FindProducts) -> bool:
    """Whether what this customer pays keeps to the limits that were said."""
    amount = _price(offer).to_decimal()
    return (asked.max_price is None or amount <= asked.max_price) and (
        asked.min_price is None or amount >= asked.min_price
    )


def _wanted_colours(asked: tuple[str, ...], worn: tuple[str, ...]) -> tuple[str, ...]:
    """The colours to offer it in: of those asked for the ones it was worn in, if it was worn in any of them."""
    return tuple(colour for colour in worn if colour in asked) or asked or worn


def _colours_in(path: Evidence) -> tuple[str, ...]:
    """The colours in which the graph shows the product: `colour` properties of nodes on the way."""
    return tuple(str(value) for name, value in path.facts.items() if name.endswith("_colour"))


def _cart(order: OrderView) -> list[Evidence]:
    facts: dict[str, Fact] = {
        "state": str(order.state),
        "total": order.total,
        "consent_hash": order.consent_hash,
        "order_id": order.order_id,
    }
    lines = [
        Evidence(
            kind="variant",
            subject=line.sku,
            facts={
                "name": line.name,
                "colour": line.colour,
                "size": "" if line.size == "one" else line.size,
                "quantity": line.quantity,
                "unit_price": line.unit_price,
                "price": line.unit_price.times(line.quantity),
            },
        )
        for line in order.lines
    ]
    taxes = [
        Evidence(kind="price", subject=order.order_id, facts={"tax": tax.label, "amount": tax.amount})
        for tax in order.added_taxes
        if tax.amount.amount_minor
    ]
    return [Evidence(kind="cart", subject=order.order_id, facts=facts), *lines, *taxes]
