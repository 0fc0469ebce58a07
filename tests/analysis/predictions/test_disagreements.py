"""Disagreements are those of the answers, never between two right ones, and the widest come first."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.arrays import frozen, softmax
from analysis.inputs.examples import Example
from analysis.inputs.samples import Sample
from analysis.models.pairs import Sides
from analysis.predictions.classification import Classification
from analysis.predictions.disagreements import Disagreement, disagreement, widest

LABELS = ("bad", "good", "fine")


def made_up(task: str, divergence: float) -> Disagreement:
    return Disagreement("Made up", Example(task, f"{task} {divergence}"), Sides("a", "b"), None, divergence)


def saying(label: str) -> Classification:
    logits = np.array([3.0 if label == each else 0.0 for each in LABELS])
    return Classification(LABELS, frozen(logits), frozen(softmax(logits)))


def test_the_widest_come_first_and_no_task_has_more_than_its_part() -> None:
    found = [made_up("a", 0.9), made_up("b", 0.2), made_up("a", 0.95), made_up("a", 0.8), made_up("c", 0.5)]
    chosen = widest(found, 3, 2)
    assert [(each.example.task, each.divergence) for each in chosen] == [("a", 0.95), ("a", 0.9), ("c", 0.5)]
    assert [each.example.task for each in widest(found, 9, 1)] == ["a", "c", "b"]


@pytest.mark.parametrize(
    ("teacher", "student", "expected", "differs"),
    [
        ("good", "bad", "good", True),
        ("good", "bad", None, True),
        ("good", "good", "bad", False),
        ("good", "fine", ("good", "fine"), False),  # both are right
    ],
)
def test_it_takes_two_answers_that_are_not_both_right(
    teacher: str, student: str, expected: str | tuple[str, ...] | None, differs: bool
) -> None:
    sample = Sample("Made up", "Look.", "A film.", expected=expected)
    found = disagreement(sample, Example("sentiment", "A film."), Sides(saying(teacher), saying(student)))
    assert (found is not None) is differs
    assert found is None or (found.verdict is None) is (expected is None)
