"""The frame of every page: what is asked, what is said back, and that nothing is lost on the way."""

from __future__ import annotations

from html import escape

import pytest
from streamlit.testing.v1 import AppTest

from analysis.inputs.samples import Sample
from analysis.inputs.tasks import MASK, TASKS, Task
from analysis.models.pairs import PAIRS, Pair, Sides
from dashboard.page_list import PAGES, PageEntry
from tests.support.app import ask_in_one_window, html_of, problems

HOSTILE = ("<script>alert(1)</script>", "</script><img src=x onerror=y>", ":red[x] $x$", "[a](http://x) `b` **c**")


@pytest.mark.parametrize("task", TASKS)
def test_every_task_is_answered_on_the_first_visit(app: AppTest, task: str) -> None:
    app.query_params["task"] = TASKS[task].title
    app.run()
    assert not problems(app)
    assert html_of(app).count("dl-answer") == 2
    assert app.text_area[0].value == TASKS[task].samples[0].text


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("entry", [entry for entry in PAGES if entry.bench], ids=lambda entry: entry.title)
def test_every_page_takes_every_task(app: AppTest, entry: PageEntry, task: str) -> None:
    ask_in_one_window(app, task)
    app.switch_page(f"../pages/{entry.script}").run()
    assert not problems(app)
    assert html_of(app).count("dl-answer") == 2


@pytest.mark.parametrize("task", TASKS)
def test_every_example_is_answered(app: AppTest, task: str) -> None:
    app.query_params["task"] = TASKS[task].title
    app.run()
    for index, sample in enumerate(TASKS[task].samples):
        app.button_group(key="sample").set_value(index).run()
        assert not problems(app)
        assert app.text_area[0].value == sample.text
        assert escape(sample.look_for) in html_of(app)


@pytest.mark.parametrize("task", TASKS)
def test_user_text_is_never_markup(app: AppTest, task: str) -> None:
    app.query_params["task"] = TASKS[task].title
    app.run()
    for hostile in HOSTILE:
        for field in app.text_area:
            field.set_value(hostile + (f" {MASK}" if TASKS[task].needs_mask else ""))
        app.run()
        assert not problems(app)
        assert "<script" not in html_of(app)
        assert "<img" not in html_of(app)
        live = [element.value for kind in ("markdown", "caption", "info", "subheader") for element in app.get(kind)]
        assert not [value for value in live if hostile in value]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"text": " "}, "is empty"),
        ({"text": "No mask."}, "has no [MASK]"),
        ({"task": "Question answering", "text": "Who?", "text_pair": ""}, "is empty"),
        ({"text": "[MASK] " * 300}, "302 tokens"),
    ],
)
def test_a_bad_text_gets_one_sentence_and_stays_in_the_field(app: AppTest, query: dict[str, str], words: str) -> None:
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    assert len(problems(app)) == 1
    assert words in problems(app)[0]
    assert app.text_area[0].value == query["text"]


def test_a_text_that_no_model_can_read_gets_no_answer(app: AppTest) -> None:
    app.query_params.update({"task": "sentiment", "text": "영화가 정말 좋았어요."})
    app.run()
    assert "knows no word of “영화가 정말 좋았어요.”" in problems(app)[0]
    assert "dl-answer" not in html_of(app)


def test_how_many_words_each_model_knows_is_said_where_it_is_not_all(app: AppTest) -> None:
    app.query_params.update({"task": "sentiment", "text": "the film was good."})
    app.run()
    assert "words" not in html_of(app)
    app.text_area(key="text").set_value("the 東 film 京 was good.").run()
    assert html_of(app).count("knows 5 of 7 words, not “東”, “京”") == 2


def test_after_a_bad_text_the_last_answers_stay(app: AppTest) -> None:
    app.run()
    app.text_area(key="text").set_value("No mask.")
    app.run()
    assert len(problems(app)) == 1
    assert "Below is the last question that worked." in html_of(app)
    assert "dl-mark" in html_of(app)


def test_the_offered_mask_is_placed(app: AppTest) -> None:
    app.query_params["text"] = "Paris is the capital of France."
    app.run()
    next(button for button in app.button if MASK in button.label).click().run()
    assert app.text_area(key="text").value == f"Paris is the capital of {MASK}."
    assert not problems(app)


def test_a_new_task_starts_with_its_own_example_but_keeps_a_typed_text(app: AppTest) -> None:
    app.run()
    app.selectbox(key="task").set_value("sentiment").run()
    assert app.text_area(key="text").value == TASKS["sentiment"].samples[0].text
    app.text_area(key="text").set_value("The cat was good.")
    app.run()
    app.selectbox(key="task").set_value("entities").run()
    assert app.text_area(key="text").value == "The cat was good."


def test_hosted_texts_are_shorter_and_checkpoints_of_ones_own_are_off(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.run()
    assert "Your own" in app.selectbox(key="pair").options
    monkeypatch.setenv("DISTILLENS_HOSTED", "1")
    app.query_params["text"] = "a" * 2_001
    app.run()
    assert "Your own" not in app.selectbox(key="pair").options
    assert "at most 2,000" in problems(app)[0]


def test_random_weights_are_offered_only_where_weights_do_not_matter(app: AppTest) -> None:
    app.run()
    assert PAIRS["architecture"].title not in app.selectbox(key="pair").options
    app.switch_page("../pages/models.py").run()
    assert PAIRS["architecture"].title in app.selectbox(key="pair").options


def test_a_new_task_and_a_new_pair_are_one_row_each(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    toy = Task(
        "Toy",
        "Is it a toy?",
        ("Text",),
        "AutoModelForSequenceClassification",
        "a label",
        (Sample("One", "Look.", "A toy."),),
    )
    sides: Sides = PAIRS["embedded"].checkpoints["sentiment"]
    monkeypatch.setitem(TASKS, "toy", toy)
    monkeypatch.setitem(PAIRS, "toys", Pair("Toy pair", "About toys.", {"toy": sides}))
    app.query_params["pair"] = "Toy pair"
    app.run()
    assert app.selectbox(key="task").options == ["Toy"]
    assert app.text_area(key="text").value == "A toy."
    assert not problems(app)
    assert html_of(app).count("dl-answer") == 2
