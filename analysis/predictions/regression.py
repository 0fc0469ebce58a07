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
from analysis.predictions.targets import NUMBER, Target, Term, label_index

NOTHING = frozen(np.empty((0, 0)))
TARGET = Target((Term(NUMBER),), NUMBER)


@dataclass(frozen=True, slots=True)
class Number:
    """What the model gives, and the name that its configuration has for it, if that says anything."""

    label: str
    value: float

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
    return Number("" if NUMBERED.fullmatch(label) else label, float(readings[0].logits[0]))


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
