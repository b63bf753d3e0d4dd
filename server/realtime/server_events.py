"""What the server sends in the words of the OpenAI Realtime protocol (GA): typed events, whose JSON is the frame."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from server.realtime.items import Content, Item


class ServerEvent(BaseModel):
    """An event on its way to the client, which gets its id when it is sent."""

    model_config = ConfigDict(frozen=True)

    event_id: str = ""


class ErrorDetail(BaseModel):
    """What went wrong; `event_id` is the client's event."""

    type: Literal["invalid_request_error", "server_error", "rate_limit_error"]
    code: str
    message: str
    param: str | None = None
    event_id: str | None = None


class ErrorEvent(ServerEvent):
    """Something could not be done; the session goes on."""

    type: Literal["error"] = "error"
    error: ErrorDetail


# the session


class SessionCreated(ServerEvent):
    """The first event."""

    type: Literal["session.created"] = "session.created"
    session: dict[str, Any]


class SessionUpdated(ServerEvent):
    """The configuration as it is now."""

    type: Literal["session.updated"] = "session.updated"
    session: dict[str, Any]


class RateLimitState(BaseModel):
    """How many events may be sent at once now, and when it is as many as ever."""

    name: Literal["requests"] = "requests"
    limit: int
    remaining: int
    reset_seconds: float


class RateLimitsUpdated(ServerEvent):
    """Sent when a response begins."""

    type: Literal["rate_limits.updated"] = "rate_limits.updated"
    rate_limits: list[RateLimitState]


# what the customer says


class SpeechStarted(ServerEvent):
    """The customer has the floor: playing the kiosk's audio stops."""

    type: Literal["input_audio_buffer.speech_started"] = "input_audio_buffer.speech_started"
    audio_start_ms: int
    item_id: str


class SpeechStopped(ServerEvent):
    """The customer's turn is over."""

    type: Literal["input_audio_buffer.speech_stopped"] = "input_audio_buffer.speech_stopped"
    audio_end_ms: int
    item_id: str


class AudioCommitted(ServerEvent):
    """The audio became an item."""

    type: Literal["input_audio_buffer.committed"] = "input_audio_buffer.committed"
    previous_item_id: str | None
    item_id: str


class AudioCleared(ServerEvent):
    """The audio was forgotten."""

    type: Literal["input_audio_buffer.cleared"] = "input_audio_buffer.cleared"


class TranscriptionDelta(ServerEvent):
    """Words of the customer."""

    type: Literal["conversation.item.input_audio_transcription.delta"] = (
        "conversation.item.input_audio_transcription.delta"
    )
    item_id: str
    content_index: int = 0
    delta: str


class Duration(BaseModel):
    """How much was listened to."""

    type: Literal["duration"] = "duration"
    seconds: float


class TranscriptionCompleted(ServerEvent):
    """All the customer said; empty when nobody spoke."""

    type: Literal["conversation.item.input_audio_transcription.completed"] = (
        "conversation.item.input_audio_transcription.completed"
    )
    item_id: str
    content_index: int = 0
    transcript: str
    usage: Duration


class TranscriptionProblem(BaseModel):
    """Why there is no transcript."""

    type: str = "server_error"
    code: str
    message: str


class TranscriptionFailed(ServerEvent):
    """The audio could not be recognised."""

    type: Literal["conversation.item.input_audio_transcription.failed"] = (
        "conversation.item.input_audio_transcription.failed"
    )
    item_id: str
    content_index: int = 0
    error: TranscriptionProblem


# items


class ItemAdded(ServerEvent):
    """An item is in the conversation."""

    type: Literal["conversation.item.added"] = "conversation.item.added"
    previous_item_id: str | None
    item: Item


class ItemDone(ServerEvent):
    """An item is complete."""

    type: Literal["conversation.item.done"] = "conversation.item.done"
    previous_item_id: str | None
    item: Item


class ItemRetrieved(ServerEvent):
    """An item that was asked for."""

    type: Literal["conversation.item.retrieved"] = "conversation.item.retrieved"
    item: Item


