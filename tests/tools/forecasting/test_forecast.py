"""Forecasts of made-up sales: what holds of any, and what is known of some by the way they were made."""

import csv
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from made_sales import MONDAY, daily_sales, poisson_sales, poisson_units

from tools.errors import DataError, OperatorError
from tools.forecasting.backtest import CHOSEN, MEAN_OF_8, NAIVE, SEASONAL_NAIVE
from tools.forecasting.choices_file import kept_choices, read_choices, write_choices
from tools.forecasting.choosing import Choices
from tools.forecasting.forecast import MAX_HORIZON, Forecast, ForecastRun, make_forecast
from tools.forecasting.forecast_file import write_forecast
from tools.forecasting.history import History, as_history
from tools.forecasting.means import COMBINED
from tools.forecasting.peers import peer_start
from tools.forecasting.periods import Frequency
from tools.forecasting.pooled import LEVELS, train
from tools.forecasting.rolling import Origin, rolling_forecasts
from tools.forecasting.sales import Offer, SeriesKey

RATES = [0.05, 0.2, 0.5, 1, 2, 4] * 5


def usual(history: History, horizon: int) -> Forecast:
    return make_forecast(history, horizon, Choices.default(len(history.keys))).forecast


def require_sound(forecast: Forecast) -> None:
    assert np.isfinite(forecast.quantiles).all()
    assert np.isfinite(forecast.mean).all()
    assert (forecast.quantiles >= 0).all()
    assert (forecast.mean >= 0).all()
    assert (np.diff(forecast.quantiles, axis=0) >= 0).all()


@pytest.fixture(scope="module")
def run() -> ForecastRun:
    """Thirty items that sell at the same rate all the time, with a backtest."""
    return make_forecast(as_history(poisson_sales(RATES, weeks=45), Frequency.WEEK), 4)


def test_steady_sales_are_forecast_at_their_rate(run: ForecastRun) -> None:
    require_sound(run.forecast)
    assert run.forecast.mean.shape == (30, 4)
    assert run.forecast.dates == tuple(MONDAY + timedelta(weeks=45 + step) for step in range(4))
    np.testing.assert_allclose(run.forecast.mean[:, 0], np.array(RATES) * 7, rtol=0.5, atol=1.0)
    np.testing.assert_allclose(run.forecast.mean[:, 0].sum(), np.sum(RATES) * 7, rtol=0.1)
    assert (run.forecast.low <= run.forecast.median).all()
    assert (run.forecast.median <= run.forecast.high).all()


def test_the_report_stands_beside_simple_ways(run: ForecastRun) -> None:
    report = run.report
    assert report is not None
    assert (report.series, report.origins, report.horizon) == (30, 12, 4)
    assert report.units == pytest.approx(np.sum(RATES) * 7 * 48, rel=0.1)
    chosen = report.of(CHOSEN)
    assert chosen.coverage is not None
    assert 0.7 < chosen.coverage < 0.95
    assert chosen.wape is not None
    assert chosen.wape < (report.of(NAIVE).wape or 0)
    assert chosen.rmsse is not None
    assert chosen.rmsse < (report.of(NAIVE).rmsse or 0)
    assert abs(chosen.bias or 1) < 0.1
    assert report.of(MEAN_OF_8).quantile_loss == pytest.approx(1)
    assert sum(report.chosen.values()) == sum(report.chosen_means.values()) == 30
    with pytest.raises(KeyError):
        report.of(SEASONAL_NAIVE)


def test_a_season_is_compared_with_where_there_was_one() -> None:
    days = np.arange(75 * 7)
    season = 1 + 0.9 * np.sin(days / 364 * 2 * np.pi)
    units = np.random.default_rng(3).poisson(np.array([1.0, 3.0])[:, None] * season)
    sales = daily_sales({SeriesKey(f"S{number}"): [*row] for number, row in enumerate(units)})
    report = make_forecast(as_history(sales, Frequency.WEEK), 4).report
    assert report is not None
    assert (report.of(SEASONAL_NAIVE).wape or 9) < 0.6


def test_too_short_to_look_back() -> None:
    short = make_forecast(as_history(poisson_sales(RATES[:6], weeks=5), Frequency.WEEK), 2)
    assert short.report is None
    require_sound(short.forecast)


