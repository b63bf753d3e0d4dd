"""The versions of a shop's knowledge graph: an owner's files come in, what every server answers from goes out.

The store database keeps the files of each version and says which one is current: it is the one place that all servers
share, wherever they run, and it changes in one transaction. Each server builds a graph of its own from those files, as
the engine's files cannot be shared.
"""

import logging
import os
import shutil
import tempfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy import Engine, func, text
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, delete, select

from tools.database import CurrentGraph, GraphVersion, Product, read_transaction, write_transaction
from tools.errors import GraphError, OperatorError
from tools.graph_checks import check_answers, check_products, check_shrinking
from tools.graph_files import GraphFiles
from tools.graph_load import GraphContent, GraphSummary, Progress, read_graph
from tools.graph_paths import GraphStore, open_or_build_graph
from tools.owner_files import OwnerFilesError, Problems

log = logging.getLogger(__name__)
KEPT_VERSIONS = 10
KEPT_COPIES = 4
MAX_PACKED_BYTES = 64 * 1024 * 1024
FILES_FOLDER = "files"


class VersionInfo(BaseModel):
    """A version as it is listed."""

    model_config = ConfigDict(frozen=True)

    number: int
    published_at: datetime
    files_sha256: str
    summary: GraphSummary
    is_current: bool


class Published(BaseModel):
    """What publishing came to: the version that is current now, whether it is new, and which old ones are gone."""

    model_config = ConfigDict(frozen=True)

    version: VersionInfo
    is_new: bool
    pruned: tuple[int, ...] = ()


def publish(
    engine: Engine,
    source: Path,
    copies: Path,
    *,
    keep: int = KEPT_VERSIONS,
    may_shrink: bool = False,
    progress: Progress | None = None,
) -> Published:
    """Make the graph in an owner's folder the current version, after it was built and looked over beside the old one.

    `copies` is this machine's folder of built graphs. After OwnerFilesError (with file and row) or GraphError
    nothing is changed. Files that are those of the current version make no new one.
    """
    files = GraphFiles.read(source)
    current = current_version(engine)
    if current is not None and current.files_sha256 == files.sha256:
        return Published(version=current, is_new=False)
    folder = _copy_folder(copies, files.sha256)
    with tempfile.TemporaryDirectory(prefix="graph-") as place:
        content = _read(files, Path(place))
        problems = Problems()
        check_products(Path(place), content.ontology, _catalogue(engine), problems)
        problems.raise_if_any()
    if current is not None and not may_shrink:
        check_shrinking(content.summary(), current.summary)
    try:
        files.write(folder / FILES_FOLDER)
        with open_or_build_graph(folder / FILES_FOLDER, folder, progress) as store:
            check_answers(store, content)
    except OSError as error:
        raise GraphError(f"the graph could not be written to {folder}: {error.strerror}") from error
    except GraphError:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return _record(engine, files, content.summary(), keep)


def publish_first(engine: Engine, source: Path) -> VersionInfo:
    """The current version; in a store that has none yet the graph in the folder becomes the first.

    What the catalogue lacks is no obstacle then, as the kiosk passes over it. OwnerFilesError for unsound files.
    """
    if (current := current_version(engine)) is not None:
        return current
    files = GraphFiles.read(source)
    with tempfile.TemporaryDirectory(prefix="graph-") as place:
        content = _read(files, Path(place))
    return _record(engine, files, content.summary(), KEPT_VERSIONS, only_first=True).version


def is_made_of(version: VersionInfo, folder: Path) -> bool:
    """Whether a version is made of the files in a folder as they are now; no where they cannot be read."""
    try:
        return GraphFiles.read(folder).sha256 == version.files_sha256
    except OperatorError:
        return False


def warn_of_other_files(version: VersionInfo, folder: Path) -> None:
    """Log it when the graph's files in a shop's folder are not those of the version; they are not read from there."""
    if not is_made_of(version, folder):
        log.warning(
            "the graph's files in %s are not those of version %d, which goes on to hold; "
            "`walkiosk graph publish %s` takes them over",
            folder,
            version.number,
            folder,
        )


def roll_back(engine: Engine, number: int | None = None) -> VersionInfo:
    """Make an older version current again: that of the number, or the one before the current. GraphError for none."""
    with write_transaction(engine) as session:
        _lock(session)
        kept = session.exec(select(GraphVersion.number).order_by(col(GraphVersion.number))).all()
        current = session.get(CurrentGraph, 1)
        if current is None:
            raise GraphError(
                "no version of the graph was published yet; `walkiosk graph publish FOLDER` makes the first"
            )
        if number is None:
            older = [one for one in kept if one < current.number]
            if not older:
                raise GraphError(f"no version before {current.number} is kept; {_named(kept)}")
            number = older[-1]
        if number not in kept:
            raise GraphError(f"there is no version {number}; {_named(kept)}")
        current.number = number
        session.add(current)
    return _require_current(engine)


def list_versions(engine: Engine) -> list[VersionInfo]:
    """All versions that are kept, the oldest first."""
    with read_transaction(engine) as session:
        return _infos(session)


def current_version(engine: Engine) -> VersionInfo | None:
    """The version that servers are to answer from; None when none was published."""
    return next((version for version in list_versions(engine) if version.is_current), None)


def current_number(engine: Engine) -> int | None:
    """Only its number, which is quick to ask for."""
    with read_transaction(engine) as session:
        return session.exec(select(CurrentGraph.number)).first()


