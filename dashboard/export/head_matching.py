"""Matched heads as a table: one row a student head."""

from __future__ import annotations

import numpy as np

from analysis.arrays import Array
from analysis.attention.head_distances import Matches
from analysis.attention.head_matching import HeadMatching
from analysis.attention.head_origins import origin_distances

Table = dict[str, list[object]]


def match_table(found: HeadMatching, matched: Matches) -> Table:
    """Columns by title, layers and heads from 1; None where there is no match or no known origin."""
    judged = found.verdicts
    layer, head = (axis.ravel() + 1 for axis in np.indices(matched.layers.shape))
    origins = None if judged.origins is None else np.array(judged.origins)[layer - 1] + 1
    far = None if judged.origins is None else origin_distances(found.distances, judged.origins)
    return {
        "Student layer": [*layer.tolist()],
        "Student head": [*head.tolist()],
        "Teacher layer": [None if number < 0 else number + 1 for number in matched.layers.ravel().tolist()],
        "Teacher head": [None if number < 0 else number + 1 for number in matched.heads.ravel().tolist()],
        "Distance": [None if np.isnan(value) else round(value, 4) for value in matched.distances.ravel().tolist()],
        "Verdict": [key for row in judged.keys for key in row],
        "p (nearest)": _rounded(judged.nearest_p, layer.size),
        "Initialised from layer": [None] * layer.size if origins is None else origins.tolist(),
        "Distance to its origin": _rounded(far, layer.size),
        "p (origin)": _rounded(judged.origin_p, layer.size),
    }


def _rounded(values: Array | None, size: int) -> list[object]:
    return [None] * size if values is None else [round(value, 4) for value in values.ravel().tolist()]
