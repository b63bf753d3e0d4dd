"""Tokens of which only hashes are kept: a token comes in, whose it is goes out.

The hashes stand in a file and in the settings. A token is 256 random bits, which nobody can guess from its hash however
fast that is; so, unlike a PIN's, it is a plain SHA-256 and a flood of wrong tokens costs the server nothing.
"""

import csv
import hashlib
import hmac
import re
import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Generic, TypeVar

from tools.errors import OperatorError
from tools.owner_files import OwnerFilesError, Problems
from tools.owner_tables import Row, read_table

HASH_COLUMN = "token_hash"
"""The last column of a file of tokens; those before it say whose a token is."""
_HASH = re.compile(r"[0-9a-f]{64}")
Owner = TypeVar("Owner")


def hash_token(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()


def keep_new_token(path: Path, columns: Sequence[str], owner: Sequence[str]) -> str:
    """A new token, whose hash is added to the file behind its owner's cells.

    OperatorError when that cannot be written.
    """
    token = secrets.token_urlsafe(32)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        is_new = not path.exists()
        with path.open("a", encoding="utf-8", newline="") as file:
            path.chmod(0o600)
            rows = csv.writer(file, lineterminator="\n")
            rows.writerows([columns] if is_new else [])
            rows.writerow([*owner, hash_token(token)])
    except OSError as error:
        raise OperatorError(f"the token cannot be kept in {path}: {error.strerror}") from error
    return token


class TokenOwners(Generic[Owner]):
    """Hashes of tokens with their owners.

    They are read once: whoever withdraws a token restarts the server, which ends what was begun with it.
    """

    def __init__(self, hashes: Iterable[tuple[Owner, str]]) -> None:
        self._hashes = list(hashes)

    def __len__(self) -> int:
        return len(self._hashes)

    def owner_of(self, token: str) -> Owner | None:
        """Whose the token is, None if it is nobody's. It takes the same time whichever it is."""
        given, found = hash_token(token), None
        for owner, kept in self._hashes:
            if hmac.compare_digest(given, kept):
                found = owner
        return found


def hashes_of_file(
    path: Path, columns: Sequence[str], owner_of: Callable[[Row], Owner], kind: str, made_by: str
) -> Iterator[tuple[Owner, str]]:
    """The hashes of a file, none if it is not there; OperatorError when it makes no sense."""
    if not path.exists():
        return
    problems = Problems()
    for row in read_table(path, columns, problems):
        owner, kept = owner_of(row), row.required(HASH_COLUMN)
        if not _HASH.fullmatch(kept):
            row.refuse(HASH_COLUMN, f"not the hash of a token; make one with `{made_by}`")
        yield owner, kept
    try:
        problems.raise_if_any()
    except OwnerFilesError as error:
        raise OperatorError(f"the {kind} tokens cannot be used: {error}") from error


def hashes_of_text(
    listed: str, owner_of: Callable[[str], Owner | None], setting: str, form: str
) -> Iterator[tuple[Owner, str]]:
    """The hashes of a setting, `owner=hash` separated by commas; OperatorError when it makes no sense."""
    for part in filter(None, (part.strip() for part in listed.split(","))):
        named, _, kept = part.partition("=")
        owner = owner_of(named)
        if owner is None or not _HASH.fullmatch(kept):
            raise OperatorError(f"{setting} is not a list of {form}, separated by commas")
        yield owner, kept
