"""Model files: a pinned manifest goes in, verified files in the models folder come out."""

import hashlib
import os
import shutil
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from filelock import FileLock
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tools.errors import DataError, OperatorError
from tools.model_sources import (
    CHUNK_BYTES,
    DamagedPartError,
    Downloaders,
    Progress,
    Source,
    SourceError,
    describe,
    fetch,
    no_progress,
)

MANIFEST = Path(__file__).with_name("models.toml")
SPARE_BYTES = 256 * 1024 * 1024
"""Free space wanted on top of the file and its parts: room for one wheel and for the rest of the kiosk."""


class PinnedModel(BaseModel):
    """One model file: what it is called, what it must hash to, its SPDX licence and where to get it.

    A model of several files has an entry for each, in a folder of its own (`file` is `folder/name`). What `group` names
    is only needed for that part of the kiosk.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    title: str
    file: str = Field(pattern=r"^([A-Za-z0-9][A-Za-z0-9._-]*/)?[A-Za-z0-9][A-Za-z0-9._-]*$")
    group: Literal["dialogue", "voice"] = "dialogue"
    size_bytes: int = Field(gt=0)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    licence: str
    sources: tuple[Source, ...] = Field(min_length=1)


class Manifest(BaseModel):
    """Every model file the kiosk may use."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    models: tuple[PinnedModel, ...] = Field(min_length=1)

    def group(self, name: str) -> list[PinnedModel]:
        """The files that a part of the kiosk needs."""
        return [model for model in self.models if model.group == name]

    def model(self, key: str) -> PinnedModel:
        """Return the model called `key`. Raises OperatorError."""
        for model in self.models:
            if model.key == key:
                return model
        raise OperatorError(f"There is no model {key!r}; there are: {', '.join(each.key for each in self.models)}.")


class _Stamp(BaseModel):
    """What a file looked like when its hash was last found right; while it looks so, it is not hashed again."""

    size_bytes: int
    modified_ns: int
    sha256: str


def load_manifest(path: Path = MANIFEST) -> Manifest:
    """Read a manifest. Raises DataError."""
    try:
        return Manifest.model_validate(tomllib.loads(path.read_text("utf-8")))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as failure:
        raise DataError(f"the model manifest cannot be read: {failure}", path.name) from failure
    except ValidationError as wrong:
        first = wrong.errors(include_url=False)[0]
        place = ".".join(str(step) for step in first["loc"])
        raise DataError(f"{place}: {first['msg']}", path.name) from wrong


