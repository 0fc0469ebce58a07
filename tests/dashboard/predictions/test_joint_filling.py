"""Several masks stand on Predictions as each model fills them together; one mask alone needs no such table."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from analysis.inputs.examples import Example
from analysis.models.model import Model
from analysis.models.pairs import PAIRS, Pair, Sides
from analysis.predictions.joint_filling import joint_fillings
from dashboard.predictions.own_word import share
from tests.support.app import html_of, problems

TITLE = "All masks together"


@pytest.fixture
def asked(app: AppTest, tiny_pairs: dict[str, Sides[Model]], monkeypatch: pytest.MonkeyPatch) -> AppTest:
    checkpoints = {task: sides.map(lambda model: model.checkpoint) for task, sides in tiny_pairs.items()}
    monkeypatch.setitem(PAIRS, "embedded", Pair("Tiny", "For tests.", checkpoints))
    app.query_params["task"] = "fill-mask"
    return app


def shown(app: AppTest, text: str) -> str:
    app.query_params["text"] = text
    app.switch_page("../pages/predictions.py").run()
    return html_of(app)


def test_its_numbers_are_those_of_the_analysis(asked: AppTest, tiny_pairs: dict[str, Sides[Model]]) -> None:
    example = Example("fill-mask", "the [MASK] film was [MASK].")
    html = shown(asked, example.text)
    assert not problems(asked)
    assert TITLE in [header.value for header in asked.subheader]
    for model in tiny_pairs["fill-mask"]:
        found = joint_fillings(model, example)
        for filling in (*found.best, found.alone):
            assert f">{share(filling.probability)}<" in html


def test_one_mask_is_filled_alone(asked: AppTest) -> None:
    shown(asked, "the film was [MASK].")
    assert not problems(asked)
    assert TITLE not in [header.value for header in asked.subheader]


def test_too_many_masks_leave_the_rest_of_the_page(asked: AppTest) -> None:
    shown(asked, " ".join(["[MASK]"] * 9))
    assert ["at most 8 are filled together" in problem for problem in problems(asked)] == [True]
    assert [folded.label for folded in asked.expander] == ["Tokens"]
