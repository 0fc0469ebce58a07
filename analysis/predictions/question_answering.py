"""Extractive question answering: span decoding (transformers 5 no longer has a pipeline for it), and what can be asked.

A stretch of context tokens scores start logit + end logit; stretches run forward and are at most `LONGEST_ANSWER`
tokens long, as in BERT's SQuAD script. One softmax over all stretches of all windows turns scores into probabilities, a
stretch of characters that is seen more than once (in overlapping windows) counting once, by its best score. Stretches
are then gathered by the words they touch, so that an answer never begins or ends inside a word.
"""

from __future__ import annotations

import re
import string
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from analysis.arrays import Array, frozen
from analysis.errors import AnalysisError
from analysis.inputs.words import Word
from analysis.models.forward import Reading
from analysis.models.model import Model
from analysis.models.tokens import Tokens
from analysis.predictions.targets import (
    LogitIndices,
    Target,
    Term,
    pieces_of_word,
    with_distinct_names,
    word_index,
)
from analysis.wording import per_cent

LONGEST_ANSWER = 30  # tokens
N_BEST = 10
CONTEXT = 1  # the field that answers are cut from
NO_ANSWER = "no answer"

# What of an answer can be asked about: its terms, and how it is named.
ANSWER_PARTS: dict[str, tuple[slice, str]] = {
    "start and end": (slice(None), ""),
    "start": (slice(1), ": its start"),
    "end": (slice(1, 2), ": its end"),
}


@dataclass(frozen=True, slots=True)
class Answer:
    """A stretch of the context, cut from it at [`start`, `end`), with its probability among all stretches."""

    text: str
    start: int
    end: int
    probability: float


@dataclass(frozen=True, slots=True)
class SpanPredictions:
    """The likeliest answers to a question, best first, and where in the context answers begin and end.

    `words` are the context's; `starts`, `ends` [word] are the marginals of the distribution over stretches. `no_answer`
    is the probability that the context has none, for a checkpoint that was trained to say so, else None. `windows` is
    the number of windows that the context took.
    """

    words: tuple[Word, ...]
    answers: tuple[Answer, ...]
    starts: Array
    ends: Array
    no_answer: float | None
    windows: int

    @property
    def answer_key(self) -> Hashable:
        """The best answer as SQuAD compares it, wherever it stands; in a tuple, as one may read "no answer"."""
        best = self.answers[0]
        if self.no_answer is not None and self.no_answer > best.probability:
            return NO_ANSWER
        return (normalize_answer(best.text),)

    @property
    def wording(self) -> str:
        return NO_ANSWER if self.answer_key == NO_ANSWER else self.answers[0].text

    @property
    def summary(self) -> str:
        probability = self.no_answer if self.answer_key == NO_ANSWER else self.answers[0].probability
        return f"{self.wording} ({per_cent(probability or 0.0)})"

    @property
    def outcomes(self) -> tuple[str, ...]:
        places = tuple(f"{word.text}@{word.start}" for word in self.words)
        return places if self.no_answer is None else (*places, NO_ANSWER)

    @property
    def distributions(self) -> Array:
        rows = np.stack([self.starts, self.ends])
        return rows if self.no_answer is None else np.pad(rows, ((0, 0), (0, 1)), constant_values=self.no_answer)

    @property
    def targets(self) -> tuple[str, ...]:
        return tuple(answer.text for answer in self.answers)


def decode(model: Model, readings: tuple[Reading, ...]) -> SpanPredictions:
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


def default_target(prediction: SpanPredictions) -> Target:
    """Start and end of the best answer, or that there is no answer."""
    if prediction.answer_key == NO_ANSWER:
        return Target((Term("start"), Term("end")), prediction.wording)
    return candidate_targets(prediction)[0]


def candidate_targets(prediction: SpanPredictions) -> tuple[Target, ...]:
    """Every answer."""
    return with_distinct_names(
        span_target([word for word in prediction.words if answer.start <= word.start < answer.end], answer.text)
        for answer in prediction.answers
    )


def foils(target: Target, candidates: Sequence[Target], prediction: SpanPredictions) -> tuple[Target, ...]:
    """The other answers."""
    return tuple(other for other in candidates if other.terms != target.terms)


def span_target(words: Sequence[Word], text: str = "") -> Target:
    """That these neighbouring words of the context are the answer; `text` is how they are written there."""
    return Target((Term("start", words[0]), Term("end", words[-1])), text or " ".join(word.text for word in words))


def part_of_answer(target: Target, key: str) -> Target:
    """A key of `ANSWER_PARTS` of an answer: all of it, or its start or end alone."""
    terms, name = ANSWER_PARTS[key]
    return Target(target.terms[terms], target.name + name)


def resolve(term: Term, model: Model, tokens: Tokens) -> tuple[int, ...]:
    """(0, first piece) for a start, (1, last piece) for an end; both at [CLS] for no answer."""
    side = ("start", "end").index(term.outcome)
    return side, 0 if term.word is None else pieces_of_word(model, tokens, word_index(term, tokens))[-side]


def carry_over(term: Term, words: tuple[Word, ...]) -> tuple[Term, ...] | None:
    """Where an answer begins or ends: at the first or the last word of the replacement."""
    return (Term(term.outcome, words[0 if term.outcome == "start" else -1]),) if words else None


def pointed_at(prediction: SpanPredictions) -> tuple[int, int, int] | None:
    """Field, start and end of the best answer, if there is an answer."""
    best = prediction.answers[0]
    return None if prediction.answer_key == NO_ANSWER else (CONTEXT, best.start, best.end)


def rests_on(prediction: SpanPredictions) -> tuple[int, int, int]:
    """Field, start and end of the best answer, also where it is likelier that there is none."""
    best = prediction.answers[0]
    return CONTEXT, best.start, best.end


def is_correct(prediction: SpanPredictions, expected: Sequence[str]) -> bool:
    """The likeliest answer equals one of the expected ones, as SQuAD compares: without case, points and articles."""
    return normalize_answer(prediction.wording) in map(normalize_answer, expected)


def normalize_answer(text: str) -> str:
    """A text as SQuAD's evaluation compares it.

    >>> normalize_answer("The  Old Mill.")
    'old mill'
    """
    letters = "".join(character for character in text.lower() if character not in string.punctuation)
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", letters).split())


def log_probability(reading: Reading, indices: LogitIndices, model: Model) -> float:
    """The logarithm of the share of spans with this start, this end, or both; or of no answer."""
    from scipy.special import logsumexp

    words, scores = candidate_spans((reading,))  # [span, 2], [span]
    null = null_score(reading)
    chosen = np.ones(len(scores), dtype=bool)
    for side, token in indices:
        chosen &= words[:, side] == reading.tokens.word_ids[token]
    no_answer = all(token == 0 for _, token in indices)  # both at [CLS]
    every = [*scores, null] if no_answer or model.checkpoint.unanswerable else scores
    return float((null if no_answer else logsumexp(scores, b=chosen)) - logsumexp(every))
