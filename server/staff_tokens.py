"""What staff prove themselves with to read the shop's figures: a token comes in, what it lets its owner see goes out.

They are kept as kiosks' tokens are, in a file of their own: neither opens the other's door.
"""

from dataclasses import dataclass
from pathlib import Path

from server.token_hashes import HASH_COLUMN, TokenOwners, hashes_of_file, hashes_of_text, keep_new_token
from tools.owner_tables import Row

TOKEN_COLUMNS = ("name", "kiosk_id", HASH_COLUMN)
MAX_TOKEN_CHARACTERS = 200


@dataclass(frozen=True)
class StaffPass:
    """Who may look, and at which kiosk; at all of them for None."""

    name: str
    kiosk_id: str | None

    def allows(self, kiosk_id: str | None) -> bool:
        """Whether its owner may see what is asked for: one kiosk, or all of them (None)."""
        return self.kiosk_id in (None, kiosk_id)


def staff_tokens_file(home: Path, chosen: Path | None) -> Path:
    """Where the hashes are kept: in the home folder unless another place was chosen."""
    return chosen or home / "staff-tokens.csv"


def add_staff_token(path: Path, name: str, kiosk_id: str | None) -> str:
    """A new token for someone on the staff, whose hash is added to the file.

    OperatorError when that cannot be written.
    """
    return keep_new_token(path, TOKEN_COLUMNS, (name, kiosk_id or ""))


class StaffTokens:
    """The hashes of the file and of the settings (`NAME=<hash>` or `NAME@K1=<hash>`, separated by commas).

    OperatorError when either makes no sense.
    """

    def __init__(self, path: Path, listed: str) -> None:
        of_file = hashes_of_file(path, TOKEN_COLUMNS, _pass_in, "staff", "walkiosk serve staff-token")
        form = "NAME=HASH or NAME@KIOSK=HASH"
        self._owners = TokenOwners([*of_file, *hashes_of_text(listed, _pass_of, "WALKIOSK_SERVE_STAFF_TOKENS", form)])

    def __len__(self) -> int:
        return len(self._owners)

    def pass_of(self, token: str) -> StaffPass | None:
        """What the token opens, None if it is nobody's."""
        return self._owners.owner_of(token[:MAX_TOKEN_CHARACTERS])


def _pass_in(row: Row) -> StaffPass:
    return StaffPass(row.required("name"), row.cells["kiosk_id"] or None)


def _pass_of(listed: str) -> StaffPass | None:
    name, at, kiosk_id = listed.partition("@")
    return None if not name or (at and not kiosk_id) else StaffPass(name, kiosk_id or None)
