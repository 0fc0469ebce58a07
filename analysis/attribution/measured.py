"""How faithful the methods are on many texts, and how much integrated gradients gain from a baseline over [PAD].

baseline_gain("sentiment", "[MASK]").finding
average_grades("sentiment", "deletion", "[MASK]").finding

`benchmarks/faithfulness.py` wrote the figures; docs/faithfulness.md says how they were measured.
"""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis.models.pairs import EMBEDDED, Sides
from analysis.records import read_record
from analysis.statistics import Estimate
from analysis.wording import listed

FILE = EMBEDDED / "faithfulness.json"
BENCHMARK = "python -m benchmarks.faithfulness"  # which writes the file
METHOD = "Integrated gradients"
ALIKE = 0.99  # of the highest comprehensiveness: from there on methods are told as alike
AT_RANDOM = "Orders at random"  # what the record calls them


@dataclass(frozen=True, slots=True)
class Gain:
    """How many logits comprehensiveness is higher than from [PAD], the mean over `texts`, by key of `PERTURBATIONS`."""

    baseline: str
    texts: int
    by_perturbation: Mapping[str, Sides[Estimate]]

    @property
    def finding(self) -> str:
        """All of it in one sentence."""
        gains = [
            f"{_shown(sides.teacher)} in the teacher and {_shown(sides.student)} in the student if words are removed "
            f"by {perturbation}"
            for perturbation, sides in self.by_perturbation.items()
        ]
        return (
            f"In the embedded pair, integrated gradients from {self.baseline} gained over [PAD], in logits of "
            f"comprehensiveness on {self.texts} texts of this task: {'; '.join(gains)} (95% CI; docs/faithfulness.md)."
        )


@dataclass(frozen=True, slots=True)
class AverageGrade:
    """Of an order of words, the mean comprehensiveness and sufficiency over `texts`, in logits."""

    order: str
    texts: int
    comprehensiveness: Sides[Estimate]
    sufficiency: Sides[Estimate]

    @property
    def fall(self) -> float:
        """The comprehensiveness of both models together."""
        return sum(estimate.value for estimate in self.comprehensiveness)


@dataclass(frozen=True, slots=True)
class AverageGrades:
    """The grades of every method and of orders at random, the last, on many texts of a task."""

    grades: tuple[AverageGrade, ...]

    @property
    def finding(self) -> str:
        """The most faithful orders in both models together among those graded on the most texts, with numbers.

        Those within 1% of the best are named with it: their intervals are far wider.
        """
        *orders, at_random = self.grades
        most = max(grade.texts for grade in orders)
        compared = [grade for grade in orders if grade.texts == most]
        highest = max(grade.fall for grade in compared)
        first, *others = [grade for grade in compared if grade.fall >= ALIKE * highest]
        falls, chance = (
            [f"{estimate.value:.1f}" for estimate in grade.comprehensiveness] for grade in (first, at_random)
        )
        near = listed([grade.order for grade in others]) if others else ""
        alike = f" ({near} {'is' if len(others) == 1 else 'are'} within 1% of it)" if others else ""
        return (
            f"Most faithful on {most} texts of this task: {first.order}{alike}. Removing its top words lowers the "
            f"score by {falls[0]} logits in the teacher and {falls[1]} in the student (random order: {chance[0]} and "
            f"{chance[1]})."
        )


def average_grades(task: str, perturbation: str, baseline: str) -> AverageGrades | None:
    """With words removed in this way, and from this baseline where a method takes one; None if it was not measured.

    Raises `AnalysisError` if the record is missing or damaged.
    """
    by_order = _grades(FILE).get((task, perturbation))
    if by_order is None:
        return None
    graded = [grade for (_, start), grade in by_order.items() if start in ("", baseline)]
    return AverageGrades(tuple(sorted(graded, key=lambda grade: grade.order == AT_RANDOM)))


def baseline_gain(task: str, baseline: str) -> Gain | None:
    """What a baseline gains over [PAD] in a task; None for [PAD] itself, and if it was not measured.

    Raises `AnalysisError` if the record is missing or damaged.
    """
    return _gains(FILE).get((task, baseline))


@functools.cache
def _gains(file: Path) -> dict[tuple[str, str], Gain]:
    """By task and baseline, those that were measured."""
    return read_record(file, _by_task_and_baseline, BENCHMARK)


def _by_task_and_baseline(rows: list[dict[str, Any]]) -> dict[tuple[str, str], Gain]:
    measured: defaultdict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        if row["method"] == METHOD and row["comprehensiveness_gain"]:
            measured[str(row["task"]), str(row["baseline"])].append(row)
    return {(task, baseline): _gain(baseline, found) for (task, baseline), found in measured.items()}


@functools.cache
def _grades(file: Path) -> dict[tuple[str, str], dict[tuple[str, str], AverageGrade]]:
    """By task and perturbation, each order by its name and baseline."""
    return read_record(file, _by_task_and_perturbation, BENCHMARK)


def _by_task_and_perturbation(rows: list[dict[str, Any]]) -> dict[tuple[str, str], dict[tuple[str, str], AverageGrade]]:
    sides = {(*_order_of(row), str(row["side"])): row for row in rows}
    measured: defaultdict[tuple[str, str], dict[tuple[str, str], AverageGrade]] = defaultdict(dict)
    for task, perturbation, order, baseline in dict.fromkeys(map(_order_of, rows)):
        both = Sides(*(sides[task, perturbation, order, baseline, side] for side in ("teacher", "student")))
        measured[task, perturbation][order, baseline] = AverageGrade(
            order,
            int(both.teacher["texts"]),
            both.map(lambda row: _estimate(row["comprehensiveness"])),
            both.map(lambda row: _estimate(row["sufficiency"])),
        )
    return dict(measured)


def _order_of(row: dict[str, Any]) -> tuple[str, str, str, str]:
    """What the rows of both models have in common."""
    return str(row["task"]), str(row["perturbation"]), str(row["method"]), str(row["baseline"])


def _gain(baseline: str, rows: list[dict[str, Any]]) -> Gain:
    gains = {(str(row["perturbation"]), row["side"]): _estimate(row["comprehensiveness_gain"]) for row in rows}
    perturbations = dict.fromkeys(perturbation for perturbation, _ in gains)
    by_perturbation = {key: Sides(gains[key, "teacher"], gains[key, "student"]) for key in perturbations}
    return Gain(baseline, int(rows[0]["texts"]), by_perturbation)


def _estimate(numbers: dict[str, float]) -> Estimate:
    return Estimate(float(numbers["value"]), float(numbers["low"]), float(numbers["high"]))


def _shown(value: Estimate) -> str:
    return f"{value.value:+.2f} ({value.low:+.2f} to {value.high:+.2f})"
