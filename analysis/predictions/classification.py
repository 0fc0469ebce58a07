"""One label for the whole input: what is answered, what can be asked of it, and where the logits say so."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from analysis.arrays import Array, frozen, softmax
from analysis.models.forward import Reading
from analysis.models.model import Model
from analysis.models.pairs import Sides
from analysis.models.tokens import Tokens
from analysis.predictions.labels import index_of, key_of, keys_of
from analysis.predictions.pooling import ByWindow, by_window, pooled
from analysis.predictions.targets import LogitIndices, Target, Term, label_index
from analysis.wording import per_cent


@dataclass(frozen=True, slots=True)
class Classification:
    """One of several labels for the whole input. `logits`, `probabilities`: [label], in the checkpoint's order.

    `by_window`: what they are pooled from, for a long text.
    """

    labels: tuple[str, ...]
    logits: Array
    probabilities: Array
    by_window: ByWindow | None = None

    @property
    def answer_key(self) -> Hashable:
        return keys_of(self.labels)[int(self.probabilities.argmax())]

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


def decode(model: Model, readings: tuple[Reading, ...]) -> Classification:
    """Softmax over the labels, as in `pipeline("text-classification")`."""
    return _chosen(model.labels, pooled(readings), by_window(readings))


def in_windows(prediction: Classification) -> tuple[Classification, ...]:
    """What is answered to each window of a long text by itself."""
    windows = prediction.by_window
    return tuple(_chosen(prediction.labels, logits) for logits in windows.logits) if windows else ()


def _chosen(labels: tuple[str, ...], logits: Array, windows: ByWindow | None = None) -> Classification:
    return Classification(labels, logits, frozen(softmax(logits)), windows)


def rests_on(prediction: Classification) -> tuple[int, int, int] | None:
    """Field, start and end of the window of a long text that by itself says most for the answer."""
    answer, windows = int(prediction.probabilities.argmax()), prediction.by_window
    return windows.place(int(softmax(windows.logits)[:, answer].argmax())) if windows else None


def default_target(prediction: Classification) -> Target:
    """The likeliest label."""
    return candidate_targets(prediction)[int(prediction.probabilities.argmax())]


def own_targets(predictions: Sides[Classification]) -> Sides[Target]:
    """What each model answers; the teacher's answer for both if that is the student's too, however it spells it."""
    own = predictions.map(default_target)
    same = predictions.teacher.answer_key == predictions.student.answer_key
    return Sides(own.teacher, own.teacher) if same else own


def candidate_targets(prediction: Classification) -> tuple[Target, ...]:
    """Every label."""
    return tuple(Target((Term(label),), label) for label in prediction.labels)


def foils(target: Target, candidates: Sequence[Target], prediction: Classification) -> tuple[Target, ...]:
    """The other labels."""
    return tuple(other for other in candidates if other.terms != target.terms)


def resolve(term: Term, model: Model, tokens: Tokens) -> tuple[int, ...]:
    """(label,)."""
    return (label_index(model, model.labels, term.outcome, "label"),)


def is_correct(prediction: Classification, expected: str | Sequence[str]) -> bool:
    """The likeliest label is the expected one, or one of those that count."""
    return prediction.answer_key in {key_of(label) for label in ([expected] if isinstance(expected, str) else expected)}


def knows(prediction: Classification, expected: str | Sequence[str]) -> bool:
    """Whether one of the labels is an expected one: what LABEL_0 means, nobody can tell."""
    expected = [expected] if isinstance(expected, str) else expected
    return any(index_of(label, prediction.labels) is not None for label in expected)


def outcome_keys(prediction: Classification) -> tuple[Hashable, ...]:
    """What the labels are compared by."""
    return keys_of(prediction.labels)


def are_comparable(predictions: Sides[Classification]) -> bool:
    """Whether each model could give the other's answer."""
    keys = [set(outcome_keys(prediction)) for prediction in predictions]
    return all(prediction.answer_key in known for prediction in predictions for known in keys)


def log_probability(reading: Reading, indices: LogitIndices, model: Model) -> float:
    """The logarithm of the probability that all of these outcomes hold, if none depends on another."""
    from scipy.special import log_softmax

    logs = log_softmax(reading.logits.astype(np.float64), axis=-1)
    return float(sum(logs[index] for index in indices))
