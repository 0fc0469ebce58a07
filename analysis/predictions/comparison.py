"""Do teacher and student say the same, and how far apart are their distributions?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.arrays import Array
from analysis.models.pairs import Sides
from analysis.predictions.values import Prediction


@dataclass(frozen=True, slots=True)
class Comparison:
    """Whether both give the same answer, a sentence that says so, and the Jensen–Shannon divergence in bits.

    `divergence` is None where the two cannot be compared outcome by outcome (their labels differ).
    """

    agree: bool
    sentence: str
    divergence: float | None


def compare(predictions: Sides[Prediction]) -> Comparison:
    """Teacher's and student's predictions for one example, held against each other."""
    teacher, student = predictions
    agree = teacher.answer_key == student.answer_key
    return Comparison(agree, _sentence(agree, teacher.wording, student.wording), divergence(predictions))


def _sentence(agree: bool, teacher: str, student: str) -> str:
    if agree:
        return f"Both answer “{teacher}”."
    if teacher == student:  # a word that the text has twice
        return f"They differ: both answer “{teacher}”, but in different places of the text."
    return f"They differ: the teacher answers “{teacher}”, the student “{student}”."


def divergence(predictions: Sides[Prediction]) -> float | None:
    """Jensen–Shannon divergence in bits (Lin 1991), 0 alike to 1 disjoint, mean over masks, words, or start and end.

    None where one model knows an outcome that the other does not: a number would then measure the labels.
    """
    teacher, student = predictions
    place = {outcome: index for index, outcome in enumerate(student.outcomes)}
    if len(student.outcomes) != len(teacher.outcomes) or not place.keys() >= set(teacher.outcomes):
        return None
    aligned = student.distributions[:, [place[outcome] for outcome in teacher.outcomes]]
    return float(np.mean(jensen_shannon(teacher.distributions, aligned)))


def jensen_shannon(p: Array, q: Array) -> Array:
    """Divergence in bits of each pair of rows of two arrays [row, outcome] whose rows sum to 1.

    >>> jensen_shannon(np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]]))
    array([1.])
    """
    middle = (p + q) / 2
    return np.asarray((_bits(p, middle) + _bits(q, middle)) / 2).clip(0.0, 1.0)


def _bits(p: Array, q: Array) -> Array:
    ratio = np.divide(p, q, out=np.ones_like(p, dtype=np.float64), where=p > 0)
    return np.asarray((p * np.log2(ratio)).sum(axis=-1))
