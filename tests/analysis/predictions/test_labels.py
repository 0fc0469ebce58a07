"""Labels are compared by what they mean: another spelling is no disagreement, and what nobody knows is not compared."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import AnalysisError
from analysis.inputs.examples import Example
from analysis.inputs.samples import Sample
from analysis.inputs.words import words_of
from analysis.models.model import Model, load
from analysis.models.pairs import PAIRS, Checkpoint, Sides, labels_said, own_pair
from analysis.models.tokens import tokenize
from analysis.predictions.classification import Classification
from analysis.predictions.comparison import compare
from analysis.predictions.correctness import compared, verdict
from analysis.predictions.disagreements import disagreements
from analysis.predictions.entities import Entities, Entity
from analysis.predictions.heads import predict
from analysis.predictions.labels import index_of, key_of, keys_of
from analysis.predictions.resolve import default_target, own_targets, resolve
from tests.support.tiny import tiny_checkpoint

NAMES = ("negative", "neutral", "positive")
ROW = np.array([0.2, 0.1, 0.7])
SPELLINGS = (
    ("NEGATIVE", "NEUTRAL", "POSITIVE"),
    ("Negative", "Neutral", "Positive"),
    ("NEG", "NEU", "POS"),
    ("neg", "neutral", "positive"),
    ("__negative__", "neutral ", "POS"),
)
TEXT = "Mary lives in Paris."


def classified(labels: tuple[str, ...], row: np.ndarray = ROW) -> Classification:
    return Classification(labels, np.log(row), row)


@given(st.sampled_from(SPELLINGS), st.permutations(range(3)), st.sampled_from([ROW, ROW[::-1]]))
def test_no_spelling_and_no_order_of_labels_makes_a_difference(
    spelling: tuple[str, ...], order: list[int], row: np.ndarray
) -> None:
    plain = compare(Sides(classified(NAMES), classified(NAMES, row)))
    student = classified(tuple(spelling[at] for at in order), row[order])
    for sides in (Sides(classified(NAMES), student), Sides(student, classified(NAMES))):
        comparison = compare(sides)
        assert comparison.agree == plain.agree
        assert comparison.divergence == pytest.approx(plain.divergence, abs=1e-12)


@pytest.mark.parametrize(
    "labels",
    [("LABEL_0", "LABEL_1", "LABEL_2"), ("0", "1", "2"), ("one star", "two stars", "three stars")],
)
def test_labels_of_which_nobody_knows_what_they_mean_are_not_compared(labels: tuple[str, ...]) -> None:
    for sides in (Sides(classified(labels), classified(NAMES)), Sides(classified(NAMES), classified(labels))):
        comparison = compare(sides)
        assert (comparison.agree, comparison.divergence) == (None, None)
        assert comparison.sentence.startswith("Their labels cannot be compared: the teacher's are ")
        sample = Sample("One", "Look.", TEXT, expected="positive")
        assert verdict(sides, sample) is None
        assert compared(sides, sample).agree is None
        assert disagreements("sentiment", [sample], [Sides(*sides)]) == ()
        assert own_targets(sides) == sides.map(default_target)  # each model can still be explained


def test_an_answer_that_one_model_cannot_give_is_not_compared_and_others_are() -> None:
    two = classified(("neg", "pos"), np.array([0.4, 0.6]))
    assert compare(Sides(classified(NAMES), two)).agree
    assert compare(Sides(classified(NAMES), two)).divergence is None
    assert compare(Sides(classified(NAMES, np.array([0.1, 0.8, 0.1])), two)).agree is None


def test_labels_that_differ_in_case_alone_stay_two() -> None:
    labels = ("a", "A")
    assert keys_of(labels) == labels
    assert [index_of(label, labels) for label in labels] == [0, 1]
    own = compare(Sides(classified(labels, np.array([0.3, 0.7])), classified(labels, np.array([0.7, 0.3]))))
    assert own.agree is False


def test_what_is_right_does_not_depend_on_the_spelling() -> None:
    sample = Sample("One", "Look.", TEXT, expected="positive")
    assert verdict(Sides(classified(SPELLINGS[0]), classified(SPELLINGS[2])), sample) == (
        "Correct: “positive”. Both are right."
    )


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("contradictory", "CONTRADICTION", True),
        ("Entailed", "entailment", True),
        ("not_entailment", "NOT ENTAILMENT", True),
        ("not_entailment", "entailment", False),
        ("B-PERSON", "B-PER", True),
        ("B-PER", "I-PER", False),
        ("LABEL_1", "LABEL_2", False),
        ("1 star", "2 stars", False),
        ("🙂", "🙁", False),
    ],
)
def test_what_labels_mean(one: str, other: str, same: bool) -> None:
    assert (key_of(one) == key_of(other)) == same


def test_entities_of_one_type_in_two_spellings_are_the_same() -> None:
    def found(tags: tuple[str, ...], kind: str) -> Entities:
        words = words_of(TEXT)
        rows = np.tile([0.1, 0.8, 0.1], (len(words), 1))
        return Entities(words, tags, rows, (Entity(kind, "Mary", 0, 4, 0.8),))

    same = compare(Sides(found(("O", "B-PER", "I-PER"), "PER"), found(("O", "B-person", "I-person"), "person")))
    assert (same.agree, same.divergence) == (True, 0)
    assert compare(Sides(found(("O", "B-PER", "I-PER"), "PER"), found(("O", "B-1", "I-1"), "1"))).agree is None


@pytest.fixture
def spelt(tmp_path: Path) -> Sides[Model]:
    """A pair for sentiment whose models spell their labels in two ways and have them in two orders."""
    labels = Sides(("NEGATIVE", "POSITIVE"), ("pos", "neg"))
    sides = Sides("bert", "distilbert")
    return Sides(
        *(
            load(Checkpoint(str(tiny_checkpoint(tmp_path / kind, kind, "sentiment", labels=own)), kind), "sentiment")
            for kind, own in zip(sides, labels, strict=True)
        )
    )


def test_a_target_is_found_in_a_model_that_spells_it_otherwise(spelt: Sides[Model]) -> None:
    example = Example("sentiment", "the film was good.")
    predictions = spelt.map(lambda model: predict(model, example))
    target = default_target(predictions.teacher)
    wanted = {"NEGATIVE": (0, 1), "POSITIVE": (1, 0)}[target.name]
    for model, index in zip(spelt, wanted, strict=True):
        assert resolve(target, model, tokenize(model, example)[0]).logit_indices == ((index,),)
    agree = compare(predictions).agree
    own = own_targets(predictions)
    assert (own.teacher == own.student) == agree


def test_a_reader_says_what_labels_mean(tmp_path: Path) -> None:
    folders = {
        kind: str(tiny_checkpoint(tmp_path / kind, kind, "sentiment", labels=labels))
        for kind, labels in (("bert", ("LABEL_0", "LABEL_1")), ("distilbert", ("NEGATIVE", "POSITIVE")))
    }
    example = Example("sentiment", "the film was good.")

    def agree(said: str) -> bool | None:
        pair = own_pair("sentiment", folders["bert"], folders["distilbert"], Sides(said, ""))
        answers = pair.sides("sentiment").map(lambda checkpoint: predict(load(checkpoint, "sentiment"), example))
        return compare(answers).agree

    one, other = agree("LABEL_0 = negative, LABEL_1=positive"), agree("LABEL_0 = positive, LABEL_1 = negative")
    assert agree("") is None
    assert {one, other} == {True, False}


@pytest.mark.parametrize("text", ["LABEL_0", "LABEL_0 = ", "= negative", "a=b=c", "a=b, a=c", "a:b"])
def test_what_does_not_say_what_labels_mean_is_refused(text: str) -> None:
    with pytest.raises(AnalysisError, match="does not say what labels mean"):
        labels_said(text)


def test_the_labels_of_known_checkpoints_are_brought_along() -> None:
    for task in ("sentiment", "sentence-pair"):
        known = PAIRS["full-size"].sides(task)
        own = own_pair(task, f"{known.teacher.source}@v1", known.student.source).sides(task)
        assert own.map(lambda side: side.labels) == known.map(lambda side: side.labels)
        assert not own_pair("entities", known.teacher.source, "a").sides("entities").teacher.labels
