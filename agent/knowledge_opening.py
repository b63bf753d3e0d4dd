"""Opens a version of the graph for a kiosk: its number comes in, every part of the kiosk that rests on it goes out."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Engine

from agent.dialogue_model import DialogueModel, EmbeddedEndpoint
from agent.graph_questions import link_names
from agent.improvise import Improviser
from agent.instructed import InstructedModel
from agent.knowledge import Knowledge
from agent.lexicon import Lexicon
from agent.recipes.turn import Shop
from agent.settings import Settings
from agent.small_talk import SmallTalk
from agent.terms import ShopTerms
from agent.understand import Understander
from prompts.loading import load_examples, load_prompt
from tools.goods_names import GoodsNames
from tools.graph_answers import GraphReader
from tools.graph_paths import GraphStore
from tools.graph_versions import VersionInfo, open_version
from tools.inventory import Inventory
from tools.name_index import load_common_words
from tools.vocabulary import Vocabulary


@dataclass(frozen=True)
class KnowledgeOpening:
    """The parts of a kiosk that stay when the graph changes, and what makes those that do not."""

    engine: Engine
    settings: Settings
    model: DialogueModel
    endpoint: EmbeddedEndpoint | None
    inventory: Inventory
    vocabulary: Vocabulary
    lexicon: Lexicon
    small_talk: SmallTalk
    notice: Callable[[str], None]
    _warm: set[str] = field(default_factory=set[str])
    """The prompts that the embedded server has read."""

    async def __call__(self, version: VersionInfo) -> Knowledge:
        """A version of the store's, opened; OperatorError when it cannot be, and then nothing stays open."""
        graph = await asyncio.to_thread(open_version, self.engine, version, self.settings.graph_copies)
        try:
            return await self.read(version.number, graph)
        except BaseException:
            graph.close()
            raise

    async def read(self, number: int, graph: GraphStore) -> Knowledge:
        """What a kiosk knows out of a graph that is open."""
        knowledge = await asyncio.to_thread(self._read, number, graph)
        if self.endpoint is not None:
            await self._warm_up(self.endpoint, [knowledge.understander.model, knowledge.improviser.model])
        return knowledge

    def _read(self, number: int, graph: GraphStore) -> Knowledge:
        ontology, product_type = graph.ontology, graph.ontology.product_type
        linker = link_names(graph)
        names = {node.id: node.name for _, node in graph.numbered_names(product_type)}
        goods = GoodsNames(names, self.vocabulary, load_common_words())
        terms = ShopTerms(ontology, self.vocabulary, linker, goods, product_type)
        folder = self.settings.store_dir
        understander = Understander(
            self.model,
            self.lexicon,
            linker,
            terms,
            self.small_talk,
            load_prompt("understand"),
            load_examples("understand", folder),
            self.inventory.wake_phrases(),
        )
        return Knowledge(
            number=number,
            graph=GraphReader(graph, ontology),
            linker=linker,
            understander=understander,
            improviser=Improviser(self.model, terms, load_prompt("improvise"), load_examples("improvise", folder)),
            shop=Shop(
                ontology=ontology,
                vocabulary=self.vocabulary,
                product_type=product_type,
                catalogue_language=self.inventory.store().languages[0],
            ),
        )

    async def _warm_up(self, endpoint: EmbeddedEndpoint, models: Sequence[InstructedModel[Any]]) -> None:
        """Have the fixed prompts in the server's cache: from disk, or read once now and kept on disk.

        A prompt that a version has in common with the one before is there already.
        """
        new = [model for model in models if model.prefix_name not in self._warm]
        unread = [model for model in new if not await endpoint.restore(model.call.slot, model.prefix_name)]
        if unread:
            self.notice("the language model reads its instructions (once, about half a minute)")
        for model in unread:
            await model.warm_up()
            await endpoint.keep(model.call.slot, model.prefix_name)
        self._warm.clear()
        self._warm.update(model.prefix_name for model in models)
