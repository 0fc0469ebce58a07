"""Matched heads as a table, one row per student head."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from analysis.arrays import Array
from analysis.attention.head_distances import Matches
from analysis.attention.head_matching import HeadMatching
from analysis.attention.head_origins import origin_distances
from dashboard.export.columns import Columns, plain_numbers


def match_table(matching: HeadMatching, matches: Matches) -> Columns:
    """Columns by title, layers and heads from 1; None if there is no match or no known origin."""
    origins = matching.origins
    layer, head = (axis.ravel() + 1 for axis in np.indices(matches.layers.shape))
    initial_layers = origins.initialised_from
    initialised_from = None if initial_layers is None else np.array(initial_layers)[layer - 1] + 1
    origin_distance = None if initial_layers is None else origin_distances(matching.distances, initial_layers)
    return {
        "Student layer": layer.tolist(),
        "Student head": head.tolist(),
        "Teacher layer": [None if number < 0 else number + 1 for number in matches.layers.ravel().tolist()],
        "Teacher head": [None if number < 0 else number + 1 for number in matches.heads.ravel().tolist()],
        "Distance": plain_numbers(matches.distances, 4),
        "Origin": [key for row in origins.keys for key in row],
        "p (nearest)": _rounded(origins.nearest_p, layer.size),
        "Initialised from layer": [None] * layer.size if initialised_from is None else initialised_from.tolist(),
        "Distance to its origin": _rounded(origin_distance, layer.size),
        "p (origin)": _rounded(origins.origin_p, layer.size),
    }


def _rounded(values: Array | None, size: int) -> Sequence[object]:
    return [None] * size if values is None else plain_numbers(values, 4)
