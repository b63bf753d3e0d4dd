"""What kiosks prove themselves with: a token comes in, the id of the kiosk it was made for goes out."""

from pathlib import Path

from server.token_hashes import HASH_COLUMN, TokenOwners, hashes_of_file, hashes_of_text, keep_new_token

TOKEN_COLUMNS = ("kiosk_id", HASH_COLUMN)


def tokens_file(home: Path, chosen: Path | None) -> Path:
    """Where the hashes are kept: in the home folder unless another place was chosen."""
    return chosen or home / "kiosk-tokens.csv"


def add_token(path: Path, kiosk_id: str) -> str:
    """A new token for a kiosk, whose hash is added to the file; OperatorError when that cannot be written."""
    return keep_new_token(path, TOKEN_COLUMNS, (kiosk_id,))


class KioskTokens:
    """The hashes of the file and of the settings (`K1=<hash>,…`); OperatorError when either makes no sense."""

    def __init__(self, path: Path, listed: str) -> None:
        of_file = hashes_of_file(
            path, TOKEN_COLUMNS, lambda row: row.required("kiosk_id"), "kiosk", "walkiosk serve token"
        )
        of_text = hashes_of_text(listed, lambda kiosk_id: kiosk_id or None, "WALKIOSK_SERVE_TOKENS", "KIOSK=HASH")
        self._owners = TokenOwners([*of_file, *of_text])

    def __len__(self) -> int:
        return len(self._owners)

    def kiosk_of(self, token: str) -> str | None:
        """The kiosk that the token is for, None if it is nobody's."""
        return self._owners.owner_of(token)
