"""A small gauge beside a number: the claim's criterion, the measured value, and the published one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import isfinite

from analysis.claims.claim import Result
from analysis.claims.criteria import EXACTLY
from analysis.claims.judging import number

MARGIN, LEAST_MARGIN = 0.08, 0.02  # on either side: of the range, and of the largest number


@dataclass(frozen=True, slots=True)
class Scale:
    """A scale from `low` to `high`, with its `unit` at both ends."""

    low: float
    high: float
    unit: str

    def at(self, value: float) -> float:
        """The position of a number in per cent of the width; numbers outside the scale are put on its edge."""
        return 100 * min(max((value - self.low) / (self.high - self.low), 0.0), 1.0)


def scales(results: Iterable[Result]) -> dict[str, Scale]:
    """One scale per unit, so that all results of a claim can be compared."""
    numbers: dict[str, list[float]] = {}
    for result in results:
        if drawable(result):
            numbers.setdefault(result.definition.unit, []).extend(_numbers(result))
    return {unit: _around(values, unit) for unit, values in numbers.items()}


def drawable(result: Result) -> bool:
    """Whether a gauge helps: counts and exact numbers are better read."""
    criterion = result.definition.criterion
    known = result.measured is not None or result.reported is not None
    return known and result.definition.unit != "" and criterion is not None and criterion.asks != EXACTLY


def _numbers(result: Result) -> list[float]:
    criterion, measured = result.definition.criterion, result.measured
    thresholds = (
        [end for end in (criterion.figure, criterion.least, criterion.most) if isfinite(end)] if criterion else []
    )
    interval = [measured.estimate.low, measured.estimate.value, measured.estimate.high] if measured else []
    return [*thresholds, *interval, *([] if result.reported is None else [result.reported])]


def _around(values: list[float], unit: str) -> Scale:
    low, high = min(values), max(values)
    margin = max(MARGIN * (high - low), LEAST_MARGIN * max(abs(low), abs(high))) or 1.0
    return Scale(low - margin if low < 0 else max(low - margin, 0.0), high + margin, unit)


def gauge(result: Result, scale: Scale) -> str:
    """The gauge as HTML: shading over values that pass, a line at the figure, a dot, and an open diamond."""
    criterion, measured, parts = result.definition.criterion, result.measured, []
    if criterion:
        least, most = scale.at(criterion.least), scale.at(criterion.most)
        parts += [_part("asked", least, most - least), _part("figure", scale.at(criterion.figure))]
    if result.reported is not None:
        parts.append(_part("reported", scale.at(result.reported)))
    if measured:
        low, high = scale.at(measured.estimate.low), scale.at(measured.estimate.high)
        parts += [_part("interval", low, high - low), _part("dot", scale.at(measured.estimate.value))]
    ends = f"<span>{number(scale.low, scale.unit)}</span><span>{number(scale.high, scale.unit)}</span>"
    return f'<div class="dl-gauge" aria-hidden="true">{"".join(parts)}</div><div class="dl-ends">{ends}</div>'


def _part(kind: str, left: float, width: float | None = None) -> str:
    extent = "" if width is None else f"; width: {width:.2f}%"
    return f'<span class="dl-{kind}" style="left: {left:.2f}%{extent}"></span>'
