"""What the server sends that the protocol has no word for: typed `kiosk.*` events, whose JSON is the frame."""

from typing import Literal

from pydantic import BaseModel

from agent.state import CartLine, ProductCard
from server.realtime.phrases import ButtonPhrases
from server.realtime.server_events import ServerEvent
from tools.money import Money


class KioskSession(ServerEvent):
    """Whom and where the session is for, and what brings it back when the connection drops."""

    type: Literal["kiosk.session"] = "kiosk.session"
    session_id: str
    kiosk_id: str
    language: str
    languages: list[str]
    phrases: dict[str, ButtonPhrases]
    is_spoken: bool
    resume_token: str
    resume_s: float
    idle_s: int


class KioskResumed(ServerEvent):
    """The session goes on; what was missed came before this event, all of it if `is_complete`.

    `is_moved`: at another server, which has not heard sound that was not answered yet. `is_answered_anew`: the last
    response was not known to be whole, and what it answered is answered by another that takes its place.
    """

    type: Literal["kiosk.resumed"] = "kiosk.resumed"
    session_id: str
    is_complete: bool
    is_moved: bool = False
    is_answered_anew: bool = False


class KioskReconnect(ServerEvent):
    """This server stops: the session waits, for so long, at the others. Come back as after a lost connection."""

    type: Literal["kiosk.reconnect"] = "kiosk.reconnect"
    session_id: str
    resume_s: float


EndReason = Literal["goodbye", "left", "idle", "too_long", "shutdown"]


class KioskSessionEnded(ServerEvent):
    """Nothing of the customer is kept any more; the connection closes."""

    type: Literal["kiosk.session_ended"] = "kiosk.session_ended"
    reason: EndReason


class KioskCaption(ServerEvent):
    """Words to show, the kiosk's with the stretch of the item's audio in which they are heard.

    One that is not final is replaced by the next with the same item; the kiosk's of one item, joined, are all it says.
    """

    type: Literal["kiosk.caption"] = "kiosk.caption"
    role: Literal["customer", "kiosk"]
    item_id: str
    text: str
    language: str
    is_final: bool = True
    audio_start_ms: int | None = None
    audio_end_ms: int | None = None


class KioskVoice(ServerEvent):
    """Somebody speaks over the kiosk, perhaps only nodding along: fall silent and keep the place, or go on from it."""

    type: Literal["kiosk.voice"] = "kiosk.voice"
    item_id: str
    is_held: bool


class KioskLanguage(ServerEvent):
    """The talk goes on in another language."""

    type: Literal["kiosk.language"] = "kiosk.language"
    language: str


class KioskProducts(ServerEvent):
    """Products to show; prices are what this customer pays."""

    type: Literal["kiosk.products"] = "kiosk.products"
    response_id: str
    products: list[ProductCard]


class ProofNode(BaseModel):
    """A node of the knowledge graph."""

    id: str
    type: str
    name: str


class ProofEdge(BaseModel, frozen=True):
    """An edge between two of the nodes, by their ids, in the direction the graph has it."""

    source: str
    relation: str
    target: str


class KioskProof(ServerEvent):
    """The way through the graph that led to the answer, in the order it was walked."""

    type: Literal["kiosk.proof"] = "kiosk.proof"
    response_id: str
    nodes: list[ProofNode]
    edges: list[ProofEdge]


class KioskCart(ServerEvent):
    """The order being made; no lines when there is none."""

    type: Literal["kiosk.cart"] = "kiosk.cart"
    lines: list[CartLine]
    total: Money | None


class KioskCheckout(ServerEvent):
    """How far the order is, and what it comes to where that is known."""

    type: Literal["kiosk.checkout"] = "kiosk.checkout"
    stage: str
    order_id: str
    total: Money | None


class KioskAgeCheck(ServerEvent):
    """Goods that staff must approve first; none when nothing waits any more or they have approved."""

    type: Literal["kiosk.age_check"] = "kiosk.age_check"
    names: list[str]
    min_age: int | None
    is_approved: bool = False


class KioskLatency(ServerEvent):
    """Milliseconds from the end of the customer's turn; None for what did not come. `stages_ms` are the turn's own."""

    type: Literal["kiosk.latency"] = "kiosk.latency"
    response_id: str
    turn_end_ms: float | None
    transcript_ms: float | None
    first_text_ms: float | None
    first_audio_ms: float | None
    done_ms: float
    stages_ms: dict[str, float]
