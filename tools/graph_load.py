"""Loads the knowledge graph: the owner's tables or a file of triples come in, a checked Kuzu database goes out.

The tables are the source of truth. The database is made anew in a temporary place and put in place as a whole: a
folder of a graph holds `graph.json` (what it is made of, and from which files) and the database that it names.
"""

import csv
import gzip
import hashlib
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import kuzu
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tools.errors import DataError, GraphError
from tools.ontology import ENTITY, NodeType, Ontology, read_ontology, triples_ontology
from tools.owner_files import OwnerFilesError, Problems, unfit_character
from tools.owner_tables import LIST_SEPARATOR, Row, read_table

ONTOLOGY_FILE = "ontology.yaml"
MANIFEST_FILE = "graph.json"
WORKPLACE = ".building-"
ABANDONED_AFTER_S = 3600
FORMAT = 1
MAX_TRIPLES = 5_000_000
MAX_TRIPLE_CHARACTERS = 2_000
MAX_RELATIONS = 200
MAX_INTEGER = 10**15
LOAD_BUFFER_BYTES = 256 * 1024 * 1024
# Kuzu reserves this much address space (not memory); its own default of 8 TiB does not fit everywhere.
MAX_DATABASE_BYTES = 1 << 36
COLUMN_TYPES = {"text": "STRING", "integer": "INT64", "year": "INT64", "decimal": "STRING"}
_DECIMAL = re.compile(r"-?\d{1,14}(\.\d{1,4})?", re.ASCII)
_TRIPLES_HEADER = ("subject", "relation", "object")

Progress = Callable[[str, int, int], None]
"""Told what is being loaded, how many tables are done, and how many there are."""


class GraphSummary(BaseModel):
    """How many nodes of each type and edges of each relation a graph holds."""

    model_config = ConfigDict(frozen=True)

    nodes: dict[str, int]
    edges: dict[str, int]


class GraphManifest(BaseModel):
    """What stands beside a database: its name and checksum, the files it was made from, and its ontology."""

    model_config = ConfigDict(frozen=True)

    format: int
    database: str = Field(pattern=r"^graph-[0-9a-f]{16}\.kuzu$")
    database_sha256: str
    source_sha256: str
    ontology: Ontology
    summary: GraphSummary


@dataclass(frozen=True)
class NodeRow:
    """A node as it is loaded; `values` follow the order of its type's properties."""

    id: str
    name: str
    aliases: str
    values: tuple[str | int | None, ...]


@dataclass
class GraphContent:
    """All that goes into a database; edges keep the order they were read in, each once."""

    ontology: Ontology
    nodes: dict[str, dict[str, NodeRow]] = field(default_factory=dict[str, dict[str, NodeRow]])
    edges: dict[str, dict[tuple[str, str], None]] = field(default_factory=dict[str, dict[tuple[str, str], None]])

    def summary(self) -> GraphSummary:
        """How much there is of each."""
        return GraphSummary(
            nodes={name: len(self.nodes.get(name, {})) for name in self.ontology.types},
            edges={name: len(self.edges.get(name, {})) for name in self.ontology.relations},
        )


def check_graph_files(folder: Path) -> list[DataError]:
    """What is wrong with a folder's ontology and tables, with file, line and column; at most 100 problems."""
    problems = Problems()
    try:
        read_graph(folder, problems)
        problems.raise_if_any()
    except OwnerFilesError as error:
        return list(error.problems)
    return []


def build_graph(source: Path, target: Path, progress: Progress | None = None) -> GraphSummary:
    """Make the graph in the folder `target` from a folder with an ontology or from a file of triples.

    OwnerFilesError when the source is not sound, GraphError when the graph cannot be written; until all has gone well
    an older graph stays as it was.
    """
    if not source.exists():
        raise GraphError(f"there is no graph to import at {source}")
    problems = Problems()
    content = read_graph(source, problems)
    problems.raise_if_any()
    assert content is not None
    try:
        _build(content, source_fingerprint(source, content.ontology), target, progress or _silent)
    except OSError as error:
        raise GraphError(f"the graph could not be written to {target}: {error.strerror}") from error
    return content.summary()


def _build(content: GraphContent, source_sha256: str, target: Path, progress: Progress) -> None:
    target.mkdir(parents=True, exist_ok=True)
    _sweep(target)
    workplace = Path(tempfile.mkdtemp(prefix=WORKPLACE, dir=target))
    try:
        fresh = workplace / "graph.kuzu"
        _write_database(content, fresh, progress)
        _put_in_place(fresh, target, content, source_sha256)
    finally:
        shutil.rmtree(workplace, ignore_errors=True)


