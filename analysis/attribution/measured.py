"""How much more faithful integrated gradients are from a baseline than from [PAD], as it was measured on many texts.

gained("sentiment", "[MASK]").finding

The figures are those that `benchmarks/faithfulness.py` wrote; docs/faithfulness.md says how they came about.
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
    """By how many logits comprehensiveness is higher than from [PAD], the mean over `texts`, by the way words go."""

    baseline: str
    texts: int
    by_way: Mapping[str, Sides[Estimate]]

    @property
    def finding(self) -> str:
        """All of it in one sentence."""
        gains = [
            f"{_shown(sides.teacher)} in the teacher and {_shown(sides.student)} in the student when words are erased "
            f"by {way}"
            for way, sides in self.by_way.items()
        ]
        return (
            f"In the embedded pair, integrated gradients from {self.baseline} gained over [PAD], in logits of "
            f"comprehensiveness on {self.texts} texts of this task: {'; '.join(gains)} (docs/faithfulness.md)."
        )


def gained(task: str, baseline: str) -> Gain | None:
    """What a baseline gains over [PAD] in a task; None for [PAD] itself, and where it was not measured."""
    rows = [row for row in _rows(FILE) if (row["task"], row["method"], row["baseline"]) == (task, METHOD, baseline)]
    gains = {(row["way"], row["side"]): row["comprehensiveness_gain"] for row in rows if row["comprehensiveness_gain"]}
    if not gains:
        return None
    ways = dict.fromkeys(way for way, _ in gains)
    by_way = {way: Sides(*(Estimate(**gains[way, side]) for side in ("teacher", "student"))) for way in ways}
    return Gain(baseline, rows[0]["texts"], by_way)


def _shown(value: Estimate) -> str:
    return f"{value.value:+.2f} ({value.low:+.2f} to {value.high:+.2f})"


@functools.cache
def _rows(file: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))
    return rows
