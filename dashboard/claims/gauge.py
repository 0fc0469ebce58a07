"""A small drawing beside a number: where it lies against what a claim asks, and against what was published."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import isfinite

from analysis.claims.claim import Line
from analysis.claims.criteria import EXACTLY
from analysis.claims.judging import number

MARGIN, LEAST_MARGIN = 0.08, 0.02  # on either side: of the range, and of the largest number


@dataclass(frozen=True, slots=True)
class Scale:
    """Where numbers from `low` to `high` stand on a strip; `unit` is written at both ends."""

    low: float
    high: float
    unit: str

    def at(self, value: float) -> float:
        """The place of a number in per cent of the width; what lies outside is put on the edge."""
        return 100 * min(max((value - self.low) / (self.high - self.low), 0.0), 1.0)


def scales(lines: Iterable[Line]) -> dict[str, Scale]:
    """One scale for each unit, so that all lines of a claim can be compared."""
    numbers: dict[str, list[float]] = {}
    for line in lines:
        if drawable(line):
            numbers.setdefault(line.definition.unit, []).extend(_numbers(line))
    return {unit: _around(values, unit) for unit, values in numbers.items()}


def drawable(line: Line) -> bool:
    """Whether there is something to compare by eye: counts and exact numbers are read."""
    target = line.definition.target
    known = line.measured is not None or line.reported is not None
    return known and line.definition.unit != "" and target is not None and target.asks != EXACTLY


def _numbers(line: Line) -> list[float]:
    target, measured = line.definition.target, line.measured
    asked = [end for end in (target.figure, target.least, target.most) if isfinite(end)] if target else []
    found = [measured.estimate.low, measured.estimate.value, measured.estimate.high] if measured else []
    return [*asked, *found, *([] if line.reported is None else [line.reported])]


def _around(values: list[float], unit: str) -> Scale:
    low, high = min(values), max(values)
    margin = max(MARGIN * (high - low), LEAST_MARGIN * max(abs(low), abs(high))) or 1.0
    return Scale(low - margin if low < 0 else max(low - margin, 0.0), high + margin, unit)


def strip(line: Line, scale: Scale) -> str:
    """The drawing as HTML: a shade over all that satisfies the claim, a line at it, a dot, and an open diamond."""
    target, measured, parts = line.definition.target, line.measured, []
    if target:
        least, most = scale.at(target.least), scale.at(target.most)
        parts += [_part("asked", least, most - least), _part("figure", scale.at(target.figure))]
    if line.reported is not None:
        parts.append(_part("reported", scale.at(line.reported)))
    if measured:
        low, high = scale.at(measured.estimate.low), scale.at(measured.estimate.high)
        parts += [_part("interval", low, high - low), _part("dot", scale.at(measured.estimate.value))]
    ends = f"<span>{number(scale.low, scale.unit)}</span><span>{number(scale.high, scale.unit)}</span>"
    return f'<div class="dl-gauge" aria-hidden="true">{"".join(parts)}</div><div class="dl-ends">{ends}</div>'


def _part(kind: str, left: float, width: float | None = None) -> str:
    extent = "" if width is None else f"; width: {width:.2f}%"
    return f'<span class="dl-{kind}" style="left: {left:.2f}%{extent}"></span>'
