"""The kiosk page's files: what may be fetched and how it is fenced in, and words for every language of the kiosk."""

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from prompts.language_packs import LANGUAGES
from server.page import WEB
from tests.server.realtime_server import SmallTalkKiosk, served

FILES = sorted(path.relative_to(WEB).as_posix() for path in WEB.rglob("*") if path.is_file())
TYPES = {"html": "text/html", "css": "text/css", "js": "text/javascript", "json": "application/json"}
SOURCES = {path.name: path.read_text(encoding="utf-8") for path in WEB.glob("*.*")}


@pytest_asyncio.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with (
        served(SmallTalkKiosk()) as server,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{server.port}", trust_env=False) as client,
    ):
        yield client


@pytest.mark.parametrize("path", ["", *FILES])
async def test_each_file_has_its_type_and_is_fenced_in(http: httpx.AsyncClient, path: str) -> None:
    answer = await http.get(f"/{path}")
    name = path or "index.html"
    assert answer.content == (WEB / name).read_bytes()
    assert answer.headers["content-type"].startswith(TYPES.get(name.rpartition(".")[2], "image/svg+xml"))
    fence = answer.headers["content-security-policy"]
    assert "default-src 'none'" in fence
    assert "unsafe" not in fence
    assert answer.headers["x-content-type-options"] == "nosniff"
    again = await http.get(f"/{path}", headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    "path",
    [
        "/../page.py",
        "/%2e%2e/page.py",
        "/..%2fpage.py",
        "/words/..%2f..%2fpage.py",
        "//etc/passwd",
        "/%2fetc%2fpasswd",
        "/words",
        "/words/",
        "/..\\page.py",
        "/%00",
        "/main.js%00.html",
        "/index.html/",
    ],
)
async def test_nothing_else_can_be_fetched(http: httpx.AsyncClient, path: str) -> None:
    """Sent as it is written: clients tidy paths up."""
    url = httpx.URL(str(http.base_url)).copy_with(raw_path=path.encode())
    answer = await http.send(http.build_request("GET", url))
    assert (answer.status_code, answer.content) == (404, b"")


async def test_a_page_can_only_be_read(http: httpx.AsyncClient) -> None:
    assert (await http.post("/")).status_code == 405
    assert (await http.head("/")).content == b""


async def test_the_state_of_the_server_is_no_file(http: httpx.AsyncClient) -> None:
    assert (await http.get("/healthz")).json() == {"status": "ok"}


def test_every_language_of_the_kiosk_has_the_same_words() -> None:
    english = json.loads((WEB / "words" / "en.json").read_text(encoding="utf-8"))
    codes = {path.stem for path in LANGUAGES.glob("*.yaml")}
    assert {path.stem for path in (WEB / "words").iterdir()} == codes
    for code in codes:
        words = json.loads((WEB / "words" / f"{code}.json").read_text(encoding="utf-8"))
        assert list(words) == list(english), code
        for name, text in words.items():
            assert text.strip(), (code, name)
            assert sorted(re.findall(r"\{\w+\}", text)) == sorted(re.findall(r"\{\w+\}", english[name])), (code, name)


def test_the_page_uses_each_word_and_no_other() -> None:
    english = json.loads((WEB / "words" / "en.json").read_text(encoding="utf-8"))
    source = "".join(SOURCES.values())
    built = {f"{stem}_{end}" for stem in ("microphone", "stage") for end in re.findall(r'"(\w+)"', source)}
    named = set(re.findall(r'"(\w+)"', source)) | built
    assert set(english) - named == set()
    asked = set(re.findall(r'words\.get\("(\w+)"', source)) | set(re.findall(r'data-word[a-z-]*="(\w+)"', source))
    assert asked - set(english) == set()


@pytest.mark.parametrize("name", sorted(SOURCES))
def test_the_page_takes_nothing_from_elsewhere_and_makes_no_markup_of_text(name: str) -> None:
    assert not re.search(r"innerHTML|outerHTML|insertAdjacent|document\.write|eval\(", SOURCES[name])
    assert not re.search(r"localStorage|sessionStorage|indexedDB|document\.cookie", SOURCES[name])
    addresses = set(re.findall(r"https?://[a-z][^\s\"'`)]*", SOURCES[name]))
    assert addresses <= {"http://www.w3.org/2000/svg"}


def test_the_page_is_part_of_the_package() -> None:
    project = (Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8")
    assert re.search(r'^server = \[.*"web/\*\*/\*"\]$', project, re.MULTILINE)