def _sweep(target: Path) -> None:
    """Remove what a build that was killed has left; a younger one may still be at work."""
    for workplace in target.glob(f"{WORKPLACE}*"):
        if time.time() - workplace.stat().st_mtime > ABANDONED_AFTER_S:
            shutil.rmtree(workplace, ignore_errors=True)


def read_graph(source: Path, problems: Problems) -> GraphContent | None:
    """All nodes and edges of a folder or a file of triples, or None; what is wrong is noted."""
    if source.is_file():
        return _read_triples(source, problems)
    folder = ontology_folder(source)
    ontology = read_ontology(folder / ONTOLOGY_FILE, problems)
    return _read_tables(ontology, folder, problems) if ontology else None


def ontology_folder(folder: Path) -> Path:
    """The folder that holds the ontology: this one, or the `graph` folder of a store."""
    below = folder / "graph"
    return below if not (folder / ONTOLOGY_FILE).exists() and (below / ONTOLOGY_FILE).exists() else folder


def source_fingerprint(source: Path, ontology: Ontology) -> str:
    """A checksum over every file the graph is made from, the layout of the database, and its engine."""
    digest = hashlib.sha256(f"{FORMAT} {kuzu.__version__}".encode())
    if source.is_file():
        files = [source]
    else:
        folder = ontology_folder(source)
        files = [folder / ONTOLOGY_FILE, *(folder / name for name in sorted(files_of(ontology)))]
    for path in files:
        digest.update(f"\n{path.name} ".encode())
        digest.update(_sha256(path).encode())
    return digest.hexdigest()


def read_manifest(folder: Path) -> GraphManifest:
    """The manifest of a graph's folder; GraphError when there is none or it cannot be used."""
    try:
        manifest = GraphManifest.model_validate_json((folder / MANIFEST_FILE).read_bytes(), by_alias=True)
    except FileNotFoundError as error:
        raise GraphError(f"there is no graph in {folder}; import one first") from error
    except (OSError, ValidationError) as error:
        raise GraphError(f"{folder / MANIFEST_FILE} cannot be read; import the graph again") from error
    if manifest.format != FORMAT:
        raise GraphError(f"the graph in {folder} was made by another version; import it again")
    return manifest


def verify_database(folder: Path, manifest: GraphManifest) -> Path:
    """The path of the database that the manifest names; GraphError unless it is there, alone and undamaged."""
    path = folder / manifest.database
    if not path.is_file():
        raise GraphError(f"the graph's database {path} is missing; import the graph again")
    if any(_strays(path)):
        # The engine would replay a log that lies beside a database, even another database's.
        raise GraphError(f"a stray log lies beside {path}; import the graph again")
    if _sha256(path) != manifest.database_sha256:
        raise GraphError(f"the graph's database {path} is damaged; import the graph again")
    return path


def files_of(ontology: Ontology) -> set[str]:
    """The tables that an ontology names, from where it lies."""
    declared = (*ontology.types.values(), *ontology.relations.values())
    return {item.file for item in declared}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _strays(database: Path) -> Iterator[Path]:
    return (path for path in database.parent.glob(f"{database.name}.*"))


# --- tables -----------------------------------------------------------------------------------------------------------


def _read_tables(ontology: Ontology, folder: Path, problems: Problems) -> GraphContent:
    tables = {
        name: _read_rows(folder / name, _columns_in(ontology, name), problems) for name in sorted(files_of(ontology))
    }
    content = GraphContent(ontology)
    for name, declared in ontology.types.items():
        content.nodes[name] = _nodes_of(declared, tables[declared.file])
    for name, relation in ontology.relations.items():
        sources, targets = content.nodes[relation.from_type], content.nodes[relation.to_type]
        edges = content.edges.setdefault(name, {})
        for row in tables[relation.file]:
            starts = _references(row, relation.from_column, relation.from_type, sources)
            ends = _references(row, relation.to_column, relation.to_type, targets)
            edges.update(dict.fromkeys((start, end) for start in starts for end in ends))
    return content


def _columns_in(ontology: Ontology, file: str) -> list[str]:
    """Every column of a table that the ontology reads."""
    columns: dict[str, None] = {}
    for declared in ontology.types.values():
        if declared.file == file:
            aliases = [declared.aliases] if declared.aliases else []
            columns |= dict.fromkeys([declared.key, *declared.name, *aliases, *declared.properties])
    for relation in ontology.relations.values():
        if relation.file == file:
            columns |= dict.fromkeys([relation.from_column, relation.to_column])
    return list(columns)


