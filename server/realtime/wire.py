"""One session's end of the wire: items and events come in, numbered frames wait in its outbox."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass

from agent.observation import Observe
from server.realtime.items import Conversation, Item
from server.realtime.outbox import Outbox
from server.realtime.server_events import ItemAdded, ItemDone, ServerEvent


@dataclass(frozen=True)
class Wire:
    """Where a session's events go; `now_s` is any clock that only goes forward."""

    outbox: Outbox
    conversation: Conversation
    now_s: Callable[[], float]
    observe: Observe

    def emit(self, event: ServerEvent) -> None:
        """Send an event."""
        self.outbox.put(event)

    def add(self, item: Item) -> None:
        """Put an item into the conversation and say so; ProtocolError when its id is taken."""
        previous = self.conversation.last_id
        self.conversation.add(item)
        self.emit(ItemAdded(previous_item_id=previous, item=item))
        if item.status == "completed":
            self.emit(ItemDone(previous_item_id=previous, item=item))


def new_id(kind: str) -> str:
    """An id such as item_3f2a…"""
    return f"{kind}_{uuid.uuid4().hex[:20]}"
