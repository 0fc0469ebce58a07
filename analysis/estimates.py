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


def bootstrapped(statistic: Callable[..., Array], *samples: Array) -> Estimate:
    """A statistic of samples [round], with the interval over rounds drawn anew (percentile bootstrap, Efron 1979).

    Several samples are drawn by the same rounds, so that what was measured together stays together. `statistic` maps
    arrays [draw, round] to [draw].
    """
    count = len(samples[0])
    drawn = np.random.default_rng(SEED).integers(0, count, (RESAMPLES, count))  # [draw, round]
    (value,) = statistic(*(sample[None] for sample in samples))
    low, high = np.quantile(statistic(*(sample[drawn] for sample in samples)), (0.025, 0.975))
    return Estimate(float(value), float(low), float(high))