class ItemTruncated(ServerEvent):
    """The item holds only what was heard of it."""

    type: Literal["conversation.item.truncated"] = "conversation.item.truncated"
    item_id: str
    content_index: int = 0
    audio_end_ms: int


class ItemDeleted(ServerEvent):
    """The item is forgotten."""

    type: Literal["conversation.item.deleted"] = "conversation.item.deleted"
    item_id: str


# responses


class ResponseProblem(BaseModel):
    """What went wrong; for a customer, so without details."""

    type: str
    code: str


class ResponseStatus(BaseModel):
    """How a response that was not completed ended."""

    type: Literal["cancelled", "failed"]
    reason: Literal["turn_detected", "client_cancelled"] | None = None
    error: ResponseProblem | None = None


class ResponseState(BaseModel):
    """A response as it is now."""

    id: str
    object: Literal["realtime.response"] = "realtime.response"
    status: Literal["in_progress", "completed", "cancelled", "failed"] = "in_progress"
    status_details: ResponseStatus | None = None
    output: list[Item] = []
    output_modalities: list[Literal["text", "audio"]]


class ResponseCreated(ServerEvent):
    """The kiosk begins to answer."""

    type: Literal["response.created"] = "response.created"
    response: ResponseState


class ResponseDone(ServerEvent):
    """The kiosk has answered."""

    type: Literal["response.done"] = "response.done"
    response: ResponseState


class OutputEvent(ServerEvent):
    """Something of one output item."""

    response_id: str
    output_index: int


class OutputItemAdded(OutputEvent):
    """A new item of the response."""

    type: Literal["response.output_item.added"] = "response.output_item.added"
    item: Item


class OutputItemDone(OutputEvent):
    """An item of the response is complete."""

    type: Literal["response.output_item.done"] = "response.output_item.done"
    item: Item


class ItemEvent(OutputEvent):
    """Something of one output item, by its id."""

    item_id: str


class ArgumentsDelta(ItemEvent):
    """The arguments of a tool that the kiosk ran, in one piece."""

    type: Literal["response.function_call_arguments.delta"] = "response.function_call_arguments.delta"
    call_id: str
    delta: str


class ArgumentsDone(ItemEvent):
    """All the arguments."""

    type: Literal["response.function_call_arguments.done"] = "response.function_call_arguments.done"
    call_id: str
    name: str
    arguments: str


class PartEvent(ItemEvent):
    """Something of the one content part of a message."""

    content_index: int = 0


class Part(BaseModel):
    """A content part, in the words of these two events."""

    type: Literal["text", "audio"]
    text: str | None = None
    transcript: str | None = None

    @classmethod
    def of(cls, content: Content) -> "Part":
        """The part of a message's content."""
        kind = "audio" if content.type == "output_audio" else "text"
        return cls(type=kind, text=content.text, transcript=content.transcript)


class PartAdded(PartEvent):
    """The message's content begins."""

    type: Literal["response.content_part.added"] = "response.content_part.added"
    part: Part


class PartDone(PartEvent):
    """The message's content is complete."""

    type: Literal["response.content_part.done"] = "response.content_part.done"
    part: Part


class TextDelta(PartEvent):
    """A sentence that is written."""

    type: Literal["response.output_text.delta"] = "response.output_text.delta"
    delta: str


class TextDone(PartEvent):
    """All that was written."""

    type: Literal["response.output_text.done"] = "response.output_text.done"
    text: str


class TranscriptDelta(PartEvent):
    """A sentence, or a part of one, whose audio follows."""

    type: Literal["response.output_audio_transcript.delta"] = "response.output_audio_transcript.delta"
    delta: str


class TranscriptDone(PartEvent):
    """All that was said."""

    type: Literal["response.output_audio_transcript.done"] = "response.output_audio_transcript.done"
    transcript: str


class AudioDelta(PartEvent):
    """24 kHz mono 16-bit PCM in base64."""

    type: Literal["response.output_audio.delta"] = "response.output_audio.delta"
    delta: str


class AudioDone(PartEvent):
    """There is no more audio."""

    type: Literal["response.output_audio.done"] = "response.output_audio.done"
