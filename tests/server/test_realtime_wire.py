"""The wire: whatever a client sends, an event comes back, and nobody else notices."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from websockets.exceptions import ConnectionClosed, InvalidStatus

from server.realtime.client_events import read_client_event
from server.realtime.problems import ProtocolError
from server.server_settings import ServerSettings
from server.token_hashes import hash_token
from tests.server.realtime_server import Client, Served, SmallTalkKiosk, served
from tests.server.realtime_voice import silence, small_voice, tone


@pytest.fixture
def kiosk() -> SmallTalkKiosk:
    return SmallTalkKiosk()


@pytest_asyncio.fixture
async def server(kiosk: SmallTalkKiosk) -> AsyncIterator[Served]:
    async with served(kiosk) as running:
        yield running


@pytest_asyncio.fixture
async def client(server: Served) -> AsyncIterator[Client]:
    async with server.client() as connected:
        await connected.until("kiosk.session")
        yield connected


async def test_a_typed_turn_is_a_response_with_everything_the_screen_needs(client: Client) -> None:
    done = (await client.say("black shoes"))["response"]
    await client.until("kiosk.latency")
    order = [event["type"] for event in client.events]
    assert order[:2] == ["session.created", "kiosk.session"]
    assert done["status"] == "completed"
    call, message = done["output"]
    assert (call["type"], call["name"], json.loads(call["arguments"])) == (
        "function_call",
        "search",
        {"text": "black shoes"},
    )
    said = "You said black shoes. Here are the shoes."
    assert message["content"][0]["text"] == said
    assert "".join(event["delta"] for event in client.of("response.output_text.delta")) == said
    [products], [cart], [checkout] = (client.of(f"kiosk.{name}") for name in ("products", "cart", "checkout"))
    assert products["products"][0]["price_minor"] == 8_996
    assert cart["lines"][0]["quantity"] == 2
    assert (checkout["stage"], checkout["order_id"]) == ("reserved", "ORDER1")
    [proof] = client.of("kiosk.proof")
    assert [node["id"] for node in proof["nodes"]] == ["p", "f", "s"]
    assert proof["edges"][0] == {"source": "p", "relation": "acted_in", "target": "f"}
    assert [caption["role"] for caption in client.of("kiosk.caption")] == ["customer", "kiosk", "kiosk"]
    outputs = [event["item"] for event in client.of("conversation.item.added")]
    assert {"function_call_output"} <= {item["type"] for item in outputs}


async def test_what_is_shown_already_is_not_sent_again(client: Client) -> None:
    await client.say("shoes")
    await client.say("shoes")
    assert len(client.of("kiosk.cart")) == len(client.of("kiosk.checkout")) == 1


async def test_event_ids_are_in_order_and_responses_do_not_mix(client: Client) -> None:
    for text in ("one", "two"):
        await client.say(text)
    assert [event["event_id"] for event in client.events] == [f"event_{n + 1}" for n in range(len(client.events))]
    first, second = (event["response"]["id"] for event in client.of("response.done"))
    assert first != second


@pytest.mark.parametrize(
    ("frame", "code", "param"),
    [
        ("not json", "invalid_json", None),
        ("", "invalid_json", None),
        ("[]", "invalid_event", None),
        ("null", "invalid_event", None),
        ("{}", "invalid_event", None),
        ('{"type": 7}', "unknown_event", "type"),
        ('{"type": "no.such.event"}', "unknown_event", "type"),
        ('{"type": "input_audio_buffer.append"}', "invalid_event", "audio"),
        ('{"type": "input_audio_buffer.append", "audio": "AAA"}', "invalid_event", "audio"),
        ('{"type": "input_audio_buffer.append", "audio": "AAAA"}', "invalid_event", "audio"),
        ('{"type": "input_audio_buffer.append", "audio": "AAE="}', "no_voice", "audio"),
        ('{"type": "input_audio_buffer.commit"}', "no_voice", "audio"),
        ('{"type": "response.create"}', "nothing_to_answer", None),
        ('{"type": "response.cancel"}', "response_cancel_not_active", None),
        ('{"type": "response.create", "response": {"output_modalities": ["audio"]}}', "nothing_to_answer", None),
        ('{"type": "conversation.item.retrieve", "item_id": "item_x"}', "item_not_found", "item_id"),
        ('{"type": "conversation.item.delete", "item_id": "item_x"}', "item_not_found", "item_id"),
        (
            '{"type": "conversation.item.truncate", "item_id": "x", "content_index": 0, "audio_end_ms": 5}',
            "item_not_found",
            "item_id",
        ),
        (
            '{"type": "conversation.item.create", "item": {"type": "message", "role": "system", "content": []}}',
            "invalid_event",
            "item.role",
        ),
        (
            '{"type": "conversation.item.create", "item": {"type": "function_call_output", "call_id": "c"}}',
            "invalid_event",
            "item.type",
        ),
        (
            '{"type": "session.update", "session": {"type": "realtime", "output_modalities": ["audio"]}}',
            "no_voice",
            "session.output_modalities",
        ),
        (
            '{"type": "session.update", "session": {"type": "realtime", "audio": {"input": {"format": '
            '{"type": "audio/pcm", "rate": 16000}}}}}',
            "invalid_event",
            "session.audio.input.format.rate",
        ),
        ('{"type": "kiosk.language.choose", "language": "xx"}', "unknown_language", "language"),
        ('{"type": "kiosk.age.approve", "name": "Ada", "pin": "000000"}', "not_approved", None),
        ("🐠" * 3, "invalid_json", None),
        ('{"type": "\\ud800"}', "invalid_json", None),
        ("[" * 100_000, "invalid_json", None),
    ],
)
async def test_what_cannot_be_taken_is_an_error_and_the_session_goes_on(
    client: Client, frame: str, code: str, param: str | None
) -> None:
    await client.websocket.send(frame)
    error = await client.error()
    assert (error["code"], error["param"]) == (code, param)
    assert (await client.say("hello"))["response"]["status"] == "completed"


async def test_an_error_names_the_event_that_caused_it(client: Client) -> None:
    await client.send("no.such.event", event_id="mine")
    assert (await client.error())["event_id"] == "mine"
    await client.send("response.cancel", event_id="mine too")
    assert (await client.error())["event_id"] == "mine too"


async def test_an_error_quotes_nothing_of_what_was_sent(client: Client) -> None:
    await client.websocket.send('{"type": "kiosk.age.approve", "name": {"zibblethorpe": 1}, "pin": ["zibblethorpe"]}')
    await client.websocket.send('{"type": "zibblethorpe"}')
    for _ in range(2):
        assert "zibblethorpe" not in json.dumps(await client.error())


async def test_binary_frames_are_refused(client: Client) -> None:
    await client.websocket.send(b"\x00\x01" * 100)
    assert (await client.error())["code"] == "binary_frame"


async def test_a_failed_turn_is_told_without_the_operators_words(client: Client) -> None:
    response = (await client.say("fail"))["response"]
    assert response["status"] == "failed"
    assert "zibblethorpe" not in json.dumps(client.events)
    assert (await client.say("hello"))["response"]["status"] == "completed"


async def test_items_can_be_retrieved_and_deleted(client: Client) -> None:
    item = {"type": "message", "role": "user", "id": "mine", "content": [{"type": "input_text", "text": "hello"}]}
    await client.send("conversation.item.create", item=item)
    await client.send("conversation.item.create", item=item)
    assert (await client.error())["code"] == "item_exists"
    await client.send("conversation.item.retrieve", item_id="mine")
    assert (await client.until("conversation.item.retrieved"))["item"]["content"][0]["text"] == "hello"
    await client.send("conversation.item.delete", item_id="mine")
    await client.until("conversation.item.deleted")
    await client.send("response.create")
    assert (await client.error())["code"] == "nothing_to_answer"


async def test_card_numbers_are_removed_before_anything_is_kept_or_shown(client: Client, kiosk: SmallTalkKiosk) -> None:
    await client.say("my card is 4111 1111 1111 1111")
    assert "4111" not in json.dumps(client.events)
    assert "4111" not in kiosk.sessions[0].heard[0]


async def test_only_one_response_at_a_time_and_it_can_be_cancelled(client: Client, kiosk: SmallTalkKiosk) -> None:
    text = [{"type": "input_text", "text": "dawdle"}]
    await client.send("conversation.item.create", item={"type": "message", "role": "user", "content": text})
    await client.send("response.create")
    await kiosk.is_dawdling.wait()
    await client.send("response.create")
    assert (await client.error())["code"] == "conversation_already_has_active_response"
    await client.send("kiosk.language.choose", language="es")
    assert (await client.error())["code"] == "busy"
    await client.send("response.cancel")
    response = (await client.until("response.done"))["response"]
    assert (response["status"], response["status_details"]["reason"]) == ("cancelled", "client_cancelled")
    assert (await client.say("hello"))["response"]["status"] == "completed"
    assert kiosk.sessions[0].heard == ["dawdle", "hello"]


async def test_the_language_can_be_chosen(client: Client, kiosk: SmallTalkKiosk) -> None:
    await client.send("kiosk.language.choose", language="es")
    assert (await client.until("kiosk.language"))["language"] == "es"
    assert kiosk.sessions[0].language == "es"


async def test_staff_approve_with_a_pin(client: Client, kiosk: SmallTalkKiosk) -> None:
    await client.say("whisky")
    assert client.of("kiosk.age_check")[0]["min_age"] == 21
    await client.send("kiosk.age.approve", name="Ada", pin="123456")
    assert (await client.until("kiosk.age_check"))["is_approved"]
    assert kiosk.sessions[0].approved_by == ["Ada"]
    assert "123456" not in json.dumps(client.events)


# limits


async def test_a_large_frame_is_refused_and_a_huge_one_closes_the_connection(kiosk: SmallTalkKiosk) -> None:
    async with served(kiosk, settings=ServerSettings(max_frame_bytes=10_000)) as server, server.client() as other:
        async with server.client() as client:
            await client.send("session.update", padding="x" * 11_000)
            assert (await client.error())["code"] == "frame_too_large"
            await client.say("still here")
            with suppress(ConnectionClosed):
                await client.websocket.send("x" * 50_000_000)
            assert await client.closed() == 1009
        assert (await other.say("hello"))["response"]["status"] == "completed"


async def test_long_text_is_refused(kiosk: SmallTalkKiosk) -> None:
    async with served(kiosk, settings=ServerSettings(max_text_characters=10)) as server, server.client() as client:
        text = [{"type": "input_text", "text": "x" * 11}]
        await client.send("conversation.item.create", item={"type": "message", "role": "user", "content": text})
        assert (await client.error())["code"] == "text_too_long"


async def test_too_many_events_are_refused_and_far_too_many_end_the_connection(kiosk: SmallTalkKiosk) -> None:
    async with (
        served(kiosk, settings=ServerSettings(max_events_per_s=1)) as server,
        server.client() as other,
        server.client() as client,
    ):
        for _ in range(60):
            await client.send("response.cancel")
        assert await client.closed() == 1008
        codes = [event["error"]["code"] for event in client.of("error")]
        assert codes[:2] == ["response_cancel_not_active"] * 2
        assert set(codes[2:]) == {"rate_limit_exceeded"}
        assert (await other.say("hello"))["response"]["status"] == "completed"


async def test_too_many_sessions(kiosk: SmallTalkKiosk) -> None:
    async with served(kiosk, settings=ServerSettings(max_sessions=1)) as server, server.client() as client:
        async with server.client() as refused:
            assert (await refused.error())["code"] == "too_many_sessions"
            assert await refused.closed() == 1013
        assert (await client.say("hello"))["response"]["status"] == "completed"


async def test_a_client_that_never_reads_is_cut_off_and_others_are_served(kiosk: SmallTalkKiosk) -> None:
    voice, _, _ = small_voice()
    limits = ServerSettings(max_waiting_bytes=64 * 1024, send_limit_s=0.2)
    async with served(kiosk, voice, limits) as server, server.client() as other:
        async with server.client(max_queue=1) as deaf:
            transport = deaf.websocket.transport
            transport.pause_reading()  # type: ignore[attr-defined]
            content = [{"type": "input_text", "text": "x" * 4_000}]
            for _ in range(200):
                try:
                    item = {"type": "message", "role": "user", "content": content}
                    await deaf.send("conversation.item.create", item=item)
                except ConnectionClosed:
                    break
                await asyncio.sleep(0)
            async with asyncio.timeout(20):
                while all(seat.cut_off for seat in server.talks._seats.values()):  # pyright: ignore[reportPrivateUsage]
                    await deaf.send(
                        "conversation.item.create", item={"type": "message", "role": "user", "content": content}
                    )
                    await asyncio.sleep(0.01)
            transport.abort()  # type: ignore[attr-defined]
        await other.send("session.update", session={"type": "realtime", "output_modalities": ["text"]})
        assert (await other.say("hello"))["response"]["status"] == "completed"


# who may connect


async def status_of(server: Served, **options: Any) -> int:
    """The HTTP status that a connection is answered with."""
    try:
        async with server.client(**options) as client:
            await client.next()
            return 101
    except InvalidStatus as refusal:
        return refusal.response.status_code


async def test_a_token_opens_its_own_kiosk_only(kiosk: SmallTalkKiosk) -> None:
    tokens = f"K1={hash_token('one')},K2={hash_token('two')}"
    async with served(kiosk, tokens=tokens) as server:
        assert await status_of(server) == 401
        assert await status_of(server, token="three") == 401
        async with server.client("kiosk=K1", token="two") as client:
            assert (await client.until("kiosk.session"))["kiosk_id"] == "K2"
        async with server.client(protocols=["openai-insecure-api-key.one"]) as client:
            assert (await client.until("kiosk.session"))["kiosk_id"] == "K1"
            assert client.websocket.subprotocol == "realtime"


async def test_pages_of_other_origins_are_refused(kiosk: SmallTalkKiosk) -> None:
    async with served(kiosk, settings=ServerSettings(origins=["https://shop.example"])) as server:
        assert await status_of(server, origin="https://evil.example") == 403
        assert await status_of(server, origin="null") == 403
        assert await status_of(server, origin="https://shop.example") == 101
        assert await status_of(server, origin=f"http://127.0.0.1:{server.port}") == 101


async def test_without_tokens_no_name_from_elsewhere_leads_here(server: Served) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    key = base64.b64encode(b"0123456789abcdef").decode()
    writer.write(
        f"GET /v1/realtime HTTP/1.1\r\nHost: evil.example\r\nOrigin: http://evil.example\r\nUpgrade: websocket\r\n"
        f"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n".encode()
    )
    assert b" 403 " in await reader.readline()
    writer.close()


async def test_who_or_what_the_shop_does_not_know_gets_no_session(server: Served) -> None:
    for query in ("customer=C9", "kiosk=K9"):
        async with server.client(query) as client:
            assert (await client.error())["code"] == "no_session"
            assert await client.closed() == 1008


# anything at all

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=10,
)
kinds = st.sampled_from(
    [
        "session.update",
        "input_audio_buffer.append",
        "input_audio_buffer.commit",
        "input_audio_buffer.clear",
        "conversation.item.create",
        "conversation.item.truncate",
        "response.create",
        "response.cancel",
        "kiosk.playout",
        "kiosk.age.approve",
        "kiosk.language.choose",
    ]
)
fields = st.sampled_from(
    ["session", "audio", "item", "item_id", "response", "audio_end_ms", "pin", "name", "language", "event_id"]
)
almost_events = st.builds(
    lambda kind, rest: json.dumps({**rest, "type": kind}), kinds, st.dictionaries(fields, json_values, max_size=4)
)
frames = almost_events | json_values.map(json.dumps) | st.text(st.characters(codec="utf-8"), max_size=200)


@given(frames)
def test_any_frame_is_an_event_or_a_protocol_error(frame: str) -> None:
    with suppress(ProtocolError):
        assert read_client_event(frame).type in frame


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(frames | st.binary(max_size=50), min_size=1, max_size=20))
async def test_any_frames_leave_the_session_usable(sent: list[str | bytes]) -> None:
    voice, _, _ = small_voice()
    async with served(SmallTalkKiosk(), voice) as server, server.client() as client:
        for frame in sent:
            await client.websocket.send(frame)
        await client.send("no.such.event", event_id="the last")
        while (await client.error())["event_id"] != "the last":
            pass
        await client.send("session.update", session={"type": "realtime", "output_modalities": ["text"]})
        await client.until("session.updated")
        await client.send("kiosk.session.end")
        assert await client.closed() == 1000


async def test_a_disconnect_at_any_moment_harms_nobody(kiosk: SmallTalkKiosk) -> None:
    voice, recogniser, speaker = small_voice()
    recogniser.transcripts.extend(["hello"] * 10)
    async with served(kiosk, voice) as server, server.client() as other:
        for step in range(6):
            async with server.client() as client:
                if step >= 1:
                    await client.speak(tone(300))
                if step >= 2:
                    await client.speak(silence(500))
                if step >= 3:
                    await client.until("response.created")
                if step >= 4:
                    await client.until("response.output_audio.delta")
                client.websocket.transport.abort()  # type: ignore[attr-defined]
        await other.send("session.update", session={"type": "realtime", "output_modalities": ["text"]})
        assert (await other.say("hello"))["response"]["status"] == "completed"
        assert speaker.spoken
