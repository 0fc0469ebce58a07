"""The first page is there without a model, its numbers are those of the analyses, and older links pass through it."""

from __future__ import annotations

from html import escape

import pytest
from streamlit.testing.v1 import AppTest

from analysis.distillation.record import read_experiment
from analysis.inputs.tasks import TASKS
from analysis.models.pairs import EMBEDDED, PAIRS
from analysis.predictions.comparison import compare
from analysis.predictions.correctness import sides_correct
from cache import loaded_models, models, start
from cache.predictions import examples_of
from dashboard.start.disagreement_cards import CARDS, OF_A_TASK
from dashboard.start.hero import HEADLINE
from dashboard.start.opening import first_question
from tests.support.app import APP, html_of, problems


@pytest.fixture
def first(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> AppTest:
    """The app as it opens, where computing anything fails the test."""
    monkeypatch.setenv("DISTILLENS_CACHE", str(tmp_path_factory.mktemp("results")))
    monkeypatch.setattr(loaded_models, "load", lambda *_: pytest.fail("A model was loaded although the result ships."))
    return AppTest.from_file(APP, default_timeout=120)


@pytest.mark.usefixtures("nothing_remembered")
def test_all_of_it_is_shipped_and_its_numbers_are_those_of_the_analyses(first: AppTest) -> None:
    html = html_of(first.run())
    assert not problems(first)
    assert html.count("<h1") == 1 and HEADLINE in html
    captions = " ".join(caption.value for caption in first.caption)
    rows = [row for row in read_experiment(EMBEDDED).pairs if row.metric == "agreement"]
    assert {row.task for row in rows} == set(TASKS)
    for row in rows:
        assert f" {100 * row.value:.0f}%" in captions
    sizes = PAIRS["embedded"].sides("sentiment").map(lambda each: models.architecture(each, "sentiment"))
    assert sizes.teacher.layers == 2 * sizes.student.layers  # as the headline says
    assert f"{100 - 100 * sizes.student.parameters / sizes.teacher.parameters:.0f}% smaller" in html
    question = first_question()
    own = start.own_attributions(question.sides, question.example)
    assert {each.tolerance_kind for each in own} == {"relative"}  # else they are no shares of one kind
    assert html.count("dl-answer") == 2 * (1 + CARDS)
    agree = compare(start.answers(question.sides, question.example)).agree
    assert ("They agree." if agree else "They disagree.") in html


def test_cards_are_the_widest_disagreements_that_the_hero_does_not_show(first: AppTest) -> None:
    html = html_of(first.run())
    found = []
    for task, sides in PAIRS["embedded"].checkpoints.items():
        for sample, example in zip(TASKS[task].samples, examples_of(task), strict=True):
            answers = start.answers(sides, example)
            right = sample.expected is not None and all(sides_correct(answers, sample))
            if not compare(answers).agree and not right:
                found.append((compare(answers).divergence or 0.0, example))
    assert f"{len(found)} of the {sum(len(TASKS[task].samples) for task in TASKS)} examples" in html
    shown = [example for _, example in found if f">{escape(example.texts[-1])}</p>" in html]
    assert len(shown) == CARDS and first_question().example not in shown
    assert max([example.task for example in shown].count(task) for task in TASKS) <= OF_A_TASK
    full = {task for task in TASKS if [example.task for example in shown].count(task) == OF_A_TASK}
    least = min(divergence for divergence, example in found if example in shown)
    left = [divergence for divergence, each in found if each not in (*shown, first_question().example)]
    others = [divergence for divergence, each in found if each not in shown and each.task not in full]
    assert left and all(divergence <= least for divergence in others)


def test_an_older_link_opens_predictions_as_it_did(first: AppTest) -> None:
    text = TASKS["sentiment"].samples[2].text
    first.query_params.update({"task": "Sentiment", "text": text, "tab": "no-such-tab", "x": "1"})
    first.run()
    assert not problems(first)
    assert first.text_area(key="text").value == text
    assert first.query_params["task"] == "Sentiment" and first.query_params["x"] == "1"


def test_an_unknown_query_stays_on_start(first: AppTest) -> None:
    first.query_params["x"] = "1"
    assert HEADLINE in html_of(first.run())


def test_what_is_chosen_stays_out_of_the_address_of_start_and_is_kept(first: AppTest) -> None:
    text = TASKS["sentiment"].samples[2].text
    first.query_params.update({"task": "sentiment", "text": text})
    first.run()
    first.query_params.clear()  # as the browser asks for a page that is clicked on
    first.switch_page("../pages/start.py").run()
    assert HEADLINE in html_of(first) and not first.query_params
    first.switch_page("../pages/predictions.py").run()
    assert first.query_params == {"task": "sentiment", "text": text}
    assert first.text_area(key="text").value == text
