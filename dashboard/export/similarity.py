"""Similarity as tables: cells of maps, words in layers and in the plane, what each layer would answer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from analysis.arrays import Array
from analysis.models.pairs import Sides
from analysis.similarity.layer_maps import SimilarityMap
from analysis.similarity.logit_lens import Lens
from analysis.similarity.word_drift import Drift, Plane
from dashboard.ui.theme import SHORT

Table = dict[str, list[object]]
DIGITS = 5
AXES = ((0, "first direction"), (1, "second direction"))


def map_table(found: SimilarityMap, rows: str, columns: str) -> Table:
    """One row a cell, row layers by their title `rows` first."""
    row, column = np.indices(found.values.shape)
    layers: Table = {rows: [*row.ravel().tolist()], columns: [*column.ravel().tolist()]}
    return layers | _numbers(found, np.ones(row.shape, dtype=bool))


def within_table(found: Sides[SimilarityMap]) -> Table:
    """One row a pair of layers of one model; each pair once, a layer and itself not at all."""
    parts = []
    for name, map_ in zip(SHORT, found, strict=True):
        kept = np.triu(np.ones(map_.values.shape, dtype=bool), 1)
        one, other = np.nonzero(kept)
        layers: Table = {"Model": [name] * len(one), "Layer": [*one.tolist()], "Other layer": [*other.tolist()]}
        parts.append(layers | _numbers(map_, kept))
    return _joined(parts)


def marks_table(found: Sides[SimilarityMap]) -> Table:
    """One row a layer of one model: how like itself it is before and after fine-tuning."""
    parts = []
    for name, map_ in zip(SHORT, found, strict=True):
        count = len(map_.values)
        layers: Table = {"Model": [name] * count, "Layer": [*range(count)]}
        parts.append(layers | _numbers(map_, np.eye(count, dtype=bool)))
    return _joined(parts)


def drift_table(found: Drift, words: Sequence[str]) -> Table:
    """One row a word in a student layer."""
    layers, count = found.cosines.shape
    return {
        "Student layer": [layer for layer in range(layers) for _ in range(count)],
        "Teacher layer": [matched for matched in found.matched for _ in range(count)],
        "Place": [*range(1, count + 1)] * layers,
        "Word": [*words] * layers,
        "Cosine": _rounded(found.cosines),
    }


def plane_table(found: Plane, words: Sequence[str]) -> Table:
    """One row a word, with its place in both models."""
    axes = {f"{name} {axis}": side[:, at] for name, side in zip(SHORT, found.points, strict=True) for at, axis in AXES}
    apart = {"Distance": found.apart}
    names: Table = {"Word": [*words]}
    return names | {title: _rounded(values) for title, values in (axes | apart).items()}


def lens_table(lenses: Sides[Lens]) -> Table:
    """One row a layer of one model."""
    parts: list[Table] = [
        {
            "Model": [name] * len(found.pieces),
            "Layer": [*range(len(found.pieces))],
            "Would answer": [*found.pieces],
            "Probability": _rounded(found.probabilities),
            "Final answer": [found.final] * len(found.pieces),
            "Rank of it": [*found.ranks.tolist()],
            "Probability of it": _rounded(found.final_probabilities),
        }
        for name, found in zip(SHORT, lenses, strict=True)
    ]
    return _joined(parts)


def _numbers(found: SimilarityMap, kept: Array) -> Table:
    """What is known of the cells where `kept` [row, column] is True."""
    columns = {"Similarity": found.values, "Low": found.low, "High": found.high, "Null": found.null}
    count = int(kept.sum())
    return {title: _rounded(values[kept]) for title, values in columns.items()} | {
        "Above chance": [*found.above_null[kept].tolist()],
        "Units": [found.n_units] * count,
        "Sentences": [found.n_sentences] * count,
    }


def _rounded(values: Array) -> list[object]:
    """None for what is not known."""
    return [None if np.isnan(value) else round(value, DIGITS) for value in values.ravel().tolist()]


def _joined(parts: Sequence[Table]) -> Table:
    return {title: [cell for part in parts for cell in part[title]] for title in parts[0]}
