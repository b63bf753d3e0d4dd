"""What a client may send: a text frame comes in, a typed event goes out, or a ProtocolError.

Unknown fields are ignored, as clients of the protocol send many that a kiosk has no use for (instructions, tools, …).
"""

import base64
import binascii
from typing import Annotated, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, PlainValidator, SecretStr, TypeAdapter, ValidationError

from server.realtime.problems import ProtocolError
from tools.audio import Samples

WIRE_HZ = 24_000
"""The rate of audio on the wire, both ways."""

Id = Annotated[str, Field(min_length=1, max_length=64)]
Language = Annotated[str, Field(min_length=2, max_length=35)]


def _pcm(value: object) -> Samples:
    """Base64 of little-endian 16-bit samples, as they are."""
    if not isinstance(value, str):
        raise ValueError("must be a string of base64")
    try:
        pcm = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("is not base64") from error
    if len(pcm) % 2:
        raise ValueError("ends in the middle of a 16-bit sample")
    return np.frombuffer(pcm, dtype="<i2").astype(np.int16, copy=False)


Pcm = Annotated[Samples, PlainValidator(_pcm)]


class Frame(BaseModel):
    """A part of a client's event."""

    model_config = ConfigDict(frozen=True, extra="ignore", arbitrary_types_allowed=True)


class ClientFrame(Frame):
    """An event; its id, if it has one, comes back in the `error` event that it causes."""

    event_id: Annotated[str, Field(max_length=512)] | None = None


# the session's configuration


class AudioFormat(Frame):
    """The one format there is."""

    type: Literal["audio/pcm"]
    rate: Literal[24000] = WIRE_HZ


class Transcription(Frame):
    """`language` restricts what is heard to one language."""

    language: Language | None = None


class ServerVad(Frame):
    """Turns end after a silence."""

    type: Literal["server_vad"]
    create_response: bool = True
    interrupt_response: bool = True
    threshold: float = Field(default=0.5, ge=0, le=1)
    prefix_padding_ms: int = Field(default=300, ge=0, le=2_000)
    silence_duration_ms: int = Field(default=500, ge=100, le=5_000)


class SemanticVad(Frame):
    """Turns end when what was said sounds finished."""

    type: Literal["semantic_vad"]
    create_response: bool = True
    interrupt_response: bool = True
    eagerness: Literal["low", "medium", "high", "auto"] = "auto"


TurnDetection = Annotated[ServerVad | SemanticVad, Field(discriminator="type")]


class AudioInput(Frame):
    """How the customer is heard; `turn_detection` null means that the client commits each turn itself."""

    format: AudioFormat | None = None
    transcription: Transcription | None = None
    turn_detection: TurnDetection | None = None


class AudioOutput(Frame):
    """How the kiosk speaks."""

    format: AudioFormat | None = None


class SessionAudio(Frame):
    """Audio both ways."""

    input: AudioInput | None = None
    output: AudioOutput | None = None


Modalities = Annotated[list[Literal["text", "audio"]], Field(min_length=1, max_length=1)]


class SessionPatch(Frame):
    """What is to be different; what is left out stays."""

    type: Literal["realtime"]
    output_modalities: Modalities | None = None
    audio: SessionAudio | None = None


class SessionUpdate(ClientFrame):
    """Change the session's configuration."""

    type: Literal["session.update"]
    session: SessionPatch


# audio


class AudioAppend(ClientFrame):
    """More of what the microphone hears: 24 kHz mono 16-bit PCM in base64."""

    type: Literal["input_audio_buffer.append"]
    audio: Pcm


class AudioCommit(ClientFrame):
    """What was appended is an utterance."""

    type: Literal["input_audio_buffer.commit"]


class AudioClear(ClientFrame):
    """Forget what was appended."""

    type: Literal["input_audio_buffer.clear"]


# the conversation


class InputText(Frame):
    """What the customer typed."""

    type: Literal["input_text"]
    text: str


class InputAudio(Frame):
    """What the customer said, whole."""

    type: Literal["input_audio"]
    audio: Pcm


class NewItem(Frame):
    """A message of the customer; the kiosk writes all other items itself."""

    type: Literal["message"]
    role: Literal["user"]
    id: Id | None = None
    content: Annotated[
        list[Annotated[InputText | InputAudio, Field(discriminator="type")]], Field(min_length=1, max_length=8)
    ]


