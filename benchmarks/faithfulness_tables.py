"""What the grades of many texts come to: means and paired gains with their intervals, and their Markdown tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from analysis.attribution.baselines import BASELINES
from analysis.inputs.tasks import TASKS
from analysis.statistics import Estimate, bootstrapped

REFERENCE = "[PAD]"  # the baseline that the others are held against
DIGITS = 4  # of a figure that is written
GRADES = ("comprehensiveness", "sufficiency")
SIDES = ("teacher", "student")

Order = tuple[str, str]  # a method and its baseline, "" where it takes none


@dataclass(frozen=True, slots=True)
class Grade:
    """How one order of the words of a text fares in one model as they go one way: both grades in logits."""

    task: str
    side: str
    text: str
    way: str
    method: str
    baseline: str
    comprehensiveness: float
    sufficiency: float

    @property
    def order(self) -> Order:
        return self.method, self.baseline


@dataclass(frozen=True, slots=True)
class Row:
    """The mean grades of one order over `texts` texts, and by how much they are higher than from [PAD]."""

    task: str
    side: str
    way: str
    method: str
    baseline: str
    texts: int
    comprehensiveness: Estimate
    sufficiency: Estimate
    comprehensiveness_gain: Estimate | None
    sufficiency_gain: Estimate | None


def rows_of(grades: Sequence[Grade], orders: Sequence[Order]) -> list[Row]:
    """A row for each model, way and order, in the sequence of `orders`."""
    values: dict[tuple[str, str, str], dict[Order, dict[str, tuple[float, float]]]] = {}
    for grade in grades:
        by_order = values.setdefault((grade.task, grade.side, grade.way), {})
        by_order.setdefault(grade.order, {})[grade.text] = grade.comprehensiveness, grade.sufficiency
    return [
        row_of(*asked, order, by_order) for asked, by_order in values.items() for order in orders if order in by_order
    ]


def row_of(
    task: str, side: str, way: str, order: Order, by_order: Mapping[Order, Mapping[str, tuple[float, float]]]
) -> Row:
    """The row of one order, from both grades of every text by each order."""
    (method, baseline), by_text = order, by_order[order]
    own = np.array(list(by_text.values()))  # [text, grade]
    gains: list[Estimate | None] = [None, None]
    if baseline not in ("", REFERENCE):
        reference = by_order[method, REFERENCE]
        gains = [mean(difference) for difference in (own - [reference[text] for text in by_text]).T]
    return Row(task, side, way, method, baseline, len(own), *map(mean, own.T), *gains)


def mean(values: np.ndarray) -> Estimate:
    """The mean over texts, [text], with its interval."""
    return bootstrapped(len(values), lambda drawn: values[drawn].mean(axis=1))


def table(rows: Sequence[Row]) -> str:
    """The mean grades of each order, both models side by side."""
    lines = []
    for order in dict.fromkeys((row.method, row.baseline) for row in rows):
        sides = {row.side: row for row in rows if (row.method, row.baseline) == order}
        cells = [shown(getattr(sides[side], grade)) for side in SIDES for grade in GRADES]
        lines.append((*order, *cells))
    return markdown(("order by", "baseline", *(f"{side}: {grade}" for side in SIDES for grade in GRADES)), lines, 2)


def gains(rows: Sequence[Row], grade: str) -> str:
    """By how much a grade is higher than from [PAD], by task, model, way and method that takes a baseline."""
    others = [baseline for baseline in BASELINES if baseline != REFERENCE]
    values: dict[tuple[str, ...], dict[str, Estimate]] = {}
    for row in rows:
        if gain := getattr(row, f"{grade}_gain"):
            line = (TASKS[row.task].title, row.side, row.way, row.method, str(row.texts))
            values.setdefault(line, {})[row.baseline] = gain
    lines = [(*line, *(shown(found.get(baseline), "+") for baseline in others)) for line, found in values.items()]
    return markdown(("task", "model", "words go by", "order by", "texts", *others), lines, 4)


def markdown(header: Sequence[str], lines: Iterable[Sequence[str]], words: int) -> str:
    """A table whose first columns are `words`, and the rest numbers."""
    rule = ["---"] * words + ["---:"] * (len(header) - words)
    return "\n".join(f"| {' | '.join(line)} |" for line in (header, rule, *lines))


def shown(value: Estimate | None, sign: str = "") -> str:
    """A number with its interval; `sign` "+" shows it of numbers above 0 too."""
    return f"{value.value:{sign}.2f} ({value.low:{sign}.2f} to {value.high:{sign}.2f})" if value else ""


def rounded(value: object) -> object:
    """The same with its numbers to DIGITS digits behind the point, however deep they are."""
    if isinstance(value, dict):
        return {key: rounded(each) for key, each in value.items()}
    return round(value, DIGITS) if isinstance(value, float) else value
