"""Statistics of resampled units, and their intervals: all sides of a task are resampled together.

A `Statistic` takes how often each unit is drawn in each sample, [draw, unit], and gives its value in each, [draw].
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np

DRAWS = 1_000

Array = np.ndarray
Statistic = Callable[[Array], Array]


@lru_cache(maxsize=1)  # a task's statistics all have the same units
def bootstrap_weights(units: int, seed: int = 0, draws: int = DRAWS) -> Array:
    """How often each unit is drawn in each bootstrap sample, [draw, unit]; the first row is the sample itself."""
    generator = np.random.default_rng(seed)
    drawn = generator.multinomial(units, np.full(units, 1 / units), size=draws)
    weights = np.vstack([np.ones((1, units)), drawn])
    weights.flags.writeable = False
    return weights


def estimate(statistic: Statistic, units: int) -> dict[str, float | int]:
    """The statistic with the central 95% of its bootstrap distribution; nothing if it is not defined for the sample."""
    values = statistic(bootstrap_weights(units))
    if np.isnan(values[0]):
        return {}
    low, high = np.nanpercentile(values[1:], [2.5, 97.5])
    return {"value": round(float(values[0]), 5), "low": round(float(low), 5), "high": round(float(high), 5), "n": units}


def quotient(above: Array, below: Array) -> Array:
    """The one over the other, NaN where that is 0."""
    shares: Array = np.divide(above, below, out=np.full(len(above), np.nan), where=below > 0)
    return shares


def mean_of(sums: Array, counts: Array) -> Statistic:
    """Total over total: `sums` and `counts` are [unit]."""
    return lambda weights: quotient(weights @ sums, weights @ counts)


def ratio(sums: Array, counts: Array) -> Statistic:
    """Total over total, 0 where nothing is counted (no entity predicted); `sums` and `counts` are [unit]."""

    def value(weights: Array) -> Array:
        above, below = weights @ sums, weights @ counts
        shares: Array = np.divide(above, below, out=np.zeros(len(above)), where=below > 0)
        return shares

    return value


def share_kept(student: Statistic, teacher: Statistic) -> Statistic:
    """The student's value over the teacher's."""
    return lambda weights: quotient(student(weights), teacher(weights))


def difference(first: Statistic, second: Statistic) -> Statistic:
    """The first value less the second, both on the same units."""
    return lambda weights: first(weights) - second(weights)


def agreement(first: Array, second: Array, unit: Array, units: int) -> Statistic:
    """The share of items with equal labels; `unit` says which resampled unit an item belongs to."""
    return mean_of(np.bincount(unit, first == second, units), np.bincount(unit, minlength=units))


def kappa(first: Array, second: Array, unit: Array, units: int) -> Statistic:
    """Cohen's kappa of two labellings [item]; `unit` says which resampled unit an item belongs to (Cohen 1960)."""
    labels, codes = np.unique(np.concatenate([first, second]), return_inverse=True)
    first_codes, second_codes = codes[: len(first)], codes[len(first) :]
    # What each unit adds to the counts of equal items and of each label, so that no sample has to visit the items.
    equal = np.bincount(unit, first == second, units)
    counts = [
        np.bincount(unit * len(labels) + side, minlength=units * len(labels)).reshape(units, -1)
        for side in (first_codes, second_codes)
    ]

    def value(weights: Array) -> Array:
        items = weights @ np.bincount(unit, minlength=units)
        shares = [weights @ count / items[:, None] for count in counts]
        observed, expected = weights @ equal / items, (shares[0] * shares[1]).sum(1)
        return quotient(observed - expected, 1 - expected)

    return value
