"""The array type of every value, and how an array becomes one that nobody can change."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


def frozen(values: npt.ArrayLike, dtype: npt.DTypeLike | None = None) -> Array:
    """A read-only copy: values are shared between pages and threads, so none may write to them."""
    array = np.array(values, dtype=dtype)
    array.flags.writeable = False
    return array


def softmax(logits: Array) -> Array:
    """Probabilities over the last axis, in float64 whatever came in; rows sum to 1."""
    shifted = logits.astype(np.float64) - logits.max(axis=-1, keepdims=True)
    exponentials = np.exp(shifted)
    return np.asarray(exponentials / exponentials.sum(axis=-1, keepdims=True))
