"""A pair that gives numbers is asked, remembered, exported and shown as every other, without labels."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from analysis.inputs.examples import Example
from analysis.models.pairs import Checkpoint, Pair, Sides
from analysis.predictions.regression import Number
from cache.predictions import prediction
from dashboard.__main__ import _loaded
from dashboard.predict_command import report_of
from tests.support.app import html_of, problems
from tests.support.tiny import tiny_checkpoint

EXAMPLE = Example("sentiment", "the old film was bad.")


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    sides = Sides("bert", "distilbert").map(lambda kind: Checkpoint(str(tmp_path / kind), kind))
    for side in sides:
        tiny_checkpoint(Path(side.source), side.architecture, "sentiment", labels=["stars"], problem="regression")
    return Pair("Stars", "A number.", {"sentiment": sides})


def test_an_answer_is_remembered_and_exported(pair: Pair) -> None:
    found = pair.sides("sentiment").map(lambda checkpoint: prediction(checkpoint, EXAMPLE))
    exported = report_of(pair, _loaded(pair, EXAMPLE.task), EXAMPLE)
    values = [one.value for one in found if isinstance(one, Number)]
    assert [exported[side]["number"] for side in ("teacher", "student")] == pytest.approx(values)
    assert exported["difference"] == pytest.approx(values[1] - values[0])
    assert (exported["agree"], exported["divergence_bits"]) == (None, None)


@pytest.mark.parametrize(
    "page",
    [
        "predictions",
        "attributions",
        *(pytest.param(page, marks=pytest.mark.long) for page in ("attention", "scorecard")),
    ],
)
def test_every_page_takes_such_a_pair(app: AppTest, pair: Pair, page: str) -> None:
    app.query_params.update({"pair": "own", "task": "sentiment", "text": EXAMPLE.text})
    for side, checkpoint in pair.sides("sentiment").items():
        app.query_params[side] = checkpoint.source
    app.switch_page(f"../pages/{page}.py").run()
    assert not problems(app)
    shown = html_of(app)
    assert "The teacher gives" in shown
    assert not [word for word in ("They agree", "They disagree", "Both answer", "Their labels") if word in shown]
    if page == "predictions":
        assert "Student less teacher" in shown
        assert ">Δ<" in shown and app.session_state["history"][0].sign == "Δ"


@pytest.mark.parametrize(
    ("page", "chosen"),
    [
        ("attributions", {"tab": "faithfulness", "graded": "true"}),
        ("attention", {"tab": "ablate-heads", "sweep": "true"}),
    ],
)
def test_no_figure_says_that_a_number_is_in_logits(app: AppTest, pair: Pair, page: str, chosen: dict[str, str]) -> None:
    app.query_params.update({"pair": "own", "task": "sentiment", "text": EXAMPLE.text, **chosen})
    for side, checkpoint in pair.sides("sentiment").items():
        app.query_params[side] = checkpoint.source
    app.switch_page(f"../pages/{page}.py").run()
    assert not problems(app)
    figures = [figure.proto.spec for figure in app.get("plotly_chart")]
    assert any("points" in spec for spec in figures)
    assert not [spec for spec in figures if "logit" in spec]
    assert "logit" not in html_of(app)
    assert not [caption.help for caption in app.caption if "logit" in (caption.help or "")]


def test_the_number_is_no_word_in_quotes(app: AppTest, pair: Pair) -> None:
    app.query_params.update({"pair": "own", "task": "sentiment", "text": EXAMPLE.text})
    for side, checkpoint in pair.sides("sentiment").items():
        app.query_params[side] = checkpoint.source
    for tab in ("words", "edit-a-word"):
        app.query_params["tab"] = tab
        app.switch_page("../pages/attributions.py").run()
        assert "Why the number?" in html_of(app)
        assert "“the number”" not in html_of(app)
