"""What a history takes for known: gaps, weeks that have just begun, kiosks that were shut or closed, items sold out."""

from datetime import date, timedelta

import numpy as np
import pytest
from made_sales import MONDAY, daily_sales, poisson_sales, poisson_units

from tools.forecasting.history import as_history
from tools.forecasting.periods import Frequency, first_day, period_of
from tools.forecasting.sales import SeriesKey, TooFewSales, sum_rows

A, B = SeriesKey("A"), SeriesKey("B")


def test_periods_are_dated_by_their_mondays() -> None:
    week = period_of(date(2025, 1, 12), Frequency.WEEK)
    assert first_day(week, Frequency.WEEK) == MONDAY
    assert first_day(week + 1, Frequency.WEEK) == MONDAY + timedelta(days=7)
    day = period_of(date(2025, 1, 12), Frequency.DAY)
    assert first_day(day, Frequency.DAY) == date(2025, 1, 12)


def test_gaps_are_zeros_and_nothing_is_known_before_the_beginning() -> None:
    sales = daily_sales({A: [1] * 28, B: [0] * 14 + [2] + [0] * 13})
    begins = np.array([MONDAY.toordinal(), (MONDAY + timedelta(days=14)).toordinal()], np.int32)
    history = as_history(daily_sales({A: [1] * 28, B: [0] * 14 + [2] + [0] * 13}, begins=begins), Frequency.WEEK)
    np.testing.assert_array_equal(history.units, [[7, 7, 7, 7], [np.nan, np.nan, 2, 0]])
    np.testing.assert_array_equal(as_history(sales, Frequency.WEEK).units[1], [0, 0, 2, 0])
    np.testing.assert_array_equal(history.days_sold[0], [7, 7, 7, 7])


def test_a_week_that_has_just_begun_is_left_out_and_one_that_is_nearly_over_is_not() -> None:
    history = as_history(daily_sales({A: [1] * (28 + 3)}), Frequency.WEEK)
    assert history.periods == 4
    assert [remark.what for remark in history.remarks] == [
        "the week of 2025-02-03 has only 43% of a usual week's sales yet: left out"
    ]
    assert as_history(daily_sales({A: [1] * (28 + 6)}), Frequency.WEEK).periods == 5
    weekdays_only = ([1] * 5 + [0] * 2) * 4 + [1] * 5
    assert as_history(daily_sales({A: weekdays_only}), Frequency.WEEK).periods == 5
    assert as_history(daily_sales({A: [1] * 31}), Frequency.DAY).periods == 31


def test_one_observation_is_too_little_and_says_so() -> None:
    with pytest.raises(TooFewSales, match="from 2025-01-06 to 2025-01-06 do not cover one whole week"):
        as_history(daily_sales({A: [1]}), Frequency.WEEK)
    assert as_history(daily_sales({A: [1]}), Frequency.DAY).periods == 1


def test_a_closed_kiosk_and_one_that_was_shut_for_a_week() -> None:
    units = poisson_units([0.5] * 40, 20 * 7)
    units[:, 5 * 7 : 6 * 7] = 0
    units[20:, 13 * 7 :] = 0
    keys = [SeriesKey(f"S{number:02}", "K1" if number < 20 else "K2") for number in range(40)]
    history = as_history(
        daily_sales({key: [*row] for key, row in zip(keys, units, strict=True)}, until=MONDAY + timedelta(days=139)),
        Frequency.WEEK,
    )
    assert np.isnan(history.units[:, 5]).all()
    assert not np.isnan(history.units[:20, 6:]).any()
    assert (history.closed == [False] * 20 + [True] * 20).all()
    [remark] = history.remarks
    assert "the kiosk K2 has sold nothing since the week of 2025-03-31: taken for closed" in remark.what


def test_a_slow_kiosk_is_not_closed_by_chance() -> None:
    sales = daily_sales({A: ([1] + [0] * 69) * 2})
    assert not as_history(sales, Frequency.WEEK).closed.any()


def test_days_without_a_piece_say_nothing_about_demand() -> None:
    out = [(0, (MONDAY + timedelta(days=day)).toordinal()) for day in (7, 8, 9, 10, 14)]
    history = as_history(daily_sales({A: [1] * 28}, sold_out=np.array(out, np.int32)), Frequency.WEEK)
    np.testing.assert_array_equal(history.units, [[7, np.nan, 7, 7]])


def test_all_zeros() -> None:
    sales = poisson_sales([0.0, 1.0], weeks=3)
    history = as_history(sales, Frequency.WEEK)
    np.testing.assert_array_equal(history.units[0], [0, 0, 0])


def test_rows_of_the_same_day_are_added_up() -> None:
    series, day = np.array([1, 0, 1, 0], np.int32), np.array([5, 9, 5, 3], np.int32)
    summed = sum_rows(series, day, np.array([1.0, 2, 4, 8]))
    assert [*zip(summed.series, summed.day, summed.units, strict=True)] == [(0, 3, 8), (0, 9, 2), (1, 5, 5)]
    assert list(summed.repeats) == [2]
