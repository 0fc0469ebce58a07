"""Shape and neighbourhood of two representations: rotated overlap, ranks of distances, neighbours and cosines."""

from __future__ import annotations

import numpy as np

from analysis.arrays import Array
from analysis.similarity.kernels import centred, unit_length

NEIGHBOURS = 10  # Huh et al. 2024


def shape(x: Array) -> Array:
    """The examples about their mean, scaled to unit norm."""
    return unit_length(centred(x))


def in_own_span(x: Array) -> Array:
    """The examples [example, at most example] in coordinates of the space that they span; all products stay."""
    coordinates: Array = np.linalg.qr(x.T).R
    return coordinates.T


def rotated_overlap(x: Array, y: Array) -> float:
    """The cosine of two shapes once y is rotated onto x as well as can be: the nuclear norm of xᵀy."""
    if np.isnan(x).any() or np.isnan(y).any():
        return np.nan
    return float(np.linalg.svd(x.T @ y, compute_uv=False).sum())


def distance_ranks(x: Array) -> Array:
    """Ranks of the distances between all examples, standardised: the product of two is Spearman's correlation."""
    from scipy.spatial.distance import pdist
    from scipy.stats import rankdata

    ranks = rankdata(pdist(centred(x)))  # [pair of examples]
    return unit_length(ranks - ranks.mean())


def neighbourhoods(x: Array) -> Array:
    """[example, example]: True if the column is one of the row's NEIGHBOURS nearest (or all others, if fewer).

    All False where the examples do not vary.
    """
    from scipy.spatial.distance import cdist

    values = centred(x)
    distances: Array = cdist(values, values)  # [example, example]
    if not distances.any():
        return np.zeros(distances.shape, dtype=bool)
    np.fill_diagonal(distances, np.inf)
    count = min(NEIGHBOURS, len(x) - 1)
    nearest = np.argpartition(distances, count - 1, axis=1)[:, :count]
    chosen: Array = np.zeros(distances.shape, dtype=bool)
    np.put_along_axis(chosen, nearest, True, axis=1)
    return chosen


def shared_neighbours(x: Array, y: Array) -> float:
    """The mean share of an example's neighbours that are its neighbours in both; NaN where one side does not vary."""
    return float((x & y).sum() / x.sum()) if x.any() and y.any() else np.nan


def directions(x: Array) -> Array:
    """Each example about the mean, scaled to unit norm; NaN for an example that is the mean itself."""
    values = centred(x)
    norms = np.linalg.norm(values, axis=1, keepdims=True)
    scaled: Array = np.divide(values, norms, out=np.full_like(values, np.nan), where=norms > 0)
    return scaled


def mean_cosine(x: Array, y: Array) -> float:
    """The mean over examples of the cosine between their two directions."""
    return float((x * y).sum(axis=1).mean())
