"""What a layer map shows, in a few sentences with their uncertainty."""

from __future__ import annotations

import numpy as np

from analysis.models.pairs import Sides
from analysis.similarity.layer_maps import LayerMap
from analysis.similarity.measures import MEASURES

SURE = 0.95


def finding(layer_map: LayerMap, initialised_from: tuple[int, ...] | None = None) -> str:
    """How many layers kept their origin, whether they keep the teacher's order, and what the last layer is nearest to.

    `initialised_from` [student layer]: the teacher layer (from 1) that each student layer was initialised from.
    """
    last = layer_map.values.shape[1] - 1
    nearest = int(layer_map.nearest[last])
    if nearest < 0:
        return "Nothing can be said: the last layer does not vary between these examples."
    kept = "" if initialised_from is None else _kept(layer_map, initialised_from)
    return f"{kept}{_above_chance(layer_map)} Student layer {last} is {cell_in_words(layer_map, nearest, last)}."


def cell_in_words(layer_map: LayerMap, row: int, column: int) -> str:
    """How near a column's nearest row is, with its interval and what chance gives."""
    value, low, high, null = (
        array[row, column] for array in (layer_map.values, layer_map.low, layer_map.high, layer_map.null)
    )
    numbers = f"{value:.2f} [{low:.2f}, {high:.2f}], by chance up to {null:.2f}"
    if not layer_map.above_null[row, column]:
        return f"not more similar to any teacher layer than by chance (highest {short_name(layer_map)} {numbers})"
    share = layer_map.nearest_share[column]
    doubt = "" if share >= SURE else f" (in {100 * share:.0f}% of resamples)"
    return f"most similar to teacher layer {row}{doubt}: {short_name(layer_map)} {numbers}"


def short_name(layer_map: LayerMap) -> str:
    """The measure's name in a figure: “CKA” for “Linear CKA, debiased”."""
    return "CKA" if layer_map.measure == "cka" else MEASURES[layer_map.measure].title


def steps(within: Sides[LayerMap]) -> str:
    """How much one layer changes in each model, and several of the teacher's: do the student's few do the work of "
    "many?"""
    teacher, student = (len(map_.values) - 1 for map_ in within)
    each = " and ".join(f"{_later(map_, 1)} in the {side}" for side, map_ in within.items())
    sentence = f"{short_name(within.teacher)} from one layer to the next is on average {each}"
    stride = teacher // student
    longer = f"; over {stride} layers of the teacher it is {_later(within.teacher, stride)}" if stride > 1 else ""
    return f"{sentence}{longer}."


def _later(layer_map: LayerMap, stride: int) -> str:
    """The mean and the range over all layers and those `stride` later, the embedding output left out."""
    values = np.diagonal(layer_map.values[1:, 1:], offset=stride)
    values = values[~np.isnan(values)]
    return f"{values.mean():.2f} ({values.min():.2f} to {values.max():.2f})" if len(values) else "unknown"


def _kept(layer_map: LayerMap, initialised_from: tuple[int, ...]) -> str:
    nearest = layer_map.nearest[1:].tolist()
    kept = sum(row == origin for row, origin in zip(nearest, initialised_from, strict=True))
    sentence = (
        f"{kept} of {len(nearest)} student layers are most similar to the teacher layer that they were initialised from"
    )
    exceptions = [
        f"student layer {layer} resembles teacher layer {row} rather than {origin}"
        for layer, (row, origin) in enumerate(zip(nearest, initialised_from, strict=True), start=1)
        if row not in (origin, -1)
    ]
    return f"{sentence}; {', '.join(exceptions)}. " if exceptions else f"{sentence}. "


def _above_chance(layer_map: LayerMap) -> str:
    nearest = layer_map.nearest[1:]
    above = [bool(layer_map.above_null[row, column + 1]) for column, row in enumerate(nearest) if row >= 0]
    order = "and keep the teacher's order" if (np.diff(nearest) >= 0).all() else "but not in the teacher's order"
    return f"{sum(above)} of {len(nearest)} student layers are above chance, {order}."
