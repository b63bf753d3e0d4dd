"""What each series is forecast by, kept in a file: choices come in and JSON goes out, and back."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tools.errors import DataError, OperatorError
from tools.forecasting.candidates import CANDIDATES
from tools.forecasting.choosing import Choices
from tools.forecasting.history import History
from tools.forecasting.means import MEANS
from tools.forecasting.pooled import LEVELS
from tools.forecasting.sales import SeriesKey
from tools.whole_file import replacing_text

MAX_BYTES = 100_000_000


class _Series(BaseModel):
    model_config = ConfigDict(extra="forbid")

    sku: str
    kiosk: str = ""
    quantiles: str
    mean: str


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    levels: tuple[float, ...] = Field(min_length=len(LEVELS), max_length=len(LEVELS))
    series: tuple[_Series, ...]


def write_choices(choices: Choices, history: History, path: Path) -> None:
    """Keep the choices of a history's series; OperatorError when the file cannot be written."""
    series = tuple(
        _Series(sku=key.sku, kiosk=key.kiosk, quantiles=quantiles, mean=mean)
        for key, quantiles, mean in zip(history.keys, choices.quantiles, choices.means, strict=True)
    )
    try:
        with replacing_text(path) as file:
            file.write(_File(levels=choices.levels, series=series).model_dump_json())
    except OSError as error:
        raise OperatorError(f"the choices cannot be written to {path}: {error.strerror}") from error


def kept_choices(history: History, path: Path | None) -> Choices:
    """As `read_choices`, and the usual choices if there is no file."""
    if path is None or not path.is_file():
        return Choices.default(len(history.keys))
    return read_choices(history, path)


def read_choices(history: History, path: Path) -> Choices:
    """The choices for a history's series; those of series the file does not know are the usual ones.

    DataError when the file is missing or is none of ours.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise DataError(f"larger than {MAX_BYTES} bytes", path.name)
        file = _File.model_validate_json(path.read_bytes())
    except OSError as error:
        raise DataError(f"the file cannot be read: {error.strerror}", path.name) from error
    except ValidationError as error:
        raise DataError(
            "not a file of choices; delete it, `walkiosk ops forecast` writes it anew", path.name
        ) from error
    known = {SeriesKey(one.sku, one.kiosk): one for one in file.series}
    usual = Choices.default(len(history.keys))
    quantiles, means = [*usual.quantiles], [*usual.means]
    for place, key in enumerate(history.keys):
        if (one := known.get(key)) and one.quantiles in CANDIDATES and one.mean in MEANS:
            quantiles[place], means[place] = one.quantiles, one.mean
    levels = tuple(min(1.0, max(0.0, level)) for level in file.levels)
    return Choices(tuple(quantiles), tuple(means), levels if sorted(levels) == [*levels] else LEVELS)
