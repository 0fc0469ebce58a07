"""How much of each word arrives at the answer through all layers, by rollout or by flow, in both models alike.

arrival(trace, predict(teacher, example), "Rollout").shares
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
class Arrival:
    """What arrives at `readers` from each word, `shares` [unit]; `words` [unit] as in `AttentionMap`, -1 for added."""

    labels: tuple[str, ...]
    words: Array
    shares: Array
    readers: AnswerPositions


def rolled(trace: Trace, readers: AnswerPositions) -> Array:
    """By rollout, the mean over the readers: [unit], adding up to 1."""
    row = rollout(trace.attentions)[-1, list(readers.places)].mean(axis=0)
    return shares_of_words(row, trace.tokens)


def flown(trace: Trace, readers: AnswerPositions) -> Array:
    """By flow, each word on its own, 0 to 1: [unit]."""
    return flow(trace.attentions, readers.places, units_of(trace.tokens))


WAYS: dict[str, Callable[[Trace, AnswerPositions], Array]] = {"Rollout": rolled, "Flow": flown}


def arrival(trace: Trace, prediction: Prediction, method: str) -> Arrival:
    """What arrives, by a key of `WAYS`, where `prediction` is read from; it may be another model's answer."""
    tokens, readers = trace.tokens, answer_positions(prediction, trace.tokens)
    firsts = [unit[0] for unit in units_of(tokens)]
    words = tokens.word_ids[firsts]
    labels = tuple(label_of(tokens, first) for first in firsts)
    return Arrival(labels, frozen(words), frozen(WAYS[method](trace, readers)), readers)
