"""The report for staff: only the right token opens it, only what the token is for is shown, and it is fenced in."""

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from agent.settings import Settings
from server.error_boundary import ErrorBoundary
from server.report_making import ReportRequest
from server.staff_page import KEPT_S, KeptPages, NotMade, ReportsBeside, Staff
from server.staff_tokens import StaffPass, StaffTokens, add_staff_token
from server.token_hashes import hash_token
from tests.server.browser import browser, needs_chromium
from tests.server.realtime_server import Clock, SmallTalkKiosk, served
from tools.errors import OperatorError
from tools.store_files import read_store
from tools.store_import import create_store

SMALL_STORE = Path(__file__).parent.parent / "tools" / "small_store"
OWNER, ONLY_K1, KIOSK = "owner's token", "token for K1", "token of a kiosk"
LISTED = f"ada={hash_token(OWNER)}, bo@K1={hash_token(ONLY_K1)}"


class Reports:
    """Makes pages of a line each; some take until they may go on, some cannot be made."""

    def __init__(self) -> None:
        self.asked: list[ReportRequest] = []
        self.may_go_on = asyncio.Event()
        self.may_go_on.set()

    async def __call__(self, request: ReportRequest) -> str:
        self.asked.append(request)
        await self.may_go_on.wait()
        if request.kiosk_id == "broken":
            raise NotMade("the process that makes the report died")
        if request.kiosk_id == "Z":
            raise OperatorError("there is no kiosk 'Z'")
        return f"<!DOCTYPE html><title>{request.kiosk_id or 'all'}</title><p>page {len(self.asked)}"


@asynccontextmanager
async def client(listed: str = LISTED, make: Reports | ReportsBeside | None = None) -> AsyncIterator[httpx.AsyncClient]:
    staff = Staff(StaffTokens(Path("none.csv"), listed), make or Reports())
    async with (
        served(SmallTalkKiosk(), tokens=f"K1={hash_token(KIOSK)}", staff=staff) as server,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{server.port}", trust_env=False, timeout=120) as http,
    ):
        yield http


def basic(token: str) -> dict[str, str]:
    return {"Authorization": f"Basic {base64.b64encode(f'ada:{token}'.encode()).decode()}"}


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def test_without_staff_tokens_there_is_no_page() -> None:
    async with client(listed="") as http:
        for headers in ({}, bearer("guess"), bearer(OWNER)):
            answer = await http.get("/staff/report", headers=headers)
            assert (answer.status_code, answer.content) == (404, b"")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer"},
        bearer("guess"),
        bearer(KIOSK),
        bearer(hash_token(OWNER)),
        basic(""),
        basic("guess"),
        basic(OWNER + "x"),
        {"Authorization": "Basic !!!"},
        {"Authorization": "Basic /w=="},
        {"Authorization": OWNER},
        bearer("x" * 5_000),
    ],
)
async def test_without_the_right_token_nothing_is_shown_or_made(headers: dict[str, str]) -> None:
    reports = Reports()
    async with client(make=reports) as http:
        answer = await http.get("/staff/report", headers=headers)
        assert (answer.status_code, answer.text) == (401, "a staff token is needed")
        assert answer.headers["www-authenticate"].startswith("Basic ")
        assert (await http.get(f"/staff/report?token={OWNER}")).status_code == 401
    assert reports.asked == []


@pytest.mark.parametrize("headers", [bearer(OWNER), basic(OWNER)])
async def test_the_right_token_shows_the_page_fenced_in(headers: dict[str, str]) -> None:
    async with client() as http:
        answer = await http.get("/staff/report", headers=headers)
    assert answer.status_code == 200
    assert "<title>all</title>" in answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    fence = answer.headers["content-security-policy"]
    assert "default-src 'none'" in fence
    assert "frame-ancestors 'none'" in fence
    assert "script-src" not in fence
    assert "unsafe" not in fence
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"


async def test_a_token_for_one_kiosk_shows_no_other() -> None:
    async with client() as http:
        own = await http.get("/staff/report", headers=bearer(ONLY_K1))
        assert "<title>K1</title>" in own.text
        other = await http.get("/staff/report?kiosk=K2", headers=bearer(ONLY_K1))
        assert (other.status_code, other.text) == (403, "this token is for the kiosk K1 only")
        anyone = await http.get("/staff/report?kiosk=K2", headers=bearer(OWNER))
        assert "<title>K2</title>" in anyone.text


@pytest.mark.parametrize(
    ("query", "status", "said"),
    [("kiosk=Z", 400, "there is no kiosk 'Z'"), ("kiosk=broken", 503, "died"), (f"since={'9' * 200}", 400, "too long")],
)
async def test_what_cannot_be_made_is_said_in_plain_text(query: str, status: int, said: str) -> None:
    async with client() as http:
        answer = await http.get(f"/staff/report?{query}", headers=bearer(OWNER))
    assert answer.status_code == status
    assert said in answer.text
    assert answer.headers["content-type"].startswith("text/plain")


