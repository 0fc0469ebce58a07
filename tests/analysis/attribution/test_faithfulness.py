"""Faithfulness beside a direct loop, and grading as a whole."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
import torch

from analysis.arrays import Array
from analysis.attention.maps import units_of
from analysis.attribution.faithfulness import (
    DRAWS,
    faithfulness_curves,
    most_faithful,
    most_faithful_with_numbers,
    seconds_to_grade,
)
from analysis.attribution.methods import attribute
from analysis.attribution.occlusion import PERTURBATIONS, leave_one_out_drops, removable_units
from analysis.attribution.robustness import robustness
from analysis.attribution.score_function import ScoreFunction
from analysis.errors import AnalysisError
from analysis.inputs.examples import Example
from analysis.inputs.words import words_of
from analysis.models.model import Model
from analysis.models.pairs import Sides
from analysis.predictions.entities import entity_target
from analysis.predictions.heads import predict
from analysis.predictions.resolve import candidate_targets, output_positions
from analysis.predictions.targets import ResolvedTarget, Target, Term
from tests.support.attributed import linear, score_function_for, target_for
from tests.support.tiny import EXAMPLES

ENTITY = entity_target(words_of(EXAMPLES["entities"].text)[3:4], "LOC")  # one word: the others can be deleted


def removable_target(model: Model) -> Target:
    return ENTITY if model.task == "entities" else target_for(model)


def score_by_ids(function: ScoreFunction, ids: Array, segments: Array, target: ResolvedTarget) -> float:
    """One text's score by the whole model, from its ids."""
    given = {"input_ids": torch.tensor(ids)[None]}
    if function.model.architecture == "bert":
        given["token_type_ids"] = torch.tensor(segments)[None]
    with torch.no_grad():
        outputs = function.model.network(**given)
    if "start_logits" in outputs:
        return target.score(torch.cat([outputs.start_logits, outputs.end_logits]).numpy())
    logits = outputs.logits[0].numpy()
    if function.model.task != "fill-mask":
        return target.score(logits)
    whole = len(ids) == len(function.tokens.ids)  # where words are masked, the text's own masks are told from those
    masks = (function.tokens.ids if whole else ids) == function.model.tokenizer.mask_token_id
    return target.score(logits[np.flatnonzero(masks)])


def score_with_masks(function: ScoreFunction, removed: Array) -> float:
    ids = np.where(removed, function.model.tokenizer.mask_token_id, function.tokens.ids)
    return score_by_ids(function, ids, function.tokens.segments, function.target)


def score_of_shorter(function: ScoreFunction, removed: Array) -> float:
    """The tokens that are left as a sequence of their own, and the target's places found in it."""
    place = np.cumsum(~removed) - 1  # where a token has come to

    def moved(at: tuple[int, ...]) -> tuple[int, ...]:
        match function.model.task:
            case "entities":
                return (int(place[at[0]]), at[1])
            case "question-answering":
                return (at[0], int(place[at[1]]))
        return at

    places, foil = (tuple(map(moved, at)) for at in (function.target.logit_indices, function.target.foil))
    target = ResolvedTarget(places, "moved", foil)
    return score_by_ids(function, function.tokens.ids[~removed], function.tokens.segments[~removed], target)


DIRECT = {"[MASK]": score_with_masks, "deletion": score_of_shorter}


def test_every_perturbation_has_a_direct_loop_beside_it() -> None:
    assert DIRECT.keys() == PERTURBATIONS.keys()


@pytest.mark.parametrize("perturbation", PERTURBATIONS)
def test_faithfulness_curves_are_those_of_a_direct_loop(tiny_pair: Sides[Model], side: str, perturbation: str) -> None:
    model = tiny_pair[side]
    target = removable_target(model)
    attributions = [
        attribute(model, EXAMPLES[model.task], target, name) for name in ("Integrated gradients", "Saliency")
    ]
    curves = faithfulness_curves(model, EXAMPLES[model.task], target, attributions, perturbation)
    function = score_function_for(model, target)
    word_ids, units = function.tokens.word_ids, units_of(function.tokens)
    words = [int(word_ids[units[unit][0]]) for unit in removable_units(function, PERTURBATIONS[perturbation])]
    whole = DIRECT[perturbation](function, np.zeros(len(word_ids), dtype=bool))
    alone = [whole - DIRECT[perturbation](function, word_ids == word) for word in words]
    scores = [[one.scores[one.words.index(function.tokens.words[word])] for word in words] for one in attributions]
    for order, values in enumerate((*scores, alone)):
        ranked = [words[place] for place in np.argsort(-np.array(values), kind="stable")]
        for point, share in enumerate(curves.shares):
            first = ranked[: round(share * len(words))]
            removed = np.isin(word_ids, first)
            rest = np.isin(word_ids, words) & ~removed
            assert curves.removed[order, point] == pytest.approx(DIRECT[perturbation](function, removed), abs=1e-4)
            assert curves.kept[order, point] == pytest.approx(DIRECT[perturbation](function, rest), abs=1e-4)


@pytest.mark.parametrize("perturbation", PERTURBATIONS)
def test_leaving_one_out_is_a_direct_loop(tiny_pair: Sides[Model], side: str, perturbation: str) -> None:
    model = tiny_pair[side]
    function = score_function_for(model, removable_target(model))
    drops, score = leave_one_out_drops(function, PERTURBATIONS[perturbation])
    assert score == pytest.approx(DIRECT[perturbation](function, np.zeros(len(function.tokens), dtype=bool)), abs=1e-5)
    for number, unit in enumerate(units_of(function.tokens)):
        removed = np.isin(np.arange(len(function.tokens)), unit)
        expected = (
            score - DIRECT[perturbation](function, removed)
            if number in removable_units(function, PERTURBATIONS[perturbation])
            else 0
        )
        assert drops[number] == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("perturbation", PERTURBATIONS)
