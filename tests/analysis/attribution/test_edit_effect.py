"""Attributions before and after an edit, and by layer: on one scale, each word in its place."""

from dataclasses import replace

import numpy as np
import pytest

from analysis.attribution.edit_effect import moved
from analysis.attribution.layers import by_layer
from analysis.attribution.methods import Attribution, attribute
from analysis.inputs.edits import Edit, edited, followed
from analysis.inputs.examples import Example
from analysis.inputs.words import Word, words_of_all
from analysis.models.model import Model
from analysis.models.pairs import Sides
from analysis.predictions.targets import Target, Term, entity_target
from tests.support.attributed import linear, target_for
from tests.support.tiny import EXAMPLES


def told(
    pair: Sides[Model], example: Example, target: Target, method: str = "Integrated gradients"
) -> Sides[Attribution]:
    return pair.map(lambda model: attribute(model, example, target, method))


def target_of_all(pair: Sides[Model]) -> Target:
    task = pair.teacher.task
    return (
        entity_target(words_of_all(EXAMPLES[task].texts)[3:4], "LOC")
        if task == "entities"
        else target_for(pair.teacher)
    )


def test_without_edits_nothing_moves(tiny_pair: Sides[Model]) -> None:
    example, target = EXAMPLES[tiny_pair.teacher.task], target_of_all(tiny_pair)
    before = told(tiny_pair, example, target)
    found = moved(edited(example, []), before, before)
    assert found.words == before.teacher.words
    assert not any(found.edited)
    for one, other in zip(found.before, found.after, strict=True):
        np.testing.assert_array_equal(one, other)
    assert found.finding.count("none moves") == 2


def test_each_word_keeps_its_place_and_all_are_shares_of_the_text_as_it_was(tiny_pair: Sides[Model]) -> None:
    example, target = EXAMPLES[tiny_pair.teacher.task], target_of_all(tiny_pair)
    asked = {term.word for term in target.terms}
    first, *_, last = (word for word in words_of_all(example.texts) if word not in asked)
    change = edited(example, [Edit(first, None), Edit(last, "very great")])
    before, after = told(tiny_pair, example, target), told(tiny_pair, change.after, followed(target, change))
    found = moved(change, before, after)
    assert [word for word, new in zip(found.words, found.edited, strict=True) if new] == [first, last]
    for one, other, left, right in zip(before, after, found.before, found.after, strict=True):
        whole = one.whole if found.of_change else one.size
        scores = dict(zip(other.words, other.scores.tolist(), strict=True))
        np.testing.assert_allclose(left * whole, one.scores)
        assert right[found.words.index(first)] == 0
        assert right.sum() * whole == pytest.approx(sum(scores.values()))
        for word, place, share in zip(found.words, found.places, right, strict=True):
            assert share * whole == pytest.approx(sum(scores[there] for there in place))
            assert word in (first, last) or [there.text for there in place] == [word.text]


def test_what_moves_most_is_told_with_its_numbers(tiny_pairs: dict[str, Sides[Model]]) -> None:
    pair, example = tiny_pairs["sentiment"], EXAMPLES["sentiment"]
    before = told(pair, example, target_for(pair.teacher)).map(
        lambda one: replace(one, rule="relative", score=2.0, baseline_score=0.0)
    )
    change = edited(example, [Edit(Word("old", 4, 7), None)])
    scores = np.array(before.teacher.scores)
    scores[3] += 1.0  # “was”
    moving = before.map(
        lambda one: replace(
            one, words=tuple(word for place in change.places for word in place), scores=np.delete(scores, 1)
        )
    )
    found = moved(change, Sides(before.teacher, before.teacher), moving)
    first, second = (f"{50 * value:+.0f} %" for value in (before.teacher.scores[3], scores[3]))
    assert f"“was” moves most for the teacher ({first} to {second})" in found.finding


def test_by_layer_shares_are_those_of_conductance_and_add_up_in_each_layer(tiny_pair: Sides[Model]) -> None:
    task = tiny_pair.teacher.task
    target = target_of_all(tiny_pair)
    both = told(tiny_pair, EXAMPLES[task], target, "Layer conductance")
    found = by_layer(both, target)
    for one, shares, added in zip(both, found.shares, found.added, strict=True):
        whole = one.whole if found.of_change else one.size
        assert shares.shape == (3, len(found.words))
        np.testing.assert_allclose(shares[0] * whole, one.scores)
        change = one.score - one.baseline_score
        np.testing.assert_allclose(
            (shares.sum(axis=1) + added) * whole, change, atol=0.01 * max(abs(change), 0.1) + 1e-6
        )
    assert f"at “{'[CLS]' if task in ('sentiment', 'sentence-pair') else found.readers[0].text}" in found.finding


def test_after_the_last_layer_all_passes_where_the_answer_is_read(tiny_pair: Sides[Model]) -> None:
    task, target = tiny_pair.teacher.task, target_of_all(tiny_pair)
    found = by_layer(told(tiny_pair, EXAMPLES[task], target, "Layer conductance"), target)
    read = [found.words.index(word) for word in found.readers]
    for shares, added in zip(found.shares, found.added, strict=True):
        np.testing.assert_allclose(np.delete(shares[-1], read), 0, atol=1e-6)
        assert found.readers or abs(added[-1]) > 0
    assert "in none" not in found.finding


def test_only_conductance_is_told_by_layer(tiny_pairs: dict[str, Sides[Model]]) -> None:
    pair = tiny_pairs["sentiment"]
    with pytest.raises(ValueError, match="only layer conductance"):
        by_layer(told(pair, EXAMPLES["sentiment"], target_for(pair.teacher), "Occlusion"), target_for(pair.teacher))


def test_in_a_linear_model_an_edit_moves_its_own_word_alone(tiny_pairs: dict[str, Sides[Model]]) -> None:
    """A word in the place of another, and all others read as before."""
    model = linear(tiny_pairs["sentiment"].student)
    example, target = EXAMPLES["sentiment"], Target((Term(model.labels[0]),), "first")
    change = edited(example, [Edit(Word("old", 4, 7), "new")])
    found = moved(change, told(Sides(model, model), example, target), told(Sides(model, model), change.after, target))
    apart = np.abs(found.after.teacher - found.before.teacher)
    assert apart.argmax() == 1
    np.testing.assert_allclose(np.delete(apart, 1), 0, atol=1e-4)
    assert "none moves for the teacher" in found.finding
