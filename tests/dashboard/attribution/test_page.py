"""The page Attributions, run without a browser: targets, edits and what is said of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import permutations

import pytest
from streamlit.testing.v1 import AppTest

from analysis.attribution.baselines import BASELINES, DEFAULT_BASELINE
from analysis.attribution.measured import average_grades, baseline_gain
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


OWN = "each model's own answer"


def two_that_disagree(tiny_pairs: dict[str, Sides[Model]]) -> tuple[str, Sides[str]]:
    """A text of sentiment that the tiny models answer differently, and their answers."""
    return next((text, said) for text, said in _answered(tiny_pairs) if said.teacher != said.student)


def two_that_agree(tiny_pairs: dict[str, Sides[Model]]) -> tuple[str, str]:
    """A text of sentiment that the tiny models answer alike, and their answer."""
    return next((text, said.teacher) for text, said in _answered(tiny_pairs) if said.teacher == said.student)


def _answered(tiny_pairs: dict[str, Sides[Model]]) -> Iterator[tuple[str, Sides[str]]]:
    for words in permutations(("the", "old", "film", "was", "bad")):
        text = " ".join(words)
        example = Example("sentiment", text)
        yield text, Sides(*(predict(model, example).wording for model in tiny_pairs["sentiment"]))


def test_where_the_models_agree_both_are_asked_about_their_answer_and_take_a_contrast(
    app: AppTest, tiny_pairs: dict[str, Sides[Model]]
) -> None:
    text, said = two_that_agree(tiny_pairs)
    open_attributions(app, "sentiment", text)
    assert app.selectbox(key="target").value == said
    assert html_of(app).count(f"Why “{said}”?") == 2
    assert "They differ most on" in html_of(app)
    assert "Spearman" in html_of(app)
    other = app.selectbox(key="rather").options[1]
    app.selectbox(key="rather").set_value(other).run()
    assert html_of(app).count(f"Why “{said} rather than {other}”?") == 2
    assert not problems(app)
    app.selectbox(key="task").set_value("entities").run()  # what was asked of the last task is no option of this one
    assert not problems(app)
    assert "Why “" in html_of(app)


@pytest.mark.parametrize("part", TABS)
def test_where_the_models_disagree_each_is_asked_about_its_own_answer(
    app: AppTest, tiny_pairs: dict[str, Sides[Model]], part: str
) -> None:
    text, said = two_that_disagree(tiny_pairs)
    app.query_params["graded"] = "true"
    open_attributions(app, "sentiment", text, part=part)
    assert not problems(app)
    assert app.selectbox(key="target").value == OWN
    assert "target" not in app.query_params
    if part in ("Words", "Edit a word"):
        assert all(html_of(app).count(f"Why “{each}”?") == 1 for each in said)
    if part == "Words":
        assert "Spearman" not in html_of(app)
        assert "dl-more-" not in html_of(app)
        assert "Each model is explained for its own answer" in html_of(app)


def test_an_older_link_keeps_its_target_where_the_models_disagree(
    app: AppTest, tiny_pairs: dict[str, Sides[Model]]
) -> None:
    text, said = two_that_disagree(tiny_pairs)
    app.query_params["target"] = said.teacher.lower()
    open_attributions(app, "sentiment", text)
    assert app.selectbox(key="target").value == said.teacher
    assert html_of(app).count(f"Why “{said.teacher}”?") == 2
    assert "dl-more-" in html_of(app)
    app.selectbox(key="target").set_value(OWN).run()
    assert html_of(app).count(f"Why “{said.teacher}”?") == html_of(app).count(f"Why “{said.student}”?") == 1


def test_an_older_link_with_a_contrast_alone_is_about_the_teachers_answer(
    app: AppTest, tiny_pairs: dict[str, Sides[Model]]
) -> None:
    text, said = two_that_disagree(tiny_pairs)
    app.query_params["rather"] = said.student.lower()
    open_attributions(app, "sentiment", text)
    assert html_of(app).count(f"Why “{said.teacher} rather than {said.student}”?") == 2
    app.selectbox(key="target").set_value(OWN).run()
    assert app.query_params["target"] == "own"
    assert html_of(app).count(f"Why “{said.student}”?") == 1


def test_another_text_begins_with_its_own_default_unless_the_reader_chose(
    app: AppTest, tiny_pairs: dict[str, Sides[Model]]
) -> None:
    (alike, shared), (different, said) = two_that_agree(tiny_pairs), two_that_disagree(tiny_pairs)
    other = next(answer for answer in said if answer != shared)
    open_attributions(app, "sentiment", alike)
    app.text_area(key="text").set_value(different).run()
    assert app.selectbox(key="target").value == OWN
    app.selectbox(key="target").set_value(other).run()
    app.text_area(key="text").set_value(alike).run()
    assert app.selectbox(key="target").value == other
    app.text_area(key="text").set_value(different).run()
    assert app.selectbox(key="target").value == other


def test_attributions_start_from_the_baseline_that_was_measured_best_and_say_so(app: AppTest) -> None:
    ask_in_one_window(app, "sentiment")
    app.switch_page("../pages/attributions.py").run()
    assert app.selectbox(key="baseline").value == DEFAULT_BASELINE
    for baseline in BASELINES:
        app.selectbox(key="baseline").set_value(baseline).run()
        gain, help_ = baseline_gain("sentiment", baseline), app.selectbox(key="baseline").help
        assert help_.endswith(gain.finding) if gain else "gained over" not in help_


def test_the_tab_of_faithfulness_shows_many_texts_until_this_one_is_graded(app: AppTest) -> None:
    open_attributions(app, "sentiment", "the old film was bad.", part="Faithfulness")
    average = average_grades("sentiment", "[MASK]", DEFAULT_BASELINE)
    assert average.finding in html_of(app)
    for grade in average.grades:
        assert f"{grade.comprehensiveness.student.value:.3f}" in html_of(app)
    next(button for button in app.button if button.label.startswith("Grade on this text (about ")).click().run()
    assert "Most faithful here" in html_of(app)
    assert app.query_params["graded"] == "true"
    next(button for button in app.button if button.label == "Show the grades on many texts").click().run()
    assert average.finding in html_of(app)
    assert not problems(app)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_user_text_is_never_markup_among_attributions(app: AppTest, hostile: str) -> None:
    for part in ("Layers", "Words", "Edit a word"):
        open_attributions(app, "entities", f"{hostile} in Paris.", part=part)
        if part == "Edit a word":
            edit(app, app.selectbox(key="edited_word").options[-1], "Replace", hostile)
            assert "Answer before" in html_of(app)
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


def test_a_word_edited_once_is_edited_once(app: AppTest) -> None:
    open_attributions(app, "sentiment", "the old film was not bad.", part="Edit a word")
    edit(app, "2 old", "Replace", "young")
    assert app.text_input(key="edited_to").value == ""
    next(button for button in app.button if button.label == "Replace").click().run()  # as after Enter
    assert not problems(app)
    edit(app, "2 old", "Replace", "young")
    assert len([button for button in app.button if button.label == "Undo"]) == 1
    edit(app, "3 film", "Mask")
    edit(app, "2 old", "Replace", "great")
    assert len([button for button in app.button if button.label == "Undo"]) == 2
    assert "old → great" in html_of(app)
    assert "old → young" not in html_of(app)
    assert re.sub(r"<[^>]*>", "", html_of(app)).count("the great [MASK] was not bad.") == 2
    assert not problems(app)


def test_both_answers_stand_before_and_after_an_edit(app: AppTest, tiny_pairs: dict[str, Sides[Model]]) -> None:
    open_attributions(app, "sentiment", "the old film was not bad.", part="Edit a word")
    edit(app, "5 not", "Delete")
    for model in tiny_pairs["sentiment"]:
        before, after = (
            predict(model, Example("sentiment", text)).summary
            for text in ("the old film was not bad.", "the old film was bad.")
        )
        assert f'<td class="">{before}</td><td class="">{after}</td>' in html_of(app)


def test_an_edit_that_cannot_be_made_says_why_and_loses_nothing(app: AppTest) -> None:
    open_attributions(app, "sentiment", "the old film was not bad.", part="Edit a word")
    edit(app, "2 old", "Replace", "young")
    for to, sentence in ((" ", "Type what is to stand in the place of"), ("film " * 70, "works on one window")):
        edit(app, "3 film", "Replace", to)
        assert [line for line in problems(app) if sentence in line]
        assert len(problems(app)) == 1
        assert not [button for button in app.button if "Keep the part" in button.label]  # of the text before the edit
        assert "old → young" in html_of(app)
        assert re.sub(r"<[^>]*>", "", html_of(app)).count("the young film was not bad.") == 2
        assert app.text_input(key="edited_to").value == to
    app.text_area(key="text").set_value("a film").run()  # has fewer words than the place of the one chosen last
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
        ("fill-mask", {"target": 1, "rather": "another …", "rather_piece": "cat"}, "rather than cat"),
        ("entities", {"target": "another …", "target_to": "2 lives", "target_type": "LOC"}, "mary lives (place)"),
        ("question-answering", {"target": "another …", "target_to": "3 in"}, "mary lives in"),
    ],
)
def test_a_target_of_ones_own_is_asked_about(app: AppTest, task: str, choices: dict[str, str | int], name: str) -> None:
    open_attributions(app, task, *EXAMPLES[task].texts)
    for key, value in choices.items():
        if isinstance(value, int):
            option = app.selectbox(key=key).options[value].removeprefix("Explain: ")
            app.selectbox(key=key).set_value(option).run()
        else:
            (app.text_input if key.endswith("piece") else app.selectbox)(key=key).set_value(value).run()
    assert not problems(app)
    assert f"{name}”?" in html_of(app)
