"""The page Similarity, run without a browser."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from analysis.inputs.tasks import TASKS
from analysis.similarity.measures import MEASURES
from analysis.similarity.representations import MOST_LINES
from dashboard.similarity.controls import OWN, TEXT
from dashboard.similarity.tabs import TABS as SIMILARITY
from tests.support.app import THINGS, ask_in_one_window, html_of, problems


@pytest.mark.parametrize("tab", SIMILARITY)
@pytest.mark.parametrize("task", TASKS)
def test_every_tab_of_the_similarity_page_takes_every_task(app: AppTest, task: str, tab: str) -> None:
    ask_in_one_window(app, task)
    app.query_params["tab"] = tab
    app.switch_page("../pages/similarity.py").run()
    assert not problems(app)


@pytest.mark.parametrize("measure", MEASURES)
def test_layers_are_compared_by_every_measure(app: AppTest, measure: str) -> None:
    app.run()
    app.switch_page("../pages/similarity.py").run()
    app.selectbox(key="measure").set_value(MEASURES[measure].title).run()
    assert not problems(app)
    assert any(MEASURES[measure].paper in caption.value for caption in app.caption)


def test_layers_within_a_model_are_compared_by_the_measure_that_is_chosen(app: AppTest) -> None:
    app.query_params["tab"] = "Within each model"
    app.query_params["measure"] = MEASURES["procrustes"].title
    app.run()
    app.switch_page("../pages/similarity.py").run()
    assert not problems(app)
    assert "Orthogonal Procrustes from one layer to the next is on average" in html_of(app)


def test_the_text_alone_says_why_it_says_little_and_too_short_a_one_is_refused(app: AppTest) -> None:
    app.query_params["task"] = TASKS["sentiment"].title
    app.query_params["text"] = "the old man was in paris, and it was good, and the film was not bad."
    app.run()
    app.switch_page("../pages/similarity.py").run()
    app.selectbox(key="on").set_value(TEXT).run()
    assert not problems(app)
    assert "it gives 19 examples, while a layer has 16 neurons" in html_of(app)
    app.text_area(key="text").set_value("a good film")
    app.run()
    assert "3 examples" in problems(app)[0]


@pytest.mark.parametrize("task", TASKS)
def test_a_task_on_two_texts_is_warned_of_single_sentences(app: AppTest, task: str) -> None:
    ask_in_one_window(app, task)
    app.switch_page("../pages/similarity.py").run()
    assert ("this task reads two texts" in html_of(app)) == (task in ("question-answering", "sentence-pair"))
    app.selectbox(key="on").set_value(TEXT).run()
    assert "this task reads two texts" not in html_of(app)


def test_ones_own_lines_are_compared_and_bounded(app: AppTest) -> None:
    app.run()
    app.switch_page("../pages/similarity.py").run()
    app.selectbox(key="on").set_value(OWN).run()
    assert "Add sentences" in html_of(app)
    app.text_area(key="lines").set_value(
        "\n".join(f"the {what} number {n} was old." for n in range(5) for what in THINGS)
    ).run()
    assert not problems(app)
    assert any("20 sentences" in caption.help for caption in app.caption)
    app.text_area(key="lines").set_value("the film was good.\nthe film was bad.").run()
    assert "of 2 sentences can be compared" in problems(app)[0]
    assert not app.get("progress")
    app.text_area(key="lines").set_value("\n".join(map(str, range(MOST_LINES + 1)))).run()
    assert f"at most {MOST_LINES:,} lines" in problems(app)[0]
