"""What is asked holds for both models: it is said in words, and found in each model's own logits."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from analysis.arrays import Array
from analysis.errors import AnalysisError
from analysis.inputs.words import Word, words_of
from analysis.models.forward import read
from analysis.models.model import Model, load
from analysis.models.pairs import Checkpoint, Sides
from analysis.models.tokens import Tokens, tokenize
from analysis.predictions.entities import Entities, Entity, entity_target, entity_types, name_by_label
from analysis.predictions.fill_mask import piece_at_mask, piece_target
from analysis.predictions.heads import predict
from analysis.predictions.question_answering import ANSWER_PARTS, SpanPredictions, part_of_answer, span_target
from analysis.predictions.resolve import (
    candidate_targets,
    candidates_of_both,
    default_target,
    foils,
    output_positions,
    own_targets,
    resolve,
    resolve_prediction,
)
from analysis.predictions.targets import ResolvedTarget, Target, Term, contrast, with_distinct_names
from tests.support.tiny import CONTEXT, EXAMPLES, LABELS, tiny_checkpoint


def asked(model: Model) -> tuple[Any, Tokens, Array]:
    example = EXAMPLES[model.task]
    (tokens,), (reading,) = tokenize(model, example), read(model, example)
    return predict(model, example), tokens, reading.logits


def test_everything_that_can_be_asked_is_found_in_both_models(tiny_pair: Sides[Model]) -> None:
    targets = candidate_targets(predict(tiny_pair.teacher, EXAMPLES[tiny_pair.teacher.task]))
    assert len({target.name for target in targets}) == len(targets)
    for model in tiny_pair:
        _, tokens, logits = asked(model)
        for target in targets:
            resolved_target = resolve(target, model, tokens)
            assert resolved_target.name == target.name
            assert np.isfinite(resolved_target.score(logits))


def test_what_a_prediction_says_comes_first(tiny_pair: Sides[Model], side: str) -> None:
    model = tiny_pair[side]
    prediction, tokens, _ = asked(model)
    assert default_target(prediction) in candidate_targets(prediction)
    assert resolve_prediction(prediction, model, tokens) == resolve(default_target(prediction), model, tokens)


def test_one_label_rather_than_another_is_the_difference_of_their_log_odds(
    tiny_pairs: dict[str, Sides[Model]], side: str
) -> None:
    model = tiny_pairs["sentence-pair"][side]
    prediction, tokens, logits = asked(model)
    one, other, _ = candidate_targets(prediction)
    score = resolve(contrast(one, other), model, tokens).score(logits)
    odds = prediction.probabilities[0] / prediction.probabilities[1]
    assert score == pytest.approx(np.log(odds), abs=1e-5)


def test_a_candidate_is_asked_for_in_its_own_mask(tiny_pairs: dict[str, Sides[Model]], side: str) -> None:
    model = tiny_pairs["fill-mask"][side]
    prediction, tokens, logits = asked(model)
    for number, mask in enumerate(prediction.masks):
        resolved_target = resolve(piece_target("dog", mask), model, tokens)
        assert resolved_target.score(logits) == logits[number, prediction.vocabulary.index("dog")]


def test_a_candidate_is_found_in_the_models_own_spelling(tiny_pairs: dict[str, Sides[Model]], side: str) -> None:
    model = tiny_pairs["fill-mask"][side]
    prediction, tokens, _ = asked(model)
    upper, lower = (resolve(piece_target(word, prediction.masks[0]), model, tokens) for word in ("Paris", "paris"))
    assert upper.logit_indices == lower.logit_indices
    with pytest.raises(AnalysisError, match="has no word piece “Quito”: choose another target."):
        resolve(piece_target("Quito", prediction.masks[0]), model, tokens)


def test_an_entity_is_a_tag_for_the_first_piece_of_each_word(
    tiny_pairs: dict[str, Sides[Model]], cased_student: Model
) -> None:
    words = words_of(CONTEXT)[:2]
    for model in (*tiny_pairs["entities"], cased_student):
        _, tokens, _ = asked(model)
        resolved_target = resolve(entity_target(words, "PER"), model, tokens)
        labels = LABELS["entities"]
        firsts = [int(np.flatnonzero(tokens.word_ids == word)[0]) for word in (0, 1)]
        assert resolved_target.logit_indices == ((firsts[0], labels.index("B-PER")), (firsts[1], labels.index("I-PER")))
        none = resolve(contrast(entity_target(words, "PER"), entity_target(words, "O")), model, tokens)
        assert none.foil == ((firsts[0], 0), (firsts[1], 0))


def test_an_entity_type_is_found_where_its_tags_are_named_otherwise(tmp_path: Path) -> None:
    tiny_checkpoint(tmp_path, "bert", "entities", labels=("O", "I-PER", "LOC"))
    model = load(Checkpoint(str(tmp_path), "bert"), "entities")
    _, tokens, _ = asked(model)
    words = words_of(CONTEXT)[:1]
    assert resolve(entity_target(words, "PER"), model, tokens).logit_indices == ((1, 1),)
    assert resolve(entity_target(words, "LOC"), model, tokens).logit_indices == ((1, 2),)
    with pytest.raises(AnalysisError, match="has no label “ORG”"):
        resolve(entity_target(words, "ORG"), model, tokens)


def test_start_and_end_add_up_to_the_stretch(tiny_pairs: dict[str, Sides[Model]], side: str) -> None:
    model = tiny_pairs["question-answering"][side]
    prediction, tokens, logits = asked(model)
    span_target, start, end = (
        resolve(part_of_answer(default_target(prediction), key), model, tokens) for key in ANSWER_PARTS
    )
    assert start.score(logits) + end.score(logits) == pytest.approx(span_target.score(logits), abs=1e-6)
    assert start.logit_indices == span_target.logit_indices[:1]
    assert end.logit_indices == span_target.logit_indices[1:]


def test_no_answer_is_at_cls(tiny_pairs: dict[str, Sides[Model]], side: str) -> None:
    model = tiny_pairs["question-answering"][side]
    prediction, tokens, _ = asked(model)
    silent = SpanPredictions(prediction.words, prediction.answers, prediction.starts, prediction.ends, 1.0, 1)
    resolved_target = resolve_prediction(silent, model, tokens)
    assert resolved_target == ResolvedTarget(((0, 0), (1, 0)), "no answer")
    assert output_positions(resolved_target, model, tokens) == (0,)


def test_many_rows_score_as_each_alone(tiny_pair: Sides[Model], side: str) -> None:
    model = tiny_pair[side]
    prediction, tokens, logits = asked(model)
    targets = candidate_targets(prediction)
    resolved_target = resolve(contrast(targets[0], targets[-1]), model, tokens)
    rows = np.stack([logits, 2 * logits, -logits])
    expected = [resolved_target.score(row) for row in rows]
    np.testing.assert_allclose(resolved_target.scores(rows), expected, atol=1e-5)
    np.testing.assert_allclose(resolved_target.scores(torch.tensor(rows)).numpy(), expected, atol=1e-5)


def test_a_target_is_read_from_the_tokens_of_its_places(tiny_pair: Sides[Model], side: str) -> None:
    model = tiny_pair[side]
    prediction, tokens, _ = asked(model)
    resolved_target = resolve_prediction(prediction, model, tokens)
    places = output_positions(resolved_target, model, tokens)
    match model.task:
        case "sentiment" | "sentence-pair":
            assert places == (0,)
        case "fill-mask":
            assert [tokens.pieces[place] for place in places] == ["[MASK]"]
        case "entities":
            assert set(places) == {place for place, _ in resolved_target.logit_indices}
        case "question-answering":
            assert set(places) == {place for _, place in resolved_target.logit_indices}


def test_a_word_of_another_text_is_a_programmers_mistake(tiny_pairs: dict[str, Sides[Model]]) -> None:
    model = tiny_pairs["entities"].teacher
    _, tokens, _ = asked(model)
    with pytest.raises(ValueError, match="is about a word of another text"):
        resolve(Target((Term("O", Word("Rome", 0, 4)),), "Rome"), model, tokens)


def test_both_models_answers_are_offered_the_teachers_first(tiny_pair: Sides[Model]) -> None:
    """Each with a name of its own, and found in both models."""
    example = EXAMPLES[tiny_pair.teacher.task]
    predictions = tiny_pair.map(lambda model: predict(model, example))
    targets = candidates_of_both(predictions)
    assert targets[0] == default_target(predictions.teacher)
    assert len({target.name for target in targets}) == len({target.terms for target in targets}) == len(targets)
    assert {target.terms for side in predictions for target in candidate_targets(side)} <= {
        target.terms for target in targets
    }
    for model in tiny_pair:
        _, tokens, logits = asked(model)
        assert all(np.isfinite(resolve(target, model, tokens).score(logits)) for target in targets)


def test_what_an_aim_is_held_against_is_answered_in_the_same_place(tiny_pair: Sides[Model]) -> None:
    """So that one rather than the other is a difference of logits that share their softmax."""
    prediction, tokens, _ = asked(tiny_pair.teacher)
    predictions = tiny_pair.map(lambda model: predict(model, EXAMPLES[model.task]))
    targets = candidates_of_both(predictions)
    for target in targets:
        others = foils(target, targets, prediction)
        assert target.terms not in {other.terms for other in others}
        for other in others:
            resolved_target = resolve(contrast(target, other), tiny_pair.teacher, tokens)
            if isinstance(prediction, SpanPredictions):
                assert [place[0] for place in resolved_target.logit_indices] == [
                    place[0] for place in resolved_target.foil
                ]
            else:
                assert [place[:-1] for place in resolved_target.logit_indices] == [
                    place[:-1] for place in resolved_target.foil
                ]
    if tiny_pair.teacher.task != "entities":
        assert foils(targets[0], targets, prediction)


def test_an_entity_is_held_against_every_other_type_and_against_none(tiny_pairs: dict[str, Sides[Model]]) -> None:
    prediction, _, _ = asked(tiny_pairs["entities"].teacher)
    words = words_of(CONTEXT)[:2]
    others = foils(entity_target(words, "PER"), (), prediction)
    assert entity_types(prediction) == ("O", "PER", "ORG", "LOC", "MISC")
    assert others == tuple(entity_target(words, kind) for kind in ("O", "ORG", "LOC", "MISC"))
    assert others[0].name == "mary lives (no entity)"
    nothing = Target(tuple(Term("O", word) for word in words_of(CONTEXT)), "no entity")
    assert foils(nothing, (), prediction) == ()


def test_a_piece_of_the_readers_own_goes_into_the_mask_it_is_meant_for(tiny_pairs: dict[str, Sides[Model]]) -> None:
    prediction, _, _ = asked(tiny_pairs["fill-mask"].teacher)
    first, second = (piece_at_mask(prediction, mask, "dog") for mask in (0, 1))
    assert (first.name, second.name) == ("dog", "dog in mask 2")
    assert [target.terms[0].word for target in (first, second)] == list(prediction.masks)
    assert {other.terms[0].word for other in foils(second, candidate_targets(prediction), prediction)} == {
        prediction.masks[1]
    }


def test_the_same_words_in_two_places_have_two_names() -> None:
    words = words_of("paris and paris")
    here, there = span_target(words[:1]), span_target(words[2:])
    assert [target.name for target in with_distinct_names([here, there, here])] == ["paris", "paris · 2"]


def found(model: Model, *entities: tuple[str, str]) -> Entities:
    """What a model would find in the context if it found these entities, each (type, words)."""
    words = words_of(CONTEXT)
    tags = ["O"] * len(words)
    for kind, text in entities:
        first = CONTEXT.split().index(text.split()[0])
        for place in range(len(text.split())):
            tags[first + place] = ("I-" if place else "B-") + kind
    probabilities = np.eye(len(model.labels))[[model.labels.index(tag) for tag in tags]]
    spans = [(kind, CONTEXT.index(text), text) for kind, text in entities]
    read = tuple(Entity(kind, text, start, start + len(text), 1.0) for kind, start, text in spans)
    return Entities(words, model.labels, probabilities, read)


@pytest.mark.parametrize(
    ("teacher", "student", "names"),
    [
        ([("PER", "mary"), ("LOC", "paris")], [("PER", "mary"), ("LOC", "paris")], ("mary (person)", "mary (person)")),
        (
            [("PER", "mary"), ("LOC", "paris")],
            [("PER", "mary"), ("ORG", "paris")],
            ("paris (place)", "paris (organisation)"),
        ),
        ([("PER", "mary lives")], [("PER", "mary")], ("mary lives (person)", "mary (person)")),
        ([("PER", "mary")], [("PER", "mary"), ("LOC", "paris")], ("paris (no entity)", "paris (place)")),
        ([("LOC", "paris")], [("PER", "mary")], ("mary (no entity)", "mary (person)")),
        ([("LOC", "paris")], [], ("paris (place)", "paris (no entity)")),
        ([], [], ("no entity", "no entity")),
    ],
)
def test_the_own_answers_are_about_the_first_words_that_two_models_tag_otherwise(
    tiny_pairs: dict[str, Sides[Model]],
    teacher: list[tuple[str, str]],
    student: list[tuple[str, str]],
    names: tuple[str, str],
) -> None:
    pairs = zip(tiny_pairs["entities"], (teacher, student), strict=True)
    own = own_targets(Sides(*(found(model, *entities) for model, entities in pairs)))
    assert tuple(target.name for target in own) == names


def test_types_are_words_for_readers_and_labels_in_links(tiny_pairs: dict[str, Sides[Model]]) -> None:
    target, _ = candidate_targets(found(tiny_pairs["entities"].teacher, ("LOC", "paris"), ("PER", "mary")))
    assert (target.name, name_by_label(target)) == ("paris (place)", "paris (LOC)")
    assert name_by_label(entity_target(words_of("paris"), "O")) == "paris (no entity)"


def test_types_that_readers_call_alike_stay_apart() -> None:
    labels = ("O", "B-geo", "B-loc", "B-per")
    prediction = Entities(words_of("paris"), labels, np.eye(4)[[3]], (Entity("per", "paris", 0, 5, 1.0),))
    others = foils(candidate_targets(prediction)[0], (), prediction)
    assert [other.name for other in others] == ["paris (no entity)", "paris (place)", "paris (place) · 2"]


def test_the_own_answers_are_those_of_the_first_mask_that_two_models_fill_otherwise(
    tiny_pairs: dict[str, Sides[Model]],
) -> None:
    prediction, _, _ = asked(tiny_pairs["fill-mask"].teacher)
    first, second = prediction.probabilities
    turned = replace(prediction, probabilities=np.stack([first, second[::-1]]))
    own = own_targets(Sides(prediction, turned))
    assert own == Sides(
        *(piece_at_mask(each, 1, each.best(1, 1)[0][0]) for each in (prediction, turned)),
    )
    assert own.teacher != own.student
    same = own_targets(Sides(prediction, prediction))
    assert same.teacher == same.student == default_target(prediction)


def test_the_own_answers_are_what_each_model_says_under_two_names(tiny_pair: Sides[Model]) -> None:
    predictions = tiny_pair.map(lambda model: predict(model, EXAMPLES[model.task]))
    own = own_targets(predictions)
    agree = predictions.teacher.answer_key == predictions.student.answer_key
    assert (own.teacher.terms == own.student.terms) == (own.teacher.name == own.student.name) == agree
