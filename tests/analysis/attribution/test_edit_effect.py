"""Attributions before and after an edit, and by layer: on one scale, each word in its place."""

from dataclasses import replace

import numpy as np
import pytest

from analysis.attribution.edit_effect import edit_effect
from analysis.attribution.layers import layer_flow
from analysis.attribution.methods import Attribution, attribute
from analysis.inputs.edits import Edit, edited
from analysis.inputs.examples import Example
from analysis.inputs.words import Word, words_of_all
from analysis.models.model import Model
from analysis.models.pairs import Sides
from analysis.predictions.entities import entity_target
from analysis.predictions.resolve import carry_over
from analysis.predictions.targets import Target, Term
from tests.support.attributed import linear, target_for
from tests.support.tiny import EXAMPLES


def attributions_of(
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
    before = attributions_of(tiny_pair, example, target)
    effect = edit_effect(edited(example, []), before, before)
    assert effect.words == before.teacher.words
    assert not any(effect.edited)
    for one, other in zip(effect.before, effect.after, strict=True):
        np.testing.assert_array_equal(one, other)
    assert effect.finding.count("none changes") == 2


def test_each_word_keeps_its_place_and_all_are_shares_of_the_text_as_it_was(tiny_pair: Sides[Model]) -> None:
    example, target = EXAMPLES[tiny_pair.teacher.task], target_of_all(tiny_pair)
    targeted = {term.word for term in target.terms}
    first, *_, last = (word for word in words_of_all(example.texts) if word not in targeted)
    change = edited(example, [Edit(first, None), Edit(last, "very great")])
    before, after = (
        attributions_of(tiny_pair, example, target),
        attributions_of(tiny_pair, change.after, carry_over(target, change)),
    )
    effect = edit_effect(change, before, after)
    assert [word for word, new in zip(effect.words, effect.edited, strict=True) if new] == [first, last]
    for one, other, left, right in zip(before, after, effect.before, effect.after, strict=True):
        normaliser = one.absolute_sum
        scores = dict(zip(other.words, other.scores.tolist(), strict=True))
        np.testing.assert_allclose(left * normaliser, one.scores)
        assert right[effect.words.index(first)] == 0
        assert right.sum() * normaliser == pytest.approx(sum(scores.values()))
        for word, place, share in zip(effect.words, effect.replacements, right, strict=True):
            assert share * normaliser == pytest.approx(sum(scores[there] for there in place))
            assert word in (first, last) or [there.text for there in place] == [word.text]


def test_what_moves_most_is_told_with_its_numbers(tiny_pairs: dict[str, Sides[Model]]) -> None:
    pair, example = tiny_pairs["sentiment"], EXAMPLES["sentiment"]
    before = attributions_of(pair, example, target_for(pair.teacher)).map(
        lambda one: replace(one, special_tokens_score=10 - float(np.abs(one.scores).sum()))
    )
    change = edited(example, [Edit(Word("old", 4, 7), None)])
    scores = np.array(before.teacher.scores)
    scores[3] += 1.0  # “was”
    moving = before.map(
        lambda one: replace(
            one, words=tuple(word for place in change.places for word in place), scores=np.delete(scores, 1)
        )
    )
    effect = edit_effect(change, Sides(before.teacher, before.teacher), moving)
    first, second = (f"{10 * value:+.0f}%".replace("-", "−") for value in (before.teacher.scores[3], scores[3]))
    assert f"“was” changes most for the teacher ({first} to {second})" in effect.finding


def test_by_layer_shares_are_those_of_conductance_and_add_up_in_each_layer(tiny_pair: Sides[Model]) -> None:
    task = tiny_pair.teacher.task
    target = target_of_all(tiny_pair)
    both = attributions_of(tiny_pair, EXAMPLES[task], target, "Layer conductance")
    flow = layer_flow(both, Sides(target, target))
    for one, shares, special_tokens in zip(both, flow.shares, flow.special_tokens, strict=True):
        totals = np.abs(one.layers).sum(axis=1)
        assert shares.shape == (3, len(flow.words))
        np.testing.assert_allclose(shares[0] * one.absolute_sum, one.scores)
        np.testing.assert_allclose(np.abs(shares).sum(axis=1) + np.abs(special_tokens), 1)
        change = one.score - one.baseline_score
        np.testing.assert_allclose(
            (shares.sum(axis=1) + special_tokens) * totals, change, atol=0.01 * max(abs(change), 0.1) + 1e-6
        )
    output = "[CLS]" if task in ("sentiment", "sentence-pair") else flow.output_words.teacher[0].text
    assert f"through “{output}" in flow.finding


def test_after_the_last_layer_all_passes_where_the_answer_is_read(tiny_pair: Sides[Model]) -> None:
    task, target = tiny_pair.teacher.task, target_of_all(tiny_pair)
    flow = layer_flow(attributions_of(tiny_pair, EXAMPLES[task], target, "Layer conductance"), Sides(target, target))
    read = [flow.words.index(word) for word in flow.output_words.teacher]
    for shares, special_tokens in zip(flow.shares, flow.special_tokens, strict=True):
        np.testing.assert_allclose(np.delete(shares[-1], read), 0, atol=1e-6)
        assert flow.output_words.teacher or abs(special_tokens[-1]) > 0
    assert "in none" not in flow.finding


def test_only_conductance_is_told_by_layer(tiny_pairs: dict[str, Sides[Model]]) -> None:
    pair = tiny_pairs["sentiment"]
    target = target_for(pair.teacher)
    with pytest.raises(ValueError, match="only layer conductance"):
        layer_flow(attributions_of(pair, EXAMPLES["sentiment"], target, "Occlusion"), Sides(target, target))


def test_targets_that_are_read_at_different_words_are_told_apart(tiny_pairs: dict[str, Sides[Model]]) -> None:
    words = words_of_all(EXAMPLES["entities"].texts)
    targets = Sides(entity_target(words[:1], "PER"), entity_target(words[3:4], "LOC"))
    both = Sides(
        *(
            attribute(model, EXAMPLES["entities"], target, "Layer conductance")
            for model, target in zip(tiny_pairs["entities"], targets, strict=True)
        )
    )
    flow = layer_flow(both, targets)
    assert flow.output_words == Sides(words[:1], words[3:4])
    assert f"teacher, “{words[0].text}” " in flow.finding
    assert f"student, “{words[3].text}” " in flow.finding


def test_in_a_linear_model_an_edit_moves_its_own_word_alone(tiny_pairs: dict[str, Sides[Model]]) -> None:
    """A word in the place of another, and all others read as before."""
    model = linear(tiny_pairs["sentiment"].student)
    example, target = EXAMPLES["sentiment"], Target((Term(model.labels[0]),), "first")
    change = edited(example, [Edit(Word("old", 4, 7), "new")])
    effect = edit_effect(
        change,
        attributions_of(Sides(model, model), example, target),
        attributions_of(Sides(model, model), change.after, target),
    )
    apart = np.abs(effect.after.teacher - effect.before.teacher)
    assert apart.argmax() == 1
    np.testing.assert_allclose(np.delete(apart, 1), 0, atol=1e-4)
    assert "none changes for the teacher" in effect.finding
