"""The log for machines: records come in, lines of JSON go out, with the turn they belong to, without card numbers."""

import json
import logging
from datetime import UTC, datetime

from agent.observation import Observed, TurnEnded, turn_id_now
from tools.redaction import redact

log = logging.getLogger(__name__)

TURN = "turn"
"""The attribute of a log record that holds what is told of a turn."""


class JsonLines(logging.Formatter):
    """Time (UTC), level, logger, message; turn_id inside a turn; exception where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line of JSON."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": redact(record.getMessage()),
        }
        if turn_id := turn_id_now.get():
            line["turn_id"] = turn_id
        if record.exc_info:
            line["exception"] = redact(self.formatException(record.exc_info))
        return json.dumps({**line, **getattr(record, TURN, {})}, ensure_ascii=False)


def log_turns(event: Observed) -> None:
    """A line for each turn that has ended."""
    if isinstance(event, TurnEnded):
        told = {
            "turn_id": event.turn_id,
            "session_id": event.session_id,
            "kiosk_id": event.kiosk_id,
            "language": event.language,
            "intent": event.intent,
            "outcome": event.outcome,
            "duration_ms": round(event.duration_ms, 1),
            "sentences": event.sentences,
            "refused_sentences": event.refused_sentences,
            "steps": [
                {"kind": step.kind, "name": step.name, "outcome": step.outcome, "ms": round(step.duration_ms, 1)}
                for step in event.steps
            ],
        }
        log.info("a turn has ended", extra={TURN: told})
