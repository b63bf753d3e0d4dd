"""Small model servers for tests: they speak the OpenAI protocol, and each can have one fault."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from prompts.loading import load_checkup

RIGHT = {question.say: question.form for question in load_checkup("understand")}
TOKENS_KEPT = 500


@dataclass
class ModelBehaviour:
    """How a server answers. The default has no fault."""

    models: tuple[str, ...] = ("qwen3",)
    key: str = ""
    context: int | None = 8192
    path: str = "/v1"
    status: int = 200
    """Of every answer, when it is none of the good ones."""
    refusal: str = ""
    """The text of a refused chat, with status 400."""
    refuses_shapes: str = ""
    is_html: bool = False
    is_silent: bool = False
    ignores_shapes: bool = False
    thinks: str = ""
    """`tags`, `cut off` (tags that never close), `late tag` (only the closing one), `late tag cut off` (none yet),
    `field` (both of them) or one field's name; what is cut off, and `field only`, leaves no token for an answer."""
    streams: bool = True
    keeps_prompts: bool = True
    is_foolish: bool = False
    delay_s: float = 0.0
    chat_delay_s: float = 0.0
    skew_s: float = 0.0
    hangs_up: bool = False
    hangs_up_on_second: bool = False
    """When a second question comes on a connection, though it was offered to be kept."""
    content: str | None = None
    """What every chat is answered with."""
    asked: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])


class QuietServer(ThreadingHTTPServer):
    """Says nothing of clients that went away."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass


@contextmanager
def model_server(behaviour: ModelBehaviour) -> Iterator[str]:
    """The base URL of a server that runs until the end."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        answered = 0

        def log_message(self, *arguments: Any) -> None:
            """Nothing is to be seen in a test's output."""

        def date_time_string(self, timestamp: float | None = None) -> str:
            return formatdate((timestamp or time.time()) + behaviour.skew_s, usegmt=True)

        def do_GET(self) -> None:
            time.sleep(behaviour.delay_s)
            if self._is_let_in("/models"):
                entries = [
                    {"id": name, "object": "model", "max_model_len": behaviour.context} for name in behaviour.models
                ]
                self._send(200, {"object": "list", "data": entries})

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            behaviour.asked.append(body)
            time.sleep(behaviour.chat_delay_s)
            if behaviour.hangs_up or (behaviour.hangs_up_on_second and self.answered):
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)
            elif self._is_let_in("/chat/completions"):
                if behaviour.refusal or (behaviour.refuses_shapes and "response_format" in body):
                    self._send(400, {"error": {"message": behaviour.refusal or behaviour.refuses_shapes}})
                elif body["model"] not in behaviour.models:
                    self._send(404, {"error": {"message": "no such model"}})
                elif body.get("stream"):
                    self._stream(body)
                else:
                    self._send(200, _completion(behaviour, body))

        def _is_let_in(self, path: str) -> bool:
            if behaviour.is_html:
                self._send_text(200, "text/html", "<h1>It works!</h1>")
            elif behaviour.status != 200:
                self._send(behaviour.status, {"error": {"message": "not now"}})
            elif behaviour.key and self.headers["authorization"] != f"Bearer {behaviour.key}":
                self._send(401, {"error": {"message": "wrong key"}})
            elif self.path != behaviour.path + path:
                self._send(404, {"detail": "Not Found"})
            else:
                return True
            return False

        def _stream(self, body: dict[str, Any]) -> None:
            words = ["one", " two", " three", " four"] if behaviour.streams else ["one two three four"]
            lines = [json.dumps({"choices": [{"delta": {"content": word}}]}) for word in words]
            text = "".join(f"data: {line}\n\n" for line in [*lines, "[DONE]"])
            self._send_text(200, "text/event-stream", text)

        def _send(self, status: int, content: dict[str, Any]) -> None:
            self._send_text(status, "application/json", json.dumps(content))

        def _send_text(self, status: int, kind: str, text: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())
            self.answered += 1

    server = QuietServer(("127.0.0.1", 0), Handler)
    serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    serving.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        serving.join()


def _completion(behaviour: ModelBehaviour, body: dict[str, Any]) -> dict[str, Any]:
    said = str(body["messages"][-1]["content"])
    thought = f"The customer says {said}"
    content: str | None = _content(behaviour, body, said)
    if behaviour.thinks == "tags":
        content = f"<think>{thought}</think>\n\n{content}"
    elif behaviour.thinks == "late tag":
        content = f"{thought}</think>{content}"
    elif behaviour.thinks == "cut off":
        content = f"<think>{thought}, so"
    elif behaviour.thinks == "late tag cut off":
        content = f"{thought}, so"
    elif behaviour.thinks == "field only":
        content = None
    fields = {"reasoning", "reasoning_content"} if behaviour.thinks.startswith("field") else {behaviour.thinks}
    message = {
        "role": "assistant",
        "content": content,
        "reasoning": thought if "reasoning" in fields else None,
        "reasoning_content": thought if "reasoning_content" in fields else None,
    }
    ends = "length" if behaviour.thinks.endswith(("cut off", "only")) else "stop"
    usage: dict[str, Any] = {"prompt_tokens": 600, "completion_tokens": 9}
    has_read_it = sum(said[:40] in str(other["messages"][-1]["content"]) for other in behaviour.asked) > 1
    usage["prompt_tokens_details"] = {"cached_tokens": TOKENS_KEPT * (behaviour.keeps_prompts and has_read_it)}
    return {"id": "1", "object": "chat.completion", "created": 1, "model": body["model"], "usage": usage,
            "choices": [{"index": 0, "message": message, "finish_reason": ends}]}  # fmt: skip


def _content(behaviour: ModelBehaviour, body: dict[str, Any], said: str) -> str:
    if behaviour.content is not None:
        return behaviour.content
    if behaviour.is_silent:
        return ""
    wanted = body.get("response_format")
    if wanted is None or behaviour.ignores_shapes:
        return "Hello there."
    properties = wanted["json_schema"]["schema"]["properties"]
    form = RIGHT.get(said.split("] ", 1)[-1])
    if form is not None and "intent" in properties:
        return json.dumps({"intent": "chat"} if behaviour.is_foolish else form)
    return json.dumps({name: declared["enum"][0] if "enum" in declared else 1 for name, declared in properties.items()})