def test_all_orders_begin_and_end_alike(tiny_pair: Sides[Model], side: str, perturbation: str) -> None:
    model = tiny_pair[side]
    target = removable_target(model)
    curves = faithfulness_curves(
        model, EXAMPLES[model.task], target, [attribute(model, EXAMPLES[model.task], target)], perturbation
    )
    assert (curves.shares[0], curves.shares[-1]) == (0, 1)
    assert curves.random_removed.shape == (DRAWS, len(curves.shares))
    removed = np.concatenate([curves.removed, curves.random_removed])
    kept = np.concatenate([curves.kept, curves.random_kept])
    np.testing.assert_allclose(removed[:, 0], curves.score, atol=1e-5)
    np.testing.assert_allclose(kept[:, -1], curves.score, atol=1e-5)
    np.testing.assert_allclose(removed[:, -1], kept[0, 0], atol=1e-5)
    low, mean, high = curves.random_comprehensiveness
    assert low <= mean <= high


def test_in_a_linear_model_no_order_beats_the_attributions(tiny_pairs: dict[str, Sides[Model]]) -> None:
    model = linear(tiny_pairs["sentiment"].student)
    target = Target((Term(model.labels[0]),), "first")
    attributions = [attribute(model, EXAMPLES["sentiment"], target, "Integrated gradients", "[MASK]")]
    curves = faithfulness_curves(model, EXAMPLES["sentiment"], target, attributions, "[MASK]")
    assert (curves.removed[0] <= curves.random_removed.min(axis=0) + 1e-4).all()
    assert (curves.kept[0] >= curves.random_kept.max(axis=0) - 1e-4).all()
    np.testing.assert_allclose(curves.removed[0], curves.removed[1], atol=1e-4)  # leave one out, which is exact here
    assert curves.comprehensiveness[0] >= curves.random_comprehensiveness[2]
    assert curves.sufficiency[0] <= curves.random_sufficiency[0]
    assert most_faithful_with_numbers(curves).startswith("Integrated gradients: removing its top words")
    assert most_faithful(Sides(curves, curves)) == "Most faithful here, in both models: Integrated gradients."


def test_what_the_target_is_read_from_is_not_deleted(tiny_pair: Sides[Model], side: str) -> None:
    model = tiny_pair[side]
    function = score_function_for(model, removable_target(model))
    positions = set(output_positions(function.target, model, function.tokens))
    units = units_of(function.tokens)
    assert not positions & {
        token for unit in removable_units(function, PERTURBATIONS["deletion"]) for token in units[unit]
    }
    assert set(removable_units(function, PERTURBATIONS["deletion"])) <= set(
        removable_units(function, PERTURBATIONS["[MASK]"])
    )


def test_where_no_word_can_go_the_reader_is_told(tiny_pairs: dict[str, Sides[Model]]) -> None:
    model, example = tiny_pairs["entities"].teacher, Example("entities", "paris")
    target = entity_target(words_of("paris"), "LOC")
    with pytest.raises(AnalysisError, match="No word can be removed without the target itself"):
        faithfulness_curves(model, example, target, [], "deletion")
    with pytest.raises(AnalysisError, match="no perturbation called “burning”; there are \\[MASK\\], deletion"):
        faithfulness_curves(model, example, target, [], "burning")


def test_attributions_of_another_target_are_refused(tiny_pairs: dict[str, Sides[Model]]) -> None:
    model = tiny_pairs["sentiment"].teacher
    one, other = candidate_targets(predict(model, EXAMPLES["sentiment"]))
    with pytest.raises(ValueError, match="attributes “"):
        faithfulness_curves(model, EXAMPLES["sentiment"], one, [attribute(model, EXAMPLES["sentiment"], other)])


def test_eight_threads_grade_as_one(tiny_pairs: dict[str, Sides[Model]]) -> None:
    example = EXAMPLES["sentiment"]
    target = Target((Term("POSITIVE"),), "positive")

    def graded(job: tuple[Model, str]) -> tuple[Any, ...]:
        model, perturbation = job
        attributions = [attribute(model, example, target, name) for name in ("Occlusion", "Saliency")]
        curves = faithfulness_curves(model, example, target, attributions, perturbation)
        return curves.removed.tobytes(), curves.random_kept.tobytes(), robustness(model, example, target, "Saliency")

    jobs = [(model, perturbation) for model in tiny_pairs["sentiment"] for perturbation in PERTURBATIONS] * 2
    alone = [graded(job) for job in jobs]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(graded, jobs)) == alone


def test_grading_tells_its_progress_and_can_be_stopped(tiny_pairs: dict[str, Sides[Model]], side: str) -> None:
    model = tiny_pairs["sentiment"][side]
    shares: list[Any] = []
    attributions = [attribute(model, EXAMPLES["sentiment"], target_for(model))]
    faithfulness_curves(model, EXAMPLES["sentiment"], target_for(model), attributions, progress=shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1

    def stop(share: float) -> None:
        raise KeyboardInterrupt

    for grade in (
        lambda: faithfulness_curves(model, EXAMPLES["sentiment"], target_for(model), attributions, progress=stop),
        lambda: robustness(model, EXAMPLES["sentiment"], target_for(model), "Saliency", progress=stop),
    ):
        with pytest.raises(KeyboardInterrupt):
            grade()
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(model.lock.acquire, timeout=1).result()
        pool.submit(model.lock.release).result()


def test_grading_is_said_to_take_longer_of_longer_texts_and_larger_models() -> None:
    assert seconds_to_grade(12, 30_000_000) == 30
    assert seconds_to_grade(24, 30_000_000) == 50
    assert seconds_to_grade(12, 300_000_000) == 300
