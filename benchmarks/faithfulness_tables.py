"""Grades of many texts summarised: means and paired gains with their intervals, as Markdown tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from analysis.attribution.baselines import BASELINES
from analysis.inputs.tasks import TASKS
from analysis.statistics import Estimate, bootstrapped

REFERENCE = "[PAD]"  # the baseline that the others are compared with
DIGITS = 4  # of each figure written
GRADES = ("comprehensiveness", "sufficiency")
SIDES = ("teacher", "student")

Order = tuple[str, str]  # a method and its baseline, "" where it takes none


@dataclass(frozen=True, slots=True)
class Grade:
    """The grades of one order of a text's words in one model under one perturbation, both in logits."""

    task: str
    side: str
    text: str
    perturbation: str
    method: str
    baseline: str
    comprehensiveness: float
    sufficiency: float

    @property
    def order(self) -> Order:
        return self.method, self.baseline


@dataclass(frozen=True, slots=True)
class Row:
    """The mean grades of one order over `texts` texts, and how much higher they are than from [PAD]."""

    task: str
    side: str
    perturbation: str
    method: str
    baseline: str
    texts: int
    comprehensiveness: Estimate
    sufficiency: Estimate
    comprehensiveness_gain: Estimate | None
    sufficiency_gain: Estimate | None


def rows_of(grades: Sequence[Grade], orders: Sequence[Order]) -> list[Row]:
    """A row for each model, perturbation and order, in the order of `orders`."""
    values: dict[tuple[str, str, str], dict[Order, dict[str, tuple[float, float]]]] = {}
    for grade in grades:
        by_order = values.setdefault((grade.task, grade.side, grade.perturbation), {})
        by_order.setdefault(grade.order, {})[grade.text] = grade.comprehensiveness, grade.sufficiency
    return [
        row_of(*condition, order, by_order)
        for condition, by_order in values.items()
        for order in orders
        if order in by_order
    ]


def row_of(
    task: str, side: str, perturbation: str, order: Order, by_order: Mapping[Order, Mapping[str, tuple[float, float]]]
) -> Row:
    """The row of one order, from both grades of every text by each order."""
    (method, baseline), by_text = order, by_order[order]
    own = np.array(list(by_text.values()))  # [text, grade]
    gains: list[Estimate | None] = [None, None]
    if baseline not in ("", REFERENCE):
        reference = by_order[method, REFERENCE]
        gains = [mean(difference) for difference in (own - [reference[text] for text in by_text]).T]
    return Row(task, side, perturbation, method, baseline, len(own), *map(mean, own.T), *gains)


def mean(values: np.ndarray) -> Estimate:
    """The mean over texts, [text], with its interval."""
    return bootstrapped(len(values), lambda drawn: values[drawn].mean(axis=1))


def table(rows: Sequence[Row]) -> str:
    """The mean grades of each order, both models side by side."""
    lines = []
    for order in dict.fromkeys((row.method, row.baseline) for row in rows):
        sides = {row.side: row for row in rows if (row.method, row.baseline) == order}
        cells = [shown(getattr(sides[side], grade)) for side in SIDES for grade in GRADES]
        lines.append((*order, str(sides["teacher"].texts), *cells))
    return markdown(
        ("order by", "baseline", "texts", *(f"{side}: {grade}" for side in SIDES for grade in GRADES)), lines, 2
    )


def gains(rows: Sequence[Row], grade: str) -> str:
    """How much higher a grade is than from [PAD], by task, model, perturbation and method that takes a baseline."""
    others = [baseline for baseline in BASELINES if baseline != REFERENCE]
    values: dict[tuple[str, ...], dict[str, Estimate]] = {}
    for row in rows:
        if gain := getattr(row, f"{grade}_gain"):
            line = (TASKS[row.task].title, row.side, row.perturbation, row.method, str(row.texts))
            values.setdefault(line, {})[row.baseline] = gain
    lines = [
        (*line, *(shown(by_baseline.get(baseline), "+") for baseline in others)) for line, by_baseline in values.items()
    ]
    return markdown(("task", "model", "words removed by", "order by", "texts", *others), lines, 4)


def markdown(header: Sequence[str], lines: Iterable[Sequence[str]], words: int) -> str:
    """A table whose first columns are `words`, and the rest numbers."""
    rule = ["---"] * words + ["---:"] * (len(header) - words)
    return "\n".join(f"| {' | '.join(line)} |" for line in (header, rule, *lines))


def shown(value: Estimate | None, sign: str = "") -> str:
    """A number with its interval; `sign` "+" also shows the sign of numbers above 0."""
    return f"{value.value:{sign}.2f} ({value.low:{sign}.2f} to {value.high:{sign}.2f})" if value else ""


def rounded(value: object) -> object:
    """The value with every number in it rounded to DIGITS decimals."""
    if isinstance(value, dict):
        return {key: rounded(each) for key, each in value.items()}
    return round(value, DIGITS) if isinstance(value, float) else value
