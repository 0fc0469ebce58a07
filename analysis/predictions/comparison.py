"""Do teacher and student say the same, and how far apart are their distributions?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.models.pairs import Sides
from analysis.predictions.heads import head_that_gave
from analysis.predictions.values import Prediction
from analysis.statistics import jensen_shannon
from analysis.wording import shown


@dataclass(frozen=True, slots=True)
class Comparison:
    """Whether both give the same answer, a sentence that says so, and the Jensen–Shannon divergence in bits.

    The same is what the task counts as the same: for answers cut from a text, without case, punctuation and articles;
    for labels, however they are spelt. `agree` is None where nobody can know, as LABEL_1 may mean any label.
    `divergence` is None where the two cannot be compared outcome by outcome (their labels differ). Of two numbers there
    is the `difference` alone, the student's less the teacher's: whether it is small, the reader knows.
    """

    agree: bool | None
    sentence: str
    divergence: float | None
    difference: float | None = None


def compare(predictions: Sides[Prediction], right: Sides[bool] | None = None) -> Comparison:
    """Teacher's and student's predictions for one example, held against each other; `right` where that is known."""
    teacher, student = predictions
    head = head_that_gave(teacher)
    if type(teacher) is not type(student) or not head.are_comparable(predictions):
        return Comparison(None, _not_comparable(predictions), None)
    if head.difference:
        apart = head.difference(predictions)
        return Comparison(None, _in_numbers(apart, teacher.wording, student.wording), None, apart)
    agree = teacher.answer_key == student.answer_key
    differing = "" if agree else head.differing(predictions)
    sentence = (
        f"They disagree{differing}."
        if differing
        else _sentence(agree, teacher.wording, student.wording, right is not None and all(right))
    )
    return Comparison(agree, sentence, divergence(predictions))


def _not_comparable(predictions: Sides[Prediction]) -> str:
    if type(predictions.teacher) is not type(predictions.student):
        one, other = sorted(head_that_gave(prediction).gives for prediction in predictions)
        return f"Their answers cannot be compared: one {one}, the other {other}."
    teacher, student = predictions.map(lambda prediction: shown(", ".join(prediction.outcomes), 60))
    return (
        f"Their labels cannot be compared: the teacher's are {teacher}, the student's {student}. Say what they mean "
        "where the models are named."
    )


def _in_numbers(difference: float, teacher: str, student: str) -> str:
    if teacher == student:
        return f"Both give {teacher}."
    how = "more" if difference > 0 else "less"
    return f"The teacher gives {teacher}, the student {student}: {abs(difference):.3f} {how}."


def _sentence(agree: bool, teacher: str, student: str, both_right: bool) -> str:
    if agree and teacher == student:
        return f"Both answer “{teacher}”."
    if agree:
        return f"Both give the same answer: the teacher “{teacher}”, the student “{student}”."
    if both_right:
        return f"They answer differently, and both are right: the teacher “{teacher}”, the student “{student}”."
    if teacher == student:  # a word that the text has twice
        return f"They disagree: both answer “{teacher}”, but in different places of the text."
    return f"They disagree: the teacher answers “{teacher}”, the student “{student}”."


def divergence(predictions: Sides[Prediction]) -> float | None:
    """Jensen–Shannon divergence in bits (Lin 1991), 0 alike to 1 disjoint.

    Mean over masks, words, start and end, or labels that are each held or not.

    None where one model knows an outcome that the other does not, as a number would then measure the labels, and of
    numbers, which are not chosen from outcomes.
    """
    teacher, student = predictions
    head = head_that_gave(teacher)
    keys = predictions.map(head.outcome_keys)
    place = {key: index for index, key in enumerate(keys.student)}
    if not keys.teacher or len(keys.student) != len(keys.teacher) or not place.keys() >= set(keys.teacher):
        return None
    order = [place[key] for key in keys.teacher]
    aligned = np.take(student.distributions, order, axis=head.outcome_axis)
    return float(np.mean(jensen_shannon(teacher.distributions, aligned)))
