"""Scores of both sides as rows of `evaluation.json`, for metrics that are sums over resampled examples."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from .evaluate import Array, Statistic, estimate, share_kept

Rows = list[dict[str, Any]]


def ratio(sums: Array, counts: Array) -> Statistic:
    """Total over total, 0 where nothing is counted (no entity predicted); `sums` and `counts` are [unit]."""

    def value(weights: Array) -> Array:
        above, below = weights @ sums, weights @ counts
        return np.divide(above, below, out=np.zeros(len(above)), where=below > 0)

    return value


def score_rows(task: str, statistics: Mapping[str, Mapping[str, Statistic]], units: int) -> tuple[Rows, Rows]:
    """Each side's metrics, and the share of each that the student keeps; `statistics` by side, then by metric."""
    rows = [
        {"task": task, "metric": metric, "side": side, **estimate(statistic, units)}
        for side, metrics in statistics.items()
        for metric, statistic in metrics.items()
    ]
    teacher, student = statistics["teacher"], statistics["student"]
    kept = [
        {
            "task": task,
            "metric": f"share_kept:{metric}",
            **estimate(share_kept(student[metric], teacher[metric]), units),
        }
        for metric in teacher
    ]
    return rows, kept
