"""Canonical correlations: which directions of one representation can be had linearly from the other?

They need many more examples than neurons: with fewer, any two representations correlate perfectly.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.arrays import Array
from analysis.similarity.kernels import centred

KEPT_VARIANCE = 0.99  # Raghu et al. 2017
RANK = 1e-7  # singular values below this share of the largest are rounding in float32


@dataclass(frozen=True, slots=True)
class Subspace:
    """A centred representation: `values` [example, width], and an orthonormal `basis` [example, direction] of it."""

    values: Array
    basis: Array


def whole(x: Array) -> Subspace:
    """All directions in which the examples vary at all."""
    return _subspace(x, 1.0)


def principal(x: Array) -> Subspace:
    """The fewest principal directions that hold KEPT_VARIANCE of the variance."""
    return _subspace(x, KEPT_VARIANCE)


def _subspace(x: Array, share: float) -> Subspace:
    values = centred(x)
    left, strengths, _ = np.linalg.svd(values, full_matrices=False)
    varying = strengths > RANK * strengths[0]
    variance = np.cumsum(strengths**2)
    before = np.concatenate([[0.0], variance[:-1]])  # what the directions ahead of each one hold already
    return Subspace(values, left[:, varying & (before < share * variance[-1])])


def mean_correlation(x: Subspace, y: Subspace) -> float:
    """The mean of the canonical correlations; NaN where one side does not vary."""
    return float(_correlations(x, y)[1].mean()) if _both_vary(x, y) else np.nan


def weighted_correlation(x: Subspace, y: Subspace) -> float:
    """The mean weighted by how much of each side its canonical directions account for, averaged over both sides."""
    return (_weighted(x, y) + _weighted(y, x)) / 2 if _both_vary(x, y) else np.nan


def _weighted(x: Subspace, y: Subspace) -> float:
    directions, correlations = _correlations(x, y)
    weights = np.abs((x.basis @ directions).T @ x.values).sum(axis=1)  # [direction], Morcos et al. 2018, section 2
    return float(weights @ correlations / weights.sum())


def _correlations(x: Subspace, y: Subspace) -> tuple[Array, Array]:
    """Canonical directions of x [direction of its basis, canonical], and their correlations [canonical]."""
    directions, correlations, _ = np.linalg.svd(x.basis.T @ y.basis, full_matrices=False)
    return directions, correlations.clip(0, 1)


def _both_vary(x: Subspace, y: Subspace) -> bool:
    return bool(x.basis.size and y.basis.size)
