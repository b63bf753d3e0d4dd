"""The settings of `walkiosk serve`: from the environment (`WALKIOSK_SERVE_…`), read once at start."""

from pathlib import Path
from typing import Literal

from pydantic import Field, HttpUrl
from pydantic_settings import BaseSettings, SettingsConfigDict

MIB = 1024 * 1024


class ServerSettings(BaseSettings):
    """Limits of the server; set each as `WALKIOSK_SERVE_<FIELD>`, lists as JSON."""

    model_config = SettingsConfigDict(env_prefix="WALKIOSK_SERVE_", extra="ignore")

    tokens: str = ""
    """Hashes of kiosk tokens besides those of the file: `K1=<hash>,K2=<hash>`."""
    tokens_file: Path | None = None
    """Where `walkiosk serve token` keeps the hashes; kiosk-tokens.csv in the home folder unless set."""
    staff_tokens: str = ""
    """Hashes of staff's tokens besides those of the file: `NAME=<hash>`, or `NAME@K1=<hash>` for one kiosk only."""
    staff_tokens_file: Path | None = None
    """Where `walkiosk serve staff-token` keeps the hashes; staff-tokens.csv in the home folder unless set."""
    origins: list[str] = []
    """Origins of pages, such as https://shop.example, that may connect besides the server's own."""

    metrics_port: int | None = Field(default=None, ge=1, le=65_535)
    """The port of the metrics for Prometheus, at /metrics; none unless set."""
    metrics_host: str = "127.0.0.1"
    """The address that this port listens on. Nobody needs a token there, so it is no place for customers."""
    traces_url: HttpUrl | None = None
    """Where traces are sent, such as http://127.0.0.1:4318/v1/traces; nowhere unless set."""
    nice: int | None = Field(default=None, ge=-20, le=19)
    """The niceness that it takes when it is ready; begun with a higher one (`nice -n 10 walkiosk serve`), a server that
    starts leaves the processor to those that serve. As it is begun unless set. For a language model on a server of
    its own: an embedded one stays as nice as it was begun."""
    log_format: Literal["text", "json"] = "text"
    """`json`: a JSON object a line, also on stderr."""

    max_frame_bytes: int = Field(default=MIB, ge=1024)
    """A larger frame is refused; one of more than twice the size closes the connection unread."""
    max_events_per_s: float = Field(default=200.0, gt=0)
    """Events of one connection, averaged; twice as many may come at once."""
    max_text_characters: int = Field(default=4_000, ge=1)
    """Text of one item. What is too long for a turn is answered by the kiosk itself."""
    max_audio_s: float = Field(default=60.0, ge=1)
    """Audio that waits to be committed, and the longest utterance."""
    max_items: int = Field(default=200, ge=10)
    """Items of a conversation that can be retrieved; older ones are forgotten."""
    max_sessions: int = Field(default=64, ge=1)
    max_session_s: float = Field(default=3_600.0, ge=1)
    """How long one customer's session lasts at most."""
    resume_s: float = Field(default=60.0, ge=0)
    """How long a session waits for its customer's connection to come back."""
    drain_s: float = Field(default=20.0, ge=0)
    """How long a server that is told to stop lets turns end before it leaves their sessions to another one."""
    max_waiting_bytes: int = Field(default=2 * MIB, ge=64 * 1024)
    """Events kept for a slow or lost client. A client that falls further behind is cut off."""
    send_limit_s: float = Field(default=20.0, gt=0)
    """How long a client may leave a burst of events unread."""
