"""Layer conductance of both models on one scale: through which words the score's change flows, layer by layer.

layer_flow(Sides(attribute(teacher, example, target, "Layer conductance"), …), target).finding
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.arrays import Array, frozen
from analysis.attribution.methods import Attribution
from analysis.attribution.shared_scale import shared_scale
from analysis.inputs.words import Word
from analysis.models.pairs import Sides
from analysis.predictions.targets import Target

MOST_NAMED = 6  # words quoted in a sentence


@dataclass(frozen=True, slots=True)
class LayerFlow:
    """How much flows through each of the `words` that both models read, after each layer, 0 being the embedding output.

    `shares` [layer + 1, word] and, for [CLS] and [SEP] together, `special_tokens` [layer + 1]: of the score's change,
    or of all values, as in `SharedScale`. `output_words`: the words that the answer is read from, none if it is [CLS].
    """

    words: tuple[Word, ...]
    shares: Sides[Array]
    special_tokens: Sides[Array]
    normalised_by_change: bool
    output_words: tuple[Word, ...]

    @property
    def finding(self) -> str:
        """From which layer on most of the flow has reached the output position, in each model."""
        named = " ".join(word.text for word in self.output_words) or "[CLS]"
        at = f"“{named}”" if len(self.output_words) <= MOST_NAMED else f"the {len(self.output_words)} words asked about"
        teacher, student = map(self._arrived, self.shares, self.special_tokens)
        return f"More than half flows through {at}, where the answer is read: teacher, {teacher}; student, {student}."

    def _arrived(self, shares: Array, special_tokens: Array) -> str:
        sizes = np.abs(np.column_stack([shares, special_tokens]))  # [layer + 1, word + 1]
        outputs = [self.words.index(word) for word in self.output_words if word in self.words]
        read = outputs if self.output_words else [-1]
        elsewhere = np.flatnonzero(2 * sizes[:, read].sum(axis=1) <= sizes.sum(axis=1))
        first, last = int(elsewhere.max(initial=-1)) + 1, len(special_tokens) - 1
        if first < last:
            return f"from layer {first} of {last} on"
        return f"in the last of {last} layers" if first == last else f"in none of {last} layers"


def layer_flow(attributions: Sides[Attribution], target: Target) -> LayerFlow:
    """Two models' attributions of a target by layer. Raises `AnalysisError` if they read no common word."""
    if not all(len(attribution.layers) for attribution in attributions):
        raise ValueError("only layer conductance has values by layer")
    scale = shared_scale(attributions)
    pairs = zip(attributions, scale.normalisers, strict=True)
    shares = [attribution.layers / normaliser for attribution, normaliser in pairs]  # [layer + 1, word + 1]
    places = [[attribution.words.index(word) for word in scale.words] for attribution in attributions]
    return LayerFlow(
        scale.words,
        Sides(*(frozen(rows[:, place]) for rows, place in zip(shares, places, strict=True))),
        Sides(*(frozen(rows[:, -1]) for rows in shares)),
        scale.normalised_by_change,
        output_words=tuple(dict.fromkeys(term.word for term in (*target.terms, *target.foil) if term.word)),
    )
