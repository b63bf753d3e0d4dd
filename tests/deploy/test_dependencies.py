"""The lock pins every dependency to one version by its hashes, and leads nowhere but to the package index in use."""

import re
from pathlib import Path

LOCK = (Path(__file__).parents[2] / "requirements.lock").read_text(encoding="utf-8")


def test_every_dependency_is_pinned_with_hashes_and_no_address() -> None:
    entries = re.split(r"\n(?=[a-z0-9])", LOCK.strip())
    assert len(entries) > 100
    for entry in entries:
        assert re.match(r"[a-z0-9][a-z0-9._\[\],-]*==[^\s;]+( ; .+)? \\\n", entry), entry[:80]
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", entry), entry[:80]
    assert "://" not in LOCK
    assert not re.search(r"^-", LOCK, re.MULTILINE), "an option, such as the address of an index"
