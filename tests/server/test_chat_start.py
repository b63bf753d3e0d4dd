"""What cannot be is said before the language model starts: there is none in these tests, and nobody notices."""

import shutil
from pathlib import Path

import pytest

from agent.settings import DEMO_STORE, Settings
from server.chat_command import ChatOptions, run_chat
from server.error_boundary import ErrorBoundary
from tools.database_address import file_of
from tools.errors import OperatorError
from tools.store_files import read_store
from tools.store_import import create_store


@pytest.fixture(scope="module")
def demo_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo shop as `walkiosk store init` leaves it."""
    path = tmp_path_factory.mktemp("demo") / "store.db"
    create_store(path, read_store(DEMO_STORE))
    return path


@pytest.fixture(autouse=True)
def _store_without_model(own_home: Path, tmp_path: Path, demo_database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WALKIOSK_MODELS_DIR", str(tmp_path / "models"))
    monkeypatch.delenv("WALKIOSK_LLM_URL", raising=False)
    own_home.mkdir()
    shutil.copy(demo_database, file_of(Settings().database))


def start(**options: object) -> int:
    return run_chat(ChatOptions(once="hello", **options), ErrorBoundary())  # type: ignore[arg-type]


def shop_like_the_demo(tmp_path: Path, old: str, new: str) -> Path:
    folder = Path(shutil.copytree(DEMO_STORE, tmp_path / "shop"))
    text = (folder / "store.yaml").read_text(encoding="utf-8")
    assert old in text
    (folder / "store.yaml").write_text(text.replace(old, new, 1), encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"kiosk_id": "K9"}, "there is no kiosk 'K9'; this store has K1, "),
        ({"language": "xx"}, "the kiosk does not speak 'xx'; it speaks en, "),
        ({"customer_id": "C999"}, r"there is no customer 'C999'; this store knows C001, .*customers\.csv"),
    ],
)
def test_a_visit_that_cannot_be(options: dict[str, str], said: str) -> None:
    with pytest.raises(OperatorError, match=said):
        start(**options)


@pytest.mark.parametrize("setting", ["KIOSK_ID", "LANGUAGE"])
def test_a_setting_that_cannot_be(monkeypatch: pytest.MonkeyPatch, setting: str) -> None:
    monkeypatch.setenv(f"WALKIOSK_{setting}", "xx")
    with pytest.raises(OperatorError, match="'xx'"):
        start()


def test_another_shops_folder(tmp_path: Path) -> None:
    folder = shop_like_the_demo(tmp_path, "name: WalKiosk Cinema Store", "name: Another")
    with pytest.raises(OperatorError, match=r"'WalKiosk Cinema Store', but .* is the shop 'Another'"):
        start(store_dir=folder)


def test_edited_files_are_told_and_the_start_goes_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = shop_like_the_demo(tmp_path, "max_quantity: 10", "max_quantity: 9")
    with pytest.raises(OperatorError, match=r"(?i)model"):
        start(store_dir=folder)
    assert f"`walkiosk store import {folder}`" in capsys.readouterr().err
