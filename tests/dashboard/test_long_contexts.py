"""A context of several windows is answered; where a page looks inside, it offers the part around the answer."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from analysis.models.model import Model
from analysis.models.pairs import Sides
from tests.support.app import html_of, problems

CONTEXT = "mary lives in london and john works in the old city. " * 12


@pytest.mark.parametrize("page", ["attention", "attributions"])
def test_the_part_around_the_answer_can_be_looked_at(
    app: AppTest, tiny_pairs: dict[str, Sides[Model]], page: str
) -> None:
    sides = tiny_pairs["question-answering"].map(lambda model: model.checkpoint.source)
    app.query_params.update({"pair": "own", "task": "question-answering", **dict(sides.items())})
    app.query_params.update({"text": "who lives in paris?", "text_pair": CONTEXT})
    app.switch_page(f"../pages/{page}.py").run()
    assert ["looking inside the model works on one window" in problem for problem in problems(app)] == [True]
    (offer,) = (button for button in app.button if "Keep the part around" in button.label)
    offer.click().run()
    assert not problems(app)
    kept = app.text_area(key="text_pair").value
    assert kept and kept in CONTEXT and len(kept) < len(CONTEXT)
    assert html_of(app).count('<b class="dl-answer">') == 2
