"""The morning report as a page for staff: a request with a staff token comes in, the page goes out, made beside the
server so that no customer waits for it.
"""

import asyncio
import base64
import binascii
import logging
import multiprocessing
import os
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor
from dataclasses import dataclass

from fastapi import FastAPI, Request, Response

from agent.settings import Settings
from server.report_making import LAST_WEEK, ReportRequest, make_page
from server.report_page.page import fence
from server.staff_tokens import StaffPass, StaffTokens
from tools.database import utc_now
from tools.errors import OperatorError, StoreError

log = logging.getLogger(__name__)

PATH = "/staff/report"
KEPT_S = 600.0
"""So long a page is shown again before it is made anew."""
MOST_KEPT = 8
MAKING_LIMIT_S = 900.0
MAX_QUERY_CHARACTERS = 100
NICENESS = 10
HEADERS = {
    "Content-Security-Policy": f"{fence()}; frame-ancestors 'none'",
    "Permissions-Policy": "microphone=(), camera=(), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
}
WHO = 'Basic realm="WalKiosk staff", charset="UTF-8"'

Make = Callable[[ReportRequest], Awaitable[str]]
"""Makes the page of a report. Raises OperatorError for what cannot be asked for."""


@dataclass(frozen=True)
class Staff:
    """Who may look, and what makes the pages."""

    tokens: StaffTokens
    make: Make


class NotMade(OperatorError):
    """A report that could be asked for and was not made all the same."""


class ReportsBeside:
    """Makes pages in a process of its own, one at a time, which gives way to the kiosks and ends with the page."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    async def __call__(self, request: ReportRequest) -> str:
        """See Make."""
        # Spawned, not forked: the server has threads and connections that a copy must not have.
        context = multiprocessing.get_context("spawn")
        pool = ProcessPoolExecutor(1, mp_context=context, initializer=os.nice, initargs=(NICENESS,))
        try:
            async with asyncio.timeout(MAKING_LIMIT_S):
                return await asyncio.get_running_loop().run_in_executor(pool, _made, self._settings, request)
        except BrokenExecutor as error:
            raise NotMade("the process that makes the report died; the log may say more") from error
        except TimeoutError as error:
            for process in multiprocessing.active_children():  # nothing else here makes any
                process.terminate()
            raise NotMade(f"the report was not ready after {MAKING_LIMIT_S:.0f} seconds") from error
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _made(settings: Settings, request: ReportRequest) -> str:
    return make_page(settings, settings.database, request, utc_now()).html


class KeptPages:
    """Pages by what was asked for, each made once at a time and shown again for some minutes."""

    def __init__(self, make: Make, now_s: Callable[[], float]) -> None:
        self._make, self._now_s = make, now_s
        self._pages: OrderedDict[ReportRequest, tuple[float, asyncio.Task[str]]] = OrderedDict()
        self._turn = asyncio.Lock()

    async def page(self, request: ReportRequest) -> str:
        """The page. OperatorError for what cannot be asked for; that is not kept."""
        made_s, task = self._pages.get(request, (0.0, None))
        is_old = self._now_s() - made_s > KEPT_S
        if task is None or (task.done() and (is_old or task.cancelled() or task.exception() is not None)):
            task = asyncio.create_task(self._one_at_a_time(request))
            self._pages[request] = (self._now_s(), task)
            self._forget()
        return await asyncio.shield(task)  # who goes away does not stop what others wait for

    async def _one_at_a_time(self, request: ReportRequest) -> str:
        async with self._turn:
            page = await self._make(request)
        self._pages[request] = (self._now_s(), self._pages[request][1])
        return page

    def _forget(self) -> None:
        for request in [request for request, (_, task) in self._pages.items() if task.done()]:
            if len(self._pages) <= MOST_KEPT:
                return
            del self._pages[request]

    @property
    def is_full(self) -> bool:
        """Whether so many pages are being made that nobody else should wait for one."""
        return sum(not task.done() for _, task in self._pages.values()) >= MOST_KEPT


def add_staff_page(app: FastAPI, staff: Staff | None, now_s: Callable[[], float]) -> None:
    """Serve the report; without a token there is no such page."""
    if staff is None or not len(staff.tokens):
        return
    kept = KeptPages(staff.make, now_s)

    @app.get(PATH)
    async def report(
        request: Request, since: str = LAST_WEEK, kiosk: str | None = None, language: str | None = None
    ) -> Response:
        """The page that is asked for, if the token allows it."""
        staff_pass = staff.tokens.pass_of(_token(request))
        if staff_pass is None:
            return _plain("a staff token is needed", 401, {"WWW-Authenticate": WHO})
        if any(len(text or "") > MAX_QUERY_CHARACTERS for text in (since, kiosk, language)):
            return _plain("that is too long", 400)
        wanted = _within(staff_pass, ReportRequest(since=since, kiosk_id=kiosk or None, language=language or None))
        if wanted is None:
            return _plain(f"this token is for the kiosk {staff_pass.kiosk_id} only", 403)
        if kept.is_full:
            return _plain("too many reports are being made; try again in a minute", 503, {"Retry-After": "60"})
        try:
            page = await kept.page(wanted)
        except (NotMade, StoreError) as error:
            log.error("the report was not made: %s", error)
            return _plain(str(error), 503)
        except OperatorError as error:
            return _plain(str(error), 400)
        return Response(page, media_type="text/html; charset=utf-8", headers=HEADERS)


def _within(staff_pass: StaffPass, wanted: ReportRequest) -> ReportRequest | None:
    """What is asked for, of the token's own kiosk if none is named; None where that is beyond the token."""
    if wanted.kiosk_id is None and staff_pass.kiosk_id is not None:
        return wanted.model_copy(update={"kiosk_id": staff_pass.kiosk_id})
    return wanted if staff_pass.allows(wanted.kiosk_id) else None


def _token(request: Request) -> str:
    """The token of a Bearer header, or the password of a Basic one, which browsers ask for; empty without either."""
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return given.strip()
    if scheme.lower() != "basic":
        return ""
    try:
        decoded = base64.b64decode(given.strip(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""
    return decoded.partition(":")[2]


def _plain(text: str, status: int, headers: dict[str, str] | None = None) -> Response:
    return Response(text, status, {**HEADERS, **(headers or {})}, "text/plain; charset=utf-8")
