"""A word of the reader's own stands on Predictions with what both models think of it at each mask."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from analysis.inputs.examples import Example
from analysis.models.model import Model
from analysis.models.pairs import PAIRS, Pair, Sides
from analysis.predictions.own_word import word_at_mask
from dashboard.predictions.own_word import share
from tests.support.app import html_of, problems

EXAMPLE = Example("fill-mask", "the [MASK] film was [MASK].")


@pytest.fixture
def asked(app: AppTest, tiny_pairs: dict[str, Sides[Model]], monkeypatch: pytest.MonkeyPatch) -> AppTest:
    checkpoints = {task: sides.map(lambda model: model.checkpoint) for task, sides in tiny_pairs.items()}
    monkeypatch.setitem(PAIRS, "embedded", Pair("Tiny", "For tests.", checkpoints))
    app.query_params.update({"task": EXAMPLE.task, "text": EXAMPLE.text})
    return app


@pytest.mark.parametrize("word", ["good", "unlovely"])
def test_its_numbers_are_those_of_the_analysis(word: str, asked: AppTest, tiny_pairs: dict[str, Sides[Model]]) -> None:
    asked.query_params["own-word"] = word
    html = html_of(asked.switch_page("../pages/predictions.py").run())
    assert not problems(asked)
    for mask in range(2):
        for model in tiny_pairs["fill-mask"]:
            found = word_at_mask(model, EXAMPLE, mask, word)
            beside = f"#{found.rank:,}" if found.rank else " ".join(found.pieces)
            assert f"{share(found.probability)} ({beside})" in html


def test_what_no_model_knows_is_said_and_the_rest_of_the_page_stays(asked: AppTest) -> None:
    asked.query_params["own-word"] = "영화"
    asked.switch_page("../pages/predictions.py").run()
    assert "has no word pieces for" in problems(asked)[0]
    assert [folded.label for folded in asked.expander] == ["Tokens"]


def test_other_tasks_have_no_such_field(asked: AppTest) -> None:
    asked.query_params.update({"task": "sentiment", "text": "the film was good."})
    asked.switch_page("../pages/predictions.py").run()
    assert "own_word" not in [field.key for field in asked.text_input]
