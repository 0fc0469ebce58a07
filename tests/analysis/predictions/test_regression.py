"""A head with one output gives a number: it is shown as it is, compared by its difference, and explained."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import transformers
from hypothesis import given
from hypothesis import strategies as st

from analysis.attribution.methods import METHODS, attribute
from analysis.errors import AnalysisError
from analysis.inputs.examples import Example
from analysis.inputs.samples import Sample
from analysis.models.model import Model, load
from analysis.models.pairs import Checkpoint, Sides
from analysis.predictions.classification import Classification
from analysis.predictions.comparison import compare
from analysis.predictions.correctness import known_correct, verdict
from analysis.predictions.disagreements import disagreements
from analysis.predictions.heads import predict
from analysis.predictions.probability import score_target
from analysis.predictions.regression import Number
from analysis.predictions.resolve import candidate_targets, default_target, foils, own_targets
from analysis.predictions.targets import Target, Term
from analysis.predictions.values import Prediction
from analysis.results import answers
from tests.support.tiny import tiny_checkpoint

PAIR = Example("sentence-pair", "a man is in paris", "the woman was in london")
CHOSEN = Classification(("bad", "good"), np.array([1.0, 0.0]), np.array([0.7, 0.3]))


@pytest.fixture(params=[None, "regression"])
def models(tmp_path: Path, request: pytest.FixtureRequest) -> Sides[Model]:
    """A tiny teacher and student with one output, which says by its number alone or also by its name what it is."""
    return Sides("bert", "distilbert").map(lambda kind: tiny(tmp_path / kind, kind, request.param))


def tiny(folder: Path, kind: str, problem: str | None, label: str = "LABEL_0") -> Model:
    tiny_checkpoint(folder, kind, "sentence-pair", labels=[label], problem=problem, seed=len(kind))
    return load(Checkpoint(str(folder), kind), "sentence-pair")


def test_the_number_is_the_pipelines(models: Sides[Model]) -> None:
    for model in models:
        pipeline = transformers.pipeline("text-classification", model.checkpoint.source, device="cpu")
        (expected,) = pipeline([{"text": PAIR.text, "text_pair": PAIR.text_pair}], function_to_apply="none")
        found = predict(model, PAIR)
        assert isinstance(found, Number)
        assert found.value == pytest.approx(expected["score"], rel=1e-4)
        assert found.summary == found.wording == f"{expected['score']:.3f}"


def test_a_name_that_says_something_is_shown(tmp_path: Path) -> None:
    assert predict(tiny(tmp_path, "bert", None, "similarity"), PAIR).summary.endswith(" (similarity)")


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
def test_two_numbers_are_never_the_same_or_not(one: float, other: float) -> None:
    comparison = compare(Sides(Number("", one), Number("stars", other)))
    assert (comparison.agree, comparison.divergence) == (None, None)
    assert comparison.difference == pytest.approx(other - one)
    if f"{one:.3f}" == f"{other:.3f}":
        assert comparison.sentence == f"Both give {one:.3f}."
    else:
        assert comparison.sentence == (
            f"The teacher gives {one:.3f}, the student {other:.3f}: {abs(other - one):.3f} "
            f"{'more' if other > one else 'less'}."
        )


def test_a_number_and_a_label_are_not_compared() -> None:
    number = Number("", 0.5)
    for sides in (Sides(number, CHOSEN), Sides(CHOSEN, number)):
        comparison = compare(sides)
        assert (comparison.agree, comparison.divergence, comparison.difference) == (None, None, None)
        assert comparison.sentence == (
            "Their answers cannot be compared: one chooses a label, the other gives a number."
        )
        assert own_targets(sides) == sides.map(default_target)


def test_nobody_can_tell_whether_a_number_is_right() -> None:
    sides: Sides[Prediction] = Sides(Number("", 0.9), Number("", 0.1))
    sample = Sample("One", "Look.", "good", expected="positive")
    assert known_correct(sides, sample) is None
    assert verdict(sides, sample) is None
    assert disagreements("sentiment", [sample], [sides]) == ()


def test_the_target_is_the_number_and_its_words_sum_to_it(models: Sides[Model]) -> None:
    both = models.map(lambda model: predict(model, PAIR))
    assert own_targets(both) == Sides(*[default_target(both.teacher)] * 2)
    for model, found in zip(models, both, strict=True):
        assert isinstance(found, Number)
        (target,) = candidate_targets(found)
        assert (target.name, target.unit, foils(target, (target,), found)) == ("the number", "points", ())
        score = score_target(model, PAIR, target)
        assert (score.score, score.probability) == (pytest.approx(found.value), None)
        for name, method in METHODS.items():
            made = attribute(model, PAIR, target, name)
            assert made.score == pytest.approx(found.value, abs=1e-5)
            if method.is_complete:
                change = made.score - made.baseline_score
                assert made.scores.sum() + made.special_tokens_score == pytest.approx(change, rel=0.05, abs=0.01)
        with pytest.raises(AnalysisError, match="has no label “good”: choose another target"):
            score_target(model, PAIR, Target((Term("good"),), "good"))


def test_a_saved_finding_has_the_numbers() -> None:
    saved = answers(Sides(Number("", 0.25), Number("", -1.5)))
    assert [saved[side]["number"] for side in ("teacher", "student")] == [0.25, -1.5]
    assert [saved[side]["likeliest"] for side in ("teacher", "student")] == [[], []]
    assert saved["divergence"]["value"] is None
