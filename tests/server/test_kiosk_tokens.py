"""Kiosk tokens: only hashes are kept, only the right token opens a kiosk, and a broken list is refused."""

from pathlib import Path

import pytest

from server.error_boundary import ErrorBoundary
from server.kiosk_tokens import KioskTokens, add_token
from server.token_hashes import hash_token
from tools.errors import OperatorError


def test_a_made_token_opens_its_kiosk_and_is_not_on_disk(tmp_path: Path) -> None:
    path = tmp_path / "home" / "kiosk-tokens.csv"
    one, two = add_token(path, "K1"), add_token(path, "K2")
    tokens = KioskTokens(path, f"K3={hash_token('listed')}")
    assert len(tokens) == 3
    assert [tokens.kiosk_of(token) for token in (one, two, "listed", "other", "", one[:-1])] == [
        "K1",
        "K2",
        "K3",
        None,
        None,
        None,
    ]
    assert one not in path.read_text()
    assert path.stat().st_mode & 0o077 == 0


def test_a_hash_is_no_token(tmp_path: Path) -> None:
    assert KioskTokens(tmp_path / "none", f"K1={hash_token('t')}").kiosk_of(hash_token("t")) is None


@pytest.mark.parametrize("listed", ["K1", "K1=abc", f"={hash_token('t')}", "K1=" + "A" * 64])
def test_a_list_that_makes_no_sense_is_refused(tmp_path: Path, listed: str) -> None:
    with pytest.raises(OperatorError, match="WALKIOSK_SERVE_TOKENS"):
        KioskTokens(tmp_path / "none", listed)


@pytest.mark.parametrize("content", ["", "kiosk_id\nK1\n", "kiosk_id,token_hash\nK1,secret\n", "\xff"])
def test_a_file_that_makes_no_sense_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "kiosk-tokens.csv"
    path.write_bytes(content.encode("latin-1"))
    with pytest.raises(OperatorError):
        KioskTokens(path, "")


def test_the_command_prints_the_token_and_nothing_else(own_home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from server.cli import app

    assert ErrorBoundary().run(app, "walkiosk", ["serve", "token", "K1"]) == 0
    captured = capsys.readouterr()
    assert KioskTokens(own_home / "kiosk-tokens.csv", "").kiosk_of(captured.out.strip()) == "K1"
