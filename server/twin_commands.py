"""`walkiosk twin`: a simulated payment terminal or dispenser runs as a process of its own and listens on loopback."""

import asyncio
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from tools.devices.twin import PASS, DispenserTwin, LinkFault, PaymentTwin, TwinDevice, TwinServer
from tools.dispenser import DispenseFault
from tools.errors import OperatorError
from tools.payment import PaymentFault

app = typer.Typer(help="Run a simulated payment terminal or dispenser as a process of its own.", no_args_is_help=True)


Journal = Annotated[Path, typer.Option(help="Where it writes down what it did; made if missing.")]
Port = Annotated[int, typer.Option(min=0, max=65_535, help="The port on 127.0.0.1; a free one for 0.")]
SlowSeconds = Annotated[float, typer.Option(min=0, help="How long a slow operation waits before it takes effect.")]
Faults = typer.Option("--fault", help=f"How the next operation fails; may be given again, {PASS!r} lets one pass.")


@app.command()
def payment(
    journal: Journal,
    port: Port = 0,
    fault: Annotated[list[str] | None, Faults] = None,
    slow_s: SlowSeconds = 3.0,
) -> None:
    """A card terminal that approves everything but what its faults say."""
    _run(PaymentTwin(journal), port, _known(fault, [*PaymentFault, *LinkFault]), slow_s)


@app.command()
def dispenser(
    journal: Journal,
    port: Port = 0,
    fault: Annotated[list[str] | None, Faults] = None,
    slow_s: SlowSeconds = 3.0,
    wrong_sku: Annotated[str, typer.Option(help="What comes out in a wrong item's place; unknown if left out.")] = "",
) -> None:
    """A machine that drops everything but what its faults say."""
    _run(DispenserTwin(journal, wrong_sku), port, _known(fault, [*DispenseFault, *LinkFault]), slow_s)


def _known(given: list[str] | None, faults: list[StrEnum]) -> list[str]:
    names = [PASS, *faults]
    for name in given or []:
        if name not in names:
            raise typer.BadParameter(f"{name!r} is none of {', '.join(names)}")
    return given or []


def _run(device: TwinDevice, port: int, faults: list[str], slow_s: float) -> None:
    async def serve() -> None:
        twin = TwinServer(device, slow_s)
        twin.script(faults)
        try:
            server = await twin.listen(port)
        except OSError as error:
            raise OperatorError(f"nothing can listen on port {port}: {error.strerror}") from error
        typer.echo("listening on {}:{}".format(*server.sockets[0].getsockname()[:2]))
        async with server:
            await server.serve_forever()

    asyncio.run(serve())