class ItemCreate(ClientFrame):
    """Add a message of the customer; `response.create` answers it."""

    type: Literal["conversation.item.create"]
    item: NewItem


class ItemRetrieve(ClientFrame):
    """Show an item again."""

    type: Literal["conversation.item.retrieve"]
    item_id: Id


class ItemDelete(ClientFrame):
    """Forget an item. What the kiosk made of it in an earlier turn stays."""

    type: Literal["conversation.item.delete"]
    item_id: Id


class ItemTruncate(ClientFrame):
    """Only so much of the kiosk's audio was played: the customer talked over the rest."""

    type: Literal["conversation.item.truncate"]
    item_id: Id
    content_index: Literal[0] = 0
    audio_end_ms: int = Field(ge=0)


class ResponseOptions(Frame):
    """How this one response is given."""

    output_modalities: Modalities | None = None
    conversation: Literal["auto"] = "auto"


class ResponseCreate(ClientFrame):
    """Answer what the customer said since the last response."""

    type: Literal["response.create"]
    response: ResponseOptions | None = None


class ResponseCancel(ClientFrame):
    """Stop the response that is being given."""

    type: Literal["response.cancel"]
    response_id: Id | None = None


# what the protocol has no word for


class ChooseLanguage(ClientFrame):
    """The customer pressed a language's button."""

    type: Literal["kiosk.language.choose"]
    language: Language


class ApproveAge(ClientFrame):
    """Someone of the staff looked at the customer."""

    type: Literal["kiosk.age.approve"]
    name: Annotated[str, Field(min_length=1, max_length=100)]
    pin: Annotated[SecretStr, Field(max_length=64)]


class Listen(ClientFrame):
    """Whom to listen to: everybody, or who says the shop's wake phrase, and from then on everybody."""

    type: Literal["kiosk.listen"]
    to: Literal["everybody", "wake_phrase"]


class ReportPlayout(ClientFrame):
    """So much of an item's audio has been played so far; nothing more will be when `is_over`."""

    type: Literal["kiosk.playout"]
    item_id: Id
    audio_end_ms: int = Field(ge=0)
    is_over: bool = False


class EndSession(ClientFrame):
    """The customer has left."""

    type: Literal["kiosk.session.end"]


ClientEvent = (
    SessionUpdate
    | AudioAppend
    | AudioCommit
    | AudioClear
    | ItemCreate
    | ItemRetrieve
    | ItemDelete
    | ItemTruncate
    | ResponseCreate
    | ResponseCancel
    | ChooseLanguage
    | ApproveAge
    | Listen
    | ReportPlayout
    | EndSession
)

_CLIENT_EVENT: TypeAdapter[ClientEvent] = TypeAdapter(Annotated[ClientEvent, Field(discriminator="type")])


def read_client_event(frame: str) -> ClientEvent:
    """The event of a text frame; ProtocolError when it is none."""
    try:
        return _CLIENT_EVENT.validate_json(frame)
    except ValidationError as error:
        raise _refusal(error, frame) from None  # the error's own text would quote the client


def _refusal(error: ValidationError, frame: str) -> ProtocolError:
    problem = error.errors(include_input=False, include_url=False, include_context=False)[0]
    if problem["type"] == "json_invalid":
        return ProtocolError("invalid_json", "the frame is not JSON")
    event_id = _event_id(frame)
    is_event = not problem["loc"]
    if is_event and problem["type"] == "union_tag_invalid":
        return ProtocolError("unknown_event", "there is no event of this type", param="type", event_id=event_id)
    if is_event:
        return ProtocolError("invalid_event", "an event is an object with a type", event_id=event_id)
    # The first part of the place is the event's type; the rest are names of ours and numbers.
    place = ".".join(str(part) for part in problem["loc"][1:])
    message = "is of a kind that cannot be taken here" if "tag" in problem["type"] else problem["msg"]
    return ProtocolError("invalid_event", f"{place}: {message}", param=place, event_id=event_id)


def _event_id(frame: str) -> str | None:
    try:
        return ClientFrame.model_validate_json(frame).event_id
    except ValidationError:
        return None
