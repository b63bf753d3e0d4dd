"""What goes over the wire between a kiosk and a device: one line of JSON there, one line of JSON back, then it closes.

A request names itself; only an answer of the same name counts.
"""

from typing import Annotated, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from tools.device_journal import DeviceRecord
from tools.money import Money

MAX_LINE_BYTES = 16_384
"""The longest line either side reads."""

Text = Annotated[str, Field(max_length=200)]
Key = Annotated[str, Field(min_length=1, max_length=200)]
Record = TypeVar("Record", bound=DeviceRecord)


class Frame(BaseModel):
    """A part of a line; anything unknown in it is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Authorise(Frame):
    """Set an amount aside."""

    operation: Literal["authorise"] = "authorise"
    amount: Money
    key: Key


class Capture(Frame):
    """Take at most what was set aside."""

    operation: Literal["capture"] = "capture"
    payment_id: Text
    amount: Money
    key: Key


class Void(Frame):
    """Let go of what was set aside."""

    operation: Literal["void"] = "void"
    payment_id: Text
    key: Key


class Refund(Frame):
    """Give back what was taken."""

    operation: Literal["refund"] = "refund"
    payment_id: Text
    key: Key


class Dispense(Frame):
    """Drop pieces out of a slot."""

    operation: Literal["dispense"] = "dispense"
    kiosk_id: Text
    slot: Text
    sku: Text
    quantity: Annotated[int, Field(ge=1, le=1000)]
    key: Key


class Lookup(Frame):
    """What was done under a key?"""

    operation: Literal["lookup"] = "lookup"
    key: Key


class Abandon(Frame):
    """What was done under a key? If nothing, never do it."""

    operation: Literal["abandon"] = "abandon"
    key: Key


class Script(Frame):
    """Only twins understand this: how the coming operations fail, `ok` for one that passes."""

    operation: Literal["script"] = "script"
    faults: Annotated[tuple[Text, ...], Field(max_length=1000)]


Request = Authorise | Capture | Void | Refund | Dispense | Lookup | Abandon | Script


class Call(Frame):
    """A kiosk's line."""

    request_id: Key
    request: Annotated[Request, Field(discriminator="operation")]


class Answer(Frame, Generic[Record]):
    """A device's line: its record, None when it has none, or the problem it has with the request."""

    request_id: Key
    record: Record | None = None
    problem: str = ""
