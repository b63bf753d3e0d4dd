"""Forecasts as a table of commas: a forecast comes in, a file with a row for each series and period goes out."""

import csv
from pathlib import Path

from tools.errors import OperatorError
from tools.forecasting.forecast import Forecast
from tools.forecasting.pooled import LEVELS
from tools.whole_file import replacing_text

COLUMNS = ("sku", "date", "forecast", "mean", "lo80", "hi80")
_PLACES = 3


def write_forecast(forecast: Forecast, path: Path, all_quantiles: bool = False) -> int:
    """Write `sku,date,forecast,mean,lo80,hi80`, `forecast` being the median; how many rows there are.

    With a column `kiosk` after `sku` where sales are kept by kiosk, and with `q10` to `q90` at the end if wished.
    """
    has_kiosks = any(key.kiosk for key in forecast.keys)
    quantile_columns = [f"q{level * 100:.0f}" for level in LEVELS] if all_quantiles else []
    numbers = [forecast.median, forecast.mean, forecast.low, forecast.high]
    numbers += [*forecast.quantiles] if all_quantiles else []
    dates = [day.isoformat() for day in forecast.dates]
    rows = 0
    try:
        with replacing_text(path) as file:
            table = csv.writer(file, lineterminator="\n")
            table.writerow([COLUMNS[0], *(["kiosk"] if has_kiosks else []), *COLUMNS[1:], *quantile_columns])
            for series, key in enumerate(forecast.keys):
                name = [key.sku, key.kiosk] if has_kiosks else [key.sku]
                for step, day in enumerate(dates):
                    table.writerow([*name, day, *(f"{number[series, step]:.{_PLACES}f}" for number in numbers)])
                    rows += 1
    except OSError as error:
        raise OperatorError(f"the forecast cannot be written to {path}: {error.strerror}") from error
    return rows
