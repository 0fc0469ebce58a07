"""How much more faithful integrated gradients are from a baseline than from [PAD], measured on many texts.

baseline_gain("sentiment", "[MASK]").finding

`benchmarks/faithfulness.py` wrote the figures; docs/faithfulness.md says how they were measured.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis.models.pairs import EMBEDDED, Sides
from analysis.statistics import Estimate

FILE = EMBEDDED / "faithfulness.json"
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
    """What a baseline gains over [PAD] in a task; None for [PAD] itself, and if it was not measured."""
    rows = [row for row in _rows(FILE) if (row["task"], row["method"], row["baseline"]) == (task, METHOD, baseline)]
    gains = {
        (row["perturbation"], row["side"]): Estimate(**row["comprehensiveness_gain"])
        for row in rows
        if row["comprehensiveness_gain"]
    }
    if not gains:
        return None
    perturbations = dict.fromkeys(perturbation for perturbation, _ in gains)
    by_perturbation = {key: Sides(gains[key, "teacher"], gains[key, "student"]) for key in perturbations}
    return Gain(baseline, rows[0]["texts"], by_perturbation)


def _shown(value: Estimate) -> str:
    return f"{value.value:+.2f} ({value.low:+.2f} to {value.high:+.2f})"


@functools.cache
def _rows(file: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))
    return rows
