"""Centred kernel alignment (CKA): do two representations find the same pairs of examples similar?

Each representation becomes a kernel matrix [example, example]; CKA is the cosine between two of them after centring.
With many neurons and few examples the usual centring makes unrelated representations look alike, because each example's
kernel with itself dominates. U-centring leaves these entries out and subtracts what chance alone would give (Székely &
Rizzo 2014, https://arxiv.org/abs/1310.2926), which turns the numerator into the unbiased estimate of Song et al. 2012
(https://jmlr.org/papers/v13/song12a.html) and keeps the value within -1 and 1.
"""

from __future__ import annotations

import numpy as np

from analysis.arrays import Array


def linear(x: Array) -> Array:
    """x·x of every two examples, [example, example]; the mean example is subtracted first, for accuracy only."""
    shifted = centred(x)
    return np.asarray(shifted @ shifted.T)


def gaussian(x: Array) -> Array:
    """exp(-|x - x'|² / 2σ²) of every two examples; σ is their median distance, which makes it independent of scale."""
    from scipy.spatial.distance import pdist, squareform

    distances = pdist(centred(x))  # [pair of examples]
    sigma = np.median(distances)
    if sigma == 0:
        return np.zeros((len(x), len(x)))  # at least half of all pairs coincide: there is no scale to measure with
    return np.asarray(np.exp(-0.5 * squareform(distances / sigma) ** 2))


def centred(x: Array) -> Array:
    """x less its mean example, in float64. Exactly zero where the examples differ by no more than rounding."""
    x = x.astype(np.float64, copy=False)
    shifted = x - x.mean(axis=0)
    varies = not is_constant(float(np.square(shifted).sum()), float(np.square(x).sum()))
    return shifted if varies else np.zeros_like(shifted)


def is_constant(variation: float, magnitude: float) -> bool:
    """True where sums of squares about the mean are but rounding of the sums of squares themselves (of float32)."""
    return variation <= 1e-10 * magnitude


def doubly_centred(kernel: Array) -> Array:
    """Rows and columns with mean zero, as in the original, biased CKA."""
    rows = kernel.mean(axis=0)
    return np.asarray(kernel - rows - rows[:, None] + rows.mean())


def u_centred(kernel: Array) -> Array:
    """Diagonal zero, and rows and columns that sum to zero without it. Needs at least 4 examples."""
    centred_kernel = kernel.copy()
    u_centre(centred_kernel)
    return centred_kernel


def u_centre(kernel: Array) -> None:
    """The same in the kernel's own memory."""
    count = len(kernel)
    np.fill_diagonal(kernel, 0.0)
    rows = kernel.sum(axis=1) / (count - 2)
    kernel -= rows - rows.sum() / (count - 1)
    kernel -= rows[:, None]
    np.fill_diagonal(kernel, 0.0)


def unit_length(values: Array) -> Array:
    """The array over its Euclidean norm; NaN where that is zero, since nothing can be said about no variation."""
    norm = np.linalg.norm(values)
    return values / norm if norm > 0 else np.full_like(values, np.nan)


def product(x: Array, y: Array) -> float:
    """Sum of the products of all entries: of two of unit length, their cosine."""
    return float(np.vdot(x, y))