def _read_rows(path: Path, needed: Sequence[str], problems: Problems) -> list[Row]:
    """The rows of a table that has at least these columns."""
    columns = dict.fromkeys(needed)
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            columns |= dict.fromkeys(name.strip() for name in next(csv.reader(file), []))
    except (OSError, ValueError, csv.Error):
        pass  # read_table meets the same obstacle and notes it with its place
    return list(read_table(path, list(columns), problems))


def _nodes_of(declared: NodeType, rows: Iterable[Row]) -> dict[str, NodeRow]:
    nodes: dict[str, NodeRow] = {}
    taken: set[str] = set()
    for row in rows:
        key = row.identifier(declared.key, taken)
        name = " ".join(part for part in (row.optional(column) for column in declared.name) if part)
        if not name:
            row.refuse(declared.name[0], "a name must not be empty")
        if LIST_SEPARATOR in key:
            row.refuse(declared.key, f"an id must not contain {LIST_SEPARATOR}")
        aliases = LIST_SEPARATOR.join(row.items(declared.aliases)) if declared.aliases else ""
        values = tuple(_value(row, column, kind) for column, kind in declared.properties.items())
        nodes[key] = NodeRow(key, name, aliases, values)
    return nodes


def _value(row: Row, column: str, kind: str) -> str | int | None:
    text = row.optional(column)
    if not text:
        return None
    if kind in ("integer", "year"):
        return row.whole(column, least=-MAX_INTEGER, most=MAX_INTEGER)
    if kind == "decimal" and not _DECIMAL.fullmatch(text):
        row.refuse(column, f"not a decimal number with up to 4 decimals: {text!r}")
    return text


def _references(row: Row, column: str, node_type: str, known: dict[str, NodeRow]) -> list[str]:
    """The ids in a cell that are known; the others are noted, unless the whole table they point to is missing."""
    items = row.items(column)
    if not known:
        return []
    return [item for item in items if row.known(column, node_type, known, item) in known]


# --- triples ----------------------------------------------------------------------------------------------------------


def _read_triples(path: Path, problems: Problems) -> GraphContent | None:
    names: dict[str, None] = {}
    edges: dict[str, dict[tuple[str, str], None]] = {}
    relation_names: dict[str, str] = {}
    try:
        for line, parts in _triple_lines(path, problems):
            subject, said, target = parts
            if said not in relation_names:
                relation_names[said] = _relation_name(said, path, line)
            names[subject] = names[target] = None
            edges.setdefault(relation_names[said], {})[(subject, target)] = None
            if len(edges) > MAX_RELATIONS:
                raise DataError(f"more than {MAX_RELATIONS} relations", path.name, line)
    except DataError as error:
        problems.add(error.problem, error.file, error.line, error.column)
        return None
    except (OSError, EOFError) as error:
        problems.add(f"the file cannot be read: {error}", path.name)
        return None
    except UnicodeDecodeError:
        problems.add("not UTF-8 text; save the file as UTF-8", path.name)
        return None
    if not edges:
        problems.add("holds no triples", path.name)
        return None
    nodes = {name: NodeRow(name, name, "", ()) for name in names}
    return GraphContent(triples_ontology(list(edges)), {ENTITY: nodes}, edges)


def _triple_lines(path: Path, problems: Problems) -> Iterator[tuple[int, tuple[str, str, str]]]:
    """The triples of a file (gzipped or not; parts separated by tabs or bars) with their lines; a header is skipped."""
    with path.open("rb") as raw:
        zipped = raw.read(2) == b"\x1f\x8b"
    with gzip.open(path, "rt", encoding="utf-8-sig") if zipped else path.open(encoding="utf-8-sig") as file:
        line = 0
        while text := file.readline(MAX_TRIPLE_CHARACTERS + 1):
            line += 1
            if line > MAX_TRIPLES or len(text) > MAX_TRIPLE_CHARACTERS:
                limit = f"{MAX_TRIPLES} lines" if line > MAX_TRIPLES else f"{MAX_TRIPLE_CHARACTERS} characters"
                raise DataError(f"longer than {limit}", path.name, line)
            text = text.strip("\r\n")
            if not text.strip():
                continue
            parts = [part.strip() for part in text.split("\t" if "\t" in text else LIST_SEPARATOR)]
            if len(parts) != 3 or not all(parts):
                problems.add("must be: subject, relation, object, separated by tabs or bars", path.name, line)
            elif unfit := unfit_character("".join(parts)):
                problems.add(f"has the control character {unfit}", path.name, line)
            elif not (line == 1 and tuple(part.lower() for part in parts) == _TRIPLES_HEADER):
                yield line, (parts[0], parts[1], parts[2])


