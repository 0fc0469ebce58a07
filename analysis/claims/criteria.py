"""The criterion that a claim sets for a number, and the verdict on a measurement.

verdict_on(Estimate(38.0, 36.5, 39.5), about(40))    # "holds": the whole interval rounds to 40
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from analysis.statistics import Estimate

HOLDS, IN_PART, FAILS = "holds", "holds in part", "does not hold"
INCONCLUSIVE = "inconclusive"  # measured, but the interval contains the threshold
PENDING = "not measured yet"  # the reader can measure it with a button
UNMEASURABLE = "not measurable here"
VERDICTS = (HOLDS, IN_PART, FAILS, PENDING, INCONCLUSIVE, UNMEASURABLE)
AT_LEAST, EXACTLY = "at least", "exactly"
EPSILON = 1e-9  # the smallest difference that counts as more than nothing


def exactly(value: float) -> Estimate:
    """A number that was counted: both ends of its interval are equal to it."""
    return Estimate(value, value, value)


@dataclass(frozen=True, slots=True)
class Criterion:
    """Numbers from `least` up to, not including, `most` satisfy it; `figure` is the number as the claim states it."""

    figure: float
    least: float
    most: float = math.inf
    asks: str = AT_LEAST


def about(figure: int) -> Criterion:
    """At least a rounded figure: any number that rounds to it counts, and trailing zeros are taken as rounding.

    >>> about(40).least, about(97).least
    (35.0, 96.5)
    """
    return Criterion(figure, figure - _last_digit(figure) / 2)


def at_least(figure: int) -> Criterion:
    """A count that is at least that large."""
    return Criterion(figure, figure)


def no_more_than(figure: int, least: float = -math.inf) -> Criterion:
    """At most a figure, or what rounds to it in units; and no less than `least`, if that is given."""
    return Criterion(figure, least, figure + 0.5, "at most" if least < 0 else "more than 0 and at most")


def exactly_equal(figure: int) -> Criterion:
    """Exactly that count."""
    return Criterion(figure, figure, figure + EPSILON, EXACTLY)


def fewer_by(figure: int) -> Criterion:
    """A difference between two counts that is at least that large."""
    return Criterion(figure, figure, asks="a difference of at least")


def above(figure: int) -> Criterion:
    """More than the figure."""
    return Criterion(figure, figure + EPSILON, asks="more than")


def _last_digit(figure: int) -> int:
    """The unit of the last digit before any trailing zeros: 10 in 40, 1 in 97."""
    digits = str(figure)
    return int(10 ** (len(digits) - len(digits.rstrip("0"))))


def verdict_on(estimate: Estimate, criterion: Criterion) -> str:
    """Holds or fails if the whole interval does; inconclusive if its ends lie on both sides of the threshold."""
    if criterion.least <= estimate.low and estimate.high < criterion.most:
        return HOLDS
    if estimate.high < criterion.least or criterion.most <= estimate.low:
        return FAILS
    return INCONCLUSIVE
