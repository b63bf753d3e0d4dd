"""The ways to forecast a series that a backtest chooses from: a history comes in, quantiles by each way go out."""

from collections.abc import Mapping

from tools.forecasting.features import WINDOWS, FeatureRows
from tools.forecasting.levels import Values, fading_weights, weighted_quantiles
from tools.forecasting.peers import PeerStart
from tools.forecasting.periods import Frequency
from tools.forecasting.pooled import LEVELS, PooledModel

POOLED, BLEND = "pooled", "blend"
CANDIDATES = (POOLED, BLEND)
DEFAULT_CANDIDATE = BLEND
POOLED_SHARE = 0.7
"""Of the pooled model in a blend; the rest is what the series itself sold lately. Alone that is chosen by luck only."""


def quantiles_by(
    rows: FeatureRows, frequency: Frequency, model: PooledModel | None, peers: PeerStart
) -> Mapping[str, Values]:
    """Quantiles at LEVELS by each of CANDIDATES, each of shape (levels, series, steps).

    Without a pooled model all of them are a series' own recent sales.
    """
    weights = fading_weights(rows.values.shape[1], WINDOWS[frequency].rates[0])
    recent = weighted_quantiles(rows.values, weights, LEVELS)[:, :, None] * rows.factors
    pooled = model.quantiles(rows) if model else recent
    own = {POOLED: pooled, BLEND: POOLED_SHARE * pooled + (1 - POOLED_SHARE) * recent}
    start = peers.quantiles[:, :, None] * rows.factors
    trust = peers.trust[:, None]
    return {name: trust * quantiles + (1 - trust) * start for name, quantiles in own.items()}


def with_peers(mean: Values, rows: FeatureRows, peers: PeerStart) -> Values:
    """The mean of each series and step, shape (series, steps), out of each series' own."""
    return (peers.trust * mean + (1 - peers.trust) * peers.mean)[:, None] * rows.factors