def _relation_name(said: str, path: Path, line: int) -> str:
    """The relation as an identifier: `directed by` becomes directed_by."""
    name = re.sub(r"[^A-Za-z0-9_]+", "_", said).strip("_")
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,40}", name) or name.casefold() == ENTITY.casefold():
        raise DataError(f"not a name for a relation: {said!r}", path.name, line, "relation")
    return name.lower()


# --- database ---------------------------------------------------------------------------------------------------------


def _silent(what: str, done: int, total: int) -> None:
    """Report to nobody."""


def _write_database(content: GraphContent, path: Path, progress: Progress) -> None:
    ontology = content.ontology
    total = len(ontology.types) + len(ontology.relations)
    database = kuzu.Database(path, buffer_pool_size=LOAD_BUFFER_BYTES, max_db_size=MAX_DATABASE_BYTES)
    connection = kuzu.Connection(database)
    try:
        with tempfile.TemporaryDirectory(prefix="graph-") as folder:
            table = Path(folder) / "table.csv"
            for done, (name, declared) in enumerate(ontology.types.items()):
                progress(name, done, total)
                connection.execute(_create_nodes(name, declared))
                rows = ((row.id, row.name, row.aliases, *row.values) for row in content.nodes[name].values())
                _copy(connection, name, rows, table)
            for done, (name, relation) in enumerate(ontology.relations.items(), start=len(ontology.types)):
                progress(name, done, total)
                connection.execute(f"CREATE REL TABLE `{name}` (FROM `{relation.from_type}` TO `{relation.to_type}`)")
                _copy(connection, name, content.edges.get(name, {}), table)
        connection.execute("CHECKPOINT")
        progress("", total, total)
    except RuntimeError as error:
        raise GraphError(f"the graph could not be written: {str(error).splitlines()[0]}") from error
    finally:
        connection.close()
        database.close()


def _create_nodes(name: str, declared: NodeType) -> str:
    columns = [f"`{column}` {COLUMN_TYPES[kind]}" for column, kind in declared.properties.items()]
    columns = ["`id` STRING", "`name` STRING", "`aliases` STRING", *columns, "PRIMARY KEY (`id`)"]
    return f"CREATE NODE TABLE `{name}` ({', '.join(columns)})"


def _copy(connection: kuzu.Connection, name: str, rows: Iterable[Sequence[object]], table: Path) -> None:
    """Load rows through a file of our own: quoted throughout, so that no text of the owner's is ever syntax."""
    count = 0
    with table.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n")
        for row in rows:
            writer.writerow(row)
            count += 1
    if count:
        options = "HEADER=false, DELIM=',', QUOTE='\"', ESCAPE='\"', PARALLEL=false, AUTO_DETECT=false"
        connection.execute(f"COPY `{name}` FROM {_path_literal(table)} ({options})")


def _path_literal(path: Path) -> str:
    """Our temporary file's path inside a statement, which takes no parameter there."""
    text = str(path)
    if not re.fullmatch(r"[\w /.:~+=@,-]+", text):
        raise GraphError(f"the path of the temporary folder has characters that cannot be used: {text!r}")
    return f"'{text}'"


def _put_in_place(fresh: Path, target: Path, content: GraphContent, source_sha256: str) -> None:
    """Move the database in, then let the manifest name it; readers see the old graph or the new one, never a part."""
    database_sha256 = _sha256(fresh)
    manifest = GraphManifest(
        format=FORMAT,
        database=f"graph-{database_sha256[:16]}.kuzu",
        database_sha256=database_sha256,
        source_sha256=source_sha256,
        ontology=content.ontology,
        summary=content.summary(),
    )
    final = target / manifest.database
    for stray in list(_strays(final)):
        stray.unlink()
    fresh.replace(final)
    note = fresh.parent / MANIFEST_FILE
    note.write_text(manifest.model_dump_json(by_alias=True, indent=1), encoding="utf-8")
    note.replace(target / MANIFEST_FILE)
    for old in target.glob("graph-*.kuzu*"):
        if not old.name.startswith(manifest.database):
            old.unlink(missing_ok=True)
