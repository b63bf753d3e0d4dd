"""How one session is set up: a client's wishes come in, the configuration as it is goes out."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from server.realtime.client_events import WIRE_HZ, SessionUpdate, TurnDetection
from server.realtime.problems import ProtocolError

MODEL = "walkiosk"
Modality = Literal["text", "audio"]


class SessionConfig(BaseModel):
    """What can be chosen; the rest is the kiosk's own."""

    model_config = ConfigDict(frozen=True)

    modality: Modality
    turn_detection: TurnDetection | None
    heard_language: str | None = None
    """The one language to listen for; None for all that the kiosk speaks."""

    def patched(self, event: SessionUpdate, languages: list[str], is_spoken: bool) -> "SessionConfig":
        """The configuration with the client's wishes; ProtocolError when one cannot be met."""
        patch = event.session
        changes: dict[str, Any] = {}
        if patch.output_modalities:
            changes["modality"] = patch.output_modalities[0]
        audio_input = patch.audio.input if patch.audio else None
        if audio_input and "turn_detection" in audio_input.model_fields_set:
            changes["turn_detection"] = audio_input.turn_detection
        if audio_input and "transcription" in audio_input.model_fields_set:
            changes["heard_language"] = audio_input.transcription.language if audio_input.transcription else None
        if changes.get("modality") == "audio" and not is_spoken:
            raise no_voice("session.output_modalities")
        if changes.get("heard_language") not in (None, *languages):
            param = "session.audio.input.transcription.language"
            raise ProtocolError("unknown_language", "the kiosk does not speak this language", param=param)
        return self.model_copy(update=changes)

    def on_the_wire(self, session_id: str) -> dict[str, Any]:
        """The `session` of session.created and session.updated."""
        audio_format = {"type": "audio/pcm", "rate": WIRE_HZ}
        return {
            "type": "realtime",
            "object": "realtime.session",
            "id": session_id,
            "model": MODEL,
            "output_modalities": [self.modality],
            "instructions": "",
            "tools": [],
            "tool_choice": "none",
            "audio": {
                "input": {
                    "format": audio_format,
                    "transcription": {"model": MODEL, "language": self.heard_language},
                    "turn_detection": self.turn_detection.model_dump() if self.turn_detection else None,
                },
                "output": {"format": audio_format, "voice": MODEL},
            },
        }


def no_voice(param: str) -> ProtocolError:
    """The refusal of a server that was set up without speech."""
    return ProtocolError("no_voice", "this server neither hears nor speaks: use text", param=param)