@dataclass(frozen=True)
class ModelsFolder:
    """The folder that holds the model files, with a small stamp beside each that was verified."""

    folder: Path
    downloaders: Downloaders = field(default_factory=Downloaders)

    def path(self, model: PinnedModel) -> Path:
        """Where the file belongs, be it there or not."""
        return self.folder / model.file

    def is_verified(self, model: PinnedModel) -> bool:
        """Whether the file is there and has not changed since its hash was found right; reads no weights."""
        try:
            seen = self.path(model).stat()
            stamp = _Stamp.model_validate_json(self._stamp_path(model).read_bytes())
        except (OSError, ValidationError):
            return False
        return stamp == _Stamp(size_bytes=seen.st_size, modified_ns=seen.st_mtime_ns, sha256=model.sha256)

    def verify(self, model: PinnedModel, progress: Progress = no_progress) -> Path:
        """Hash the file again and return its path. Raises OperatorError when it is missing or not the pinned one."""
        path = self.path(model)
        try:
            before = path.stat()
            sha256 = _hash_file(path, progress)
            if before.st_size != model.size_bytes or sha256 != model.sha256:
                self._stamp_path(model).unlink(missing_ok=True)
                raise OperatorError(f"{path.name} is not the pinned file: run `walkiosk models pull {model.key}`.")
            self._write_stamp(model, before.st_mtime_ns)
        except FileNotFoundError as missing:
            raise OperatorError(
                f"The model file {path.name} is missing: run `walkiosk models pull {model.key}`."
            ) from missing
        except OSError as failure:
            raise OperatorError(f"{path.name} cannot be checked: {failure.strerror}.") from failure
        return path

    def ensure_verified(self, model: PinnedModel, progress: Progress = no_progress) -> Path:
        """Return the path of the verified file, hashing it only if it changed. Raises OperatorError."""
        return self.path(model) if self.is_verified(model) else self.verify(model, progress)

    def pull(self, model: PinnedModel, progress: Progress = no_progress) -> Path:
        """Return the path of the verified file, fetching it from its sources where needed.

        Blocks while another process pulls the same file. An interrupted pull goes on where it stopped.
        Raises OperatorError with the reason of each source that failed.
        """
        if self.is_verified(model):
            return self.path(model)
        try:
            path = self.path(model)
            path.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(path.with_name(f".{path.name}.lock")):
                return self._pull_locked(model, progress)
        except OSError as failure:
            raise OperatorError(f"{model.file} cannot be stored in {self.folder}: {failure.strerror}.") from failure

    def _pull_locked(self, model: PinnedModel, progress: Progress) -> Path:
        path = self.path(model)
        if path.exists() and path.stat().st_size == model.size_bytes:
            try:
                return self.ensure_verified(model, progress)
            except OperatorError:
                path.unlink()  # damaged: fetch it anew
        parts_dir = path.with_name(f".{path.name}.{model.sha256[:12]}.parts")
        parts_dir.mkdir(exist_ok=True)
        self._check_space(model, parts_dir)
        self._assemble(model, self._fetch_from_first(model, parts_dir, progress), parts_dir)
        shutil.rmtree(parts_dir)
        return path

    def _check_space(self, model: PinnedModel, parts_dir: Path) -> None:
        """Parts and the file made of them lie side by side for a moment."""
        present_bytes = sum(part.stat().st_size for part in parts_dir.rglob("*") if part.is_file())
        needed_bytes = 2 * model.size_bytes - present_bytes + SPARE_BYTES
        free_bytes = shutil.disk_usage(parts_dir).free
        if free_bytes < needed_bytes:
            raise OperatorError(
                f"{model.file} needs {_megabytes(needed_bytes)} MB free in {self.folder}; "
                f"there are {_megabytes(free_bytes)} MB."
            )

    def _fetch_from_first(self, model: PinnedModel, parts_dir: Path, progress: Progress) -> list[Path]:
        failures: list[str] = []
        for source in model.sources:
            try:
                return fetch(source, model.size_bytes, parts_dir, self.downloaders, progress)
            except SourceError as failure:
                if isinstance(failure, DamagedPartError):
                    _empty(parts_dir)
                failures.append(f"{describe(source)}: {failure}")
        raise OperatorError(f"No source gave {model.file}.\n" + "\n".join(f"- {failure}" for failure in failures))

    def _assemble(self, model: PinnedModel, parts: Iterable[Path], parts_dir: Path) -> None:
        """Join the parts, hashing on the way; the file appears whole and right or not at all.

        What hashes wrong is deleted with its parts: there is no telling which part is to blame.
        """
        joined = parts_dir / "joined"
        size_bytes, sha256 = _join(parts, joined)
        if size_bytes != model.size_bytes or sha256 != model.sha256:
            shutil.rmtree(parts_dir)
            raise OperatorError(
                f"What was fetched is not the pinned {model.file} "
                f"({size_bytes} bytes, SHA-256 {sha256[:12]}…; pinned {model.size_bytes}, {model.sha256[:12]}…). "
                "It was deleted."
            )
        joined.replace(self.path(model))
        self._write_stamp(model, self.path(model).stat().st_mtime_ns)

    def _stamp_path(self, model: PinnedModel) -> Path:
        return self.folder / f"{model.file}.verified.json"

    def _write_stamp(self, model: PinnedModel, modified_ns: int) -> None:
        """Without a stamp the file is hashed at every start; a folder we may only read is no reason to fail."""
        stamp = _Stamp(size_bytes=model.size_bytes, modified_ns=modified_ns, sha256=model.sha256)
        try:
            self._stamp_path(model).write_text(stamp.model_dump_json(), "utf-8")
        except PermissionError:
            return


def _join(parts: Iterable[Path], joined: Path) -> tuple[int, str]:
    digest, size_bytes = hashlib.sha256(), 0
    with joined.open("wb") as whole:
        for part in parts:
            with part.open("rb") as piece:
                while chunk := piece.read(CHUNK_BYTES):
                    digest.update(chunk)
                    size_bytes += whole.write(chunk)
        whole.flush()
        os.fsync(whole.fileno())
    return size_bytes, digest.hexdigest()


def _empty(parts_dir: Path) -> None:
    """Forget every part: one of them, maybe one fetched long ago, is not what it should be."""
    shutil.rmtree(parts_dir)
    parts_dir.mkdir()


def _hash_file(path: Path, progress: Progress) -> str:
    digest, bytes_done, bytes_total = hashlib.sha256(), 0, path.stat().st_size
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
            bytes_done += len(chunk)
            progress(bytes_done, bytes_total)
    return digest.hexdigest()


def _megabytes(size_bytes: int) -> int:
    return round(size_bytes / 1_000_000)
