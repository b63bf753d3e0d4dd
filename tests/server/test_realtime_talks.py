"""Sessions beyond one connection: resuming, taking over, idle and left customers, and an orderly end."""

import asyncio
import json
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus

from server.server_settings import ServerSettings
from tests.server.realtime_server import Client, Clock, Served, SmallTalkKiosk, served
from tests.server.realtime_voice import small_voice


@pytest.fixture
def kiosk() -> SmallTalkKiosk:
    return SmallTalkKiosk()


async def greeted(client: Client) -> dict[str, Any]:
    return await client.until("kiosk.session")


def back(session: dict[str, Any]) -> list[str]:
    """The subprotocol that brings a session back."""
    return [f"walkiosk-resume.{session['resume_token']}"]


async def test_a_dropped_session_goes_on_where_the_client_left_off(kiosk: SmallTalkKiosk) -> None:
    async with served(kiosk, clock=Clock()) as server:
        async with server.client() as client:
            session = await greeted(client)
            await client.say("shoes")
            last = client.events[-1]["event_id"]
            text = [{"type": "input_text", "text": "dawdle"}]
            await client.send("conversation.item.create", item={"type": "message", "role": "user", "content": text})
            await client.send("response.create")
            await kiosk.is_dawdling.wait()
            client.websocket.transport.abort()  # type: ignore[attr-defined]
        await server.lost_client()
        kiosk.may_go_on.set()
        async with server.client(f"after={last}", protocols=back(session)) as client:
            done = (await client.until("response.done"))["response"]
            assert done["status"] == "completed"
            assert client.events[0]["event_id"] == f"event_{int(last.removeprefix('event_')) + 1}"
            if not client.of("kiosk.resumed"):
                await client.until("kiosk.resumed")
            assert client.of("kiosk.resumed")[0]["is_complete"]
            await client.say("boots")
        assert [session.heard for session in kiosk.sessions] == [["shoes", "dawdle", "boots"]]


async def test_a_session_that_lost_events_says_so(kiosk: SmallTalkKiosk) -> None:
    async with served(kiosk, clock=Clock(), settings=ServerSettings(max_waiting_bytes=64 * 1024)) as server:
        async with server.client() as client:
            session = await greeted(client)
            for _ in range(20):
                await client.say("shoes " * 100)
        await server.lost_client()
        for query in ("after=event_1", "after=nonsense", "after=event_99999999999", ""):
            async with server.client(query, protocols=back(session)) as client:
                assert not (await client.until("kiosk.resumed"))["is_complete"]
                assert client.events[0]["event_id"] != "event_1"
            await server.lost_client()


async def test_who_comes_with_the_secret_takes_over(kiosk: SmallTalkKiosk) -> None:
    async with served(kiosk) as server, server.client() as first:
        session = await greeted(first)
        await first.say("shoes")
        async with server.client(protocols=back(session)) as second:
            assert await first.closed() == 4001
            await second.until("kiosk.resumed")
            assert (await second.say("boots"))["response"]["status"] == "completed"
        assert len(server.talks) == 1


async def test_nothing_else_resumes_a_session(kiosk: SmallTalkKiosk) -> None:
    async with served(kiosk) as server, server.client() as client:
        session = await greeted(client)
        for token in ("x", "", session["session_id"], session["resume_token"][:-1]):
            async with server.client(protocols=[f"walkiosk-resume.{token}x"]) as other:
                assert (await other.error())["code"] == "cannot_resume"
                assert await other.closed() == 1000
        assert (await client.say("still here"))["response"]["status"] == "completed"


async def test_after_a_while_a_lost_customer_has_left(kiosk: SmallTalkKiosk) -> None:
    clock = Clock()
    async with served(kiosk, clock=clock) as server:
        async with server.client() as client:
            session = await greeted(client)
            await client.say("shoes")
        await server.lost_client()
        clock.now_s += 59
        await server.sweep()
        assert not kiosk.sessions[0].is_closed
        clock.now_s += 2
        await server.sweep()
        assert kiosk.sessions[0].is_closed
        async with server.client(protocols=back(session)) as client:
            assert (await client.error())["code"] == "cannot_resume"


async def test_who_never_said_a_word_is_not_waited_for(kiosk: SmallTalkKiosk) -> None:
    clock = Clock()
    async with served(kiosk, clock=clock) as server:
        async with server.client() as client:
            await greeted(client)
            clock.now_s += 100_000  # nobody has come yet: that is no idleness
            await server.sweep()
            assert not kiosk.sessions[0].is_closed
        await server.lost_client()
        await server.sweep()
        assert kiosk.sessions[0].is_closed


