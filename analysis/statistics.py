"""Estimates with intervals (bootstrap), entropy and Jensen–Shannon divergence, and rank correlations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from analysis.arrays import Array

RESAMPLES = 1_000
SEED = 0
TINY = np.finfo(np.float32).tiny
FEWEST_WORDS = 4  # fewer have too few orders for a correlation to say anything

RankCorrelation: TypeAlias = Callable[[Array, Array, Array], Array]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value and its 95% interval, `low` to `high`, in the value's own unit."""

    value: float
    low: float
    high: float


def bootstrapped(count: int, statistic: Callable[[Array], Array]) -> Estimate:
    """A statistic of `count` rounds, with the interval over rounds drawn anew (percentile bootstrap, Efron 1979).

    `statistic` maps the indices of the drawn rounds, [draw, round], to its values, [draw]. All that was measured in one
    round is drawn together.
    """
    drawn = np.random.default_rng(SEED).integers(0, count, (RESAMPLES, count))
    (value,) = statistic(np.arange(count)[None])
    low, high = np.quantile(statistic(drawn), (0.025, 0.975))
    return Estimate(float(value), float(low), float(high))


def jensen_shannon(p: Array, q: Array) -> Array:
    """Divergence in bits of each pair of rows of two arrays [row, outcome] whose rows sum to 1.

    >>> jensen_shannon(np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]]))
    array([1.])
    """
    middle = (p + q) / 2
    return np.asarray((_bits(p, middle) + _bits(q, middle)) / 2).clip(0.0, 1.0)


def _bits(p: Array, q: Array) -> Array:
    ratio = np.divide(p, q, out=np.ones_like(p, dtype=np.float64), where=p > 0)
    return np.asarray((p * np.log2(ratio)).sum(axis=-1))


def entropy_bits(rows: Array) -> Array:
    """Entropy in bits over the last axis, in float64; 0 for all weight on one key, log2 n for even weights."""
    terms = rows * np.log2(np.maximum(rows, TINY))  # 0 log 0 = 0
    return np.asarray(-terms.sum(axis=-1, dtype=np.float64))


def spearman(first: Array, second: Array, weights: Array) -> Array:
    """Spearman's rank correlation of two rows [word], per draw: [draw].

    `weights` [draw, word]: how often each word is drawn. NaN if all values that were drawn are equal.
    """
    ranks = [_weighted_ranks(values, weights) for values in (first, second)]  # [draw, word]
    counts = weights.sum(axis=1, keepdims=True)
    centred = [rank - (weights * rank).sum(axis=1, keepdims=True) / counts for rank in ranks]
    return _ratio(*((weights * a * b).sum(axis=1) for a, b in _pairs(*centred)))


def kendall(first: Array, second: Array, weights: Array) -> Array:
    """Kendall's tau-b, with the same axes."""
    signs = [np.sign(np.subtract.outer(values, values)) for values in (first, second)]  # [word, word]
    return _ratio(*(((weights @ (a * b)) * weights).sum(axis=1) for a, b in _pairs(*signs)))


def _pairs(a: Array, b: Array) -> tuple[tuple[Array, Array], ...]:
    return (a, b), (a, a), (b, b)


def _ratio(covariance: Array, first_variance: Array, second_variance: Array) -> Array:
    """Covariance over the root of the two variances, NaN if one is 0."""
    scale = np.sqrt(first_variance * second_variance)
    return np.asarray(np.divide(covariance, scale, out=np.full_like(scale, np.nan), where=scale > 1e-12))


def _weighted_ranks(values: Array, weights: Array) -> Array:
    """The mean rank of each word among those drawn, each counted as often as its weight: [draw, word]."""
    below, equal = np.less.outer(values, values), np.equal.outer(values, values)  # [of, word]
    return np.asarray(weights @ (below + equal / 2))


def correlation_with_interval(correlation: RankCorrelation, first: Array, second: Array) -> Estimate | None:
    """A rank correlation of two rows [word], with the interval over words drawn anew.

    None for fewer than `FEWEST_WORDS` words, or if all values of one row are equal.
    """
    count = len(first)
    (value,) = correlation(first, second, np.ones((1, count)))
    if count < FEWEST_WORDS or np.isnan(value):
        return None
    draws = np.random.default_rng(SEED).multinomial(count, np.full(count, 1 / count), RESAMPLES).astype(float)
    low, high = np.nanpercentile(correlation(first, second, draws), (2.5, 97.5))
    return Estimate(float(value), float(low), float(high))
