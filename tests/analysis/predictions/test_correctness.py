"""An example text says what a person would answer, and which side does, whatever a checkpoint calls its labels."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from analysis.arrays import frozen, softmax
from analysis.inputs.samples import Sample
from analysis.inputs.tasks import TASKS
from analysis.models.pairs import Sides
from analysis.predictions.classification import Classification
from analysis.predictions.correctness import verdict
from analysis.predictions.entities import COMMON_TYPES, Entities, Entity

SAMPLE = Sample("Title", "Look.", "A text.", expected="positive")


def classified(label: str) -> Classification:
    labels = ("NEGATIVE", "POSITIVE", "neutral")
    logits = np.array([float(name.lower() == label) for name in labels])
    return Classification(labels, frozen(logits), frozen(softmax(logits)))


def named(*found: tuple[str, str]) -> Entities:
    return Entities((), ("O",), frozen(np.ones((0, 1))), tuple(Entity(label, text, 0, 1, 0.9) for text, label in found))


@pytest.mark.parametrize(
    ("teacher", "student", "end"),
    [
        ("positive", "positive", "“positive”. Both are right."),
        ("positive", "negative", "“positive”. The teacher is right, the student wrong."),
        ("negative", "positive", "“positive”. The student is right, the teacher wrong."),
        ("negative", "negative", "“positive”. Both are wrong."),
    ],
)
def test_a_verdict_says_which_side_answers_as_a_person_would(teacher: str, student: str, end: str) -> None:
    found = verdict(Sides(classified(teacher), classified(student)), SAMPLE)
    assert found == f"Correct: {end}"


def test_where_people_differ_there_is_no_verdict() -> None:
    assert verdict(Sides(classified("positive"), classified("positive")), replace(SAMPLE, expected=None)) is None


def test_any_of_several_labels_counts() -> None:
    sample = replace(SAMPLE, expected=("not_entailment", "neutral", "negative"))
    found = verdict(Sides(classified("neutral"), classified("positive")), sample)
    assert found == "Correct: “neutral” or “negative”. The teacher is right, the student wrong."


def test_types_of_entities_count_as_their_common_kind_and_others_are_not_compared() -> None:
    sample = replace(SAMPLE, expected=(("Paris", "place"), ("Mary", "person")))
    gmb = named(("Mary", "per"), ("Paris", "gpe"), ("Monday", "tim"))
    conll = named(("paris", "LOC"), ("Mary", "PER"), ("French", "MISC"))
    assert verdict(Sides(gmb, conll), sample) == "Correct: “Paris” (place) and “Mary” (person). Both are right."
    wrong = named(("Mary", "per"), ("Paris", "org"))
    assert verdict(Sides(gmb, wrong), sample).endswith("The teacher is right, the student wrong.")
    assert verdict(Sides(named(), named(("Monday", "tim"))), replace(SAMPLE, expected=())).endswith("Both are right.")


@pytest.mark.parametrize("task", TASKS)
def test_what_is_expected_of_the_examples_can_be_answered(task: str) -> None:
    for sample in TASKS[task].samples:
        if sample.expected is None:
            continue
        if task == "entities":
            named: Any = sample.expected
            assert all(text in sample.text and kind in COMMON_TYPES.values() for text, kind in named)
        elif task == "question-answering":
            assert all(answer in sample.text_pair or answer == "no answer" for answer in sample.expected)
        else:
            names = [sample.expected] if isinstance(sample.expected, str) else sample.expected
            assert all(name == name.lower() for name in names)
            assert names
