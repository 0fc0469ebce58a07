"""The part of a long context around an answer: both models read it at once, and all of the answer is in it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.inputs.examples import Example
from analysis.models.forward import only_window, trace
from analysis.models.model import Model
from analysis.models.pairs import Sides
from analysis.models.tokens import Tokens, tokenize
from analysis.predictions.heads import predict
from analysis.predictions.question_answering import Answer, SpanPredictions
from analysis.predictions.stretch import with_stretch
from tests.support.hostile import TEXTS

QUESTION = "who lives in paris?"
WORDS = st.sampled_from(["mary", "lives", "unforgettable", "paris,", "1932", "don't", ".", "漢字", "x" * 30])


@settings(max_examples=60)
@given(st.lists(WORDS | TEXTS.map(lambda text: text[:8]), min_size=60, max_size=150), st.data())
def test_both_read_it_at_once_with_the_answer(
    tiny_pairs: dict[str, Sides[Model]], words: list[str], data: st.DataObject
) -> None:
    pair, context = tiny_pairs["question-answering"], " ".join(words)
    example = Example("question-answering", QUESTION, context)
    windows = pair.map(lambda model: tokenize(model, example))
    own = [word for word in windows.teacher[0].words if word.field == 1]
    first = data.draw(st.integers(0, len(own) - 1))
    answer = Answer(own[first].text, own[first].start, own[first].end, 0.5)
    found = with_stretch(example, windows, answer)
    assert found.text_pair and found.text_pair in context and found.text == QUESTION
    for model in pair:
        only_window(model, found)  # raises where it takes several
    if all(any(_holds(tokens, answer) for tokens in of_one) for of_one in windows):
        assert answer.text in found.text_pair


def _holds(tokens: Tokens, answer: Answer) -> bool:
    places = tokens.offsets[tokens.fields == 1]
    return bool(places[0, 0] <= answer.start and answer.end <= places[-1, 1])


@pytest.mark.parametrize("place", [0, 40, 79])
def test_an_answer_in_the_middle_has_words_on_both_sides(tiny_pairs: dict[str, Sides[Model]], place: int) -> None:
    words = ["dog"] * 80
    words[place] = "paris"
    example = Example("question-answering", QUESTION, " ".join(words))
    pair = tiny_pairs["question-answering"]
    start = 4 * place
    found = with_stretch(
        example, pair.map(lambda model: tokenize(model, example)), Answer("paris", start, start + 5, 1.0)
    )
    left, _, right = (found.text_pair or "").partition("paris")
    assert (bool(left), bool(right)) == (place > 0, place < 79)
    assert len(f"{left}{right}".split()) > 20


def test_the_teachers_answer_to_a_long_context_can_be_looked_at(tiny_pairs: dict[str, Sides[Model]]) -> None:
    pair = tiny_pairs["question-answering"]
    example = Example("question-answering", QUESTION, "mary lives in london. " * 30)
    answers = predict(pair.teacher, example)
    assert isinstance(answers, SpanPredictions) and answers.windows > 1
    found = with_stretch(example, pair.map(lambda model: tokenize(model, example)), answers.answers[0])
    assert answers.answers[0].text in (found.text_pair or "")
    for model in pair:
        assert trace(model, found).attentions.size
