"""Quantiles and what is done with them: weighing, measuring, choosing and setting right."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tools.forecasting import accuracy
from tools.forecasting.candidates import BLEND, DEFAULT_CANDIDATE, POOLED
from tools.forecasting.choosing import choose
from tools.forecasting.levels import fading_weights, latest, weighted_mean, weighted_quantiles
from tools.forecasting.pooled import LEVELS
from tools.forecasting.recalibration import levels_of, levels_to_read, read_off

VALUES = arrays(np.float64, (3, 6), elements=st.one_of(st.integers(0, 50).map(float), st.just(np.nan)))


def test_latest_are_the_last_known() -> None:
    units = np.array([[1, np.nan, 2, 3], [np.nan, np.nan, np.nan, 4]])
    np.testing.assert_array_equal(latest(units, 2), [[2, 3], [np.nan, 4]])
    np.testing.assert_array_equal(latest(units, 5)[0], [np.nan, np.nan, 1, 2, 3])


@given(VALUES, st.floats(0.01, 0.9))
def test_weighted_quantiles_are_ordered_and_within_the_values(values: np.ndarray, rate: float) -> None:
    quantiles = weighted_quantiles(values, fading_weights(6, rate), LEVELS)
    assert (np.diff(quantiles, axis=0) >= -1e-9).all()
    for row in range(3):
        known = values[row][~np.isnan(values[row])]
        low, high = (known.min(), known.max()) if len(known) else (0, 0)
        assert (low - 1e-9 <= quantiles[:, row]).all()
        assert (quantiles[:, row] <= high + 1e-9).all()


def test_the_latest_weigh_most() -> None:
    values = np.array([[0.0, 0, 0, 0, 9, 9]])
    assert weighted_quantiles(values, fading_weights(6, 0.5), (0.5,))[0, 0] == pytest.approx(9)
    assert weighted_quantiles(values, np.ones(6), (0.5,))[0, 0] == 0
    assert weighted_mean(np.array([[np.nan, 2.0, 4.0]]), np.array([0.2, 0.2, 0.6]))[0] == pytest.approx(3.5)


def test_measures_by_hand() -> None:
    sold = np.array([[[4.0, 6.0]], [[0.0, np.nan]]], np.float32)
    middle = np.array([[[5.0, 6.0]], [[1.0, 1.0]]], np.float32)
    assert accuracy.wape(sold, middle) == pytest.approx(2 / 10)
    assert accuracy.mean_series_wape(sold, middle) == pytest.approx(1 / 10)
    assert accuracy.bias(sold, middle) == pytest.approx(2 / 10)
    quantiles = np.stack([np.full_like(sold, low) for low in (3, 3, 3, 4, 5, 5, 5, 5, 5)])
    assert accuracy.coverage(sold, quantiles) == pytest.approx(1 / 3)
    assert accuracy.rmsse(sold[:1], middle[:1], np.array([[1, 3, 5]], np.float32)) == pytest.approx((0.5 / 4) ** 0.5)
    assert accuracy.wape(np.zeros((1, 1, 1), np.float32), middle[:1, :, :1]) is None
    exact = np.broadcast_to(sold, (len(LEVELS), *sold.shape))
    assert accuracy.quantile_loss(sold, exact, quantiles) == 0
    assert accuracy.series_quantile_loss(sold, quantiles, quantiles) == 1


def test_pinball_is_least_at_the_quantile() -> None:
    sold = np.random.default_rng(1).gamma(2, 5, 4_000).astype(np.float32)
    right = np.quantile(sold, LEVELS)[:, None] + 0 * sold
    least = accuracy.pinball(sold, right).sum()
    for wrong in (right * 1.2, right * 0.8, right + 2):
        assert accuracy.pinball(sold, wrong).sum() > least


def test_a_series_has_to_be_convinced() -> None:
    usual = np.random.default_rng(1).uniform(1, 2, (200, 12, 4)).astype(np.float32)
    losses = {BLEND: usual, POOLED: usual * 1.02}
    losses[POOLED][3] = usual[3] * 0.5
    seen = np.ones((12, 4), bool)
    chosen = choose(losses, DEFAULT_CANDIDATE, seen)
    assert chosen[3] == POOLED
    assert set(chosen[:3] + chosen[4:]) == {BLEND}
    assert set(choose(losses, DEFAULT_CANDIDATE, ~seen)) == {DEFAULT_CANDIDATE}


def test_levels_are_read_as_they_stand_as_long_as_little_is_known() -> None:
    assert tuple(levels_to_read(np.array([0.9] * 20))) == LEVELS
    risen = levels_to_read(np.linspace(0.5, 1, 1_000))
    assert (risen > LEVELS).all()
    assert (np.diff(risen) > 0).all()


@given(arrays(np.float64, (9, 5), elements=st.floats(0, 100)), st.lists(st.floats(0, 1), min_size=9, max_size=9))
def test_reading_off_keeps_the_order(quantiles: np.ndarray, levels: list[float]) -> None:
    quantiles = np.sort(quantiles, axis=0)
    np.testing.assert_allclose(read_off(quantiles, np.array(LEVELS)), quantiles, atol=1e-9)
    read = read_off(quantiles, np.sort(levels))
    assert (np.diff(read, axis=0) >= -1e-9).all()
    assert (read >= 0).all()


def test_where_sales_lay() -> None:
    quantiles = np.arange(1.0, 10)[:, None] + np.zeros(4)
    found = levels_of(np.array([5.0, 9.0, 2.5, np.nan]), quantiles)
    np.testing.assert_allclose(found[:3], [0.5, 0.9, 0.25])
    assert np.isnan(found[3])
    assert np.isnan(levels_of(np.array([0.0]), np.zeros((9, 1)))).all()
