"""The `walkiosk serve` commands: serve sessions over a websocket, and make tokens for kiosks."""

import asyncio
import importlib.util
import sys
from typing import Annotated

import typer

from agent.settings import Settings
from server.error_boundary import ErrorBoundary
from server.kiosk_tokens import add_token
from server.server_settings import ServerSettings
from server.terminal_text import neutral
from tools.errors import OperatorError

app = typer.Typer(
    help="Serve sessions over a websocket, by voice and text.", invoke_without_command=True, no_args_is_help=False
)


@app.callback()
def serve(
    context: typer.Context,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65_535, help="The port; a free one for 0.")] = 8000,
    small: Annotated[bool, typer.Option("--small", help="Use the small dialogue model.")] = False,
) -> None:
    """Serve sessions over a websocket, by voice and text; see server/README.md."""
    if context.invoked_subcommand is not None:
        return
    if importlib.util.find_spec("uvicorn") is None or importlib.util.find_spec("fastapi") is None:
        raise OperatorError("serving needs the extra `server`: pip install 'walkiosk[server]'")
    from agent.bootstrap import open_kiosk
    from server import serving

    settings = Settings(small=True) if small else Settings()
    context.ensure_object(ErrorBoundary).log_to(settings.home, on_stderr=True)
    asyncio.run(
        serving.serve(
            settings,
            ServerSettings(),
            host,
            port,
            lambda text: print(neutral(text), file=sys.stderr, flush=True),
            open_kiosk,
        )
    )


@app.command()
def token(kiosk: Annotated[str, typer.Argument(metavar="KIOSK", help="The machine that will send it.")]) -> None:
    """Make a token for a kiosk and print it, once; only its hash is kept."""
    from server.kiosk_tokens import tokens_file

    path = tokens_file(Settings().home, ServerSettings().tokens_file)
    made = add_token(path, kiosk)
    typer.echo(f"Its hash is kept in {path}; the server must be started anew. The token:", err=True)
    typer.echo(made)
