"""What a map of layers says, in one sentence with its uncertainty."""

from __future__ import annotations

import numpy as np

from analysis.similarity.grid import SimilarityMap
from analysis.similarity.measures import MEASURES

SURE = 0.95


def finding(found: SimilarityMap, origins: tuple[int, ...] | None = None) -> str:
    """Which teacher layer the student's last layer is nearest to, and how well the layers keep their order.

    `origins` [student layer]: the teacher layer (from 1) that each student layer was initialised from.
    """
    last = found.values.shape[1] - 1
    nearest = int(found.nearest[last])
    if nearest < 0:
        return "Nothing can be said: the last layer does not vary between these units."
    return f"Student layer {last} is {cell_in_words(found, nearest, last)}. {_elsewhere(found, origins)}"


def cell_in_words(found: SimilarityMap, row: int, column: int) -> str:
    """How near a column's nearest row is, with interval and null."""
    at = (row, column)
    numbers = f"{found.values[at]:.2f} [{found.low[at]:.2f}, {found.high[at]:.2f}], null {found.null[at]:.2f}"
    if not found.above_null[at]:
        return f"like no teacher layer more than chance would have it (highest {short(found)} {numbers})"
    share = found.nearest_share[column]
    sure = "nearest" if share >= SURE else f"nearest (in {100 * share:.0f} % of resamples)"
    return f"{sure} teacher layer {row}: {short(found)} {numbers}"


def short(found: SimilarityMap) -> str:
    """The measure as a figure names it: “CKA” for “Linear CKA, debiased”."""
    return "CKA" if found.measure == "cka" else MEASURES[found.measure].title


def _elsewhere(found: SimilarityMap, origins: tuple[int, ...] | None) -> str:
    nearest = found.nearest[1:]
    above = [bool(found.above_null[row, column + 1]) for column, row in enumerate(nearest) if row >= 0]
    orderly = "each later one to the same or a later teacher layer" if (np.diff(nearest) >= 0).all() else "not in order"
    sentence = f"{sum(above)} of {len(nearest)} student layers are above chance, {orderly}"
    if origins is None:
        return sentence + "."
    kept = int((nearest == np.array(origins)).sum())
    return f"{sentence}; {kept} of {len(origins)} are nearest to the very layer they were initialised from."
