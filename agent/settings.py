"""The kiosk's settings: from the environment (`WALKIOSK_…`) and the command line, read once at start."""

from pathlib import Path

from platformdirs import user_data_path
from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

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
    kiosk_id: str | None = None
    language: str = "en"
    small: bool = False
    llm_url: str | None = None
    llm_model: str | None = None
    llm_api_key: str = "none"
    hold_s: int = 600
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
    def database(self) -> Path:
        """The store's SQLite file."""
        return self.database_override or self.home / "store.db"

    @property
    def settled_kiosk(self) -> str | None:
        """The kiosk whose orders this process may settle: only its own dispenser knows what came out; None for all."""
        return self.kiosk_id if self.dispenser else None

    @property
    def cache_dir(self) -> Path:
        """What can be made again: the graph's database, embeddings, the model's warm prompt."""
        return self.home / "cache"
