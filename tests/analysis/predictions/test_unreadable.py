"""Texts that a model cannot read: no answer is made of words that it does not know or does not see at all."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from analysis.errors import AnalysisError
from analysis.inputs.examples import Example
from analysis.inputs.tasks import MASK, TASKS
from analysis.inputs.words import words_of
from analysis.models.model import Model
from analysis.models.pairs import Sides
from analysis.models.tokens import known_words, tokenize
from analysis.predictions.heads import predict
from tests.support.hostile import TEXTS

UNREADABLE = (
    "영화가 정말 좋았어요",  # Korean, of which an English vocabulary has nothing
    "영화가 정말 좋았어요.",  # but the full stop
    "фильм был хорошим!",
    "東京",
    "👍",
    "\ufffd",  # what is left of a text that was read in a wrong encoding
    "\u0301",  # signs without a letter to stand on
    "\u064f",
    "\ufe0f",
    "\ufffd\u0301 \ufe0f",
)


def asked(task: str, *texts: str) -> Example:
    return Example(task, texts[0] + (f" {MASK}" if TASKS[task].needs_mask else ""), *texts[1:])


@pytest.mark.parametrize("text", UNREADABLE, ids=ascii)
@pytest.mark.parametrize("task", TASKS)
def test_a_text_of_which_no_word_is_known_gets_no_answer(
    tiny_pairs: dict[str, Sides[Model]], side: str, task: str, text: str
) -> None:
    two = len(TASKS[task].fields) > 1
    for texts in ((text, "a dog"), ("a dog", text)) if two else ((text,),):
        with pytest.raises(AnalysisError, match="knows no word of “.*”: write in a language"):
            predict(tiny_pairs[task][side], asked(task, *texts))
    assert predict(tiny_pairs[task][side], asked(task, f"a {text}", *(["a dog"] if two else [])))


@pytest.mark.parametrize("text", ["!", "?!", ":-)", "...", "a", "7"])
def test_signs_alone_are_a_text_if_they_are_known(tiny_pairs: dict[str, Sides[Model]], text: str) -> None:
    assert predict(tiny_pairs["sentiment"].teacher, Example("sentiment", text))


def test_masks_alone_are_filled(tiny_pairs: dict[str, Sides[Model]]) -> None:
    assert predict(tiny_pairs["fill-mask"].student, Example("fill-mask", f"{MASK} {MASK}"))


@settings(max_examples=60)
@given(text=TEXTS)
def test_a_word_is_known_if_all_of_it_is_in_the_vocabulary(tiny_pairs: dict[str, Sides[Model]], text: str) -> None:
    """Against the tokenizer's reading of each word alone."""
    model = tiny_pairs["entities"].student
    windows = tokenize(model, Example("entities", f"a {text[:50]}"))
    alone = [model.tokenizer.tokenize(word.text) for word in words_of(f"a {text[:50]}")]
    assert known_words(windows) == tuple(bool(pieces) and "[UNK]" not in pieces for pieces in alone)


def test_the_words_of_a_long_context_are_known_from_all_windows(tiny_pairs: dict[str, Sides[Model]]) -> None:
    context = "mary lives in 東京. " * 40
    windows = tokenize(tiny_pairs["question-answering"].teacher, Example("question-answering", "who lives?", context))
    assert len(windows) > 1
    known = known_words(windows)
    assert (len(known), sum(known)) == (3 + 6 * 40, 3 + 4 * 40)
