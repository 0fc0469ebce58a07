"""The bench: words and what a click on one does, the examples' chips, and the history of a session."""

from __future__ import annotations

from html import escape
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from analysis.inputs.examples import Example, checked
from analysis.inputs.tasks import MASK, TASKS
from analysis.inputs.words import words_of
from analysis.models.pairs import PAIRS, Sides
from analysis.predictions.comparison import compare
from analysis.predictions.correctness import compared
from cache import predictions
from dashboard.bench import history
from dashboard.bench.answer_line import _line
from dashboard.bench.examples import _parting
from dashboard.bench.shortcuts import SHORTCUTS
from dashboard.bench.words import REQUEST, segments
from dashboard.ui.theme import names_of
from tests.support.app import html_of, problems

TEXT = "the film was good, and the dog was old."


@pytest.fixture
def asked(app: AppTest) -> AppTest:
    app.query_params.update({"task": "sentiment", "text": TEXT})
    return app.run()


def click(app: AppTest, event: str, value: Any) -> AppTest:
    """Does what a click in the text does: AppTest cannot run the script of a component."""
    app.session_state[f"{REQUEST} text"] = (event, value)
    app.run()
    return app.run()  # asking draws the page again


def text_of(app: AppTest) -> str:
    return str(app.text_area(key="text").value)


@pytest.mark.parametrize("text", ["", " a  b ", TEXT, "für 東京!", "a\u0301 \U0001f600 b"])
def test_the_pieces_are_the_text_and_number_its_words(text: str) -> None:
    pieces = segments(text, words_of(text))
    assert "".join(piece for piece, _ in pieces) == text
    assert [piece for piece, number in pieces if number is not None] == [word.text for word in words_of(text)]
    assert [number for _, number in pieces if number is not None] == list(range(len(words_of(text))))


@pytest.mark.parametrize(
    ("edit", "after"),
    [
        ({"word": 3, "action": "replace", "value": "bad"}, "the film was bad, and the dog was old."),
        ({"word": 1, "action": "mask", "value": ""}, f"the {MASK} was good, and the dog was old."),
        ({"word": 0, "action": "delete", "value": ""}, "film was good, and the dog was old."),
    ],
)
def test_an_edited_text_is_asked_once_and_the_answers_before_stand_beside(
    asked: AppTest, edit: dict[str, Any], after: str
) -> None:
    assert "before:" not in html_of(asked)
    click(asked, "edit", edit)
    assert not problems(asked)
    assert text_of(asked) == after
    assert asked.query_params["text"] == after
    assert html_of(asked).count("· before:") == 2
    asked.run()
    assert text_of(asked) == after  # and is not edited again
    click(asked, "ask", "the film was old.")
    assert "before:" not in html_of(asked)


def test_an_edit_that_cannot_be_made_is_one_sentence_and_the_text_stays(asked: AppTest) -> None:
    asked.session_state[f"{REQUEST} text"] = ("edit", {"word": 1, "action": "replace", "value": " "})
    asked.run()
    assert len(problems(asked)) == 1
    assert text_of(asked) == TEXT


def test_a_typed_text_is_asked(asked: AppTest) -> None:
    click(asked, "ask", "a dog.\nA cat.")
    assert text_of(asked) == "a dog.\nA cat."
    assert not problems(asked)


def test_a_word_leads_to_the_heads_that_look_at_it(asked: AppTest) -> None:
    asked.session_state[f"{REQUEST} text"] = ("go", {"word": 3, "action": "attention"})
    asked.run()
    assert asked.query_params["word"] == "3"
    assert "the head that looks most at “good” is open" in html_of(asked)
    asked.switch_page("../pages/attention.py").run()  # AppTest itself is still on the page before
    next(button for button in asked.button if button.label == "Show where they differ most").click().run()
    assert "word" not in asked.query_params
    assert "looks most at" not in html_of(asked)
    asked.session_state["word"] = 3
    asked.run()
    click(asked, "ask", "the old film.")
    assert "word" not in asked.query_params  # it was a word of the text before


def test_candidates_are_the_teachers_and_whole_words(app: AppTest) -> None:
    pair, word = PAIRS["embedded"], words_of(TEXT)[3]
    found = predictions.candidates(pair, TEXT, word)
    masked = checked(Example("fill-mask", TEXT.replace("good", MASK)))
    answer: Any = predictions.prediction(pair.sides("fill-mask").teacher, masked)
    best = [piece for piece, _ in answer.best(0, 3 * predictions.CANDIDATES)]
    assert found == [piece for piece in best if piece in found]
    assert len(found) == predictions.CANDIDATES
    assert "good" not in found
    assert not [piece for piece in found if piece.startswith("##") or len(words_of(piece)) != 1]


def test_the_history_lists_each_question_once_and_a_pin_stays_for_comparison(asked: AppTest) -> None:
    for number in range(history.MOST + 3):
        click(asked, "ask", f"the film was good {number}.")
    listed = asked.session_state[history.HISTORY]
    assert len(listed) == history.MOST
    assert listed[0].example.text == f"the film was good {history.MOST + 2}."
    asked.button(key="pin 1").click().run()
    pinned = next(one for one in asked.session_state[history.HISTORY] if one.pinned).example.text
    for number in range(history.MOST + 3):
        click(asked, "ask", f"the dog was old {number}.")
    table = next(block for block in html_of(asked).splitlines() if "Pinned" in block)
    assert pinned in table
    assert f"the dog was old {history.MOST + 2}." in table
    asked.button(key="again 0").click().run()
    assert text_of(asked) == pinned


def test_the_history_holds_what_both_said(asked: AppTest) -> None:
    [one] = asked.session_state[history.HISTORY]
    sides = PAIRS["embedded"].sides("sentiment")
    answers = sides.map(lambda checkpoint: predictions.prediction(checkpoint, checked(Example("sentiment", TEXT))))
    assert one.said == answers.map(lambda answer: answer.summary)
    assert one.agree == compare(answers).agree


def test_the_sign_between_both_answers_says_what_the_page_says() -> None:
    sides, agreements = PAIRS["embedded"].sides("sentiment"), set()
    for sample, example in zip(TASKS["sentiment"].samples, predictions.examples_of("sentiment"), strict=True):
        answers = Sides(*(predictions.prediction(checkpoint, example) for checkpoint in sides))
        comparison = compared(answers, sample)
        html = _line(names_of(sides), answers.map(lambda answer: answer.summary), comparison, None)
        assert f'title="{escape(comparison.sentence)}"' in html
        assert [sign for sign in "=≠" if f">{sign}<" in html] == ["=" if comparison.agree else "≠"]
        agreements.add(comparison.agree)
    assert agreements == {True, False}


def test_n_asks_one_example_after_the_other() -> None:
    """In a bare session, as the callback is run before anything is drawn."""
    samples = TASKS["sentiment"].samples
    next_example = SHORTCUTS["n"][1]
    assert next_example
    st.session_state.update({"task": "sentiment", "text": "something else"})
    for sample in (*samples, samples[0]):
        next_example()
        assert st.session_state["text"] == sample.text


def test_the_examples_that_ship_with_other_answers_come_first_and_are_marked() -> None:
    pair, task = PAIRS["embedded"], "sentiment"
    parting = _parting(pair, task)
    sides = pair.sides(task)
    for sample in TASKS[task].samples:
        example = checked(Example(task, sample.text))
        answers = Sides(*(predictions.prediction(checkpoint, example) for checkpoint in sides))
        assert (sample in parting) == (not compare(answers).agree)
    assert 0 < len(parting) < len(TASKS[task].samples)
    assert _parting(None, task) == set()
