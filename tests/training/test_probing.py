"""Our own sentences are well formed, and answers to them are counted right exactly where a person would."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from analysis.arrays import frozen, softmax
from analysis.inputs.examples import Example, checked
from analysis.inputs.tasks import MASK, TASKS
from analysis.inputs.words import Word, words_of
from analysis.predictions.classification import Classification
from analysis.predictions.correctness import is_correct
from analysis.predictions.entities import Entities, Entity
from analysis.predictions.fill_mask import MaskPredictions
from analysis.predictions.question_answering import Answer, SpanPredictions, normalize_answer
from tests.support.tiny import LABELS, tiny_checkpoint
from training import probing
from training.probing import probe_rows, read_probes

GMB_TYPES = {"geo", "org", "per", "gpe", "tim", "art", "eve", "nat"}


def fills(piece: str) -> MaskPredictions:
    return MaskPredictions(
        (Word(MASK, 0, 6),),
        ("tea", "France", "##s"),
        frozen([[0.6 if p == piece else 0.2 for p in ("tea", "France", "##s")]]),
    )


def classification(label: str) -> Classification:
    labels = ("not_entailment", "entailment", "positive", "Negative")
    logits = np.array([float(name == label) for name in labels])
    return Classification(labels, frozen(logits), frozen(softmax(logits)))


def entities(*found: tuple[str, str]) -> Entities:
    return Entities((), ("O",), frozen(np.ones((0, 1))), tuple(Entity(label, text, 0, 1, 0.9) for text, label in found))


def answers(text: str) -> SpanPredictions:
    return SpanPredictions((), (Answer(text, 0, 1, 0.5), Answer("other", 1, 2, 0.1)), frozen([]), frozen([]), None, 1)


@pytest.mark.parametrize(
    ("prediction", "expected", "right"),
    [
        (fills("France"), ["france"], True),
        (fills("tea"), ["coffee", "tea"], True),
        (fills("##s"), ["s"], False),
        (classification("entailment"), "entailment", True),
        (classification("not_entailment"), "entailment", False),
        (classification("Negative"), "negative", True),
        (entities(("Paris", "geo"), ("Monday", "tim")), [["Monday", "tim"], ["Paris", "geo"]], True),
        (entities(("Paris", "org"), ("Monday", "tim")), [["Monday", "tim"], ["Paris", "geo"]], False),
        (entities(("Paris", "geo")), [["Monday", "tim"], ["Paris", "geo"]], False),
        (entities(("Paris", "geo"), ("Rome", "geo")), [["Paris", "geo"]], False),
        (entities(), [], True),
        (answers("The old mill."), ["old mill"], True),
        (answers("in 1902"), ["1902", "in 1902"], True),
        (answers("in 1902 and"), ["1902", "in 1902"], False),
    ],
)
def test_a_prediction_is_right_where_it_says_what_is_expected(prediction: Any, expected: Any, right: bool) -> None:
    assert is_correct(prediction, expected) is right


@pytest.mark.parametrize("task", TASKS)
def test_each_task_has_twenty_different_items_that_it_can_read(task: str) -> None:
    items = read_probes()[task]
    assert len({(item["text"], item.get("text_pair")) for item in items}) == 20
    for item in items:
        example = Example(task, item["text"], item.get("text_pair"))
        assert checked(example) == example
        assert len(example.texts) == len(TASKS[task].fields)
        assert set(item) <= {"text", "text_pair", "expected"}


def test_there_is_one_mask_and_words_in_lower_case_for_it() -> None:
    for item in read_probes()["fill-mask"]:
        assert item["text"].count(MASK) == 1
        assert item["expected"]
        assert all(word == word.lower().strip() for word in item["expected"])


@pytest.mark.parametrize(
    ("task", "labels"), [("sentiment", "negative positive"), ("sentence-pair", "entailment not_entailment")]
)
def test_each_label_is_expected_equally_often(task: str, labels: str) -> None:
    given = sorted(item["expected"] for item in read_probes()[task])
    assert given == sorted(labels.split() * 10)


def test_entities_are_words_of_their_text_and_of_known_types() -> None:
    for item in read_probes()["entities"]:
        words = words_of(item["text"])
        starts, ends = {word.start for word in words}, {word.end for word in words}
        for text, kind in item["expected"]:
            start = item["text"].index(text)
            assert start in starts
            assert start + len(text) in ends
            assert kind in GMB_TYPES


def test_answers_stand_in_their_contexts() -> None:
    for item in read_probes()["question-answering"]:
        assert item["expected"]
        assert all(answer in item["text_pair"] and normalize_answer(answer) for answer in item["expected"])


def test_rows_are_the_share_of_right_answers_of_each_published_side(tmp_path: Path) -> None:
    for side, architecture in probing.ARCHITECTURES.items():
        labels = ("negative", "positive")
        tiny_checkpoint(tmp_path / "sentiment" / side, architecture, "sentiment", labels=labels, max_positions=64)
    rows = probe_rows(tmp_path)
    assert [(row["task"], row["metric"], row["side"], row["n"]) for row in rows] == [
        ("sentiment", "probes", "teacher", 20),
        ("sentiment", "probes", "student", 20),
    ]
    assert all(20 * row["value"] == pytest.approx(round(20 * row["value"])) for row in rows)
    assert all(row["low"] <= row["value"] <= row["high"] for row in rows)
    assert LABELS["sentiment"] != labels