async def test_a_staff_token_opens_no_talk() -> None:
    staff = Staff(StaffTokens(Path("none.csv"), LISTED), Reports())
    async with served(SmallTalkKiosk(), tokens=f"K1={hash_token(KIOSK)}", staff=staff) as server:
        with pytest.raises(Exception, match="401"):
            async with server.client(token=OWNER):
                pass
        async with server.client(token=KIOSK):
            pass


async def test_who_asks_at_once_waits_for_the_same_page_and_it_is_kept_for_a_while() -> None:
    reports, clock = Reports(), Clock()
    reports.may_go_on.clear()
    kept, wanted = KeptPages(reports, clock), ReportRequest()
    asking = [asyncio.create_task(kept.page(wanted)) for _ in range(5)]
    await asyncio.sleep(0)
    asking[0].cancel()
    reports.may_go_on.set()
    pages = set(await asyncio.gather(*asking[1:]))
    assert len(pages) == len(reports.asked) == 1
    clock.now_s += KEPT_S - 1
    assert {await kept.page(wanted)} == pages
    clock.now_s += 2
    assert {await kept.page(wanted)} != pages
    for _ in range(2):  # what failed is tried anew
        with pytest.raises(NotMade):
            await kept.page(ReportRequest(kiosk_id="broken"))
    assert len(reports.asked) == 4


async def test_many_pages_are_made_one_after_another_and_not_all_kept() -> None:
    reports, clock = Reports(), Clock()
    kept = KeptPages(reports, clock)
    for number in range(20):
        await kept.page(ReportRequest(kiosk_id=f"K{number}"))
    await kept.page(ReportRequest(kiosk_id="K19"))
    await kept.page(ReportRequest(kiosk_id="K0"))
    assert [request.kiosk_id for request in reports.asked] == [*(f"K{number}" for number in range(20)), "K0"]


@needs_chromium
async def test_a_real_report_is_made_beside_the_server_and_shown_in_a_browser(tmp_path: Path) -> None:
    create_store(tmp_path / "store.db", read_store(SMALL_STORE))
    settings = Settings().model_copy(update={"home": tmp_path, "database_override": tmp_path / "store.db"})
    async with client(make=ReportsBeside(settings)) as http, browser() as chromium:
        context = await chromium.new_context(
            viewport={"width": 375, "height": 812}, http_credentials={"username": "ada", "password": OWNER}
        )
        page = await context.new_page()
        problems: list[str] = []
        page.on("console", lambda message: problems.append(message.text))
        answer = await page.goto(f"{http.base_url}/staff/report", timeout=120_000)
        assert answer is not None
        assert answer.status == 200
        assert await page.inner_text("h1") == "Corner Goods"
        colour = await page.evaluate("getComputedStyle(document.querySelector('section')).borderRadius")
        assert colour == "12px"  # the fence lets the page's own style in
        assert problems == []
        await context.close()


def test_a_made_token_is_not_on_disk_and_is_for_whom_it_was_made(tmp_path: Path) -> None:
    path = tmp_path / "home" / "staff-tokens.csv"
    one, two = add_staff_token(path, "Ada", None), add_staff_token(path, "Bo", "K1")
    tokens = StaffTokens(path, LISTED)
    assert len(tokens) == 4
    found = [tokens.pass_of(token) for token in (one, two, ONLY_K1, one[:-1], "")]
    assert found == [StaffPass("Ada", None), StaffPass("Bo", "K1"), StaffPass("bo", "K1"), None, None]
    assert one not in path.read_text()
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("listed", ["ada", "ada=abc", f"={hash_token('t')}", f"ada@={hash_token('t')}"])
def test_a_list_that_makes_no_sense_is_refused(tmp_path: Path, listed: str) -> None:
    with pytest.raises(OperatorError, match="WALKIOSK_SERVE_STAFF_TOKENS"):
        StaffTokens(tmp_path / "none", listed)


def test_a_file_that_makes_no_sense_is_refused(tmp_path: Path) -> None:
    (tmp_path / "staff-tokens.csv").write_text("name,kiosk_id,token_hash\nAda,,secret\n", encoding="utf-8")
    with pytest.raises(OperatorError, match="staff-token"):
        StaffTokens(tmp_path / "staff-tokens.csv", "")


def test_the_command_prints_the_token_and_nothing_else(own_home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from server.cli import app

    assert ErrorBoundary().run(app, "walkiosk", ["serve", "staff-token", "Ada", "--kiosk", "K1"]) == 0
    made = capsys.readouterr().out.strip()
    assert StaffTokens(own_home / "staff-tokens.csv", "").pass_of(made) == StaffPass("Ada", "K1")
