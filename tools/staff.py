"""The shop's staff: a name and a PIN come in, an approval of age-restricted goods goes out, or a refusal.

staff.csv holds names and hashes of PINs, never a PIN. It is read anew each time, so that someone who left the shop
can approve nothing from the moment their row is gone.
"""

import hashlib
import hmac
import logging
import re
import secrets
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from tools.age_approval import AgeApproval
from tools.errors import OperatorError
from tools.owner_files import OwnerFilesError, Problems
from tools.owner_tables import read_table

log = logging.getLogger(__name__)

STAFF_COLUMNS = ("name", "pin_hash")
MIN_PIN_CHARACTERS = 6
MAX_PIN_CHARACTERS = 64
MAX_TRIES = 5
LOCKOUT = timedelta(minutes=15)
APPROVAL_HOLDS = timedelta(minutes=10)
_HASH = re.compile(r"scrypt\$([0-9a-f]{32})\$([0-9a-f]{64})")


class StaffRow(BaseModel):
    """Someone who may approve, and the hash of their PIN."""

    model_config = ConfigDict(frozen=True)

    name: str
    pin_hash: str


class PinRefused(OperatorError):
    """A PIN that does not fit, or one try too many; the text does not say whether the name is on file."""


def hash_pin(pin: str, salt: bytes | None = None) -> str:
    """What staff.csv keeps of a PIN, with a new salt unless one is given; OperatorError for a PIN of a wrong length."""
    if not MIN_PIN_CHARACTERS <= len(pin) <= MAX_PIN_CHARACTERS:
        raise OperatorError(f"a PIN has {MIN_PIN_CHARACTERS} to {MAX_PIN_CHARACTERS} characters")
    salt = salt or secrets.token_bytes(16)
    digest = hashlib.scrypt(pin.encode(errors="surrogatepass"), salt=salt, n=2**14, r=8, p=1, dklen=32)
    return f"scrypt${salt.hex()}${digest.hex()}"


def read_staff(folder: Path, problems: Problems) -> tuple[StaffRow, ...]:
    """The rows of staff.csv, none where the shop has no such file; what is wrong with it is noted."""
    if not (folder / "staff.csv").exists():
        return ()
    rows: list[StaffRow] = []
    taken: set[str] = set()
    for row in read_table(folder / "staff.csv", STAFF_COLUMNS, problems):
        staff = StaffRow(name=row.identifier("name", taken), pin_hash=row.required("pin_hash"))
        if staff.pin_hash and not _HASH.fullmatch(staff.pin_hash):
            row.refuse("pin_hash", "not the hash of a PIN; make one with `walkiosk store staff-pin`")
        rows.append(staff)
    return tuple(rows)


class StaffBook:
    """Checks PINs against a shop's staff.csv. One instance serves a kiosk: it counts wrong tries, whoever's they are.

    After MAX_TRIES wrong ones in a row no PIN is taken for a while, the right one neither.
    """

    def __init__(self, folder: Path, clock: Callable[[], datetime]) -> None:
        self._folder = folder
        self._clock = clock
        self._wrong_tries = 0
        self._locked_until: datetime | None = None

    def approve(self, name: str, pin: str, product_ids: Sequence[str]) -> AgeApproval:
        """The approval of these products by someone whose PIN this is; PinRefused, or OperatorError without staff."""
        self._require_pin(name, pin)
        return AgeApproval(by=name, product_ids=tuple(product_ids), until=self._clock() + APPROVAL_HOLDS)

    def _require_pin(self, name: str, pin: str) -> None:
        now = self._clock()
        if self._locked_until is not None and now < self._locked_until:
            raise PinRefused("too many wrong PINs: none is taken for a while")
        staff = {row.name: row.pin_hash for row in self._staff()}
        if not staff:
            raise OperatorError("the shop has no staff on file; `walkiosk store staff-pin` says how to add someone")
        # A name that is not on file takes as long to refuse as a wrong PIN.
        kept = staff.get(name) or f"scrypt${'0' * 32}${'0' * 64}"
        if _fits(pin, kept):
            self._wrong_tries = 0
            return
        self._wrong_tries += 1
        log.warning("a wrong staff PIN (%d in a row)", self._wrong_tries)
        if self._wrong_tries >= MAX_TRIES:
            self._wrong_tries, self._locked_until = 0, now + LOCKOUT
        raise PinRefused("this name and PIN do not fit")

    def _staff(self) -> tuple[StaffRow, ...]:
        problems = Problems()
        rows = read_staff(self._folder, problems)
        try:
            problems.raise_if_any()
        except OwnerFilesError as error:
            raise OperatorError(f"staff.csv cannot be used: {error}") from error
        return rows


def _fits(pin: str, kept: str) -> bool:
    parts = _HASH.fullmatch(kept)
    if parts is None or not MIN_PIN_CHARACTERS <= len(pin) <= MAX_PIN_CHARACTERS:
        return False
    return hmac.compare_digest(hash_pin(pin, bytes.fromhex(parts[1])), kept)
