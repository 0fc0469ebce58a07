"""Layer conductance of both models on one scale: through which words the score's change passes, layer after layer.

by_layer(Sides(attribute(teacher, example, target, "Layer conductance"), …), target).finding
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.arrays import Array, frozen
from analysis.attribution.methods import Attribution
from analysis.attribution.shared_scale import scale_of
from analysis.inputs.words import Word
from analysis.models.pairs import Sides
from analysis.predictions.targets import Target

MOST_NAMED = 6  # words that a sentence quotes


@dataclass(frozen=True, slots=True)
class ByLayer:
    """What passes through the `words` that both models read, after each layer, 0 the embedding output.

    `shares` [layer + 1, word] and, of [CLS] and [SEP] together, `added` [layer + 1]: of the score's change, or of all
    values, as in `Scale`. `readers`: the words that the answer is read from, none where that is [CLS].
    """

    words: tuple[Word, ...]
    shares: Sides[Array]
    added: Sides[Array]
    of_change: bool
    readers: tuple[Word, ...]

    @property
    def finding(self) -> str:
        """From which layer on most of what passes has come to where the answer is read, in each model."""
        named = " ".join(word.text for word in self.readers) or "[CLS]"
        at = f"“{named}”" if len(self.readers) <= MOST_NAMED else f"the {len(self.readers)} words asked about"
        teacher, student = map(self._arrived, self.shares, self.added)
        return f"More than half passes at {at}, where the answer is read: teacher, {teacher}; student, {student}."

    def _arrived(self, shares: Array, added: Array) -> str:
        sizes = np.abs(np.column_stack([shares, added]))  # [layer + 1, word + 1]
        read = [self.words.index(word) for word in self.readers if word in self.words] if self.readers else [-1]
        elsewhere = np.flatnonzero(2 * sizes[:, read].sum(axis=1) <= sizes.sum(axis=1))
        first, last = int(elsewhere.max(initial=-1)) + 1, len(added) - 1
        if first < last:
            return f"from layer {first} of {last} on"
        return f"in the last of {last} layers" if first == last else f"in none of {last} layers"


def by_layer(told: Sides[Attribution], target: Target) -> ByLayer:
    """Two models' attributions of an aim by layer. Raises `AnalysisError` where they read no common word."""
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
        readers=tuple(dict.fromkeys(term.word for term in (*target.terms, *target.foil) if term.word)),
    )
