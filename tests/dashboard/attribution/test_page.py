"""The page Attributions, run without a browser: targets, edits and what is said of them."""

from __future__ import annotations

import re

import pytest
from streamlit.testing.v1 import AppTest

from analysis.attribution.baselines import BASELINES, DEFAULT_BASELINE
from analysis.attribution.measured import baseline_gain
from analysis.inputs.examples import Example
from analysis.inputs.tasks import TASKS
from analysis.models.model import Model
from analysis.models.pairs import Sides
from analysis.predictions.heads import predict
from dashboard.attribution.tabs import TABS
from tests.support.app import ask_in_one_window, html_of, problems
from tests.support.tiny import EXAMPLES

HOSTILE = ("<script>alert(1)</script>", "</script><img src=x onerror=y>", ":red[x] $x$", "[a](http://x) `b` **c**")


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("part", TABS)
def test_every_part_of_the_attributions_page_takes_every_task(app: AppTest, part: str, task: str) -> None:
    ask_in_one_window(app, task)
    app.query_params["tab"], app.query_params["graded"] = part, "true"
    app.switch_page("../pages/attributions.py").run()
    assert not problems(app)
    assert {tab.label for tab in app.tabs if len(tab.children)} == {part}


def test_attributions_ask_about_the_teachers_answer_and_take_a_contrast(
    app: AppTest, tiny_pairs: dict[str, Sides[Model]]
) -> None:
    ask_in_one_window(app, "sentiment")
    app.switch_page("../pages/attributions.py").run()
    text = app.text_area(key="text").value
    said = predict(tiny_pairs["sentiment"].teacher, Example("sentiment", text)).wording
    assert app.selectbox(key="target").value == said
    assert f"Why “{said}”?" in html_of(app)
    other = app.selectbox(key="rather").options[1]
    app.selectbox(key="rather").set_value(other).run()
    assert f"Why “{said} rather than {other}”?" in html_of(app)
    assert not problems(app)
    app.selectbox(key="task").set_value("entities").run()  # what was asked of the last task is no option of this one
    assert not problems(app)
    assert "Why “" in html_of(app)


def test_attributions_start_from_the_baseline_that_was_measured_best_and_say_so(app: AppTest) -> None:
    ask_in_one_window(app, "sentiment")
    app.switch_page("../pages/attributions.py").run()
    assert app.selectbox(key="baseline").value == DEFAULT_BASELINE
    for baseline in BASELINES:
        app.selectbox(key="baseline").set_value(baseline).run()
        found = [caption.value for caption in app.caption if "gained over" in caption.value]
        gain = baseline_gain("sentiment", baseline)
        assert found == ([gain.finding] if gain else [])
    app.selectbox(key="method").set_value("Saliency").run()  # takes no baseline
    assert not [caption.value for caption in app.caption if "gained over" in caption.value]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_user_text_is_never_markup_among_attributions(app: AppTest, hostile: str) -> None:
    for part in ("Layers", "Words", "Edit a word"):
        open_attributions(app, "entities", f"{hostile} in Paris.", part=part)
        if part == "Edit a word":
            edit(app, app.selectbox(key="edited_word").options[-1], "Replace", hostile)
            assert "Before" in html_of(app)
        assert not problems(app)
        assert "<script" not in html_of(app)
        assert "<img" not in html_of(app)
        live = [element.value for kind in ("markdown", "caption", "info", "subheader") for element in app.get(kind)]
        assert not [value for value in live if hostile in value]


def edit(app: AppTest, word: str, action: str, to: str = "") -> None:
    """Chooses a word as the page names it, types what is to stand there, and presses a button."""
    app.selectbox(key="edited_word").set_value(word)
    app.text_input(key="edited_to").set_value(to)
    next(button for button in app.button if button.label == action).click().run()


