"""A toy kind of task head, in one file as each of the real ones: several labels or none, each by its own sigmoid."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np

from analysis.arrays import Array, frozen
from analysis.models.forward import Reading
from analysis.models.model import Model
from analysis.predictions import classification
from analysis.predictions.heads import Head
from analysis.predictions.targets import Target, Term

NAME = "AutoModelForToyClassification"


@dataclass(frozen=True, slots=True)
class Toys:
    """The labels that hold; `distributions` [label, outcome] are each label's own, yes before no."""

    labels: tuple[str, ...]
    distributions: Array

    @property
    def answer_key(self) -> Hashable:
        return tuple(label for label, (yes, no) in zip(self.labels, self.distributions, strict=True) if yes > no)

    @property
    def wording(self) -> str:
        return " and ".join(label for label in self.labels if label in str(self.answer_key)) or "none"

    @property
    def summary(self) -> str:
        return f"toy: {self.wording}"

    @property
    def outcomes(self) -> tuple[str, ...]:
        return "yes", "no"


def decode(model: Model, readings: tuple[Reading, ...]) -> Toys:
    yes = 1 / (1 + np.exp(-readings[0].logits.astype(np.float64)))
    return Toys(model.labels, frozen(np.stack([yes, 1 - yes], axis=1)))


def candidate_targets(prediction: Toys) -> tuple[Target, ...]:
    return tuple(Target((Term(label),), label) for label in prediction.labels)


ROW = Head(
    prediction=Toys,
    decode=decode,
    default_target=lambda prediction: candidate_targets(prediction)[0],
    candidate_targets=candidate_targets,
    foils=lambda target, candidates, prediction: (),
    resolve=classification.resolve,
    is_correct=lambda prediction, expected: prediction.wording == expected,
)
