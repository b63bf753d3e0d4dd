"""The kiosk's settings: from the environment (`WALKIOSK_…`) and the command line, read once at start."""

from pathlib import Path
from typing import Self

from platformdirs import user_data_path
from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy import URL

from tools.database_address import read_address

DEMO_STORE = Path(__file__).parent.parent / "tools" / "data" / "demo"


class Settings(BaseSettings):
    """Where things are kept, which model answers and which devices there are; set each as `WALKIOSK_<FIELD>`.

    `terminal` and `dispenser` are devices in other processes, as host:port; with a dispenser of its own a kiosk settles
    only the orders of its `kiosk_id`. `stripe_key` lets Stripe take the money from `stripe_payment_method`, which a
    terminal or a test provides.
    """

    model_config = SettingsConfigDict(env_prefix="WALKIOSK_", extra="ignore")

    home: Path = Field(default_factory=lambda: user_data_path("walkiosk"))
    store_dir: Path = DEMO_STORE
    models_dir_override: Path | None = Field(default=None, validation_alias="WALKIOSK_MODELS_DIR")
    database_override: Path | None = Field(default=None, validation_alias="WALKIOSK_DATABASE")
    database_url: SecretStr | None = None
    kiosk_id: str | None = None
    language: str = "en"
    small: bool = False
    llm_url: str | None = None
    llm_model: str | None = None
    llm_api_key: SecretStr = SecretStr("none")
    llm_at_once: int = Field(default=32, ge=1)
    """So many calls this process makes at once of the model server that is set; the rest wait, each kiosk in turn."""
    whisperx_dir: Path | None = None
    """A folder with a Whisper for CTranslate2; WhisperX then hears, on a GPU if there is one."""
    kokoro_dir: Path | None = None
    """A folder with Kokoro's checkpoint as in its repository; Kokoro on torch then speaks, on a GPU if there is one."""
    hold_s: int = 600
    idle_s: int = Field(default=180, ge=0)
    """After so long without a word the customer is taken to have left; 0 means never."""
    graph_check_s: float = Field(default=5.0, ge=0.05)
    """How often a running kiosk looks whether another version of the graph is current."""
    terminal: str | None = None
    dispenser: str | None = None
    stripe_key: SecretStr | None = None
    stripe_payment_method: str | None = None
    stripe_api_base: str | None = None

    @property
    def models_dir(self) -> Path:
        """Where model files are kept."""
        return self.models_dir_override or self.home / "models"

    @property
    def database(self) -> URL:
        """Where the store's database is: the URL that is set, else a SQLite file; StoreError when it is none."""
        url = self.database_url.get_secret_value() if self.database_url else ""
        return read_address(url or self.database_override or self.home / "store.db")

    @property
    def settled_kiosk(self) -> str | None:
        """The kiosk whose orders this process may settle: only its own dispenser knows what came out; None for all."""
        return self.kiosk_id if self.dispenser else None

    @property
    def cache_dir(self) -> Path:
        """What can be made again: the graph's database, embeddings, the model's warm prompt."""
        return self.home / "cache"

    @property
    def graph_copies(self) -> Path:
        """The graphs that were built of the store's versions."""
        return self.cache_dir / "graphs"

    @property
    def feedback_cache(self) -> Path:
        """What was worked out of feedback, and the last summaries of it."""
        return self.cache_dir / "feedback"

    def in_home(self, home: Path) -> Self:
        """The same settings with another home and a store of its own there, so that no real order is touched."""
        own = {"home": home, "models_dir_override": self.models_dir, "database_override": None, "database_url": None}
        simulated = {"terminal": None, "dispenser": None, "stripe_key": None}  # nothing real is charged or dropped
        return self.model_copy(update={**own, **simulated})
