"""The files that a shop's graph is made of: a folder or an archive comes in, the same files and their digest go out.

They keep their places: the ontology and the tables beside it in `graph/`, the shop's own tables above it.
"""

import hashlib
import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tools.errors import GraphError
from tools.graph_load import ONTOLOGY_FILE, files_of, ontology_folder
from tools.ontology import read_ontology
from tools.owner_files import Problems, read_text
from tools.whole_file import replacing

MAX_BYTES = 256 * 1024 * 1024
MAX_FILES = 300
_PLACE = re.compile(r"(graph/)?[A-Za-z0-9_][A-Za-z0-9_.-]{0,84}", re.ASCII)
_LONG_AGO = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class GraphFiles:
    """The content of each file by its place in a shop's folder."""

    contents: Mapping[str, bytes]

    @cached_property
    def sha256(self) -> str:
        """The digest over all names and contents."""
        digest = hashlib.sha256()
        for place, content in sorted(self.contents.items()):
            digest.update(f"{place} {hashlib.sha256(content).hexdigest()}\n".encode())
        return digest.hexdigest()

    @classmethod
    def read(cls, folder: Path) -> "GraphFiles":
        """The ontology of a folder (or of the `graph` folder in it) and the tables that it names.

        OwnerFilesError, with the place of each problem, when the ontology is not sound or a table cannot be read.
        """
        problems = Problems()
        here = ontology_folder(folder)
        ontology = read_ontology(here / ONTOLOGY_FILE, problems)
        problems.raise_if_any()
        assert ontology is not None
        names = [ONTOLOGY_FILE, *sorted(files_of(ontology))]
        texts = {_place(name): read_text(here / name, problems) for name in names}
        problems.raise_if_any()
        files = cls({place: text.encode() for place, text in texts.items() if text is not None})
        if sum(map(len, files.contents.values())) > MAX_BYTES:
            raise GraphError(f"the files of the graph in {folder} are larger than {MAX_BYTES // 1024 // 1024} MiB")
        return files

    @classmethod
    def unpack(cls, packed: bytes) -> "GraphFiles":
        """What `pack` made; GraphError for anything else."""
        try:
            with zipfile.ZipFile(io.BytesIO(packed)) as archive:
                return cls(dict(_members(archive)))
        except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError) as error:
            raise GraphError("its files are damaged") from error

    def pack(self) -> bytes:
        """All files as one archive; the same files give the same bytes."""
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for place, content in sorted(self.contents.items()):
                archive.writestr(zipfile.ZipInfo(place, _LONG_AGO), content, zipfile.ZIP_DEFLATED)
        return packed.getvalue()

    def write(self, folder: Path) -> None:
        """Put the files into a folder; OSError as the system gives it."""
        for place, content in self.contents.items():
            with replacing(folder / place) as file:
                file.write(content)


def _place(name: str) -> str:
    """Where a file that an ontology names stands in the shop's folder."""
    return name.removeprefix("../") if name.startswith("../") else f"graph/{name}"


def _members(archive: zipfile.ZipFile) -> Iterator[tuple[str, bytes]]:
    members = archive.infolist()
    if len(members) > MAX_FILES or sum(member.file_size for member in members) > MAX_BYTES:
        raise GraphError("its files are larger than a graph's can be")
    for member in members:
        if not _PLACE.fullmatch(member.filename):
            raise GraphError(f"it holds a file that is none of a graph's: {member.filename[:80]!r}")
        yield member.filename, archive.read(member)
