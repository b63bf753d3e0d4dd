"""Items of a conversation as they stand on the wire, and the conversation that holds them."""

from collections import OrderedDict
from typing import Literal

from pydantic import BaseModel

from server.realtime.problems import ProtocolError

Status = Literal["completed", "incomplete", "in_progress"]


class Content(BaseModel):
    """A part of a message. Audio is not kept: it went by in deltas."""

    type: Literal["input_text", "input_audio", "output_text", "output_audio"]
    text: str | None = None
    transcript: str | None = None


class Message(BaseModel):
    """What the customer or the kiosk said."""

    id: str
    object: Literal["realtime.item"] = "realtime.item"
    type: Literal["message"] = "message"
    status: Status = "completed"
    role: Literal["user", "assistant"]
    content: list[Content] = []


class FunctionCall(BaseModel):
    """A tool that the kiosk ran itself."""

    id: str
    object: Literal["realtime.item"] = "realtime.item"
    type: Literal["function_call"] = "function_call"
    status: Status = "completed"
    name: str
    call_id: str
    arguments: str


class FunctionCallOutput(BaseModel):
    """How that tool ended."""

    id: str
    object: Literal["realtime.item"] = "realtime.item"
    type: Literal["function_call_output"] = "function_call_output"
    status: Status = "completed"
    call_id: str
    output: str


Item = Message | FunctionCall | FunctionCallOutput


class Conversation:
    """The items of one session, at most `max_items`, the newest last."""

    def __init__(self, max_items: int) -> None:
        self._max_items = max_items
        self._items: OrderedDict[str, Item] = OrderedDict()

    @property
    def last_id(self) -> str | None:
        """The newest item's id."""
        return next(reversed(self._items), None)

    def add(self, item: Item) -> None:
        """Put an item at the end; ProtocolError when its id is taken."""
        if item.id in self._items:
            raise ProtocolError("item_exists", "there is an item with this id", param="item.id")
        self._items[item.id] = item
        while len(self._items) > self._max_items:
            self._items.popitem(last=False)

    def newest(self, count: int) -> list[Item]:
        """So many items at most, the newest last."""
        return list(self._items.values())[-count:]

    def find(self, item_id: str) -> Item | None:
        """The item, None when it is not there or no longer."""
        return self._items.get(item_id)

    def get(self, item_id: str) -> Item:
        """The item; ProtocolError when it is not there or no longer."""
        if (item := self.find(item_id)) is None:
            raise ProtocolError("item_not_found", "there is no item with this id", param="item_id")
        return item

    def remove(self, item_id: str) -> None:
        """Forget the item; ProtocolError when it is not there."""
        self.get(item_id)
        del self._items[item_id]

    def clear(self) -> None:
        """Forget all."""
        self._items.clear()
