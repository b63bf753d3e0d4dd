"""Two servers of one shop as real processes: one is stopped or killed in the middle of a purchase, which ends once."""

import signal
from contextlib import suppress

import pytest
from two_servers import TwoServers
from websockets.exceptions import ConnectionClosed

from tests.server.realtime_server import Client

pytestmark = pytest.mark.chaos


def told(client: Client) -> str:
    """What the kiosk has said."""
    return " ".join(event["text"] for event in client.of("kiosk.caption") if event["role"] == "kiosk")


async def test_a_purchase_ends_once_whatever_becomes_of_its_server(two_servers: TwoServers) -> None:
    shop, first, second = two_servers, two_servers.first, two_servers.second
    async with first.client() as client:
        session = await shop.hold_umbrella(client)
        await first.end(signal.SIGKILL)
        with suppress(ConnectionClosed):
            while True:
                await client.next()
        after = client.events[-1]["event_id"]
    shop.terminal.may_pay.set()
    async with second.client(session, after) as client:
        await client.until("response.done")
        assert "Paid: $" in told(client)
        assert client.of("kiosk.checkout")[-1]["stage"] == "closed"
    assert shop.sold() == ["closed"]

    await first.start()
    async with second.client() as client:
        session = await shop.hold_umbrella(client)
        assert second.process is not None
        second.process.send_signal(signal.SIGTERM)
        shop.terminal.may_pay.set()
        done = await client.until("response.done")
        assert done["response"]["status"] == "completed"
        assert "Paid: $" in told(client)
        await client.until("kiosk.reconnect")
        assert await client.closed() == 1012
        after = client.events[-1]["event_id"]
    assert await second.end(signal.SIGTERM) == 0
    async with first.client(session, after) as client:
        assert (await client.until("kiosk.resumed"))["is_complete"]
        assert (await client.say("show me hats"))["response"]["status"] == "completed"
    assert shop.sold() == ["closed", "closed"]
