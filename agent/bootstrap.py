"""The composition root: settings in, a running kiosk out; the only place that builds the concrete parts."""

import logging
import os
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import yaml
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.graph.state import CompiledStateGraph
from sqlalchemy import Engine

from agent.act import ToolRunner
from agent.compose import Composer
from agent.dialogue_model import DialogueModel
from agent.graph import build_graph
from agent.lexicon import Lexicon
from agent.recipes.turn import Shop
from agent.render import Renderer
from agent.session import Session
from agent.settings import Settings
from agent.stages import Stages
from agent.terms import ShopTerms
from agent.understand import Understander
from prompts.language_packs import load_language_packs
from prompts.loading import REPLIES, load_examples, load_prompt
from tools.checkout import Checkout
from tools.database import utc_now
from tools.dispenser import SimulatedDispenser
from tools.errors import CustomerError, OperatorError
from tools.payment import SimulatedTerminal
from tools.vocabulary import Vocabulary

log = logging.getLogger(__name__)
Notice = Callable[[str], None]
