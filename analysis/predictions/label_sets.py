"""Several labels for the whole input, or none: each by itself, as heads for multi-label classification are trained."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from analysis.arrays import Array, frozen
from analysis.models.forward import Reading
from analysis.models.model import Model
from analysis.models.pairs import Sides
from analysis.predictions.labels import key_of, keys_of
from analysis.predictions.pooling import ByWindow, by_window, pooled
from analysis.predictions.targets import LogitIndices, Target, Term
from analysis.statistics import jensen_shannon
from analysis.wording import per_cent

NO_LABEL = "none of the labels"
HOLDS = 0.5  # a label's probability, above which it is part of the answer


@dataclass(frozen=True, slots=True)
class LabelSet:
    """The labels that hold. `logits`, `probabilities`: [label], in the checkpoint's order; they do not add up to 1.

    `by_window`: what they are pooled from, for a long text.
    """

    labels: tuple[str, ...]
    logits: Array
    probabilities: Array
    by_window: ByWindow | None = None

    @property
    def holding(self) -> tuple[int, ...]:
        """The numbers of the labels that hold, the likeliest first."""
        order = np.argsort(-self.probabilities, kind="stable").tolist()
        return tuple(label for label in order if self.probabilities[label] > HOLDS)

    @property
    def answer_key(self) -> Hashable:
        keys = keys_of(self.labels)
        return frozenset(keys[label] for label in self.holding)

    @property
    def wording(self) -> str:
        return ", ".join(self.labels[label] for label in self.holding) or NO_LABEL

    @property
    def summary(self) -> str:
        said = [f"{self.labels[label]} ({per_cent(float(self.probabilities[label]))})" for label in self.holding]
        return ", ".join(said) or f"{NO_LABEL} (at most {per_cent(float(self.probabilities.max()))})"

    @property
    def outcomes(self) -> tuple[str, ...]:
        return self.labels

    @property
    def distributions(self) -> Array:
        """[label, 2]: that it holds, and that it does not."""
        return np.stack([self.probabilities, 1 - self.probabilities], axis=1)

    @property
    def targets(self) -> tuple[str, ...]:
        return self.labels


@dataclass(frozen=True, slots=True)
class LabelOfBoth:
    """One label in both answers: how likely each model holds it, and how far apart that is, in bits."""

    label: str
    probabilities: Sides[float]
    divergence: float

    @property
    def agree(self) -> bool:
        teacher, student = self.probabilities
        return (teacher > HOLDS) == (student > HOLDS)


def decode(model: Model, readings: tuple[Reading, ...]) -> LabelSet:
    """A sigmoid for each label, as in `pipeline("text-classification", top_k=None)`."""
    return _held(model.labels, pooled(readings), by_window(readings))


def in_windows(prediction: LabelSet) -> tuple[LabelSet, ...]:
    """What is answered to each window of a long text by itself."""
    windows = prediction.by_window
    return tuple(_held(prediction.labels, logits) for logits in windows.logits) if windows else ()


def _held(labels: tuple[str, ...], logits: Array, windows: ByWindow | None = None) -> LabelSet:
    from scipy.special import expit

    return LabelSet(labels, logits, frozen(expit(logits.astype(np.float64))), windows)


def rests_on(prediction: LabelSet) -> tuple[int, int, int] | None:
    """Field, start and end of the window of a long text that by itself says most for the likeliest label."""
    likeliest, windows = int(prediction.logits.argmax()), prediction.by_window
    return windows.place(int(windows.logits[:, likeliest].argmax())) if windows else None


def label_by_label(predictions: Sides[LabelSet]) -> tuple[LabelOfBoth, ...]:
    """Every label of two that have the same, in the teacher's order and as the teacher spells it; else none."""
    if not are_comparable(predictions):
        return ()
    places = predictions.map(lambda each: {key: at for at, key in enumerate(keys_of(each.labels))})
    order = [places.student[key] for key in places.teacher]
    teacher, student = predictions.teacher.distributions, predictions.student.distributions[order]
    return tuple(
        LabelOfBoth(label, Sides(float(one[0]), float(other[0])), float(divergence))
        for label, one, other, divergence in zip(
            predictions.teacher.labels, teacher, student, jensen_shannon(teacher, student), strict=True
        )
    )


def default_target(prediction: LabelSet) -> Target:
    """The likeliest label, also where it does not hold."""
    return candidate_targets(prediction)[int(prediction.probabilities.argmax())]


def own_targets(predictions: Sides[LabelSet]) -> Sides[Target]:
    """Where both have the same labels one for both: of those on which they differ, that on which they do most."""
    if not are_comparable(predictions):
        return predictions.map(default_target)
    differing = [one for one in label_by_label(predictions) if not one.agree]
    if not differing:
        return Sides(*[default_target(predictions.teacher)] * 2)
    label = max(differing, key=lambda one: one.divergence).label
    return Sides(*[Target((Term(label),), label)] * 2)


def candidate_targets(prediction: LabelSet) -> tuple[Target, ...]:
    """Every label."""
    return tuple(Target((Term(label),), label) for label in prediction.labels)


def foils(target: Target, candidates: Sequence[Target], prediction: LabelSet) -> tuple[Target, ...]:
    """Nothing: no label is chosen in another's place."""
    return ()


def is_correct(prediction: LabelSet, expected: str | Sequence[str]) -> bool:
    """The expected label, or one of those that count, holds and no other does."""
    counting = [expected] if isinstance(expected, str) else expected
    return prediction.answer_key in {frozenset({key_of(label)}) for label in counting}


def are_comparable(predictions: Sides[LabelSet]) -> bool:
    """Whether both say yes or no to the same labels: that a label is not held says something only then."""
    teacher, student = predictions
    return type(teacher) is type(student) and set(keys_of(teacher.labels)) == set(keys_of(student.labels))


def log_probability(reading: Reading, indices: LogitIndices, model: Model) -> float:
    """The logarithm of the probability that all of these labels hold, if none depends on another."""
    from scipy.special import log_expit

    return float(sum(log_expit(float(reading.logits[index])) for index in indices))
