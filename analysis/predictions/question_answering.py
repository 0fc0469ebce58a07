"""Span decoding for extractive question answering (transformers 5 no longer has a pipeline for it).

A stretch of context tokens scores start logit + end logit; stretches run forward and are at most `LONGEST_ANSWER`
tokens long, as in BERT's SQuAD script. One softmax over all stretches of all windows turns scores into probabilities, a
stretch of characters that is seen more than once (in overlapping windows) counting once, by its best score. Stretches
are then gathered by the words they touch, so that an answer never begins or ends inside a word.
"""

from __future__ import annotations

import numpy as np

from analysis.arrays import Array, frozen
from analysis.errors import AnalysisError
from analysis.models.forward import Reading
from analysis.models.model import Model
from analysis.predictions.values import Answer, SpanPredictions

LONGEST_ANSWER = 30  # tokens
N_BEST = 10
CONTEXT = 1  # the field that answers are cut from


def answer(model: Model, readings: tuple[Reading, ...]) -> SpanPredictions:
    """The n best answers with their probabilities among all stretches, and the marginals by word."""
    tokens = readings[0].tokens
    context = [index for index, word in enumerate(tokens.words) if word.field == CONTEXT]
    spans, scores = candidate_spans(readings)  # [span, 2] first and last word; [span]
    if not len(scores):
        raise AnalysisError("The context has no word that the model can read; type a context with words in it.")
    null = min(null_score(reading) for reading in readings) if model.checkpoint.unanswerable else -np.inf
    top = max(float(scores.max()), null)
    weights, null_weight = np.exp(scores - top), float(np.exp(null - top))
    total = float(weights.sum()) + null_weight
    by_words, _, member = _distinct(spans)
    probabilities = np.bincount(member, weights / total)
    return SpanPredictions(
        words=tuple(tokens.words[index] for index in context),
        answers=_best(by_words, probabilities, readings),
        starts=frozen(np.bincount(by_words[:, 0] - context[0], probabilities, len(context))),
        ends=frozen(np.bincount(by_words[:, 1] - context[0], probabilities, len(context))),
        no_answer=null_weight / total if model.checkpoint.unanswerable else None,
        windows=len(readings),
    )


def _best(by_words: Array, probabilities: Array, readings: tuple[Reading, ...]) -> tuple[Answer, ...]:
    tokens = readings[0].tokens
    order = np.argsort(-probabilities, kind="stable")[:N_BEST]
    places = [(tokens.words[first].start, tokens.words[last].end) for first, last in by_words[order]]
    return tuple(
        Answer(tokens.texts[CONTEXT][start:end], start, end, float(probability))
        for (start, end), probability in zip(places, probabilities[order], strict=True)
    )


def candidate_spans(readings: tuple[Reading, ...]) -> tuple[Array, Array]:
    """Every stretch of every window once: its first and last word [span, 2] and its score [span]."""
    windows = [_spans(reading) for reading in readings]
    characters = np.concatenate([window[0] for window in windows])  # [span, 2]: the same in overlapping windows
    words = np.concatenate([window[1] for window in windows])
    scores = np.concatenate([window[2] for window in windows])
    _, first, member = _distinct(characters)
    best = np.full(len(first), -np.inf)
    np.maximum.at(best, member, scores)
    return words[first], best


def _distinct(pairs: Array) -> tuple[Array, Array, Array]:
    """Each pair of [pair, 2] once, in ascending order; the row where it is first; and for every row, which one."""
    numbers = pairs[:, 0] << 32 | pairs[:, 1]  # np.unique takes ten times as long over rows
    _, first, member = np.unique(numbers, return_index=True, return_inverse=True)
    return pairs[first], first, member


def _spans(reading: Reading) -> tuple[Array, Array, Array]:
    tokens = reading.tokens
    places = np.flatnonzero(tokens.fields == CONTEXT)
    start_logits, end_logits = reading.logits[:, places].astype(np.float64)
    first, length = np.meshgrid(np.arange(len(places)), np.arange(LONGEST_ANSWER), indexing="ij")
    last = first + length
    inside = last < len(places)
    first, last = first[inside], last[inside]
    characters = np.stack([tokens.offsets[places[first], 0], tokens.offsets[places[last], 1]], axis=1)
    words = np.stack([tokens.word_ids[places[first]], tokens.word_ids[places[last]]], axis=1)
    return characters, words, start_logits[first] + end_logits[last]


def null_score(reading: Reading) -> float:
    return float(reading.logits[0, 0]) + float(reading.logits[1, 0])  # both at [CLS], as SQuAD 2.0 training puts it
