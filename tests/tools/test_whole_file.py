"""Files that take the place of others whole, or not at all."""

import os
import stat
from contextlib import suppress
from pathlib import Path

from tools.whole_file import replacing_text


def test_a_file_is_there_whole_or_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "order.csv"
    with replacing_text(file) as text:
        text.write("é\n")
        text.flush()
        assert not file.exists()
    assert file.read_bytes() == "é\n".encode()
    with suppress(KeyError), replacing_text(file) as text:
        text.write("half a")
        text.flush()
        raise KeyError
    assert file.read_text(encoding="utf-8") == "é\n"
    assert [*tmp_path.iterdir()] == [file]


def test_others_may_read_it_and_permissions_stay(tmp_path: Path) -> None:
    file, usual = tmp_path / "order.csv", tmp_path / "usual"
    usual.touch()
    with replacing_text(file) as text:
        text.write("1")
    assert stat.S_IMODE(file.stat().st_mode) == stat.S_IMODE(usual.stat().st_mode)
    file.chmod(0o640)
    with replacing_text(file) as text:
        text.write("2")
    assert (file.read_text(), stat.S_IMODE(file.stat().st_mode)) == ("2", 0o640)


def test_links_and_pipes_stay_what_they_are(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "file")
    with replacing_text(tmp_path / "link") as text:
        text.write("through")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "file").read_text() == "through"
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    with replacing_text(tmp_path / "pipe") as text:
        text.write("on")
    assert os.read(reader, 9) == b"on"
    os.close(reader)
