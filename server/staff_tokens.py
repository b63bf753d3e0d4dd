"""What staff prove themselves with to read the shop's figures: a token comes in, what it lets its owner see goes out.

They are kept as kiosks' tokens are (`server/kiosk_tokens.py`), in a file of their own: neither opens the other's door.
"""

import csv
import hmac
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from server.kiosk_tokens import hash_token
from tools.errors import OperatorError
from tools.owner_files import OwnerFilesError, Problems
from tools.owner_tables import read_table

TOKEN_COLUMNS = ("name", "kiosk_id", "token_hash")
MAX_TOKEN_CHARACTERS = 200
_HASH = re.compile(r"[0-9a-f]{64}")


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
    token = secrets.token_urlsafe(32)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        is_new = not path.exists()
        with path.open("a", encoding="utf-8", newline="") as file:
            path.chmod(0o600)
            rows = csv.writer(file, lineterminator="\n")
            rows.writerows([TOKEN_COLUMNS] if is_new else [])
            rows.writerow([name, kiosk_id or "", hash_token(token)])
    except OSError as error:
        raise OperatorError(f"the token cannot be kept in {path}: {error.strerror}") from error
    return token


class StaffTokens:
    """The hashes of the file and of the settings (`NAME=<hash>` or `NAME@K1=<hash>`, separated by commas).

    OperatorError when either makes no sense. They are read once: whoever withdraws a token restarts the server.
    """

    def __init__(self, path: Path, listed: str) -> None:
        self._hashes = [*_of_file(path), *_of_text(listed)]

    def __len__(self) -> int:
        return len(self._hashes)

    def pass_of(self, token: str) -> StaffPass | None:
        """What the token opens, None if it is nobody's. It takes the same time whichever it is."""
        given, found = hash_token(token[:MAX_TOKEN_CHARACTERS]), None
        for staff_pass, kept in self._hashes:
            if hmac.compare_digest(given, kept):
                found = staff_pass
        return found


def _of_file(path: Path) -> Iterator[tuple[StaffPass, str]]:
    if not path.exists():
        return
    problems = Problems()
    for row in read_table(path, TOKEN_COLUMNS, problems):
        if not _HASH.fullmatch(kept := row.required("token_hash")):
            row.refuse("token_hash", "not the hash of a token; make one with `walkiosk serve staff-token`")
        yield StaffPass(row.required("name"), row.cells["kiosk_id"] or None), kept
    try:
        problems.raise_if_any()
    except OwnerFilesError as error:
        raise OperatorError(f"the staff tokens cannot be used: {error}") from error


def _of_text(listed: str) -> Iterator[tuple[StaffPass, str]]:
    for part in filter(None, (part.strip() for part in listed.split(","))):
        who, _, kept = part.partition("=")
        name, at, kiosk_id = who.partition("@")
        if not name or (at and not kiosk_id) or not _HASH.fullmatch(kept):
            raise OperatorError(
                "WALKIOSK_SERVE_STAFF_TOKENS is not a list of NAME=HASH or NAME@KIOSK=HASH, separated by commas"
            )
        yield StaffPass(name, kiosk_id or None), kept
