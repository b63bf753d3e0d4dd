"""The `walkiosk serve` commands: serve sessions over a websocket, and make tokens for kiosks."""

import importlib.util
import logging
import shutil
import sys
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from agent.settings import Settings
from server.chat_roles import Notice
from server.error_boundary import ErrorBoundary
from server.kiosk_tokens import add_token
from server.server_settings import ServerSettings
from server.terminal_text import neutral
from tools.errors import OperatorError
from tools.models import load_manifest

if TYPE_CHECKING:
    from server.serving import OpenVoice

log = logging.getLogger(__name__)

app = typer.Typer(
    help="Serve sessions over a websocket, by voice and text.", invoke_without_command=True, no_args_is_help=False
)


@app.callback()
def serve(
    context: typer.Context,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65_535, help="The port; a free one for 0.")] = 8000,
    small: Annotated[bool, typer.Option("--small", help="Use the small dialogue model.")] = False,
    voice: Annotated[
        bool | None,
        typer.Option("--voice/--no-voice", help="By voice too, or by text only; by voice if it is installed."),
    ] = None,
) -> None:
    """Serve sessions over a websocket, by voice and text; see server/README.md."""
    if context.invoked_subcommand is not None:
        return
    if importlib.util.find_spec("uvicorn") is None or importlib.util.find_spec("fastapi") is None:
        raise OperatorError("serving needs the extra `server`: pip install 'walkiosk[server]'")
    from agent.bootstrap import open_kiosk
    from server import serving
    from server.watching.opening import open_watchers

    settings, server_settings = Settings(small=True) if small else Settings(), ServerSettings()
    is_json = server_settings.log_format == "json"
    context.ensure_object(ErrorBoundary).log_to(settings.home, on_stderr=True, as_json=is_json)
    notice = log.info if is_json else _tell
    open_voice = None if voice is False else _voice(settings, voice is True, notice)
    with open_watchers(server_settings) as observe:
        opening = partial(open_kiosk, observe=observe)
        serving.run(serving.serve(settings, server_settings, host, port, notice, opening, open_voice))


def _tell(text: str) -> None:
    print(neutral(text), file=sys.stderr, flush=True)


def _voice(settings: Settings, is_wanted: bool, notice: Notice) -> "OpenVoice | None":
    """What opens the voice; None, said with the reason, where it is not installed. OperatorError if it is wanted."""
    if lacking := _lacking_for_voice(settings):
        if is_wanted:
            raise OperatorError(lacking)
        notice(f"by text only: {lacking}")
        return None
    from server.speech import open_voice

    return open_voice


def _lacking_for_voice(settings: Settings) -> str | None:
    """What must be installed before the kiosk can hear and speak."""
    if any(importlib.util.find_spec(name) is None for name in ("faster_whisper", "onnxruntime", "soxr")):
        return "speech needs the extra `voice`: pip install 'walkiosk[voice]'"
    if any(not (settings.models_dir / model.file).is_file() for model in load_manifest().group("voice")):
        return "speech needs its models: walkiosk models pull --voice"
    if shutil.which("espeak-ng") is None:
        return "speech needs the program espeak-ng: apt-get install espeak-ng"
    return None


@app.command()
def token(kiosk: Annotated[str, typer.Argument(metavar="KIOSK", help="The machine that will send it.")]) -> None:
    """Make a token for a kiosk and print it, once; only its hash is kept."""
    from server.kiosk_tokens import tokens_file

    path = tokens_file(Settings().home, ServerSettings().tokens_file)
    made = add_token(path, kiosk)
    typer.echo(f"Its hash is kept in {path}; the server must be started anew. The token:", err=True)
    typer.echo(made)


@app.command("staff-token")
def staff_token(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Who will read the morning report with it.")],
    kiosk: Annotated[
        str | None, typer.Option(metavar="ID", help="Only this machine's report.", show_default="all")
    ] = None,
) -> None:
    """Make a token for staff to read the morning report with, and print it, once; only its hash is kept."""
    from server.staff_tokens import add_staff_token, staff_tokens_file

    name = " ".join(name.split())
    if not name or neutral(name) != name:
        raise typer.BadParameter("give a name in plain letters", param_hint="NAME")
    path = staff_tokens_file(Settings().home, ServerSettings().staff_tokens_file)
    made = add_staff_token(path, name, kiosk)
    typer.echo(f"Its hash is kept in {path}; the server must be started anew. The token:", err=True)
    typer.echo(made)
