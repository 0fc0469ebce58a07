"""A text of several windows is answered; where a page looks inside, it offers the part that the answer rests on."""

from __future__ import annotations

import re

import pytest
from streamlit.testing.v1 import AppTest

from analysis.inputs.examples import Example
from analysis.models.model import Model
from analysis.models.pairs import Sides, own_pair
from analysis.predictions.heads import head_that_gave, predict
from dashboard.export import answers as export
from dashboard.predict_command import in_words, report_of
from tests.support.app import html_of, problems

LONG = {
    "sentiment": ("? " * 50 + "mary lives in london. " * 20 + "great " * 40,),
    "entities": ("mary lives in paris and john works in london. " * 12,),
    "question-answering": ("who lives in paris?", "mary lives in london and john works in the old city. " * 12),
    "sentence-pair": ("? " * 50 + "mary lives in london. " * 20, "john is not in paris."),
}
CUT = {"question-answering": 1}  # the number of the text that is read in windows, else the first


def ask(app: AppTest, tiny_pairs: dict[str, Sides[Model]], task: str, page: str) -> None:
    sides = tiny_pairs[task].map(lambda model: model.checkpoint.source)
    app.query_params.update({"pair": "own", "task": task, **dict(sides.items())})
    app.query_params.update(zip(("text", "text_pair"), LONG[task], strict=False))
    app.switch_page(f"../pages/{page}.py").run()


@pytest.mark.parametrize("task", LONG)
@pytest.mark.parametrize("page", ["attention", "attributions"])
def test_the_part_that_the_answer_rests_on_can_be_looked_at(
    app: AppTest, tiny_pairs: dict[str, Sides[Model]], page: str, task: str
) -> None:
    ask(app, tiny_pairs, task, page)
    assert ["looking inside the models works on one window" in problem for problem in problems(app)] == [True]
    (offer,) = (button for button in app.button if "Keep the part" in button.label)
    offer.click().run()
    assert not problems(app)
    field = CUT.get(task, 0)
    kept = app.text_area(key=("text", "text_pair")[field]).value
    assert kept
    assert kept in LONG[task][field]
    assert len(kept) < len(LONG[task][field])


@pytest.mark.parametrize("task", ["sentiment", "sentence-pair"])
def test_the_answer_of_each_model_to_each_window_is_shown(
    app: AppTest, tiny_pairs: dict[str, Sides[Model]], task: str
) -> None:
    ask(app, tiny_pairs, task, "predictions")
    assert not problems(app)
    tables = re.findall(r"<table.*?</table>", html_of(app), re.DOTALL)
    (table,) = (table for table in tables if "Window" in table)
    rows = [re.findall(r"<td.*?>(.*?)</td>", row) for row in re.findall(r"<tr.*?</tr>", table, re.DOTALL)[1:]]
    answers = tiny_pairs[task].map(lambda model: predict(model, Example(task, *LONG[task])))
    own = answers.map(lambda answer: head_that_gave(answer).in_windows(answer))
    assert len(rows) == len(own.teacher)
    assert {row[3] for row in rows} == {"=", "≠"}
    for row, teacher, student in zip(rows, *own, strict=True):
        sign = "=" if teacher.answer_key == student.answer_key else "≠"
        assert row[2:] == [teacher.summary, sign, student.summary]


def test_of_a_text_that_is_read_at_once_there_are_no_windows(app: AppTest, tiny_pairs: dict[str, Sides[Model]]) -> None:
    sides = tiny_pairs["sentiment"].map(lambda model: model.checkpoint.source)
    app.query_params.update({"pair": "own", "task": "sentiment", "text": "a dull film.", **dict(sides.items())})
    app.switch_page("../pages/predictions.py").run()
    assert not problems(app)
    assert "Window by window" not in [heading.value for heading in app.subheader]


def test_windows_are_exported_with_their_own_answers(tiny_pairs: dict[str, Sides[Model]]) -> None:
    text = LONG["sentiment"][0]
    answer = predict(tiny_pairs["sentiment"].teacher, Example("sentiment", text))
    told = export.classification(answer)
    own = head_that_gave(answer).in_windows(answer)
    assert [one["label"] for one in told["by_window"]] == [one.wording for one in own]
    assert told["by_window"][0]["start"] == 0
    assert text[: told["by_window"][-1]["end"]] == text.rstrip()


def test_the_command_says_the_answers_to_each_window(tiny_pairs: dict[str, Sides[Model]]) -> None:
    models, example = tiny_pairs["sentiment"], Example("sentiment", *LONG["sentiment"])
    pair = own_pair("sentiment", *(model.checkpoint.source for model in models))
    lines = in_words(report_of(pair, models, example)).splitlines()
    own = models.map(lambda model: predict(model, example)).map(
        lambda answer: head_that_gave(answer).in_windows(answer)
    )
    assert [line for line in lines if line.startswith("window")] == [
        f"window {number}: teacher {teacher.summary}, student {student.summary}"
        for number, (teacher, student) in enumerate(zip(*own, strict=True), start=1)
    ]
