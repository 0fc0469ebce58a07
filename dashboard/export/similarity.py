"""Tables of similarity: cells of layer maps, words in layers and in the plane, what each layer would answer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from analysis.arrays import Array
from analysis.models.pairs import Sides
from analysis.similarity.layer_maps import LayerMap
from analysis.similarity.logit_lens import LogitLens
from analysis.similarity.word_drift import Drift, Plane
from dashboard.export.columns import Columns, joined, plain_numbers
from dashboard.ui.theme import SHORT

DIGITS = 5
AXES = ((0, "first direction"), (1, "second direction"))


def map_table(layer_map: LayerMap, rows: str, columns: str) -> Columns:
    """One row per cell, the row layer, under the title `rows`, first."""
    row, column = np.indices(layer_map.values.shape)
    layers: Columns = {rows: [*row.ravel().tolist()], columns: [*column.ravel().tolist()]}
    return layers | _numbers(layer_map, np.ones(row.shape, dtype=bool))


def within_table(layer_maps: Sides[LayerMap]) -> Columns:
    """One row per pair of layers of one model, each pair once, without pairs of a layer with itself."""
    parts = []
    for name, layer_map in zip(SHORT, layer_maps, strict=True):
        kept = np.triu(np.ones(layer_map.values.shape, dtype=bool), 1)
        row, column = np.nonzero(kept)
        layers: Columns = {"Model": [name] * len(row), "Layer": row.tolist(), "Other layer": column.tolist()}
        parts.append(layers | _numbers(layer_map, kept))
    return joined(parts)


def fine_tuning_table(layer_maps: Sides[LayerMap]) -> Columns:
    """One row per layer of one model: its similarity before and after fine-tuning."""
    parts = []
    for name, layer_map in zip(SHORT, layer_maps, strict=True):
        count = len(layer_map.values)
        layers: Columns = {"Model": [name] * count, "Layer": [*range(count)]}
        parts.append(layers | _numbers(layer_map, np.eye(count, dtype=bool)))
    return joined(parts)


def drift_table(drift: Drift, words: Sequence[str]) -> Columns:
    """One row per word in a student layer."""
    layers, count = drift.cosines.shape
    return {
        "Student layer": [layer for layer in range(layers) for _ in range(count)],
        "Teacher layer": [matched for matched in drift.matched for _ in range(count)],
        "Place": [*range(1, count + 1)] * layers,
        "Word": [*words] * layers,
        "Cosine": plain_numbers(drift.cosines, DIGITS),
    }


def plane_table(plane: Plane, words: Sequence[str]) -> Columns:
    """One row per word, with its place in both models."""
    axes = {f"{name} {axis}": side[:, at] for name, side in zip(SHORT, plane.points, strict=True) for at, axis in AXES}
    distances = {"Distance": plane.distances}
    names: Columns = {"Word": [*words]}
    return names | {title: plain_numbers(values, DIGITS) for title, values in (axes | distances).items()}


def logit_lens_table(logit_lenses: Sides[LogitLens]) -> Columns:
    """One row per layer of one model."""
    parts: list[Columns] = [
        {
            "Model": [name] * len(logit_lens.pieces),
            "Layer": [*range(len(logit_lens.pieces))],
            "Would answer": [*logit_lens.pieces],
            "Probability": plain_numbers(logit_lens.probabilities, DIGITS),
            "Final answer": [logit_lens.final] * len(logit_lens.pieces),
            "Rank of it": logit_lens.ranks.tolist(),
            "Probability of it": plain_numbers(logit_lens.final_probabilities, DIGITS),
        }
        for name, logit_lens in zip(SHORT, logit_lenses, strict=True)
    ]
    return joined(parts)


def _numbers(layer_map: LayerMap, kept: Array) -> Columns:
    """The plain_numbers of the cells where `kept` [row, column] is True."""
    columns = {"Similarity": layer_map.values, "Low": layer_map.low, "High": layer_map.high, "Null": layer_map.null}
    count = int(kept.sum())
    return {title: plain_numbers(values[kept], DIGITS) for title, values in columns.items()} | {
        "Above chance": layer_map.above_null[kept].tolist(),
        "Examples": [layer_map.n_examples] * count,
        "Sentences": [layer_map.n_sentences] * count,
    }