def open_attributions(app: AppTest, task: str, text: str, text_pair: str = "", part: str = "Words") -> None:
    app.query_params["task"], app.query_params["text"] = TASKS[task].title, text
    app.query_params["text_pair"], app.query_params["tab"] = text_pair, part
    app.run()
    app.switch_page("../pages/attributions.py").run()


def test_words_are_edited_in_turn_and_each_edit_is_taken_back(app: AppTest) -> None:
    open_attributions(app, "sentiment", "the old film was not bad.", part="Edit a word")
    edit(app, "2 old", "Replace", "very young")
    edit(app, "5 not", "Delete")
    edit(app, "3 film", "Mask")
    assert not problems(app)
    for line in ("old → very young", "not → deleted", "film → [MASK]"):
        assert line in html_of(app)
    assert re.sub(r"<[^>]*>", "", html_of(app)).count("the very young [MASK] was bad.") == 2  # teacher and student
    assert app.text_area(key="text").value == "the old film was not bad."
    app.button(key="undo 0").click().run()
    assert "old → very young" not in html_of(app)
    assert re.sub(r"<[^>]*>", "", html_of(app)).count("the old [MASK] was bad.") == 2
    next(button for button in app.button if button.label == "Use this text everywhere").click().run()
    assert app.text_area(key="text").value == "the old [MASK] was bad."
    assert "Choose a word and replace" in html_of(app)
    assert not problems(app)


def test_an_edit_that_cannot_be_made_says_why_and_loses_nothing(app: AppTest) -> None:
    open_attributions(app, "sentiment", "the old film was not bad.", part="Edit a word")
    edit(app, "2 old", "Replace", "young")
    for to, sentence in ((" ", "Type what is to stand in the place of"), ("film " * 70, "reads at most 64")):
        edit(app, "3 film", "Replace", to)
        assert [line for line in problems(app) if sentence in line]
        assert len(problems(app)) == 1
        assert "old → young" in html_of(app)
        assert re.sub(r"<[^>]*>", "", html_of(app)).count("the young film was not bad.") == 2
        assert app.text_input(key="edited_to").value == to
    app.text_area(key="text").set_value("a film")  # has fewer words than the place of the one that was chosen last
    app.run()
    next(button for button in app.button if button.label == "Delete").click().run()
    assert not problems(app)
    assert "a → deleted" in html_of(app)


def test_an_edit_may_not_take_away_what_is_asked_about(app: AppTest) -> None:
    open_attributions(app, "question-answering", *EXAMPLES["question-answering"].texts, part="Edit a word")
    for name, key in (("target", "another …"), ("target_from", "1 mary"), ("target_to", "1 mary")):
        app.selectbox(key=name).set_value(key).run()
    edit(app, "6 mary (context)", "Delete")
    assert "An edit takes away what “mary” is about" in problems(app)[0]
    edit(app, "2 lives (question)", "Delete")
    edit(app, "6 mary (context)", "Replace", "the young man")
    assert not problems(app)
    assert re.sub(r"<[^>]*>", "", html_of(app)).count("the young man lives in paris") == 2
    app.selectbox(key="answer_part").set_value("end").run()
    assert "The probability of “mary: its end” goes" in html_of(app)


@pytest.mark.parametrize(
    ("task", "choices", "name"),
    [
        ("fill-mask", {"target": "another …", "target_piece": "dog"}, "dog"),
        ("fill-mask", {"rather": "another …", "rather_piece": "cat"}, "rather than cat"),
        ("entities", {"target": "another …", "target_to": "2 lives", "target_type": "LOC"}, "mary lives (LOC)"),
        ("question-answering", {"target": "another …", "target_to": "3 in"}, "mary lives in"),
    ],
)
def test_a_target_of_ones_own_is_asked_about(app: AppTest, task: str, choices: dict[str, str], name: str) -> None:
    open_attributions(app, task, *EXAMPLES[task].texts)
    for key, value in choices.items():
        (app.text_input if key.endswith("piece") else app.selectbox)(key=key).set_value(value).run()
    assert not problems(app)
    assert f"{name}”?" in html_of(app)