@pytest.mark.parametrize("is_connected", [True, False])
async def test_a_customer_who_says_nothing_any_more_has_left(kiosk: SmallTalkKiosk, is_connected: bool) -> None:
    clock = Clock()
    async with served(kiosk, clock=clock, idle_s=30) as server, server.client() as client:
        await client.say("shoes")
        if not is_connected:
            await client.websocket.close()
            await server.lost_client()
        clock.now_s += 29
        await server.sweep()
        assert not kiosk.sessions[0].is_closed
        clock.now_s += 2
        await server.sweep()
        assert kiosk.sessions[0].is_closed
        if is_connected:
            assert await client.closed() == 1000
            assert client.of("kiosk.session_ended")[0]["reason"] == "idle"


async def test_while_the_kiosk_speaks_nobody_is_idle(kiosk: SmallTalkKiosk) -> None:
    clock = Clock()
    voice, _, speaker = small_voice()
    speaker.pieces = 1
    async with served(kiosk, voice, clock=clock, idle_s=30) as server, server.client() as client:
        text = [{"type": "input_text", "text": "shoes"}]
        await client.send("conversation.item.create", item={"type": "message", "role": "user", "content": text})
        await client.send("response.create")
        await client.until("response.output_audio.delta")
        clock.now_s += 1_000
        await server.sweep()
        assert not kiosk.sessions[0].is_closed


async def test_a_session_does_not_last_for_ever(kiosk: SmallTalkKiosk) -> None:
    clock = Clock()
    async with (
        served(kiosk, clock=clock, settings=ServerSettings(max_session_s=100), idle_s=0) as server,
        server.client() as client,
    ):
        await client.say("shoes")
        clock.now_s += 101
        await server.sweep()
        assert await client.closed() == 1000
        assert client.of("kiosk.session_ended")[0]["reason"] == "too_long"


@pytest.mark.parametrize(("last", "reason"), [("goodbye", "goodbye"), ("", "left")])
async def test_a_customer_who_leaves_ends_the_session(kiosk: SmallTalkKiosk, last: str, reason: str) -> None:
    async with served(kiosk) as server, server.client() as client:
        await client.say("shoes")
        kiosk.sessions[0].missed = ("Your goods are in slot A05.",)
        if last:
            await client.say(last)
        else:
            await client.send("kiosk.session.end")
        assert await client.closed() == 1000
        assert client.of("kiosk.session_ended")[0]["reason"] == reason
        assert client.of("kiosk.caption")[-1]["text"] == "Your goods are in slot A05."
        assert kiosk.sessions[0].is_closed
        assert len(server.talks) == 0


async def test_a_server_that_stops_ends_its_sessions_and_takes_nobody_in(kiosk: SmallTalkKiosk) -> None:
    async with served(kiosk) as server, server.client() as client:
        await client.say("shoes")
        await server.talks.drain()
        assert await client.closed() == 1012
        assert client.of("kiosk.session_ended")[0]["reason"] == "shutdown"
        with pytest.raises(InvalidStatus) as refused:
            async with server.client():
                pass
        assert refused.value.response.status_code == 503
        status, body = await get(server, "/readyz")
        assert (status, body["accepting"]) == (503, False)


async def get(server: Served, path: str) -> tuple[int, dict[str, Any]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
    head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    writer.close()
    return int(head.split()[1]), json.loads(body)


async def test_health_and_readiness(kiosk: SmallTalkKiosk) -> None:
    async with served(kiosk) as server:
        assert await get(server, "/healthz") == (200, {"status": "ok"})
        ready = {"model": True, "database": True, "graph": True, "accepting": True, "speech": "off"}
        assert await get(server, "/readyz") == (200, ready)
        kiosk.parts["model"] = False
        assert await get(server, "/readyz") == (503, {**ready, "model": False})


async def test_many_sessions_do_not_mix(kiosk: SmallTalkKiosk) -> None:
    async with served(kiosk) as server:

        async def talk(number: int) -> None:
            async with server.client() as client:
                for turn in range(3):
                    done = await client.say(f"customer {number} turn {turn}")
                    said = done["response"]["output"][-1]["content"][0]["text"]
                    assert said.startswith(f"You said customer {number} turn {turn}.")

        await asyncio.gather(*(talk(number) for number in range(20)))
        assert len({session.session_id for session in kiosk.sessions}) == 20
