"""What a model answers, as values: one type for each kind of task.

All of them say the same things about themselves, so that one function (`comparison.compare`) compares any two:
`answer_key` (what they say, comparable), `wording` (the same in words), `summary` (with probabilities), `outcomes` and
`distributions` (what they give probability to), `targets` (the names of what an attribution can ask about).
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from analysis.arrays import Array
from analysis.inputs.words import Word
from analysis.wording import per_cent


@dataclass(frozen=True, slots=True)
class Classification:
    """One of several labels for the whole input. `logits`, `probabilities`: [label], in the checkpoint's order."""

    labels: tuple[str, ...]
    logits: Array
    probabilities: Array

    @property
    def answer_key(self) -> Hashable:
        return self.labels[int(self.probabilities.argmax())]

    @property
    def wording(self) -> str:
        return self.labels[int(self.probabilities.argmax())]

    @property
    def summary(self) -> str:
        return f"{self.wording} ({per_cent(float(self.probabilities.max()))})"

    @property
    def outcomes(self) -> tuple[str, ...]:
        return self.labels

    @property
    def distributions(self) -> Array:
        return self.probabilities[None, :]

    @property
    def targets(self) -> tuple[str, ...]:
        return self.labels


@dataclass(frozen=True, slots=True)
class MaskPredictions:
    """A distribution over the vocabulary for each [MASK]. `masks` in reading order; `probabilities` [mask, piece]."""

    masks: tuple[Word, ...]
    vocabulary: tuple[str, ...]
    probabilities: Array

    def best(self, mask: int, count: int) -> list[tuple[str, float]]:
        """The `count` likeliest pieces for a mask, with their probabilities, likeliest first."""
        row = self.probabilities[mask]
        order = np.argsort(-row, kind="stable")[:count]
        return [(self.vocabulary[index], float(row[index])) for index in order]

    def ranks(self, mask: int) -> dict[str, int]:
        """For every piece its rank at a mask, 1 the likeliest."""
        order = np.argsort(-self.probabilities[mask], kind="stable")
        return {self.vocabulary[index]: rank for rank, index in enumerate(order, start=1)}

    @property
    def answer_key(self) -> Hashable:
        return tuple(self.vocabulary[index] for index in self.probabilities.argmax(axis=1))

    @property
    def wording(self) -> str:
        return ", ".join(self.best(mask, 1)[0][0] for mask in range(len(self.masks)))

    @property
    def summary(self) -> str:
        best = [self.best(mask, 1)[0] for mask in range(len(self.masks))]
        return ", ".join(f"{piece} ({per_cent(probability)})" for piece, probability in best)

    @property
    def outcomes(self) -> tuple[str, ...]:
        return self.vocabulary

    @property
    def distributions(self) -> Array:
        return self.probabilities

    @property
    def targets(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(piece for mask in range(len(self.masks)) for piece, _ in self.best(mask, 5)))


@dataclass(frozen=True, slots=True)
class Entity:
    """A named entity: `text` is the input from `start` to `end`; `score` is the mean probability of its words."""

    label: str
    text: str
    start: int
    end: int
    score: float


@dataclass(frozen=True, slots=True)
class Entities:
    """The named entities of a text, and for each of its words the probabilities they were read from.

    `labels` are the checkpoint's tags (O, B-PER, I-PER, …); `probabilities` [word, label] are those of a word's first
    piece; a row is uniform where a word has no piece of its own.
    """

    words: tuple[Word, ...]
    labels: tuple[str, ...]
    probabilities: Array
    entities: tuple[Entity, ...]

    @property
    def answer_key(self) -> Hashable:
        return frozenset((entity.label, entity.start, entity.end) for entity in self.entities)

    @property
    def wording(self) -> str:
        return self.summary

    @property
    def summary(self) -> str:
        return ", ".join(f"{entity.text} ({entity.label})" for entity in self.entities) or "no entity"

    @property
    def outcomes(self) -> tuple[str, ...]:
        return self.labels

    @property
    def distributions(self) -> Array:
        return self.probabilities

    @property
    def targets(self) -> tuple[str, ...]:
        return tuple(f"{entity.text} ({entity.label})" for entity in self.entities)


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
        best = self.answers[0]
        if self.no_answer is not None and self.no_answer > best.probability:
            return "no answer"
        return best.start, best.end

    @property
    def wording(self) -> str:
        return "no answer" if self.answer_key == "no answer" else self.answers[0].text

    @property
    def summary(self) -> str:
        probability = self.no_answer if self.answer_key == "no answer" else self.answers[0].probability
        return f"{self.wording} ({per_cent(probability or 0.0)})"

    @property
    def outcomes(self) -> tuple[str, ...]:
        places = tuple(f"{word.text}@{word.start}" for word in self.words)
        return places if self.no_answer is None else (*places, "no answer")

    @property
    def distributions(self) -> Array:
        rows = np.stack([self.starts, self.ends])
        return rows if self.no_answer is None else np.pad(rows, ((0, 0), (0, 1)), constant_values=self.no_answer)

    @property
    def targets(self) -> tuple[str, ...]:
        return tuple(answer.text for answer in self.answers)


Prediction: TypeAlias = Classification | MaskPredictions | Entities | SpanPredictions
