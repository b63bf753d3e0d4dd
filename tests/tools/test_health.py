"""What kiosks count of their health: nothing is lost or counted twice, and quantiles lie where the times were."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import URL

from agent.clockwork import keep_saving_health
from tools.database import open_database
from tools.errors import StoreError
from tools.health import LIMITS_MS, HealthBook, Signal, Tally, read_tallies
from tools.schema import migrate

NOW = datetime(2026, 11, 27, 8, 40, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_two_kiosks_add_up_what_they_count(database: URL) -> None:
    engine = open_database(database)
    books = [HealthBook(engine, lambda: NOW) for _ in range(2)]
    for book in books:
        book.count("K1", Signal.TURN, 420)
        book.count("K1", Signal.TURN, 90_000)
        book.count("K1", Signal.TOOL_FAILED, times=0)
        book.count("K2", Signal.MODEL_FAILED)
        book.save()
        book.save()
    tallies = read_tallies(engine, NOW - HOUR, NOW)
    assert {kiosk: [tally.count(signal) for signal in Signal] for kiosk, tally in tallies.items()} == {
        "K1": [4, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        "K2": [0, 0, 0, 2, 0, 0, 0, 0, 0, 0],
    }
    assert tallies["K1"].quantile_ms(Signal.TURN, 1) == LIMITS_MS[-1]
    assert read_tallies(engine, NOW, NOW + HOUR) == {}
    assert set(read_tallies(engine, NOW - HOUR, NOW, ["K2"])) == {"K2"}


def test_what_cannot_be_saved_is_saved_later() -> None:
    engine = open_database(None)
    book = HealthBook(engine, lambda: NOW)
    book.count("K1", Signal.HEARD, 300)
    with pytest.raises(StoreError):
        book.save()
    migrate(engine)
    book.count("K1", Signal.HEARD, 300)
    book.save()
    assert read_tallies(engine, NOW - HOUR, NOW)["K1"].count(Signal.HEARD) == 2


async def test_a_kiosk_saves_by_itself_whatever_went_wrong_before(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    engine = open_database(tmp_path / "store.db")
    book = HealthBook(engine, lambda: NOW)
    book.count("K1", Signal.HEARD, 300)
    saving = asyncio.create_task(keep_saving_health(book, every_s=0))
    async with asyncio.timeout(20):
        while "could not be kept" not in caplog.text:  # noqa: ASYNC110  as below
            await asyncio.sleep(0.01)
    migrate(engine)
    async with asyncio.timeout(20):
        while not read_tallies(engine, NOW - HOUR, NOW):  # noqa: ASYNC110  there is nothing to wait for but the task
            await asyncio.sleep(0.01)
    saving.cancel()


@given(st.lists(st.floats(0, 60_000), min_size=1, max_size=200), st.floats(0.01, 1))
def test_a_quantile_is_within_the_limits_around_it(times: Sequence[float], share: float) -> None:
    tally = Tally()
    for ms in times:
        tally.add(Signal.TURN, next(limit for limit in LIMITS_MS if ms <= limit), 1)
    quantile = tally.quantile_ms(Signal.TURN, share)
    assert quantile is not None
    exact = sorted(times)[min(len(times) - 1, int(-(-share * len(times) // 1)) - 1)]
    upper = next(limit for limit in LIMITS_MS if exact <= limit)
    lower = max((limit for limit in LIMITS_MS if limit < upper), default=0)
    assert lower <= quantile <= upper


def test_without_times_there_is_no_quantile() -> None:
    tally = Tally()
    tally.add(Signal.MODEL_FAILED, 0, 3)
    assert tally.quantile_ms(Signal.MODEL_FAILED, 0.5) is None
    assert (tally + tally).count(Signal.MODEL_FAILED) == 6
