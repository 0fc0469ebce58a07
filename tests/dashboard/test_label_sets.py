"""A pair that says yes or no to each label is asked, remembered, exported and shown as every other."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from analysis.inputs.examples import Example
from analysis.models.pairs import Checkpoint, Pair, Sides
from analysis.predictions.label_sets import LabelSet
from cache.predictions import prediction
from dashboard.__main__ import _loaded
from dashboard.predict_command import report_of
from tests.support.app import html_of, problems
from tests.support.tiny import tiny_checkpoint

LABELS = ("toxic", "insult", "threat")
EXAMPLE = Example("sentiment", "the old film was bad.")


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    sides = Sides("bert", "distilbert").map(lambda kind: Checkpoint(str(tmp_path / kind), kind))
    for side in sides:
        folder = Path(side.source)
        tiny_checkpoint(folder, side.architecture, "sentiment", labels=LABELS, problem="multi_label_classification")
    return Pair("Toxicity", "Three labels.", {"sentiment": sides})


def test_an_answer_is_remembered_and_exported(pair: Pair) -> None:
    checkpoint = pair.sides("sentiment").teacher
    found = prediction(checkpoint, EXAMPLE)
    assert isinstance(found, LabelSet)
    exported = report_of(pair, _loaded(pair, EXAMPLE.task), EXAMPLE)["teacher"]
    assert exported["labels"] == [label for label in found.wording.split(", ") if label in LABELS]
    assert exported["probabilities"] == pytest.approx(dict(zip(LABELS, found.probabilities, strict=True)))


@pytest.mark.parametrize(
    "page", ["predictions", *(pytest.param(page, marks=pytest.mark.long) for page in ("attributions", "attention"))]
)
def test_every_page_takes_such_a_pair(app: AppTest, pair: Pair, page: str) -> None:
    app.query_params.update({"pair": "own", "task": "sentiment", "text": EXAMPLE.text})
    for side, checkpoint in pair.sides("sentiment").items():
        app.query_params[side] = checkpoint.source
    app.switch_page(f"../pages/{page}.py").run()
    assert not problems(app)
    if page == "predictions":
        assert html_of(app).count("Same answer") == 1
