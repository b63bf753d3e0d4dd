"""Spoken sessions: turns by commit and by voice, interruptions, what was heard; with a small mouth and small ears."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from agent.observation import Observed, ReplyGiven, UtteranceHeard
from server.realtime.client_events import WIRE_HZ
from server.realtime.playout import Playout
from server.server_settings import ServerSettings
from tests.server.realtime_server import Client, Clock, Served, SmallTalkKiosk, served
from tests.server.realtime_voice import (
    LETTER_MS,
    ScriptedRecogniser,
    ScriptedTurnEnd,
    ToneSpeaker,
    silence,
    small_voice,
    tone,
)
from tools.errors import SpeechError

MANUAL = {"type": "realtime", "audio": {"input": {"turn_detection": None}}}


class Spoken:
    """A server that hears and speaks, its parts, and a client whose turns begin and end by voice."""

    def __init__(self, server: Served, client: Client, kiosk: SmallTalkKiosk, clock: Clock) -> None:
        self.server, self.client, self.kiosk, self.clock = server, client, kiosk, clock
        self.recogniser: ScriptedRecogniser
        self.turn_end: ScriptedTurnEnd
        self.speaker: ToneSpeaker
        self.observed: list[Observed]

    @property
    def session(self) -> Any:
        return self.kiosk.sessions[0]

    @property
    def is_recognised(self) -> list[bool]:
        """Of each utterance in which something was said, whether it could be recognised."""
        return [event.is_recognised for event in self.observed if isinstance(event, UtteranceHeard)]

    @property
    def unspoken(self) -> list[int]:
        """Of each reply, how many sentences could not be spoken."""
        return [event.unspoken_sentences for event in self.observed if isinstance(event, ReplyGiven)]

    async def utter(self, text: str) -> None:
        """Say something, up to the silence that ends it."""
        self.recogniser.transcripts.append(text)
        await self.client.speak(tone(600))
        await self.client.speak(silence(480))

    async def let_play(self) -> None:
        """Be silent while the kiosk plays, until it knows what its echo is like."""
        await self.client.speak(silence(1_200))

    async def ask(self, text: str) -> dict[str, Any]:
        """Say something and hear the response out; its last event."""
        await self.utter(text)
        return (await self.client.until("response.done"))["response"]


@pytest_asyncio.fixture
async def spoken() -> AsyncIterator[Spoken]:
    observed: list[Observed] = []
    kiosk, clock = SmallTalkKiosk(observed.append), Clock()
    voice, recogniser, speaker = small_voice()
    async with served(kiosk, voice, clock=clock) as server, server.client() as client:
        await client.until("kiosk.session")
        talk = Spoken(server, client, kiosk, clock)
        assert isinstance(voice.turn_end, ScriptedTurnEnd)
        talk.turn_end = voice.turn_end
        talk.recogniser, talk.speaker, talk.observed = recogniser, speaker, observed
        yield talk


SAID = "You said shoes. Here are the shoes."
"""What the small kiosk answers to "shoes"."""


async def test_a_spoken_turn_is_heard_answered_and_spoken(spoken: Spoken) -> None:
    client = spoken.client
    response = await spoken.ask("shoes")
    await client.until("kiosk.latency")
    assert response["status"] == "completed"
    order = [event["type"].removeprefix("input_audio_buffer.") for event in client.events]
    assert order.index("speech_started") < order.index("speech_stopped") < order.index("committed")
    [started], [stopped] = (
        client.of("input_audio_buffer.speech_started"),
        client.of("input_audio_buffer.speech_stopped"),
    )
    assert started["audio_start_ms"] == 0
    assert stopped["audio_end_ms"] == pytest.approx(600, abs=32)
    [transcript] = client.of("conversation.item.input_audio_transcription.completed")
    assert transcript["transcript"] == "shoes"
    assert transcript["item_id"] == started["item_id"]
    message = response["output"][-1]["content"][0]
    assert (message["type"], message["transcript"]) == ("output_audio", SAID)
    assert "".join(event["delta"] for event in client.of("response.output_audio_transcript.delta")) == SAID
    letters = len(SAID) - 1  # the space between the sentences makes no sound
    assert len(client.audio()) == letters * LETTER_MS * 24
    assert max(len(event["delta"]) for event in client.of("response.output_audio.delta")) < 20_000
    [latency] = client.of("kiosk.latency")
    assert (
        latency["first_audio_ms"] >= latency["first_text_ms"] >= latency["transcript_ms"] >= latency["turn_end_ms"] > 0
    )


async def test_captions_say_where_in_the_audio_they_are(spoken: Spoken) -> None:
    await spoken.ask("shoes")
    captions = [event for event in spoken.client.of("kiosk.caption") if event["role"] == "kiosk"]
    assert "".join(event["text"] for event in captions) == SAID
    ends = [event["audio_end_ms"] for event in captions]
    assert [event["audio_start_ms"] for event in captions] == [0, *ends[:-1]]
    assert ends[-1] == len(spoken.client.audio()) // 24


async def test_speech_is_recognised_while_the_end_of_the_turn_is_in_doubt(spoken: Spoken) -> None:
    spoken.turn_end.probability = 0.0
    spoken.recogniser.transcripts.append("shoes")
    await spoken.client.speak(tone(600))
    await spoken.client.speak(silence(400))
    early = await spoken.client.until("kiosk.caption")
    assert (early["text"], early["is_final"]) == ("shoes", False)
    await spoken.client.speak(silence(3_000))
    await spoken.client.until("response.done")
    assert len(spoken.recogniser.heard) == 1
    assert spoken.session.heard == ["shoes"]


async def test_words_are_shown_while_they_are_said_unless_others_wait_for_the_recogniser(spoken: Spoken) -> None:
    spoken.recogniser.transcripts.extend(["show me", "show me the shoes"])
    spoken.recogniser.is_busy = False
    await spoken.client.speak(tone(1_600))
    shown = await spoken.client.until("kiosk.caption")
    assert (shown["text"], shown["is_final"]) == ("show me", False)
    spoken.recogniser.is_busy = True
    await spoken.client.speak(tone(1_600))
    await spoken.client.speak(silence(480))
    await spoken.client.until("response.done")
    assert len(spoken.recogniser.heard) == 2
    assert spoken.session.heard == ["show me the shoes"]


async def test_a_pause_that_was_no_end_is_heard_with_what_follows(spoken: Spoken) -> None:
    spoken.turn_end.probability = 0.0
    spoken.recogniser.transcripts.append("shoes in black")
    await spoken.client.speak(tone(600))
    await spoken.client.speak(silence(280))
    await spoken.client.speak(tone(600))
    await spoken.client.speak(silence(32))
    spoken.turn_end.probability = 1.0
    await spoken.client.speak(silence(480))
    await spoken.client.until("response.done")
    assert spoken.session.heard == ["shoes in black"]
    assert spoken.recogniser.heard[-1].duration_s == pytest.approx(1.48, abs=0.1)  # from the first word to the last


async def test_an_answer_in_doubt_waits_and_is_taken_back_when_the_customer_goes_on(spoken: Spoken) -> None:
    client = spoken.client
    spoken.turn_end.probability = 0.5  # so likely over that an answer is begun, not so sure that it may be heard
    spoken.recogniser.transcripts.extend(["shoes", "in black"])
    await client.speak(tone(600))
    await client.speak(silence(480))
    await client.until("response.created")
    while not spoken.session.heard:  # noqa: ASYNC110  there is nothing to wait for but time
        await asyncio.sleep(0.01)
    await client.speak(tone(600))
    await client.speak(silence(32))
    spoken.turn_end.probability = 1.0
    await client.speak(silence(480))
    withdrawn = (await client.until("response.done"))["response"]
    assert (withdrawn["status"], withdrawn["status_details"]["reason"]) == ("cancelled", "turn_detected")
    assert not client.of("response.output_audio_transcript.delta")
    assert not [event for event in client.of("kiosk.caption") if event["role"] == "kiosk"]
    assert not client.of("kiosk.products")
    await client.until("response.done")
    assert spoken.session.heard == ["shoes", "shoes in black"]
    assert spoken.session.taken_back == 1


async def test_noise_is_no_turn(spoken: Spoken) -> None:
    await spoken.utter("")
    assert (await spoken.client.until("conversation.item.input_audio_transcription.completed"))["transcript"] == ""
    await spoken.ask("shoes")
    assert spoken.session.heard == ["shoes"]
    assert len(spoken.client.of("response.created")) == 1
    assert (spoken.is_recognised, spoken.unspoken) == ([True], [0])


async def test_speech_that_cannot_be_recognised_is_answered_all_the_same(spoken: Spoken) -> None:
    spoken.recogniser.transcripts.append(SpeechError("the model is gone"))
    await spoken.client.speak(tone(600))
    await spoken.client.speak(silence(480))
    await spoken.client.until("conversation.item.input_audio_transcription.failed")
    await spoken.client.until("response.done")
    assert spoken.session.heard == [""]
    assert (spoken.is_recognised, spoken.unspoken) == ([False], [0])


async def test_a_voice_that_fails_leaves_the_words(spoken: Spoken) -> None:
    spoken.speaker.fails = True
    response = await spoken.ask("shoes")
    assert response["status"] == "completed"
    assert response["output"][-1]["content"][0]["transcript"] == SAID
    assert "".join(event["delta"] for event in spoken.client.of("response.output_audio_transcript.delta")) == SAID
    assert not len(spoken.client.audio())
    assert (spoken.is_recognised, spoken.unspoken) == ([True], [2])


async def test_a_voice_of_another_rate_is_brought_to_the_wires() -> None:
    voice, recogniser, _ = small_voice(rate_hz=22_050)
    recogniser.transcripts.append("shoes")
    async with served(SmallTalkKiosk(), voice) as server, server.client() as client:
        await client.speak(tone(600))
        await client.speak(silence(480))
        await client.until("response.done")
        assert len(client.audio()) / 24_000 == pytest.approx((len(SAID) - 1) * LETTER_MS / 1000, abs=0.01)


async def test_the_talks_language_is_listened_for_first_and_can_be_the_only_one(spoken: Spoken) -> None:
    await spoken.client.send("kiosk.language.choose", language="es")
    await spoken.ask("zapatos")
    transcription = {"transcription": {"language": "en"}}
    await spoken.client.send("session.update", session={"type": "realtime", "audio": {"input": transcription}})
    spoken.clock.now_s += 60  # the first answer is over by then
    await spoken.ask("shoes")
    assert [heard[0] for heard in spoken.recogniser.languages] == ["es", "en"]
    assert [len(heard) for heard in spoken.recogniser.languages] == [2, 1]
    assert {language for _, language in spoken.speaker.spoken} == {"es"}


async def test_an_open_microphone_waits_for_the_wake_phrase(spoken: Spoken) -> None:
    client = spoken.client
    await client.send("kiosk.listen", to="wake_phrase")
    await spoken.utter("where is the bus stop?")
    transcript = await client.until("conversation.item.input_audio_transcription.completed")
    assert transcript["transcript"] == ""
    spoken.clock.now_s += 10_000
    await spoken.server.sweep()  # nobody came, so nobody has left
    await spoken.ask("OK shop, shoes")
    await spoken.client.send("kiosk.playout", item_id="none", audio_end_ms=0)
    spoken.clock.now_s += 60
    await spoken.ask("boots")
    assert spoken.session.heard == ["OK shop, shoes", "boots"]
    assert "bus" not in json.dumps(client.events)


# by hand


async def test_a_client_may_commit_turns_itself(spoken: Spoken) -> None:
    client = spoken.client
    await client.send("session.update", session=MANUAL)
    assert (await client.until("session.updated"))["session"]["audio"]["input"]["turn_detection"] is None
    spoken.recogniser.transcripts.append("shoes")
    await client.speak(tone(300))
    await client.speak(silence(900))
    await client.send("input_audio_buffer.commit")
    await client.until("input_audio_buffer.committed")
    await client.send("response.create", response={"output_modalities": ["text"]})
    response = (await client.until("response.done"))["response"]
    assert response["output"][-1]["content"][0]["text"] == SAID
    assert not client.of("input_audio_buffer.speech_started")
    assert not len(client.audio())
    assert spoken.recogniser.heard[0].duration_s == pytest.approx(1.2, abs=0.01)


async def test_a_whole_utterance_can_be_an_item(spoken: Spoken) -> None:
    spoken.recogniser.transcripts.append("shoes")
    audio = base64.b64encode(tone(500).tobytes()).decode()
    content = [{"type": "input_audio", "audio": audio}]
    item = {"type": "message", "role": "user", "content": content}
    await spoken.client.send("conversation.item.create", item=item)
    await spoken.client.send("response.create")
    assert (await spoken.client.until("response.done"))["response"]["status"] == "completed"
    assert spoken.session.heard == ["shoes"]


async def test_commits_need_audio_and_cleared_audio_is_gone(spoken: Spoken) -> None:
    client = spoken.client
    await client.send("session.update", session=MANUAL)
    await client.send("input_audio_buffer.commit")
    assert (await client.error())["code"] == "buffer_too_small"
    await client.speak(tone(600))
    await client.send("input_audio_buffer.clear")
    await client.send("input_audio_buffer.commit")
    assert (await client.error())["code"] == "buffer_too_small"


async def test_audio_that_waits_is_bounded() -> None:
    voice, _, _ = small_voice()
    async with served(SmallTalkKiosk(), voice, ServerSettings(max_audio_s=1)) as server, server.client() as client:
        await client.send("session.update", session=MANUAL)
        await client.speak(tone(1_200))
        assert (await client.error())["code"] == "buffer_full"
        await client.send("input_audio_buffer.commit")
        await client.until("input_audio_buffer.committed")
        audio = base64.b64encode(tone(1_100).tobytes()).decode()
        item = {"type": "message", "role": "user", "content": [{"type": "input_audio", "audio": audio}]}
        await client.send("conversation.item.create", item=item)
        while (code := (await client.error())["code"]) == "buffer_full":
            pass
        assert code == "audio_too_long"


# interruptions


async def test_talking_over_the_kiosk_cuts_it_off(spoken: Spoken) -> None:
    client = spoken.client
    await spoken.utter("shoes")
    await client.until("response.done")
    await spoken.let_play()
    spoken.clock.now_s += len("You said shoes.") * LETTER_MS / 1000 + 0.1  # the first sentence was played
    client.events.clear()
    await spoken.utter("boots")
    assert (await client.until("response.done"))["response"]["status"] == "completed"
    assert client.of("input_audio_buffer.speech_started")
    assert spoken.session.was_heard_counts == [1]
    assert spoken.session.heard == ["shoes", "boots"]


async def test_a_response_that_is_interrupted_is_cancelled_and_speaks_no_more(spoken: Spoken) -> None:
    client = spoken.client
    spoken.speaker.pieces = 1
    await spoken.utter("shoes")
    await client.until("response.output_audio.delta")
    await spoken.let_play()
    spoken.clock.now_s += 0.1
    await spoken.utter("boots")
    cut = (await client.until("response.done"))["response"]
    assert (cut["status"], cut["status_details"]["reason"]) == ("cancelled", "turn_detected")
    assert cut["output"][-1]["status"] == "incomplete"
    assert len(client.audio()) == len("You said shoes.") // 2 * LETTER_MS * 24


async def test_nodding_along_holds_the_voice_for_a_moment(spoken: Spoken) -> None:
    client = spoken.client
    spoken.speaker.pieces = 3
    await spoken.utter("shoes")
    while len(client.of("response.output_audio.delta")) < 3:
        await client.next()
    await spoken.let_play()
    client.events.clear()
    await spoken.utter("mhm")
    held, released = [await client.until("kiosk.voice") for _ in range(2)]
    assert (held["is_held"], released["is_held"]) == (True, False)
    assert not client.of("input_audio_buffer.speech_started")
    spoken.speaker.pieces = 1_000_000
    assert spoken.session.heard == ["shoes"]


async def test_a_request_that_goes_on_while_the_kiosk_thinks_is_answered_whole(spoken: Spoken) -> None:
    client = spoken.client
    await spoken.utter("dawdle over shoes")
    await spoken.kiosk.is_dawdling.wait()
    await spoken.utter("in black")
    cut = (await client.until("response.done"))["response"]
    assert (cut["status"], cut["status_details"]["reason"]) == ("cancelled", "turn_detected")
    spoken.kiosk.may_go_on.set()
    await client.until("response.done")
    assert spoken.session.heard == ["dawdle over shoes", "dawdle over shoes in black"]


async def test_what_began_to_change_something_is_not_asked_for_twice(spoken: Spoken) -> None:
    client = spoken.client
    await spoken.utter("dawdle over the payment")
    await spoken.kiosk.is_dawdling.wait()
    spoken.session.has_effects = True
    await spoken.utter("hurry up")
    assert (await client.until("response.done"))["response"]["status"] == "cancelled"
    assert (await client.until("response.done"))["response"]["status"] == "completed"
    assert spoken.session.heard == ["dawdle over the payment", "hurry up"]


async def test_a_request_interrupted_before_it_was_recognised_is_not_lost(spoken: Spoken) -> None:
    spoken.recogniser.may_answer.clear()
    await spoken.utter("shoes")
    await spoken.client.until("conversation.item.done")
    await spoken.utter("in black")
    spoken.recogniser.may_answer.set()
    await spoken.client.until("response.done")
    assert spoken.session.heard == ["shoes in black"]


async def test_the_client_says_how_much_was_heard(spoken: Spoken) -> None:
    client = spoken.client
    response = await spoken.ask("shoes")
    item_id = response["output"][-1]["id"]
    first_ms = len("You said shoes.") * LETTER_MS
    await client.send("conversation.item.truncate", item_id=item_id, content_index=0, audio_end_ms=first_ms + 10)
    assert (await client.until("conversation.item.truncated"))["audio_end_ms"] == first_ms + 10
    await client.send("conversation.item.retrieve", item_id=item_id)
    item = (await client.until("conversation.item.retrieved"))["item"]
    assert item["content"][0]["transcript"] == "You said shoes."
    assert spoken.session.was_heard_counts == [1]
    await client.send("conversation.item.truncate", item_id=item_id, content_index=0, audio_end_ms=99_999)
    assert (await client.error())["code"] == "audio_end_too_late"


async def test_reports_of_playing_tell_when_the_kiosk_can_be_heard(spoken: Spoken) -> None:
    client = spoken.client
    item_id = (await spoken.ask("shoes"))["output"][-1]["id"]
    await client.send("kiosk.playout", item_id=item_id, audio_end_ms=100, is_over=True)
    client.events.clear()
    await spoken.ask("boots")  # nothing plays, so the first sound is the customer's turn
    assert client.of("input_audio_buffer.speech_started")[0]["audio_start_ms"] > 0
    assert spoken.session.was_heard_counts == []


async def test_a_client_that_wants_no_interruptions_gets_none(spoken: Spoken) -> None:
    client = spoken.client
    detection = {"type": "server_vad", "interrupt_response": False, "silence_duration_ms": 300}
    await client.send("session.update", session={"type": "realtime", "audio": {"input": {"turn_detection": detection}}})
    await spoken.ask("shoes")
    await spoken.let_play()
    await spoken.utter("boots")
    assert (await client.until("response.done"))["response"]["status"] == "completed"
    assert spoken.session.was_heard_counts == []
    assert spoken.session.heard == ["shoes", "boots"]


async def test_who_leaves_is_not_answered_any_more(spoken: Spoken) -> None:
    client = spoken.client
    detection = {"type": "server_vad", "interrupt_response": False, "silence_duration_ms": 300}
    await client.send("session.update", session={"type": "realtime", "audio": {"input": {"turn_detection": detection}}})
    await spoken.utter("dawdle over shoes")
    await spoken.kiosk.is_dawdling.wait()
    await spoken.utter("boots")
    await client.until("conversation.item.input_audio_transcription.completed")
    await client.send("kiosk.session.end")
    await client.until("kiosk.session_ended")
    assert spoken.session.heard == ["dawdle over shoes"]


def test_playing_goes_on_as_sent_unless_the_client_knows_better() -> None:
    playout = Playout()
    for _ in range(2):
        playout.sent(tone(1_000), WIRE_HZ, now_s=10.0)
        playout.sentence_sent()
    assert playout.is_playing(11.5)
    assert playout.position_ms(11.5) == 1_500
    assert [playout.sentences_until(ms) for ms in (0, 500, 700, 1_500, 1_700, 2_000)] == [0, 0, 1, 1, 2, 2]
    assert not playout.is_playing(12.0)
    playout.report(300, is_over=False)
    assert playout.position_ms(12.0) == 300
    playout.report(300, is_over=True)
    assert not playout.is_playing(10.5)
