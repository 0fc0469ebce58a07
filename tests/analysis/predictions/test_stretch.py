"""The part of a long text that an answer rests on: both models read it at once, and all of the answer is in it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.inputs.examples import Example
from analysis.models.forward import only_window, trace
from analysis.models.model import Model, load
from analysis.models.pairs import Checkpoint, Sides
from analysis.models.tokens import Tokens, tokenize
from analysis.predictions.heads import head_that_gave, predict
from analysis.predictions.stretch import with_stretch
from tests.support.hostile import TEXTS
from tests.support.tiny import tiny_checkpoint

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
    answer = own[first]
    found = with_stretch(example, windows, (1, answer.start, answer.end))
    assert found.text_pair and found.text_pair in context and found.text == QUESTION
    for model in pair:
        only_window(model, found)  # raises where it takes several
    if _is_held(windows, 1, answer.start, answer.end):
        assert answer.text in found.text_pair


def _is_held(windows: Sides[tuple[Tokens, ...]], field: int, start: int, end: int) -> bool:
    """Whether one window of each model has all of this."""

    def holds(tokens: Tokens) -> bool:
        places = tokens.offsets[tokens.fields == field]
        return bool(places[0, 0] <= start and end <= places[-1, 1])

    return all(any(map(holds, of_one)) for of_one in windows)


@pytest.mark.parametrize("place", [0, 40, 79])
def test_an_answer_in_the_middle_has_words_on_both_sides(tiny_pairs: dict[str, Sides[Model]], place: int) -> None:
    words = ["dog"] * 80
    words[place] = "paris"
    example = Example("question-answering", QUESTION, " ".join(words))
    pair = tiny_pairs["question-answering"]
    start = 4 * place
    found = with_stretch(example, pair.map(lambda model: tokenize(model, example)), (1, start, start + 5))
    left, _, right = (found.text_pair or "").partition("paris")
    assert (bool(left), bool(right)) == (place > 0, place < 79)
    assert len(f"{left}{right}".split()) > 20


LONG = {
    "sentiment": ("the old film was unlovely and dull. " * 12, None),
    "entities": ("mary lives in paris and john works in london. " * 12, None),
    "question-answering": (QUESTION, "mary lives in london. " * 30),
    "sentence-pair": ("mary lives in london and john in paris. " * 12, "john is not in paris."),
}


@pytest.mark.parametrize("task", LONG)
def test_the_part_that_the_teachers_answer_rests_on_can_be_looked_at(
    tiny_pairs: dict[str, Sides[Model]], task: str
) -> None:
    pair, example = tiny_pairs[task], Example(task, *LONG[task])
    answer = predict(pair.teacher, example)
    place = head_that_gave(answer).rests_on(answer)
    assert place
    field, start, end = place
    windows = pair.map(lambda model: tokenize(model, example))
    found = with_stretch(example, windows, place)
    assert found.texts[field] in example.texts[field]
    assert not _is_held(windows, *place) or example.texts[field][start:end] in found.texts[field]
    assert [text for number, text in enumerate(found.texts) if number != field] == [
        text for number, text in enumerate(example.texts) if number != field
    ]
    for model in pair:
        assert trace(model, found).attentions.size


def test_the_part_of_a_context_is_what_both_read_at_once_also_where_one_reads_less(
    tiny_pairs: dict[str, Sides[Model]], tmp_path: Path
) -> None:
    tiny_checkpoint(tmp_path, "distilbert", "question-answering", max_positions=32)
    short = load(Checkpoint(str(tmp_path), "distilbert"), "question-answering")
    pair = Sides(tiny_pairs["question-answering"].teacher, short)
    example = Example("question-answering", *LONG["question-answering"])
    for place in (0, 200, 600):
        found = with_stretch(example, pair.map(lambda model: tokenize(model, example)), (1, place, place + 4))
        assert [len(only_window(model, found)) for model in pair][1] > 16
