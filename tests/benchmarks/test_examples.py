"""How candidates for the example texts are ranked, and that the examples are candidates."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from analysis.arrays import frozen, softmax
from analysis.inputs.examples import Example, checked
from analysis.inputs.samples import NO_ENTAILMENT, Sample
from analysis.inputs.tasks import TASKS
from analysis.models.pairs import Sides
from analysis.predictions.classification import Classification
from analysis.predictions.entities import COMMON_TYPES, Entities
from analysis.predictions.fill_mask import MaskPredictions
from analysis.predictions.question_answering import Answer, SpanPredictions
from benchmarks.examples import (
    RANKINGS,
    SHORT,
    Outcome,
    agreement,
    both_wrong,
    candidates,
    confidence,
    counts,
    doubtful,
    expected,
    ranked,
    reason,
    telling,
)

SAMPLE = Sample("Title", "Look.", "A short text.", expected="positive")
RIGHTS = [(teacher, student) for teacher in (True, False) for student in (True, False)]
each_task = pytest.mark.parametrize("task", TASKS)


def made(right: tuple[bool, bool] | None, sure: tuple[float, float] = (0.9, 0.9), words: int = 3) -> Outcome:
    sample = replace(SAMPLE, text=" ".join(["word"] * words))
    return Outcome(sample, Sides("positive", "negative"), right and Sides(*right), Sides(*sure), 0.5)


@pytest.mark.parametrize("right", [*RIGHTS, None])
def test_every_outcome_is_in_exactly_one_ranking(right: tuple[bool, bool] | None) -> None:
    assert sum(len(ranked([made(right)], by)) for by in RANKINGS.values()) == 1


def test_rankings_take_the_outcomes_of_their_name() -> None:
    outcomes = [made(right) for right in [*RIGHTS, None]]
    found = [[one.rights for _, one in ranked(outcomes, by)] for by in (telling, agreement, both_wrong, doubtful)]
    assert found == [[(True, False), (False, True)], [(True, True)], [(False, False)], [None]]


def test_a_disagreement_is_more_telling_the_surer_both_sides_are() -> None:
    outcomes = [made((True, False), sure) for sure in ((0.6, 0.9), (0.9, 0.9), (0.9, 0.6), (0.5, 0.5))]
    assert [one.confidence for _, one in ranked(outcomes, telling)] == [
        Sides(0.9, 0.9),
        Sides(0.6, 0.9),
        Sides(0.9, 0.6),
        Sides(0.5, 0.5),
    ]


def test_long_texts_come_later_and_short_ones_are_all_alike() -> None:
    scores = [telling(made((False, True), words=words)) for words in (1, SHORT, SHORT + 1, 4 * SHORT)]
    assert scores[0] == scores[1] == pytest.approx(0.9)
    assert scores[1] > scores[2] > scores[3] == pytest.approx(0.45)


def test_both_texts_of_a_pair_are_read() -> None:
    one = made((True, False), words=SHORT)
    pair = replace(one, sample=replace(one.sample, text_pair="three more words"))
    assert telling(pair) < telling(one)


def test_where_people_differ_the_divergence_ranks() -> None:
    outcomes = [replace(made(None), divergence=bits) for bits in (0.1, None, 0.7)]
    assert [value for value, _ in ranked(outcomes, doubtful)] == [0.7, 0.1]


def test_reasons_name_the_right_answer_the_sides_and_the_figures() -> None:
    assert reason(made((True, False), (0.98, 0.97))) == (
        "expected “positive”: the teacher is right, the student wrong; sure by 0.98 and 0.97, 3 words, 0.50 bits apart"
    )
    assert reason(replace(made(None), divergence=None)) == "people differ; sure by 0.90 and 0.90, 3 words"


def test_counts_are_of_all_verdicts() -> None:
    assert counts([made((True, True)), made((True, True)), made(None)]) == (
        "both are right 2; the teacher is right, the student wrong 0; the student is right, the teacher wrong 0; "
        "both are wrong 0; people differ 1"
    )


def test_a_model_is_as_sure_as_the_probability_of_its_answer() -> None:
    rows = frozen(np.array([[0.7, 0.2, 0.1], [0.3, 0.4, 0.3]]))
    logits = frozen(np.log(rows[0]))
    assert confidence(Classification(("a", "b", "c"), logits, frozen(softmax(logits)))) == pytest.approx(0.7)
    assert confidence(MaskPredictions((), ("a", "b", "c"), rows)) == 0.7  # the first mask is compared
    assert confidence(Entities((), ("O", "B-per", "I-per"), rows, ())) == 0.4  # the least sure word
    found = SpanPredictions((), (Answer("Mimi", 0, 4, 0.6),), frozen(np.ones(1)), frozen(np.ones(1)), None, 1)
    assert confidence(found) == 0.6
    assert confidence(replace(found, no_answer=0.8)) == 0.8


def test_expectations_are_read_as_samples_have_them() -> None:
    assert expected("positive") == "positive"
    assert expected("not_entailment") == NO_ENTAILMENT
    assert expected(["were", "are"]) == ("were", "are")
    assert expected([["Paris", "geo"], ["Monday", "tim"], ["Ann", "per"]]) == (("Paris", "place"), ("Ann", "person"))
    assert expected([]) == ()
    assert expected(None) is None


@each_task
def test_every_sample_is_a_candidate_that_expects_the_same(task: str) -> None:
    known = {(one.text, one.text_pair): one.expected for one in candidates(task)}
    assert all(known[sample.text, sample.text_pair] == sample.expected for sample in TASKS[task].samples)


@each_task
def test_candidates_differ_can_be_asked_and_expect_what_can_be_answered(task: str) -> None:
    found = candidates(task)
    assert len({(one.text, one.text_pair) for one in found}) == len(found) >= 60
    for one in found:
        example = Example(task, one.text, one.text_pair)
        assert checked(example, 2_000) == example
        if task == "entities":
            named: Any = one.expected
            assert all(text in one.text and kind in COMMON_TYPES.values() for text, kind in named)
        if task == "question-answering":
            assert all(answer in one.text_pair or answer == "no answer" for answer in one.expected)
