"""How much more faithful integrated gradients are from a baseline than from [PAD], measured on many texts.

baseline_gain("sentiment", "[MASK]").finding

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

FILE = EMBEDDED / "faithfulness.json"
BENCHMARK = "python -m benchmarks.faithfulness"  # which writes the file
METHOD = "Integrated gradients"


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


def _gain(baseline: str, rows: list[dict[str, Any]]) -> Gain:
    gains = {(str(row["perturbation"]), row["side"]): _estimate(row["comprehensiveness_gain"]) for row in rows}
    perturbations = dict.fromkeys(perturbation for perturbation, _ in gains)
    by_perturbation = {key: Sides(gains[key, "teacher"], gains[key, "student"]) for key in perturbations}
    return Gain(baseline, int(rows[0]["texts"]), by_perturbation)


def _estimate(numbers: dict[str, float]) -> Estimate:
    return Estimate(float(numbers["value"]), float(numbers["low"]), float(numbers["high"]))


def _shown(value: Estimate) -> str:
    return f"{value.value:+.2f} ({value.low:+.2f} to {value.high:+.2f})"
