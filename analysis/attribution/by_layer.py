"""Layer conductance of both models on one scale: through which words the score's change passes, layer after layer.

by_layer(Sides(attribute(teacher, …, "Layer conductance"), attribute(student, …, "Layer conductance"))).finding
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.arrays import Array, frozen
from analysis.attribution.methods import Attribution
from analysis.attribution.scale import scale_of
from analysis.pairs import Sides
from analysis.words import Word


@dataclass(frozen=True, slots=True)
class ByLayer:
    """What passes through the `words` that both models read, after each layer, 0 the embedding output.

    `shares` [layer + 1, word] and, of [CLS] and [SEP] together, `added` [layer + 1]: of the score's change, or of all
    values, as in `Scale`.
    """

    words: tuple[Word, ...]
    shares: Sides[Array]
    added: Sides[Array]
    of_change: bool

    @property
    def finding(self) -> str:
        """From which layer on more passes through [CLS] and [SEP] than through all words, in each model."""
        teacher, student = map(_gathered, self.shares, self.added)
        return (
            f"[CLS] and [SEP] carry more than all words together {teacher} of the teacher and {student} of the student."
        )


def by_layer(told: Sides[Attribution]) -> ByLayer:
    """Two models' attributions by layer. Raises `AnalysisError` where they read no common word."""
    if not all(len(one.layers) for one in told):
        raise ValueError("only layer conductance tells its values by layer")
    scale = scale_of(told)
    shares = [one.layers / whole for one, whole in zip(told, scale.wholes, strict=True)]  # [layer + 1, word + 1]
    places = [[one.words.index(word) for word in scale.words] for one in told]
    return ByLayer(
        scale.words,
        Sides(*(frozen(rows[:, place]) for rows, place in zip(shares, places, strict=True))),
        Sides(*(frozen(rows[:, -1]) for rows in shares)),
        scale.of_change,
    )


def _gathered(shares: Array, added: Array) -> str:
    last = len(added) - 1
    through_words = np.flatnonzero(np.abs(added) <= np.abs(shares).sum(axis=1))
    first = int(through_words.max(initial=-1)) + 1
    if first < last:
        return f"from layer {first} of {last} on"
    return f"in the last of {last} layers" if first == last else f"in none of {last} layers"
