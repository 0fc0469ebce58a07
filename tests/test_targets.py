"""What is asked holds for both models: it is said in words, and found in each model's own logits."""

import numpy as np
import pytest
import torch
from tiny import CONTEXT, EXAMPLES, LABELS, tiny_checkpoint

from analysis.errors import AnalysisError
from analysis.inputs.words import Word, words_of
from analysis.models.forward import read
from analysis.models.model import load
from analysis.models.pairs import Checkpoint
from analysis.models.tokens import tokenize
from analysis.predictions.heads import predict
from analysis.predictions.resolve import Target, read_from, resolved, target_of
from analysis.predictions.targets import (
    PARTS,
    Aim,
    Claim,
    aim_of,
    aims_of,
    apart,
    candidate,
    entity,
    kinds,
    offered,
    part,
    piece_in,
    rather,
    rivals,
    stretch,
)
from analysis.predictions.values import Answers


def asked(model):
    example = EXAMPLES[model.task]
    (tokens,), (reading,) = tokenize(model, example), read(model, example)
    return predict(model, example), tokens, reading.logits


def test_everything_that_can_be_asked_is_found_in_both_models(tiny_pair):
    aims = aims_of(predict(tiny_pair.teacher, EXAMPLES[tiny_pair.teacher.task]))
    assert len({aim.name for aim in aims}) == len(aims)
    for model in tiny_pair:
        _, tokens, logits = asked(model)
        for aim in aims:
            target = resolved(aim, model, tokens)
            assert target.name == aim.name
            assert np.isfinite(target.score(logits))


def test_what_a_prediction_says_comes_first(tiny_pair, side):
    model = getattr(tiny_pair, side)
    prediction, tokens, _ = asked(model)
    assert aim_of(prediction) in aims_of(prediction)
    assert target_of(prediction, model, tokens) == resolved(aim_of(prediction), model, tokens)


def test_one_label_rather_than_another_is_the_difference_of_their_log_odds(tiny_pairs, side):
    model = getattr(tiny_pairs["sentence-pair"], side)
    prediction, tokens, logits = asked(model)
    one, other, _ = aims_of(prediction)
    score = resolved(rather(one, other), model, tokens).score(logits)
    odds = prediction.probabilities[0] / prediction.probabilities[1]
    assert score == pytest.approx(np.log(odds), abs=1e-5)


def test_a_candidate_is_asked_for_in_its_own_mask(tiny_pairs, side):
    model = getattr(tiny_pairs["fill-mask"], side)
    prediction, tokens, logits = asked(model)
    for number, mask in enumerate(prediction.masks):
        target = resolved(candidate("dog", mask), model, tokens)
        assert target.score(logits) == logits[number, prediction.vocabulary.index("dog")]


def test_a_candidate_is_found_in_the_models_own_spelling(tiny_pairs, side):
    model = getattr(tiny_pairs["fill-mask"], side)
    prediction, tokens, _ = asked(model)
    upper, lower = (resolved(candidate(word, prediction.masks[0]), model, tokens) for word in ("Paris", "paris"))
    assert upper.places == lower.places
    with pytest.raises(AnalysisError, match="has no word piece “Quito”: choose another target."):
        resolved(candidate("Quito", prediction.masks[0]), model, tokens)


def test_an_entity_is_a_tag_for_the_first_piece_of_each_word(tiny_pairs, cased_student):
    words = words_of(CONTEXT)[:2]
    for model in (*tiny_pairs["entities"], cased_student):
        _, tokens, _ = asked(model)
        target = resolved(entity(words, "PER"), model, tokens)
        labels = LABELS["entities"]
        firsts = [int(np.flatnonzero(tokens.word_ids == word)[0]) for word in (0, 1)]
        assert target.places == ((firsts[0], labels.index("B-PER")), (firsts[1], labels.index("I-PER")))
        none = resolved(rather(entity(words, "PER"), entity(words, "O")), model, tokens)
        assert none.against == ((firsts[0], 0), (firsts[1], 0))


def test_an_entity_type_is_found_where_its_tags_are_named_otherwise(tmp_path):
    tiny_checkpoint(tmp_path, "bert", "entities", labels=("O", "I-PER", "LOC"))
    model = load(Checkpoint(str(tmp_path), "bert"), "entities")
    _, tokens, _ = asked(model)
    words = words_of(CONTEXT)[:1]
    assert resolved(entity(words, "PER"), model, tokens).places == ((1, 1),)
    assert resolved(entity(words, "LOC"), model, tokens).places == ((1, 2),)
    with pytest.raises(AnalysisError, match="has no label “B-ORG”"):
        resolved(entity(words, "ORG"), model, tokens)


def test_start_and_end_add_up_to_the_stretch(tiny_pairs, side):
    model = getattr(tiny_pairs["question-answering"], side)
    prediction, tokens, logits = asked(model)
    stretch, start, end = (resolved(part(aim_of(prediction), key), model, tokens) for key in PARTS)
    assert start.score(logits) + end.score(logits) == pytest.approx(stretch.score(logits), abs=1e-6)
    assert start.places == stretch.places[:1]
    assert end.places == stretch.places[1:]


