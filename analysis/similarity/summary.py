"""What a map of layers says, in one sentence with its uncertainty."""

from __future__ import annotations

import numpy as np

from analysis.models.pairs import Sides
from analysis.similarity.layer_maps import SimilarityMap
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
    doubt = "" if share >= SURE else f" (in {100 * share:.0f} % of resamples)"
    return f"nearest teacher layer {row}{doubt}: {short(found)} {numbers}"


def short(found: SimilarityMap) -> str:
    """The measure as a figure names it: “CKA” for “Linear CKA, debiased”."""
    return "CKA" if found.measure == "cka" else MEASURES[found.measure].title


def steps(within: Sides[SimilarityMap]) -> str:
    """How far one layer goes in each model, and several of the teacher's: do the student's few do the work of many?"""
    teacher, student = (len(map_.values) - 1 for map_ in within)
    each = " and ".join(f"{_later(map_, 1)} in the {side}" for side, map_ in within.items())
    sentence = f"{short(within.teacher)} from one layer to the next is on average {each}"
    stride = teacher // student
    longer = f"; over {stride} layers of the teacher it is {_later(within.teacher, stride)}" if stride > 1 else ""
    return f"{sentence}{longer}."


def _later(found: SimilarityMap, stride: int) -> str:
    """The mean and the range over all layers and those `stride` later, the embedding output left out."""
    values = np.diagonal(found.values[1:, 1:], offset=stride)
    values = values[~np.isnan(values)]
    return f"{values.mean():.2f} ({values.min():.2f} to {values.max():.2f})" if len(values) else "unknown"


def _elsewhere(found: SimilarityMap, origins: tuple[int, ...] | None) -> str:
    nearest = found.nearest[1:]
    above = [bool(found.above_null[row, column + 1]) for column, row in enumerate(nearest) if row >= 0]
    orderly = "each later one nearest to the same or a later teacher layer"
    order = orderly if (np.diff(nearest) >= 0).all() else "but not in the teacher's order"
    sentence = f"{sum(above)} of {len(nearest)} student layers are above chance, {order}"
    if origins is None:
        return sentence + "."
    kept = int((nearest == np.array(origins)).sum())
    return f"{sentence}; {kept} of {len(origins)} are nearest to the very layer they were initialised from."