def test_nothing_of_later_weeks_is_seen() -> None:
    history = as_history(poisson_sales(RATES, weeks=40), Frequency.WEEK)
    other = replace(history, units=history.units.copy())
    other.units[:, 35:] = 500
    found = [
        rolling_forecasts(one, [Origin(35, train(one.until(35), 3), peer_start(one.until(35), LEVELS))], 3)
        for one in (history, other)
    ]
    for name in found[0].quantiles:
        np.testing.assert_array_equal(found[0].quantiles[name], found[1].quantiles[name])
    for name in found[0].means:
        np.testing.assert_array_equal(found[0].means[name], found[1].means[name])
    assert (found[1].sold == 500).all()


@settings(max_examples=25, deadline=None)
@given(
    arrays(np.int64, (4, 70), elements=st.integers(0, 6)),
    st.integers(1, 5),
    st.sampled_from(Frequency),
    st.integers(0, 69),
)
def test_any_sales_give_a_sound_forecast(units: np.ndarray, horizon: int, frequency: Frequency, listed: int) -> None:
    units[0] = 0
    units[1, :listed] = 0
    units[2, 0] = 1
    begins = np.array([0, listed, 0, 0], np.int32) + MONDAY.toordinal()
    keys = [SeriesKey(name) for name in "ABCD"]
    history = as_history(daily_sales(dict(zip(keys, units.tolist(), strict=True)), begins=begins), frequency)
    forecast = usual(history, horizon)
    require_sound(forecast)
    assert forecast.mean.shape == (4, horizon)


def test_nothing_but_zeros_and_one_observation() -> None:
    units = {SeriesKey("none"): [0] * 140, SeriesKey("once"): [0] * 70 + [1] + [0] * 69, SeriesKey("usual"): [1] * 140}
    forecast = usual(as_history(daily_sales(units), Frequency.WEEK), 4)
    assert forecast.mean[0].max() == forecast.high[0].max() == 0
    assert 0 <= forecast.mean[1].max() < 1
    np.testing.assert_allclose(forecast.median[2], 7, atol=1)


def test_a_new_item_begins_like_its_category() -> None:
    rates = [5.0] * 8 + [0.2] * 8
    units = poisson_units(rates, 30 * 7)
    keys = [SeriesKey(f"{'tea' if number < 8 else 'tax'}{number}") for number in range(16)]
    new = {SeriesKey("new-tea"): [0] * 210, SeriesKey("new-tax"): [0] * 210}
    rows = dict(sorted({**{key: [*row] for key, row in zip(keys, units, strict=True)}, **new}.items()))
    begins = [(MONDAY + timedelta(days=210 if key.sku.startswith("new") else 0)).toordinal() for key in rows]
    sales = daily_sales(
        rows,
        begins=np.array(begins, np.int32),
        categories={key.sku: (key.sku.removeprefix("new-")[:3],) for key in rows},
    )
    forecast = usual(as_history(sales, Frequency.WEEK), 2)
    named = {key.sku: row for row, key in enumerate(forecast.keys)}
    np.testing.assert_allclose(forecast.mean[named["new-tea"]], 35, rtol=0.2)
    np.testing.assert_allclose(forecast.mean[named["new-tax"]], 1.4, rtol=0.4)
    assert (forecast.low[named["new-tea"]] > forecast.high[named["new-tax"]]).all()


def test_a_closed_kiosk_sells_nothing() -> None:
    units = poisson_units([1.0] * 24, 20 * 7)
    units[12:, 12 * 7 :] = 0
    keys = [SeriesKey(f"S{number:02}", "K1" if number < 12 else "K2") for number in range(24)]
    forecast = usual(as_history(daily_sales(dict(zip(keys, units.tolist(), strict=True))), Frequency.WEEK), 3)
    assert forecast.closed == {"K2"}
    assert (forecast.mean[:12] > 3).all()
    assert forecast.mean[12:].max() == forecast.high[12:].max() == 0


