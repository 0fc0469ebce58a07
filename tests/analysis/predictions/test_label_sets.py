"""A multi-label head says yes or no to each label: several may hold, or none, and each is compared by itself."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from random import Random

import numpy as np
import pytest
import transformers
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import entr, expit

from analysis.arrays import Array
from analysis.attribution.methods import attribute
from analysis.inputs.examples import Example
from analysis.models.model import Model, load
from analysis.models.pairs import Checkpoint, Sides
from analysis.predictions.classification import Classification
from analysis.predictions.comparison import compare
from analysis.predictions.correctness import is_correct
from analysis.predictions.heads import predict
from analysis.predictions.label_sets import LabelSet, label_by_label
from analysis.predictions.probability import score_target
from analysis.predictions.resolve import candidate_targets, default_target, foils, own_targets
from tests.support.tiny import tiny_checkpoint

LABELS = ("toxic", "insult", "threat")
EXAMPLE = Example("sentiment", "the old film was bad.")
LOGITS = st.lists(st.floats(-20, 20, width=32), min_size=1, max_size=6)


def label_set(logits: list[float], labels: tuple[str, ...] | None = None) -> LabelSet:
    array = np.array(logits, dtype=np.float32)
    return LabelSet(labels or tuple(f"label {at}" for at in range(len(logits))), array, expit(array.astype(np.float64)))


@pytest.fixture
def models(tmp_path: Path) -> Sides[Model]:
    """A tiny teacher and student that were trained to say yes or no to each of three labels."""
    return Sides("bert", "distilbert").map(lambda kind: tiny(tmp_path / kind, kind, LABELS))


def tiny(folder: Path, kind: str, labels: Sequence[str]) -> Model:
    tiny_checkpoint(folder, kind, "sentiment", labels=labels, problem="multi_label_classification")
    return load(Checkpoint(str(folder), kind), "sentiment")


def test_a_checkpoint_answers_as_the_pipeline_does(models: Sides[Model]) -> None:
    for model in models:
        pipeline = transformers.pipeline("text-classification", model.checkpoint.source, device="cpu")
        expected = {one["label"]: one["score"] for one in pipeline(EXAMPLE.text, top_k=None)}
        found = predict(model, EXAMPLE)
        assert isinstance(found, LabelSet)
        assert dict(zip(found.labels, found.probabilities, strict=True)) == pytest.approx(expected, rel=1e-5)
        assert found.answer_key == {label for label, score in expected.items() if score > 0.5}


def test_logits_below_zero_are_no_label_and_those_above_are_several() -> None:
    none = label_set([-7, -8, -9], LABELS)
    assert (none.wording, none.summary) == ("none of the labels", "none of the labels (at most < 1%)")
    several = label_set([0.5, -1, 2], LABELS)
    assert several.summary == "threat (88%), toxic (62%)"
    assert default_target(none).name == "toxic"


@given(LOGITS, LOGITS, st.randoms())
def test_each_label_is_compared_by_itself_in_any_order_and_spelling(
    one: list[float], other: list[float], random: Random
) -> None:
    size = min(len(one), len(other))
    teacher, student = label_set(one[:size]), label_set(other[:size])
    order = random.sample(range(size), size)
    moved = label_set([other[at] for at in order], tuple(student.labels[at].upper() for at in order))
    p, q = teacher.probabilities, student.probabilities
    divergences = _entropy((p + q) / 2) - (_entropy(p) + _entropy(q)) / 2
    for sides in (Sides(teacher, student), Sides(teacher, moved)):
        comparison = compare(sides)
        assert comparison.agree == bool(((p > 0.5) == (q > 0.5)).all())
        assert comparison.divergence == pytest.approx(divergences.mean(), abs=1e-9)
        each = label_by_label(sides)
        assert [label.agree for label in each] == ((p > 0.5) == (q > 0.5)).tolist()
        np.testing.assert_allclose([label.divergence for label in each], divergences, atol=1e-9)


def _entropy(p: Array) -> Array:
    """In bits, of a coin that falls so."""
    return np.asarray(entr(p) + entr(1 - p)) / np.log(2)


def test_both_are_asked_about_a_label_that_only_one_of_them_gives() -> None:
    sides = Sides(label_set([3, 1, -2], LABELS), label_set([4, -1, -2], LABELS))
    assert [target.name for target in own_targets(sides)] == ["insult", "insult"]
    assert compare(sides).sentence == ("They disagree: the teacher answers “toxic, insult”, the student “toxic”.")
    same = Sides(sides.teacher, sides.teacher)
    assert [target.name for target in own_targets(same)] == ["toxic", "toxic"]


def test_other_labels_and_another_kind_of_head_are_not_compared() -> None:
    one, two = label_set([-1, -1], ("toxic", "insult")), label_set([-1, -1], ("LABEL_0", "LABEL_1"))
    assert compare(Sides(one, two)).agree is None
    chosen = Classification(("toxic", "insult"), np.array([1.0, 0.0]), np.array([0.7, 0.3]))
    for sides in (Sides(one, chosen), Sides(chosen, one)):
        comparison = compare(sides)
        assert (comparison.agree, comparison.divergence) == (None, None)
        assert comparison.sentence.startswith("Their answers cannot be compared: one chooses a label")
        assert own_targets(sides) == sides.map(default_target)


def test_one_label_alone_is_right() -> None:
    assert is_correct(label_set([2, -1, -1], LABELS), "Toxic")
    assert not is_correct(label_set([2, 1, -1], LABELS), "toxic")
    assert not is_correct(label_set([-2, -1, -1], LABELS), "toxic")


def test_every_label_is_a_target_with_its_own_probability(models: Sides[Model]) -> None:
    for model in models:
        found = predict(model, EXAMPLE)
        assert isinstance(found, LabelSet)
        for target, probability, logit in zip(candidate_targets(found), found.probabilities, found.logits, strict=True):
            score = score_target(model, EXAMPLE, target)
            assert (score.probability, score.score) == pytest.approx((float(probability), float(logit)))
            assert foils(target, candidate_targets(found), found) == ()
            assert len(attribute(model, EXAMPLE, target, "Occlusion").scores) == 6


def test_one_label_alone_is_a_question_too(tmp_path: Path) -> None:
    found = predict(tiny(tmp_path, "bert", ["toxic"]), EXAMPLE)
    assert isinstance(found, LabelSet)
    assert found.labels == ("toxic",)
