"""Disagreements: which samples they are of, their order, and who is right, against what was put in."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.arrays import frozen, softmax
from analysis.inputs.samples import Sample
from analysis.models.pairs import Sides
from analysis.predictions.classification import Classification
from analysis.predictions.disagreements import (
    BOTH,
    NEITHER,
    OPEN,
    RIGHT,
    STUDENT,
    TEACHER,
    Disagreement,
    disagreements,
    widest,
)
from analysis.predictions.values import Prediction

LABELS = ("negative", "neutral", "positive")


def classified(label: str, sureness: float, labels: tuple[str, ...] = LABELS) -> Classification:
    logits = np.array([sureness * (name == label) for name in labels])
    return Classification(labels, frozen(logits), frozen(softmax(logits)))


def sample(title: str, expected: str | None = "positive") -> Sample:
    return Sample(title, "Look.", f"{title} text.", expected=expected)


def both(teacher: str, student: str, sureness: float = 2.0) -> Sides[Prediction]:
    return Sides(classified(teacher, sureness), classified(student, sureness))


def test_only_different_answers_are_listed_and_the_farthest_apart_come_first() -> None:
    samples = [sample(title) for title in ("Alike", "Near", "Far", "Between")]
    answers = [both("positive", "positive"), *(both("positive", "negative", sure) for sure in (0.5, 4.0, 2.0))]
    found = disagreements("sentiment", samples, answers)
    assert [one.sample.title for one in found] == ["Far", "Between", "Near"]
    distances = [one.divergence for one in found]
    assert distances == sorted(distances, reverse=True)
    assert found[0].answers == answers[2].map(lambda answer: answer.summary)


@pytest.mark.parametrize(
    ("teacher", "student", "expected", "right"),
    [
        ("positive", "negative", "positive", TEACHER),
        ("negative", "positive", "positive", STUDENT),
        ("negative", "neutral", "positive", NEITHER),
        ("positive", "negative", None, OPEN),
    ],
)
def test_who_is_right_is_what_the_sample_expects(teacher: str, student: str, expected: str | None, right: str) -> None:
    (found,) = disagreements("sentiment", [sample("One", expected)], [both(teacher, student)])
    assert found.right == right


def test_every_combination_of_right_and_wrong_has_a_name_of_its_own() -> None:
    assert len({*RIGHT.values(), OPEN}) == 5


def test_answers_whose_labels_differ_come_last() -> None:
    other: Sides[Prediction] = Sides(
        classified("positive", 2.0), classified("negative", 2.0, ("negative", "positive", "mixed"))
    )
    found = disagreements("sentiment", [sample("Other"), sample("One")], [other, both("positive", "negative", 0.1)])
    assert [one.sample.title for one in found] == ["One", "Other"]
    assert found[1].divergence is None


def made_up(task: str, divergence: float | None, right: str = TEACHER) -> Disagreement:
    return Disagreement(task, sample(f"{task} {divergence}"), Sides("a", "b"), right, None, divergence)


def test_the_widest_come_first_and_no_task_has_more_than_its_part() -> None:
    found = [made_up("a", 0.9), made_up("b", 0.2), made_up("a", 0.95), made_up("a", 0.8), made_up("c", 0.5)]
    others = [made_up("d", None), made_up("d", 1.0, BOTH)]
    chosen = widest([*found, *others], 3, 2)
    assert [(each.task, each.divergence) for each in chosen] == [("a", 0.95), ("a", 0.9), ("c", 0.5)]
    assert [each.task for each in widest([*found, *others], 9, 1)] == ["a", "c", "b"]
