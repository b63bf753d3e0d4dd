"""What the store will sell: its database comes in, a forecast of everything it lists goes out."""

from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine

from tools.forecasting.choices_file import kept_choices
from tools.forecasting.forecast import ForecastRun, make_forecast
from tools.forecasting.history import as_history
from tools.forecasting.periods import Frequency
from tools.forecasting.spreading import Progress
from tools.forecasting.store_sales import read_store_sales

CHOICES_FILE = "forecast_choices.json"
"""Where `walkiosk ops forecast` keeps what each series is best forecast by, in the folder of the user's data."""


def forecast_store(
    engine: Engine,
    now: datetime,
    horizon: int,
    frequency: Frequency = Frequency.WEEK,
    choices_file: Path | None = None,
    kiosk_id: str | None = None,
    progress: Progress | None = None,
) -> ForecastRun:
    """Forecast by the choices in a file, or by the usual ones if there is none; nothing is backtested.

    TooFewSales when there is too little to go by, StoreError when no shop was imported.
    """
    history = as_history(read_store_sales(engine, now, kiosk_id), frequency)
    return make_forecast(history, horizon, kept_choices(history, choices_file), progress=progress)