def test_offers_to_come_are_learned_from_those_that_were() -> None:
    chance = np.random.default_rng(5)
    count, weeks = 100, 50
    level = chance.uniform(1, 3, count)
    factor = np.ones((count, weeks * 7))
    offers: list[Offer] = []
    for number in range(count):
        for week in chance.choice(weeks, 8, replace=False):
            first = MONDAY.toordinal() + int(week) * 7
            offers.append(Offer(frozenset({f"S{number:03}"}), first, first + 6, 30.0))
            factor[number, week * 7 : week * 7 + 7] = 3
    coming = MONDAY.toordinal() + weeks * 7
    offers.append(Offer(frozenset(f"S{number:03}" for number in range(20)), coming, coming + 6, 30.0))
    units = chance.poisson(level[:, None] * factor)
    sales = daily_sales({SeriesKey(f"S{number:03}"): [*row] for number, row in enumerate(units)}, offers=tuple(offers))
    forecast = usual(as_history(sales, Frequency.WEEK), 2)
    lift = forecast.median[:, 0] / (level * 7)
    assert np.median(lift[:20]) > 1.4 * np.median(lift[20:])


def test_days_follow_the_weekdays() -> None:
    rates = np.tile([2.0, 2, 2, 2, 4, 6, 0], 20)
    units = np.random.default_rng(1).poisson(rates, (10, 140))
    sales = daily_sales({SeriesKey(f"S{number}"): [*row] for number, row in enumerate(units)})
    forecast = usual(as_history(sales, Frequency.DAY), 14)
    require_sound(forecast)
    by_day = forecast.mean.sum(axis=0)
    assert by_day[6] == by_day[13] == 0
    assert by_day[5] > by_day[4] > by_day[1]
    assert forecast.dates[0] == MONDAY + timedelta(days=140)


@pytest.mark.parametrize("horizon", [0, MAX_HORIZON + 1])
def test_horizons_that_make_no_sense(horizon: int) -> None:
    history = as_history(poisson_sales([1.0], weeks=3), Frequency.WEEK)
    with pytest.raises(OperatorError, match="the horizon must lie between"):
        make_forecast(history, horizon, Choices.default(1))


def test_the_file_is_as_agreed(run: ForecastRun, tmp_path: Path) -> None:
    path = tmp_path / "forecast.csv"
    assert write_forecast(run.forecast, path) == 120
    text = path.read_text()
    assert text.startswith("sku,date,forecast,mean,lo80,hi80\nS000,2025-11-17,")
    rows = [*csv.DictReader(text.splitlines())]
    assert [row["sku"] for row in rows] == [f"S{number:03}" for number in range(30) for _ in range(4)]
    assert {date.fromisoformat(row["date"]).weekday() for row in rows} == {0}
    np.testing.assert_allclose([float(row["forecast"]) for row in rows], run.forecast.median.ravel(), atol=0.0006)
    for row in rows:
        assert 0 <= float(row["lo80"]) <= float(row["forecast"]) <= float(row["hi80"])
    write_forecast(run.forecast, path, all_quantiles=True)
    assert path.read_text().startswith("sku,date,forecast,mean,lo80,hi80,q10,q20,q30,q40,q50,q60,q70,q80,q90\n")
    of_kiosks = replace(run.forecast, keys=tuple(SeriesKey(key.sku, "K1") for key in run.forecast.keys))
    write_forecast(of_kiosks, path)
    assert path.read_text().startswith("sku,kiosk,date,forecast,mean,lo80,hi80\nS000,K1,2025-11-17,")
    with pytest.raises(OperatorError, match="cannot be written"):
        write_forecast(run.forecast, tmp_path)


def test_choices_are_kept(run: ForecastRun, tmp_path: Path) -> None:
    path = tmp_path / "new" / "choices.json"
    assert kept_choices(run.history, path) == Choices.default(30)
    write_choices(run.choices, run.history, path)
    assert read_choices(run.history, path) == run.choices
    again = make_forecast(run.history, 4, read_choices(run.history, path))
    np.testing.assert_array_equal(again.forecast.quantiles, run.forecast.quantiles)
    np.testing.assert_array_equal(again.forecast.mean, run.forecast.mean)
    stranger = replace(run.history, keys=tuple(SeriesKey(f"T{number}") for number in range(30)))
    assert set(read_choices(stranger, path).means) == {COMBINED}
    for content in ("", "{}", '{"levels": [], "series": []}', '{"levels": "x"}'):
        path.write_text(content)
        with pytest.raises(DataError, match=r"choices\.json: not a file of choices"):
            read_choices(run.history, path)
    with pytest.raises(DataError, match="cannot be read"):
        read_choices(run.history, tmp_path / "none.json")
