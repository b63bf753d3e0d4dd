"""What every recipe is given: the session's memory, what was understood, and the shop's fixed facts."""

from collections.abc import Generator
from dataclasses import dataclass

from agent.draft import Conclusion
from agent.state import Dialogue
from agent.understanding import Understanding
from tools.contract import ToolCall, ToolResult
from tools.ontology import Ontology
from tools.vocabulary import Vocabulary

OPEN_OFFER = ("purchase", "choice", "size")
"""What the kiosk waits for while goods are on the table that are in no order yet: a yes, which of them, what size."""

TELLING_LETTERS = 4

Recipe = Generator[list[ToolCall], list[ToolResult], Conclusion]


@dataclass(frozen=True)
class Shop:
    """The fixed facts of this shop that recipes decide with."""

    ontology: Ontology
    vocabulary: Vocabulary
    product_type: str
    catalogue_language: str
    """What names and descriptions of goods are written in."""


@dataclass(frozen=True)
class Turn:
    """One turn, as recipes see it."""

    dialogue: Dialogue
    understood: Understanding
    shop: Shop

    @property
    def is_offered(self) -> bool:
        """Whether the kiosk has asked something about goods that are in no order yet."""
        return self.dialogue.awaiting in OPEN_OFFER

    def named_products(self) -> list[str]:
        """Ids of the products that were called by their names."""
        return list(dict.fromkeys(product_id for ids in self.goods_by_name() for product_id in ids))

    def goods_by_name(self) -> list[list[str]]:
        """The same, for each name the ids that it may equally well mean."""
        return [
            [item.node_id for item in candidates if item.score == candidates[0].score]
            for candidates in (name.mention.candidates for name in self.understood.names)
            if candidates and candidates[0].node_type == self.shop.product_type
        ]

    @property
    def calls_goods_in_full(self) -> bool:
        """Whether a product was called by more than one word of its name, which may be an ordinary word as well."""
        mentions = [name.mention for name in self.understood.names if name.mention.candidates]
        goods = [one for one in mentions if one.candidates[0].node_type == self.shop.product_type]
        return any(sum(len(word) >= TELLING_LETTERS for word in one.text.split()) > 1 for one in goods)

    def call(self, name: str, **arguments: object) -> ToolCall:
        """A call of a READ tool."""
        return ToolCall(name=name, arguments=arguments)

    def write(self, name: str, **arguments: object) -> ToolCall:
        """A call of a WRITE tool, keyed by session and turn: the same turn run again has no second effect."""
        key = f"{self.dialogue.session_id}:{self.dialogue.turn}:{name}"
        return ToolCall(name=name, arguments=arguments, idempotency_key=key)
