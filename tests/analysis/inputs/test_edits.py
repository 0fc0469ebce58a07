"""Edits leave every other word as it was and in its place, and what is asked goes along with its words."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import AnalysisError
from analysis.inputs.edits import LONGEST, Edit, edited
from analysis.inputs.examples import Example
from analysis.inputs.words import Word, words_of, words_of_all
from analysis.models.model import Model
from analysis.models.pairs import Sides
from analysis.models.tokens import tokenize
from analysis.predictions.entities import entity_target
from analysis.predictions.fill_mask import piece_target
from analysis.predictions.heads import predict
from analysis.predictions.resolve import candidate_targets, carry_over, default_target, resolve
from analysis.predictions.targets import Target, Term, contrast
from tests.support.hostile import HOSTILE, TEXTS
from tests.support.tiny import EXAMPLES


def texts(words: Sequence[Word]) -> list[str]:
    return [word.text for word in words]


def after(text: str, **changes: str | None) -> str:
    """The text after words are replaced by others, or dropped (None), each where it first stands."""
    words = {word.text: word for word in reversed(words_of(text))}
    return edited(Example("sentiment", text), [Edit(words[old], new) for old, new in changes.items()]).after.text


@pytest.mark.parametrize(
    ("text", "dropped", "expected"),
    [
        ("Not a good film.", "Not", "a good film."),
        ("a good film", "film", "a good"),
        ("a good  old\tfilm", "good", "a  old\tfilm"),
        ("a good\n\nfilm", "good", "a\n\nfilm"),
        ("it was bad.", "bad", "it was."),
        ("it (very old) was", "very", "it (old) was"),
        ("it was (bad).", "(", "it was bad)."),
        ("good, bad", ",", "good bad"),
        ("well-known", "-", "well known"),
        ("[x MASK]", "x", "[ MASK]"),
    ],
)
def test_a_dropped_word_takes_the_white_space_on_one_side_along(text: str, dropped: str, expected: str) -> None:
    assert after(text, **{dropped: None}) == expected


def test_several_words_are_changed_and_dropped_in_one_text() -> None:
    assert after("the very old film was bad.", very=None, old=None, bad=" not good ") == "the film was not good."
    assert after("a film.The", **{".": "and"}) == "a film and The"
    assert after("a good film", good="[MASK]") == "a [MASK] film"


def test_of_several_edits_of_a_word_the_last_holds_and_none_is_lost() -> None:
    text = "a good film"
    word = words_of(text)[1]
    edits = [Edit(word, "bad"), Edit(word, None), Edit(word, "dull")]
    found = edited(Example("sentiment", text), edits)
    assert (found.after.text, found.edits) == ("a dull film", tuple(edits))
    assert edited(Example("sentiment", text), edits[:2]).after.text == "a film"
    assert edited(Example("sentiment", text), []).after.text == text


def test_the_second_text_is_edited_by_itself() -> None:
    example = Example("sentence-pair", "a man", "a man")
    found = edited(example, [Edit(Word("man", 2, 5, 1), "woman")])
    assert found.after.texts == ("a man", "a woman")
    assert found.places == (*((word,) for word in words_of("a man")), *((word,) for word in words_of("a woman", 1)))


REPLACEMENTS = st.none() | st.sampled_from(("good", "very good", ".", "[MASK]", "漢字", "]", "MASK")) | TEXTS


@given(st.sampled_from(HOSTILE) | TEXTS, st.data())
def test_all_other_words_stay_and_no_two_run_together(text: str, data: st.DataObject) -> None:
    words = words_of(text)
    some = data.draw(st.lists(st.sampled_from(words), max_size=4)) if words else []
    edits = [Edit(word, data.draw(REPLACEMENTS)) for word in some]
    last = {edit.word: edit.replacement for edit in edits}
    expected = [texts(words_of(last[word] or "")) if word in last else [word.text] for word in words]
    in_a_row = [one for place in expected for one in place]
    try:
        found = edited(Example("sentiment", text), edits)
    except AnalysisError:
        empty = any(new is not None and not words_of(new) for new in last.values())
        assert empty or any(len(new or "") > LONGEST for new in last.values()) or not in_a_row
        return
    assert [texts(place) for place in found.places] == expected
    assert texts(words_of(found.after.text)) == in_a_row


@pytest.mark.parametrize(
    ("example", "word", "replacement", "sentence"),
    [
        (Example("sentiment", "good"), Word("good", 0, 4), " \u200b", "Type what is to stand in the place of “good”"),
        (Example("sentiment", "good"), Word("good", 0, 4), None, "The field “Text” is empty"),
        (Example("sentiment", "a\x0bb"), Word("a\x0bb", 0, 3), "", "in the place of “a\N{REPLACEMENT CHARACTER}b”"),
        (Example("sentiment", "good"), Word("good", 0, 4), "x" * (LONGEST + 1), "501 characters; at most 500"),
        (Example("sentiment", "good " + "x" * 99_995), Word("good", 0, 4), "great", "100,001 characters"),
        (Example("fill-mask", "a [MASK]"), Word("[MASK]", 2, 8), "film", "leave no mask to fill"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_one_sentence(
    example: Example, word: Word, replacement: str | None, sentence: str
) -> None:
    with pytest.raises(AnalysisError, match=sentence):
        edited(example, [Edit(word, replacement)])


def test_an_edit_of_another_text_is_a_programmers_mistake() -> None:
    with pytest.raises(ValueError, match="are no words of"):
        edited(Example("sentiment", "good"), [Edit(Word("bad", 0, 3), None)])


def test_without_edits_the_question_is_the_same(tiny_pair: Sides[Model]) -> None:
    example = EXAMPLES[tiny_pair.teacher.task]
    for target in candidate_targets(predict(tiny_pair.teacher, example)):
        assert carry_over(target, edited(example, [])) == target


CONTEXT = words_of(EXAMPLES["entities"].text)  # mary lives in paris and works in london.
ANSWER = words_of(EXAMPLES["question-answering"].text_pair, 1)


def test_both_models_find_the_question_in_the_edited_text(tiny_pair: Sides[Model]) -> None:
    """Words that it is not about are dropped and replaced, which moves those that it is about."""
    task, example = tiny_pair.teacher.task, EXAMPLES[tiny_pair.teacher.task]
    target = (
        entity_target(CONTEXT[3:4], "LOC")
        if task == "entities"
        else default_target(predict(tiny_pair.teacher, example))
    )
    asked = {term.word for term in target.terms}
    first, *_, last = (word for word in words_of_all(example.texts) if word not in asked)
    found = edited(example, [Edit(first, None), Edit(last, "very great")])
    moved = carry_over(target, found)
    assert [(term.outcome, term.word and term.word.text) for term in moved.terms] == [
        (term.outcome, term.word and term.word.text) for term in target.terms
    ]
    for model in tiny_pair:
        (tokens,) = tokenize(model, found.after)
        assert len(resolve(moved, model, tokens).logit_indices) == len(target.terms)


def test_a_tag_goes_to_the_first_word_of_the_replacement() -> None:
    """As many tags are asked for as before, so that their scores can be compared."""
    found = edited(EXAMPLES["entities"], [Edit(CONTEXT[0], "young john"), Edit(CONTEXT[2], None)])
    target = carry_over(contrast(entity_target(CONTEXT[:2], "PER"), entity_target(CONTEXT[:2], "O")), found)
    first, _, lives = words_of(found.after.text)[:3]
    assert target.terms == (Term("B-PER", first), Term("I-PER", lives))
    assert target.foil == (Term("O", first), Term("O", lives))
    nothing = carry_over(Target(tuple(Term("O", word) for word in CONTEXT), "no entity"), found)
    assert nothing.terms == tuple(Term("O", place[0]) for place in found.places if place)


def test_an_answer_begins_and_ends_with_its_replacement() -> None:
    stretch = Target((Term("start", ANSWER[3]), Term("end", ANSWER[3])), "paris")
    found = edited(EXAMPLES["question-answering"], [Edit(ANSWER[3], "new york"), Edit(ANSWER[0], None)])
    assert [term.word.text for term in carry_over(stretch, found).terms] == ["new", "york"]
    nothing = Target((Term("start"), Term("end")), "no answer")
    assert carry_over(nothing, found) == nothing


@pytest.mark.parametrize(
    ("task", "words", "target", "replacement"),
    [
        ("entities", CONTEXT, entity_target(CONTEXT[:2], "PER"), None),
        ("question-answering", ANSWER, Target((Term("start", ANSWER[0]), Term("end", ANSWER[3])), "an answer"), None),
        ("fill-mask", words_of(EXAMPLES["fill-mask"].text)[2:], piece_target("film", Word("[MASK]", 13, 19)), "dog"),
    ],
)
def test_an_edit_that_takes_away_what_is_asked_about_is_refused(
    task: str, words: Sequence[Word], target: Target, replacement: str | None
) -> None:
    assert words[0] in {term.word for term in target.terms}
    with pytest.raises(AnalysisError, match="An edit takes away what “.+” is about: undo it"):
        carry_over(target, edited(EXAMPLES[task], [Edit(words[0], replacement)]))
