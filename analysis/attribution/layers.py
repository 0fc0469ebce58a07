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

    `shares` [layer + 1, word] and, for [CLS] and [SEP] together, `special_tokens` [layer + 1]: of all attribution at
    that layer, so that without their signs they add up to 1 in each. `output_words`: the words that each model's target
    is read from, none if it is [CLS].
    """

    words: tuple[Word, ...]
    shares: Sides[Array]
    special_tokens: Sides[Array]
    output_words: Sides[tuple[Word, ...]]

    @property
    def finding(self) -> str:
        """From which layer on most of the flow has reached the output position, in each model."""
        at = self.output_words.map(_named)
        arrived = map(self._arrived, self.shares, self.special_tokens, self.output_words)
        if at.teacher == at.student:
            teacher, student = arrived
            where = at.teacher
        else:
            teacher, student = (f"{name} {when}" for name, when in zip(at, arrived, strict=True))
            where = "the words"
        return (
            f"More than half flows through {where}, where the answer is read: teacher, {teacher}; student, {student}."
        )

    def _arrived(self, shares: Array, special_tokens: Array, output_words: tuple[Word, ...]) -> str:
        sizes = np.abs(np.column_stack([shares, special_tokens]))  # [layer + 1, word + 1]
        outputs = [self.words.index(word) for word in output_words if word in self.words]
        read = outputs if output_words else [-1]
        elsewhere = np.flatnonzero(2 * sizes[:, read].sum(axis=1) <= sizes.sum(axis=1))
        first, last = int(elsewhere.max(initial=-1)) + 1, len(special_tokens) - 1
        if first < last:
            return f"from layer {first} of {last} on"
        return f"in the last of {last} layers" if first == last else f"in none of {last} layers"


def layer_flow(attributions: Sides[Attribution], targets: Sides[Target]) -> LayerFlow:
    """Two models' attributions of their targets by layer. Raises `AnalysisError` if they read no common word."""
    if not all(len(attribution.layers) for attribution in attributions):
        raise ValueError("only layer conductance has values by layer")
    words = shared_scale(attributions).words
    shares = attributions.map(lambda attribution: _by_layer(attribution.layers))
    places = attributions.map(lambda attribution: [attribution.words.index(word) for word in words])
    return LayerFlow(
        words,
        Sides(*(frozen(rows[:, place]) for rows, place in zip(shares, places, strict=True))),
        shares.map(lambda rows: frozen(rows[:, -1])),
        targets.map(_output_words),
    )


def _by_layer(values: Array) -> Array:
    """[layer + 1, word + 1]: each row over the sum of its sizes."""
    totals = np.abs(values).sum(axis=1, keepdims=True)
    return np.asarray(values / np.where(totals > 0, totals, 1.0))


def _output_words(target: Target) -> tuple[Word, ...]:
    return tuple(dict.fromkeys(term.word for term in (*target.terms, *target.foil) if term.word))


def _named(words: tuple[Word, ...]) -> str:
    """Where an answer is read, for a sentence."""
    if len(words) > MOST_NAMED:
        return f"the {len(words)} words asked about"
    return f"“{' '.join(word.text for word in words) or '[CLS]'}”"
