"""What kiosks prove themselves with: a token comes in, the id of the kiosk it was made for goes out.

Only hashes are kept, in a file and in the settings. A token is 256 random bits, which nobody can guess from its hash
however fast that is; so, unlike a PIN's, it is a plain SHA-256 and a flood of wrong tokens costs the server nothing.
"""

import csv
import hashlib
import hmac
import re
import secrets
from pathlib import Path

from tools.errors import OperatorError
from tools.owner_files import OwnerFilesError, Problems
from tools.owner_tables import read_table

TOKEN_COLUMNS = ("kiosk_id", "token_hash")
_HASH = re.compile(r"[0-9a-f]{64}")


def tokens_file(home: Path, chosen: Path | None) -> Path:
    """Where the hashes are kept: in the home folder unless another place was chosen."""
    return chosen or home / "kiosk-tokens.csv"


def hash_token(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()


def add_token(path: Path, kiosk_id: str) -> str:
    """A new token for a kiosk, whose hash is added to the file; OperatorError when that cannot be written."""
    token = secrets.token_urlsafe(32)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        is_new = not path.exists()
        with path.open("a", encoding="utf-8", newline="") as file:
            rows = csv.writer(file, lineterminator="\n")
            rows.writerows([TOKEN_COLUMNS] if is_new else [])
            rows.writerow([kiosk_id, hash_token(token)])
        path.chmod(0o600)
    except OSError as error:
        raise OperatorError(f"the token cannot be kept in {path}: {error.strerror}") from error
    return token


class KioskTokens:
    """The hashes of the file and of the settings (`K1=<hash>,…`); OperatorError when either makes no sense.

    They are read once: whoever withdraws a token restarts the server, which ends the sessions made with it.
    """

    def __init__(self, path: Path, listed: str) -> None:
        self._hashes = [*_of_file(path), *_of_text(listed)]

    def __len__(self) -> int:
        return len(self._hashes)

    def kiosk_of(self, token: str) -> str | None:
        """The kiosk that the token is for, None if it is nobody's. It takes the same time whichever it is."""
        given, found = hash_token(token), None
        for kiosk_id, kept in self._hashes:
            if hmac.compare_digest(given, kept):
                found = kiosk_id
        return found


def _of_file(path: Path) -> list[tuple[str, str]]:
    if not path.exists():
        return []
    problems = Problems()
    rows: list[tuple[str, str]] = []
    for row in read_table(path, TOKEN_COLUMNS, problems):
        rows.append((row.required("kiosk_id"), row.required("token_hash")))
        if not _HASH.fullmatch(rows[-1][1]):
            row.refuse("token_hash", "not the hash of a token; make one with `walkiosk serve token`")
    try:
        problems.raise_if_any()
    except OwnerFilesError as error:
        raise OperatorError(f"the kiosk tokens cannot be used: {error}") from error
    return rows


def _of_text(listed: str) -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = []
    for part in filter(None, (part.strip() for part in listed.split(","))):
        kiosk_id, _, kept = part.partition("=")
        if not kiosk_id or not _HASH.fullmatch(kept):
            raise OperatorError("WALKIOSK_SERVE_TOKENS is not a list of KIOSK=HASH, separated by commas")
        rows.append((kiosk_id, kept))
    return rows
