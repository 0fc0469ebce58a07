"""A number for the whole input, as heads with one output are trained to give: how similar, how many stars."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from analysis.arrays import Array, frozen
from analysis.models.forward import Reading
from analysis.models.model import Model
from analysis.models.pairs import Sides
from analysis.models.tokens import Tokens
from analysis.predictions.labels import NUMBERED
from analysis.predictions.pooling import ByWindow, by_window, pooled
from analysis.predictions.targets import NUMBER, Target, Term, label_index

NOTHING = frozen(np.empty((0, 0)))
TARGET = Target((Term(NUMBER),), NUMBER)


@dataclass(frozen=True, slots=True)
class Number:
    """What the model gives, and the name that its configuration has for it, if that says anything.

    `by_window`: what it is pooled from, for a long text.
    """

    label: str
    value: float
    by_window: ByWindow | None = None

    @property
    def answer_key(self) -> Hashable:
        return self.value

    @property
    def wording(self) -> str:
        return f"{self.value:.3f}"

    @property
    def summary(self) -> str:
        return f"{self.wording} ({self.label})" if self.label else self.wording

    @property
    def outcomes(self) -> tuple[str, ...]:
        return ()

    @property
    def distributions(self) -> Array:
        """None: a number is not chosen from others."""
        return NOTHING


def decode(model: Model, readings: tuple[Reading, ...]) -> Number:
    """The logit as it is, as `pipeline("text-classification", function_to_apply="none")` gives it."""
    (label,) = model.labels
    return Number("" if NUMBERED.fullmatch(label) else label, float(pooled(readings)[0]), by_window(readings))


def in_windows(prediction: Number) -> tuple[Number, ...]:
    """What is given for each window of a long text by itself."""
    windows = prediction.by_window
    return tuple(Number(prediction.label, float(value)) for value in windows.logits[:, 0]) if windows else ()


def rests_on(prediction: Number) -> tuple[int, int, int] | None:
    """Field, start and end of the window of a long text whose own number is nearest to that of the whole."""
    windows = prediction.by_window
    return windows.place(int(np.abs(windows.logits[:, 0] - prediction.value).argmin())) if windows else None


def difference(predictions: Sides[Number]) -> float:
    """How much more the student gives than the teacher."""
    return predictions.student.value - predictions.teacher.value


def default_target(prediction: Number) -> Target:
    """The number."""
    return TARGET


def candidate_targets(prediction: Number) -> tuple[Target, ...]:
    """The number alone."""
    return (TARGET,)


def foils(target: Target, candidates: Sequence[Target], prediction: Number) -> tuple[Target, ...]:
    """Nothing: there is no other output."""
    return ()


def resolve(term: Term, model: Model, tokens: Tokens) -> tuple[int, ...]:
    """(0,) for the number. Raises `AnalysisError` for a label."""
    return (label_index(model, (NUMBER,), term.outcome, "label"),)


def is_correct(prediction: Number, expected: object) -> bool:
    """False: what is expected is a label."""
    return False


def knows(prediction: Number, expected: object) -> bool:
    """False: a number is no label, so nobody can tell whether it is right."""
    return False
