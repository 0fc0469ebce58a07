"""What a claim asks of a number, and when a measurement satisfies it.

verdict_on(Estimate(38.0, 36.5, 39.5), about(40))    # "holds": it rounds to 40, as that is written
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from analysis.statistics import Estimate

HOLDS, IN_PART, FAILS, UNMEASURED = "holds", "holds in part", "does not hold", "not measurable here"
VERDICTS = (HOLDS, IN_PART, FAILS, UNMEASURED)
AT_LEAST, EXACTLY = "at least", "exactly"
SOMETHING = 1e-9  # more than nothing


def exactly(value: float) -> Estimate:
    """A number that was counted: both ends of its interval equal it."""
    return Estimate(value, value, value)


@dataclass(frozen=True, slots=True)
class Criterion:
    """What a claim asks of a number: `figure` as it is said; from `least` up to, not including, `most` satisfies it."""

    figure: float
    least: float
    most: float = math.inf
    asks: str = AT_LEAST


def about(figure: int) -> Criterion:
    """At least a round figure: what rounds to it counts, and its zeros at the end are taken for rounding.

    >>> about(40).least, about(97).least
    (35.0, 96.5)
    """
    return Criterion(figure, figure - _last_digit(figure) / 2)


def at_least(figure: int) -> Criterion:
    """A count that is no smaller."""
    return Criterion(figure, figure)


def no_more_than(figure: int, least: float = -math.inf) -> Criterion:
    """At most a figure, or what rounds to it in units; where `least` is given, no less than that either."""
    return Criterion(figure, least, figure + 0.5, "at most" if least < 0 else "something, but at most")


def just(figure: int) -> Criterion:
    """That count and no other."""
    return Criterion(figure, figure, figure + SOMETHING, EXACTLY)


def fewer_by(figure: int) -> Criterion:
    """A difference between two counts that is no smaller."""
    return Criterion(figure, figure, asks="fewer by at least")


def above(figure: int) -> Criterion:
    """More than that."""
    return Criterion(figure, figure + SOMETHING, asks="more than")


def _last_digit(figure: int) -> int:
    """What the last digit that is not a zero at the end counts: 10 in 40, 1 in 97."""
    digits = str(figure)
    return int(10 ** (len(digits) - len(digits.rstrip("0"))))


def verdict_on(estimate: Estimate, target: Criterion) -> str:
    """Holds or fails where the whole interval does; not measurable where it has ends on both sides."""
    if target.least <= estimate.low and estimate.high < target.most:
        return HOLDS
    if estimate.high < target.least or target.most <= estimate.low:
        return FAILS
    return UNMEASURED