def open_version(engine: Engine, version: VersionInfo, copies: Path, progress: Progress | None = None) -> GraphStore:
    """This machine's graph of a version, built if there is none yet.

    GraphError, with what to do, when its files are damaged or no graph can be made of them.
    """
    folder = _copy_folder(copies, version.files_sha256)
    try:
        if not is_made_of(version, folder / FILES_FOLDER):
            _fetched_files(engine, version).write(folder / FILES_FOLDER)
        store = open_or_build_graph(folder / FILES_FOLDER, folder, progress)
    except (GraphError, OwnerFilesError, OSError) as error:
        mend = "go back with `walkiosk graph rollback`, or publish it again with `walkiosk graph publish FOLDER`"
        raise GraphError(f"version {version.number} of the graph cannot be used: {error}; {mend}") from error
    _prune_copies(copies, folder)
    return store


def _read(files: GraphFiles, place: Path) -> GraphContent:
    """The checked content of files; they are put into an empty folder for it."""
    problems = Problems()
    files.write(place)
    content = read_graph(place, problems)
    problems.raise_if_any()
    assert content is not None
    _ = content.ontology.product_type  # raises where there is none
    return content


def _catalogue(engine: Engine) -> set[str]:
    with read_transaction(engine) as session:
        return set(session.exec(select(Product.product_id)).all())


def _lock(session: Session) -> None:
    """One at a time may publish; on SQLite the transaction sees to that by itself."""
    if session.connection().dialect.name == "postgresql":
        session.connection().execute(text("LOCK TABLE currentgraph, graphversion IN SHARE ROW EXCLUSIVE MODE"))


def _record(
    engine: Engine, files: GraphFiles, summary: GraphSummary, keep: int, *, only_first: bool = False
) -> Published:
    """Keep the files as the next version and make it current, in one transaction."""
    packed = files.pack()
    if len(packed) > MAX_PACKED_BYTES:
        raise GraphError(f"the graph's files are larger than {MAX_PACKED_BYTES // 1024 // 1024} MiB when packed")
    with write_transaction(engine) as session:
        _lock(session)
        current = session.get(CurrentGraph, 1)
        is_new = current is None or not only_first  # another server that starts now may have been quicker
        pruned: tuple[int, ...] = ()
        if is_new:
            number = (session.exec(select(func.max(GraphVersion.number))).one() or 0) + 1
            session.add(
                GraphVersion(number=number, files_sha256=files.sha256, files=packed, summary=summary.model_dump_json())
            )
            session.flush()
            session.merge(CurrentGraph(number=number))
            session.flush()
            pruned = _prune(session, number, keep)
    return Published(version=_require_current(engine), is_new=is_new, pruned=pruned)


def _prune(session: Session, current: int, keep: int) -> tuple[int, ...]:
    """Delete all but the newest versions; the current one is always kept."""
    numbers = session.exec(select(GraphVersion.number).order_by(col(GraphVersion.number).desc())).all()
    old = tuple(sorted(number for number in numbers[max(1, keep) :] if number != current))
    session.connection().execute(delete(GraphVersion).where(col(GraphVersion.number).in_(old)))
    return old


def _infos(session: Session) -> list[VersionInfo]:
    """All versions, without their files, by one statement: what is current may change between two."""
    version, current = GraphVersion, CurrentGraph.number
    names = (version.number, version.published_at, version.files_sha256, version.summary, current)
    columns = select_columns(*(col(name) for name in names))
    query = columns.outerjoin(CurrentGraph, col(current) == col(version.number)).order_by(col(version.number))
    return [
        VersionInfo(
            number=number,
            published_at=published_at,
            files_sha256=files_sha256,
            summary=_summary(number, summary),
            is_current=number == current_one,
        )
        for number, published_at, files_sha256, summary, current_one in session.execute(query)
    ]


def _summary(number: int, summary: str) -> GraphSummary:
    try:
        return GraphSummary.model_validate_json(summary)
    except ValidationError as error:
        raise GraphError(f"version {number} of the graph is damaged in the store database") from error


def _require_current(engine: Engine) -> VersionInfo:
    current = current_version(engine)
    assert current is not None
    return current


def _named(numbers: Sequence[int]) -> str:
    return f"kept: {', '.join(map(str, numbers))}"


# --- copies on this machine -------------------------------------------------------------------------------------------


def _copy_folder(copies: Path, files_sha256: str) -> Path:
    """Where the graph of these files is built: by content, so that going back to a version finds it there."""
    return copies / files_sha256[:32]


def _fetched_files(engine: Engine, version: VersionInfo) -> GraphFiles:
    with read_transaction(engine) as session:
        packed = session.exec(select(GraphVersion.files).where(GraphVersion.number == version.number)).first()
    if packed is None:
        raise GraphError("it is no longer kept")
    files = GraphFiles.unpack(packed)
    if files.sha256 != version.files_sha256:
        raise GraphError("its files are not those that were published")
    return files


def _prune_copies(copies: Path, opened: Path) -> None:
    """Remove all but the graphs that were opened last. Whoever has one of them open keeps it until they close it."""
    try:
        os.utime(opened)
        by_age = sorted(copies.iterdir(), key=lambda folder: folder.stat().st_mtime, reverse=True)
    except OSError:  # another program prunes as well
        return
    for folder in by_age[KEPT_COPIES:]:
        shutil.rmtree(folder, ignore_errors=True)
