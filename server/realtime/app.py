"""The web application: requests come in, the page, the websocket of a talk or the state of the server goes out."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from fastapi import FastAPI, Response, WebSocket
from fastapi.telemetry import TelemetryConfig
from starlette.responses import JSONResponse

from agent.observation import ConnectionRefused
from server.kiosk_tokens import KioskTokens
from server.page import add_page
from server.realtime.connection import Connection
from server.realtime.problems import POLICY, ProtocolError
from server.realtime.roles import TalkKiosk
from server.realtime.server_events import ErrorDetail, ErrorEvent
from server.realtime.talks import Seat, Talks
from server.server_settings import ServerSettings
from server.staff_page import Staff, add_staff_page
from tools.errors import OperatorError

PROTOCOL = "realtime"
TOKEN_PROTOCOL = "openai-insecure-api-key."  # noqa: S105  how browsers, which can set no header, send a token
RESUME_PROTOCOL = "walkiosk-resume."
NO_TELEMETRY: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False, "auto_configure": False}
"""What FastAPI itself would export holds addresses, with the customer's id in them, and texts of errors."""
LOOPBACK = {"localhost", "127.0.0.1", "::1"}


@dataclass(frozen=True)
class Service:
    """What the application serves."""

    kiosk: TalkKiosk
    talks: Talks
    tokens: KioskTokens
    settings: ServerSettings
    now_s: Callable[[], float]
    is_spoken: bool
    staff: Staff | None = None
    """Who may read the morning report; nobody for None."""


class Refused(Exception):
    """A connection that is not taken: the status and reason of the HTTP response."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status, self.reason = status, reason


def create_app(service: Service) -> FastAPI:
    """The application over a service."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        sweeping = asyncio.create_task(service.talks.keep_sweeping())
        yield
        sweeping.cancel()
        await service.talks.drain()

    app = FastAPI(title="WalKiosk", openapi_url=None, lifespan=lifespan, telemetry=NO_TELEMETRY)

    @app.get("/healthz")
    async def healthz() -> dict[str, str]:
        """The process runs."""
        return {"status": "ok"}

    @app.get("/readyz")
    async def readyz(response: Response) -> dict[str, bool | str]:
        """Whether a customer would be served now, and which part is missing if not."""
        parts = {**await service.kiosk.readiness(), "accepting": not service.talks.is_draining}
        if not all(parts.values()):
            response.status_code = 503
        return {**parts, "speech": "on" if service.is_spoken else "off"}

    @app.websocket("/v1/realtime")
    async def realtime(websocket: WebSocket) -> None:
        """A talk."""
        try:
            kiosk_id = admitted(service, websocket)
        except Refused as refusal:
            service.kiosk.observe(ConnectionRefused(str(refusal.status)))
            body = {"error": {"type": "invalid_request_error", "message": refusal.reason}}
            await websocket.send_denial_response(JSONResponse(body, refusal.status))
            return
        await websocket.accept(PROTOCOL if PROTOCOL in websocket.scope["subprotocols"] else None)
        try:
            seat, number = await seat_for(service, websocket, kiosk_id)
        except (ProtocolError, OperatorError) as problem:
            service.kiosk.observe(
                ConnectionRefused(problem.code if isinstance(problem, ProtocolError) else "no_session")
            )
            await refuse(websocket, problem)
            return
        await Connection(websocket, seat, service.settings, service.now_s).run(number)

    add_staff_page(app, service.staff, service.now_s)
    add_page(app)
    return app


def admitted(service: Service, websocket: WebSocket) -> str | None:
    """The kiosk that the client may speak for, None for any; Refused for a client that may not come in."""
    if service.talks.is_draining:
        raise Refused(503, "the server is shutting down")
    host = (urlsplit(f"//{websocket.headers.get('host', '')}").hostname or "").lower()
    origin = websocket.headers.get("origin")
    if origin is not None and origin not in service.settings.origins and not _is_own(origin, websocket):
        raise Refused(403, "pages of this origin may not connect")
    if not len(service.tokens):
        # A page elsewhere could reach this machine under a name of its own choice.
        if host not in LOOPBACK:
            raise Refused(403, "without kiosk tokens only this machine is served")
        return websocket.query_params.get("kiosk")
    kiosk_id = service.tokens.kiosk_of(_token(websocket))
    if kiosk_id is None:
        raise Refused(401, "a kiosk's token is needed")
    return kiosk_id


async def seat_for(service: Service, websocket: WebSocket, kiosk_id: str | None) -> tuple[Seat, int]:
    """The talk to go on with, or a new one, and the number of its first frame to send."""
    query = websocket.query_params
    if (resume_token := _offered(websocket, RESUME_PROTOCOL)) is not None:
        return await service.talks.resume(resume_token, kiosk_id, query.get("after"))
    seat = await service.talks.begin(kiosk_id, query.get("customer"), query.get("language"))
    return seat, seat.talk.outbox.first


async def refuse(websocket: WebSocket, problem: ProtocolError | OperatorError) -> None:
    """Say why there is no talk, and close."""
    if isinstance(problem, ProtocolError):
        detail = ErrorDetail(type="invalid_request_error", code=problem.code, message=problem.message)
        code = problem.close_code
    else:
        detail = ErrorDetail(type="invalid_request_error", code="no_session", message=str(problem))
        code = POLICY
    await websocket.send_text(ErrorEvent(error=detail, event_id="event_0").model_dump_json())
    await websocket.close(code)


def _is_own(origin: str, websocket: WebSocket) -> bool:
    return urlsplit(origin).netloc.lower() == websocket.headers.get("host", "").lower()


def _token(websocket: WebSocket) -> str:
    scheme, _, token = websocket.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else _offered(websocket, TOKEN_PROTOCOL) or ""


def _offered(websocket: WebSocket, prefix: str) -> str | None:
    offered: list[str] = websocket.scope["subprotocols"]
    return next((name.removeprefix(prefix) for name in offered if name.startswith(prefix)), None)
