"""A number that was estimated, with the interval around it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from analysis.arrays import Array

RESAMPLES = 1_000
SEED = 0


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value and its 95 % interval, `low` to `high`, in the value's own unit."""

    value: float
    low: float
    high: float


def bootstrapped(count: int, statistic: Callable[[Array], Array]) -> Estimate:
    """A statistic of `count` rounds, with the interval over rounds drawn anew (percentile bootstrap, Efron 1979).

    `statistic` maps which rounds are looked at, [draw, round], to [draw]: all that was measured in one round is drawn
    together.
    """
    drawn = np.random.default_rng(SEED).integers(0, count, (RESAMPLES, count))
    (value,) = statistic(np.arange(count)[None])
    low, high = np.quantile(statistic(drawn), (0.025, 0.975))
    return Estimate(float(value), float(low), float(high))
