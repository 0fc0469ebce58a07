"""The examples that two models answer differently, the farthest apart first, with who is right.

disagreements(samples, answers)[0].right    # "teacher"
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from analysis.inputs.samples import Sample
from analysis.models.pairs import Sides
from analysis.predictions.comparison import compare
from analysis.predictions.correctness import sides_correct
from analysis.predictions.values import Prediction

TEACHER, STUDENT, NEITHER, BOTH = "teacher", "student", "neither", "both"
OPEN = "open"  # a person could answer otherwise
RIGHT = {(True, False): TEACHER, (False, True): STUDENT, (False, False): NEITHER, (True, True): BOTH}


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A sample with two different answers, and who is right: `TEACHER`, `STUDENT`, `NEITHER`, `BOTH` or `OPEN`.

    `divergence` is that of the predictions in bits, None where their labels differ.
    """

    sample: Sample
    answers: Sides[str]
    right: str
    divergence: float | None


def disagreements(samples: Sequence[Sample], answers: Sequence[Sides[Prediction]]) -> tuple[Disagreement, ...]:
    """Those of the samples that are answered differently, by falling divergence."""
    found = [
        Disagreement(sample, both.map(lambda answer: answer.summary), _right(sample, both), comparison.divergence)
        for sample, both in zip(samples, answers, strict=True)
        if not (comparison := compare(both)).agree
    ]
    return tuple(sorted(found, key=lambda one: -1.0 if one.divergence is None else one.divergence, reverse=True))


def _right(sample: Sample, answers: Sides[Prediction]) -> str:
    if sample.expected is None:
        return OPEN
    correct = sides_correct(answers, sample)
    return RIGHT[correct.teacher, correct.student]
