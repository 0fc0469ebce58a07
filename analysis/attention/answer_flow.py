"""How much of each word reaches the answer through all layers, by attention rollout or attention flow.

answer_flow(trace, predict(teacher, example), "Rollout").shares
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from analysis.arrays import Array, frozen
from analysis.attention.maps import label_of, shares_of_words, units_of
from analysis.attention.rollout import flow, rollout
from analysis.models.forward import Trace
from analysis.predictions.resolve import AnswerPositions, answer_positions
from analysis.predictions.values import Prediction


@dataclass(frozen=True, slots=True)
class AnswerFlow:
    """The share of each word that reaches `positions`, `shares` [unit].

    `words` [unit] as in `AttentionMap`, -1 for a special token.
    """

    labels: tuple[str, ...]
    words: Array
    shares: Array
    positions: AnswerPositions

    @property
    def strongest(self) -> tuple[tuple[str, ...], float]:
        """The words that reach the answer most and their share: special tokens and the place itself left aside."""
        others = [
            (round(float(share), 6), label)
            for label, word, share in zip(self.labels, self.words, self.shares, strict=True)
            if word >= 0 and label not in self.positions.name.split()
        ]
        most = max((share for share, _ in others), default=0.0)
        return tuple(label for share, label in others if share == most), most


def by_rollout(trace: Trace, positions: AnswerPositions) -> Array:
    """By rollout, the mean over these positions: [unit], adding up to 1."""
    row = rollout(trace.attentions)[-1, list(positions.places)].mean(axis=0)
    return shares_of_words(row, trace.tokens)


def by_flow(trace: Trace, positions: AnswerPositions) -> Array:
    """By flow, each word on its own, 0 to 1: [unit]."""
    return flow(trace.attentions, positions.places, units_of(trace.tokens))


FLOW_METHODS: dict[str, Callable[[Trace, AnswerPositions], Array]] = {"Rollout": by_rollout, "Flow": by_flow}


def answer_flow(trace: Trace, prediction: Prediction, method: str) -> AnswerFlow:
    """The flow to where `prediction`, which may be another model's, is read from, by a key of `FLOW_METHODS`."""
    tokens, positions = trace.tokens, answer_positions(prediction, trace.tokens)
    firsts = [unit[0] for unit in units_of(tokens)]
    words = tokens.word_ids[firsts]
    labels = tuple(label_of(tokens, first) for first in firsts)
    return AnswerFlow(labels, frozen(words), frozen(FLOW_METHODS[method](trace, positions)), positions)
