"""Looks a kiosk's home over before it starts: settings come in; what is missing or wrong, and how to mend it, goes out.

Nothing is changed but for the graph's copy, which the next start needs as well.
"""

import os
from collections.abc import Iterator

from sqlalchemy import Engine

from agent.model_checkup import Finding
from agent.settings import Settings
from tools.clock_skew import MEND, read_clock
from tools.database_address import file_of, is_postgresql, name_of
from tools.errors import OperatorError
from tools.graph_load import check_graph_files
from tools.graph_versions import current_version, is_made_of, open_version
from tools.migrations import HEAD
from tools.models import ModelsFolder, PinnedModel, load_manifest
from tools.shop_identity import is_as_imported
from tools.store_import import open_store


def look_over_home(settings: Settings) -> Iterator[Finding]:
    """All findings, in the order in which a start meets them; without a database those that need one are left out."""
    yield _home(settings)
    database = settings.database
    if not is_postgresql(database) and not file_of(database).exists():
        says = f"there is no store at {name_of(database)} yet"
        yield Finding("database", "doubtful", says, f"the first start makes it of {settings.store_dir}; nothing to do")
        yield _files(settings)
    else:
        try:
            engine = open_store(database)
        except OperatorError as error:
            yield Finding("database", "wrong", str(error))
        else:
            try:
                yield Finding("database", "ok", f"the store at {name_of(database)} answers (revision {HEAD})")
                yield from (_shop(engine, settings), _clock(engine), _graph(engine, settings))
            finally:
                engine.dispose()
    yield from _models(settings)


def _home(settings: Settings) -> Finding:
    home = settings.home
    there = next(folder for folder in (home, *home.absolute().parents) if folder.exists())
    if there.is_dir() and os.access(there, os.W_OK | os.X_OK):
        return Finding("home", "ok", f"files can be kept in {home}")
    mend = "give this user the folder (chown), or another one with WALKIOSK_HOME"
    return Finding("home", "wrong", f"nothing can be written to {there}", mend)


def _shop(engine: Engine, settings: Settings) -> Finding:
    try:
        is_same = is_as_imported(engine, settings.store_dir)
    except OperatorError as error:
        return Finding("shop", "wrong", str(error))
    if is_same:
        return Finding("shop", "ok", f"the store is made of the files in {settings.store_dir}")
    says = f"the files in {settings.store_dir} have changed since the store was made of them; it goes on to hold"
    return Finding("shop", "doubtful", says, f"`walkiosk store import {settings.store_dir}` takes them over")


def _clock(engine: Engine) -> Finding:
    try:
        reading = read_clock(engine)
    except OperatorError as error:
        return Finding("clock", "wrong", str(error))
    if not reading.is_doubtful:
        return Finding("clock", "ok", "this machine's clock and the store's agree")
    return Finding("clock", "wrong" if reading.is_wrong else "doubtful", reading.says, MEND)


def _graph(engine: Engine, settings: Settings) -> Finding:
    try:
        version = current_version(engine)
        if version is None:
            return _files(settings)
        open_version(engine, version, settings.graph_copies).close()
    except OperatorError as error:
        return Finding("graph", "wrong", str(error))
    counts = f"{sum(version.summary.nodes.values()):,} entities, {sum(version.summary.edges.values()):,} relations"
    says = f"version {version.number} of {version.published_at:%Y-%m-%d %H:%M} UTC can be opened ({counts})"
    if is_made_of(version, settings.store_dir):
        return Finding("graph", "ok", says)
    mend = f"`walkiosk graph publish {settings.store_dir}` publishes them, if they are meant"
    return Finding("graph", "doubtful", f"{says}, but the files in {settings.store_dir} are others", mend)


def _files(settings: Settings) -> Finding:
    """What the first version will be made of."""
    problems = check_graph_files(settings.store_dir)
    if not problems:
        return Finding(
            "graph", "ok", f"the first start publishes the graph in {settings.store_dir}; its files are sound"
        )
    mend = f"`walkiosk store check {settings.store_dir}` lists all that is wrong"
    return Finding("graph", "wrong", str(problems[0]), mend)


def _models(settings: Settings) -> Iterator[Finding]:
    manifest = load_manifest()
    if settings.llm_url:
        yield Finding("dialogue model", "ok", "a model server is set in its place")
    else:
        pinned = manifest.model("dialogue-small" if settings.small else "dialogue")
        yield _model(settings, "dialogue model", [pinned], "walkiosk models pull", is_needed=True)
    voice = manifest.group("voice")
    yield _model(settings, "voice models", voice, "walkiosk models pull --voice", is_needed=False)


def _model(settings: Settings, check: str, models: list[PinnedModel], pull: str, *, is_needed: bool) -> Finding:
    """Whether the files are there and as large as they should be; a start verifies what is in them."""
    folder = ModelsFolder(settings.models_dir)
    lacking = [model for model in models if not _is_there(folder, model)]
    if not lacking:
        return Finding(
            check, "ok", f"{'its file is' if len(models) == 1 else 'their files are'} in {settings.models_dir}"
        )
    says = f"{lacking[0].title} is not in {settings.models_dir}, or not whole"
    if len(lacking) > 1:
        says = f"{says}, nor are {len(lacking) - 1} more"
    return Finding(check, "wrong" if is_needed else "doubtful", says, f"`{pull}` fetches what is missing")


def _is_there(folder: ModelsFolder, model: PinnedModel) -> bool:
    try:
        return folder.path(model).stat().st_size == model.size_bytes
    except OSError:
        return False
