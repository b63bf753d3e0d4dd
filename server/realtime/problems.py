"""What a client did wrong: a code and a sentence, which become an `error` event and, where needed, a close."""

from tools.errors import WalkioskError

NORMAL = 1000
POLICY = 1008
SERVER_ERROR = 1011
RESTART = 1012
TRY_LATER = 1013
TAKEN_OVER = 4001


class ProtocolError(WalkioskError):
    """An event that cannot be taken. Its text goes to the client and quotes nothing of what the client sent.

    `close_code` ends the connection after the error event.
    """

    def __init__(
        self, code: str, message: str, *, param: str | None = None, event_id: str | None = None, close_code: int = 0
    ) -> None:
        super().__init__(message)
        self.code, self.message, self.param = code, message, param
        self.event_id, self.close_code = event_id, close_code