def test_no_answer_is_at_cls(tiny_pairs, side):
    model = getattr(tiny_pairs["question-answering"], side)
    prediction, tokens, _ = asked(model)
    silent = Answers(prediction.words, prediction.answers, prediction.starts, prediction.ends, 1.0, 1)
    target = target_of(silent, model, tokens)
    assert target == Target(((0, 0), (1, 0)), "no answer")
    assert read_from(target, model, tokens) == (0,)


def test_many_rows_score_as_each_alone(tiny_pair, side):
    model = getattr(tiny_pair, side)
    prediction, tokens, logits = asked(model)
    aims = aims_of(prediction)
    target = resolved(rather(aims[0], aims[-1]), model, tokens)
    rows = np.stack([logits, 2 * logits, -logits])
    expected = [target.score(row) for row in rows]
    np.testing.assert_allclose(target.scores(rows), expected, atol=1e-5)
    np.testing.assert_allclose(target.scores(torch.tensor(rows)).numpy(), expected, atol=1e-5)


def test_a_target_is_read_from_the_tokens_of_its_places(tiny_pair, side):
    model = getattr(tiny_pair, side)
    prediction, tokens, _ = asked(model)
    target = target_of(prediction, model, tokens)
    places = read_from(target, model, tokens)
    match model.task:
        case "sentiment" | "sentence-pair":
            assert places == (0,)
        case "fill-mask":
            assert [tokens.pieces[place] for place in places] == ["[MASK]"]
        case "entities":
            assert set(places) == {place for place, _ in target.places}
        case "question-answering":
            assert set(places) == {place for _, place in target.places}


def test_a_word_of_another_text_is_a_programmers_mistake(tiny_pairs):
    model = tiny_pairs["entities"].teacher
    _, tokens, _ = asked(model)
    with pytest.raises(ValueError, match="is about a word of another text"):
        resolved(Aim((Claim("O", Word("Rome", 0, 4)),), "Rome"), model, tokens)


def test_both_models_answers_are_offered_the_teachers_first(tiny_pair):
    """Each with a name of its own, and found in both models."""
    example = EXAMPLES[tiny_pair.teacher.task]
    predictions = tiny_pair.map(lambda model: predict(model, example))
    aims = offered(predictions)
    assert aims[0] == aim_of(predictions.teacher)
    assert len({aim.name for aim in aims}) == len({aim.claims for aim in aims}) == len(aims)
    assert {aim.claims for side in predictions for aim in aims_of(side)} <= {aim.claims for aim in aims}
    for model in tiny_pair:
        _, tokens, logits = asked(model)
        assert all(np.isfinite(resolved(aim, model, tokens).score(logits)) for aim in aims)


def test_what_an_aim_is_held_against_is_answered_in_the_same_place(tiny_pair):
    """So that one rather than the other is a difference of logits that share their softmax."""
    prediction, tokens, _ = asked(tiny_pair.teacher)
    predictions = tiny_pair.map(lambda model: predict(model, EXAMPLES[model.task]))
    aims = offered(predictions)
    for aim in aims:
        others = rivals(aim, aims, prediction)
        assert aim.claims not in {other.claims for other in others}
        for other in others:
            target = resolved(rather(aim, other), tiny_pair.teacher, tokens)
            if isinstance(prediction, Answers):
                assert [place[0] for place in target.places] == [place[0] for place in target.against]
            else:
                assert [place[:-1] for place in target.places] == [place[:-1] for place in target.against]
    if tiny_pair.teacher.task != "entities":
        assert rivals(aims[0], aims, prediction)


def test_an_entity_is_held_against_every_other_type_and_against_none(tiny_pairs):
    prediction, _, _ = asked(tiny_pairs["entities"].teacher)
    words = words_of(CONTEXT)[:2]
    others = rivals(entity(words, "PER"), (), prediction)
    assert kinds(prediction) == ("O", "PER", "ORG", "LOC", "MISC")
    assert others == tuple(entity(words, kind) for kind in ("O", "ORG", "LOC", "MISC"))
    assert others[0].name == "mary lives (no entity)"
    nothing = Aim(tuple(Claim("O", word) for word in words_of(CONTEXT)), "no entity")
    assert rivals(nothing, (), prediction) == ()


def test_a_piece_of_the_readers_own_goes_into_the_mask_it_is_meant_for(tiny_pairs):
    prediction, _, _ = asked(tiny_pairs["fill-mask"].teacher)
    first, second = (piece_in(prediction, mask, "dog") for mask in (0, 1))
    assert (first.name, second.name) == ("dog", "dog in mask 2")
    assert [aim.claims[0].word for aim in (first, second)] == list(prediction.masks)
    assert {other.claims[0].word for other in rivals(second, aims_of(prediction), prediction)} == {prediction.masks[1]}


def test_the_same_words_in_two_places_have_two_names():
    words = words_of("paris and paris")
    here, there = stretch(words[:1]), stretch(words[2:])
    assert [aim.name for aim in apart([here, there, here])] == ["paris", "paris · 2"]
