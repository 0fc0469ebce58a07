"""Quality measures of attributions: faithfulness beside a direct loop, agreement beside SciPy, and robustness."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from scipy import stats

from analysis.arrays import Array
from analysis.attention.answer_flow import answer_flow
from analysis.attention.maps import units_of
from analysis.attribution.agreement import Agreement, agreement, baseline_agreement, beside_answer_flow
from analysis.attribution.baselines import BASELINES
from analysis.attribution.faithfulness import (
    DRAWS,
    faithfulness_curves,
    most_faithful,
    most_faithful_with_numbers,
    seconds_to_grade,
)
from analysis.attribution.methods import METHODS, attribute
from analysis.attribution.occlusion import PERTURBATIONS, leave_one_out_drops, removable_units
from analysis.attribution.robustness import robustness
from analysis.attribution.score_function import ScoreFunction
from analysis.errors import AnalysisError
from analysis.inputs.examples import Example
from analysis.inputs.words import words_of
from analysis.models.forward import trace
from analysis.models.model import Model
from analysis.models.pairs import Sides
from analysis.models.tokens import tokenize
from analysis.predictions.entities import entity_target
from analysis.predictions.heads import predict
from analysis.predictions.resolve import candidate_targets, default_target, output_positions
from analysis.predictions.targets import ResolvedTarget, Target, Term
from analysis.statistics import Estimate, kendall, spearman
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
    masks = function.tokens.ids == function.model.tokenizer.mask_token_id
    at = (
        np.flatnonzero(masks)
        if len(ids) == len(masks)
        else np.flatnonzero(ids == function.model.tokenizer.mask_token_id)
    )
    return target.score(logits[at] if function.model.task == "fill-mask" else logits)


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


@pytest.mark.parametrize("measure", ["spearman", "kendall"])
@pytest.mark.parametrize("tied", [False, True])
def test_rank_correlations_are_scipys_also_where_words_are_drawn_repeatedly(measure: str, tied: bool) -> None:
    ours, scipys = {"spearman": (spearman, stats.spearmanr), "kendall": (kendall, stats.kendalltau)}[measure]
    generator = np.random.default_rng(1)
    one, other = generator.normal(size=(2, 12)).round(0 if tied else 9)
    weights = generator.multinomial(12, np.full(12, 1 / 12), size=20).astype(float)
    expected = [scipys(np.repeat(one, row.astype(int)), np.repeat(other, row.astype(int))).statistic for row in weights]
    np.testing.assert_allclose(ours(one, other, weights), expected, atol=1e-9)


def agreeing(tiny_pair: Sides[Model], change: Callable[[Array], Array] = lambda scores: scores) -> Agreement:
    attribution = attribute(tiny_pair.teacher, EXAMPLES[tiny_pair.teacher.task], target_for(tiny_pair.teacher))
    return agreement(Sides(attribution, replace(attribution, scores=change(attribution.scores))))


def test_an_attribution_agrees_with_itself_and_not_with_its_opposite(tiny_pair: Sides[Model]) -> None:
    same, opposite = agreeing(tiny_pair), agreeing(tiny_pair, np.negative)
    assert same.spearman.value == same.kendall.value == pytest.approx(1)
    assert opposite.spearman.value == opposite.kendall.value == pytest.approx(-1)
    assert same.overlap == opposite.overlap == same.top
    np.testing.assert_array_equal(same.shares.teacher, same.shares.student)
    assert "ranks the words much as the teacher does (Spearman 1.00" in same.ranking
    assert "against the teacher" in opposite.ranking


def test_agreement_says_what_the_two_models_share_and_where_they_differ(tiny_pair: Sides[Model]) -> None:
    target = target_for(tiny_pair.teacher)
    attributions = tiny_pair.map(lambda model: attribute(model, EXAMPLES[model.task], target))
    found = agreement(attributions)
    gaps = np.abs(found.shares.teacher - found.shares.student)[list(found.differing)]
    assert (np.diff(gaps) <= 0).all()
    assert sorted(found.differing) == list(range(len(found.words)))
    for one, measure in ((found.spearman, stats.spearmanr), (found.kendall, stats.kendalltau)):
        assert isinstance(one, Estimate)
        assert one.value == pytest.approx(measure(*found.shares).statistic)
        assert -1 <= one.low <= one.value <= one.high <= 1
    tops = found.shares.map(lambda shares: set(np.argsort(-np.abs(shares))[: found.top].tolist()))
    assert found.overlap == len(tops.teacher & tops.student)
    assert f"“{found.words[found.differing[0]].text}”" in found.finding


def test_shares_of_both_are_of_the_same_kind(tiny_pairs: dict[str, Sides[Model]]) -> None:
    attribution = attribute(
        tiny_pairs["sentiment"].teacher, EXAMPLES["sentiment"], target_for(tiny_pairs["sentiment"].teacher)
    )
    doubled = replace(
        attribution, scores=2 * attribution.scores, special_tokens_score=2 * attribution.special_tokens_score
    )
    for changed in (doubled, replace(doubled, tolerance_kind="absolute"), replace(doubled, score=9.0)):
        both = agreement(Sides(attribution, changed))
        np.testing.assert_allclose(both.shares.teacher, both.shares.student)
        np.testing.assert_allclose(both.shares.teacher, attribution.shares)


@pytest.mark.parametrize(
    ("teacher", "student", "targets", "finding"),
    [
        (
            *((3.0, -1.0, 0.0), (2.0, 1.0, 1.0), ("good", "good")),
            "Both rest mainly on “the” (teacher +75%, student +50%). They differ most on “old”: teacher -25%, student "
            "+25%.",
        ),
        (
            *((3.0, -1.0, 0.0), (1.0, 2.0, 1.0), ("good", "good")),
            "“good” rests mainly on “the” in the teacher (+75%) and on “old” in the student (+50%). They differ most "
            "on “old”: teacher -25%, student +50%.",
        ),
        (
            *((3.0, -1.0, 0.0), (1.0, 2.0, -1.0), ("good", "bad")),
            "The teacher's “good” rests mainly on “the” (+75%), the student's “bad” on “old” (+50%).",
        ),
        (
            *((3.0, -1.0, 0.0), (2.0, -1.0, -1.0), ("good", "bad")),
            "Both answers rest mainly on “the” (teacher +75%, student +50%).",
        ),
        (*((3.0, -1.0, 0.0), (-2.0, -1.0, -1.0), ("good", "bad")), "No word speaks for it in the student."),
    ],
)
def test_the_finding_names_what_each_answer_rests_on(
    tiny_pairs: dict[str, Sides[Model]],
    teacher: tuple[float, ...],
    student: tuple[float, ...],
    targets: tuple[str, str],
    finding: str,
) -> None:
    attribution = attribute(
        tiny_pairs["sentiment"].teacher, EXAMPLES["sentiment"], target_for(tiny_pairs["sentiment"].teacher)
    )
    words = words_of("the old film")
    found = agreement(
        Sides(
            *(
                replace(
                    attribution,
                    words=words,
                    scores=np.array(scores),
                    special_tokens_score=0.0,
                    target=replace(attribution.target, name=target),
                )
                for scores, target in zip((teacher, student), targets, strict=True)
            )
        )
    )
    assert found.finding == finding
    assert found.about_one_target == (targets[0] == targets[1])


def test_of_two_targets_no_correlation_is_told(tiny_pair: Sides[Model]) -> None:
    one = attribute(tiny_pair.teacher, EXAMPLES[tiny_pair.teacher.task], target_for(tiny_pair.teacher))
    other = replace(one, target=replace(one.target, name="another"))
    found = agreement(Sides(one, other))
    assert (found.spearman, found.kendall) == (None, None)
    assert found.ranking.startswith("Each model is explained for its own answer")
    assert "Spearman" not in found.ranking
    assert f"{found.top} are the same" in found.ranking


def test_models_that_cut_words_otherwise_meet_on_words(
    tiny_pairs: dict[str, Sides[Model]], cased_student: Model
) -> None:
    example, target = (
        Example("entities", "Unforgettable Mary lives in Paris."),
        entity_target(words_of("Unforgettable Mary")[1:], "PER"),
    )
    attributions = Sides(tiny_pairs["entities"].teacher, cased_student).map(
        lambda model: attribute(model, example, target)
    )
    found = agreement(attributions)
    assert [word.text for word in found.words] == ["Unforgettable", "Mary", "lives", "in", "Paris", "."]
    assert tokenize(cased_student, example)[0].pieces != tokenize(tiny_pairs["entities"].teacher, example)[0].pieces


def test_too_few_words_have_no_correlation(tiny_pairs: dict[str, Sides[Model]]) -> None:
    pair = tiny_pairs["sentiment"]
    attributions = pair.map(lambda model: attribute(model, Example("sentiment", "good film"), target_for(model)))
    attributions = Sides(attributions.teacher, replace(attributions.student, target=attributions.teacher.target))
    found = agreement(attributions)
    assert found.spearman is None
    assert found.ranking.startswith("There are too few words")


def test_attributions_by_two_methods_are_not_compared(tiny_pairs: dict[str, Sides[Model]]) -> None:
    model = tiny_pairs["sentiment"].teacher
    attributions = [
        attribute(model, EXAMPLES["sentiment"], target_for(model), name) for name in ("Occlusion", "Saliency")
    ]
    with pytest.raises(ValueError, match="only by the same method"):
        agreement(Sides(*attributions))


def test_how_much_the_baseline_matters_is_a_correlation_of_each_two(tiny_pair: Sides[Model], side: str) -> None:
    model = tiny_pair[side]
    example, target = EXAMPLES[model.task], target_for(model)
    attributions = [attribute(model, example, target, "Integrated gradients", baseline) for baseline in BASELINES]
    table = baseline_agreement(attributions)
    np.testing.assert_allclose(np.diagonal(table), 1)
    np.testing.assert_allclose(table, table.T)
    assert table[0, 1] == pytest.approx(stats.spearmanr(attributions[0].scores, attributions[1].scores).statistic)


def test_robustness_of_a_linear_model_is_known(tiny_pairs: dict[str, Sides[Model]]) -> None:
    """Its gradient never moves, and its attributions foretell every loss exactly."""
    model = linear(tiny_pairs["sentiment"].student)
    target = Target((Term(model.labels[0]),), "first")
    steady = robustness(model, EXAMPLES["sentiment"], target, "Saliency", "[MASK]")
    exact = robustness(model, EXAMPLES["sentiment"], target, "Integrated gradients", "[MASK]")
    assert steady.sensitivity == pytest.approx(0, abs=1e-6)
    assert exact.infidelity == pytest.approx(0, abs=1e-6)
    assert exact.sensitivity > 0
    assert steady.infidelity > 0.1


@pytest.mark.parametrize("method", METHODS)
def test_every_method_can_be_graded(tiny_pairs: dict[str, Sides[Model]], side: str, method: str) -> None:
    model = tiny_pairs["fill-mask"][side]
    shares: list[Any] = []
    graded = robustness(model, EXAMPLES["fill-mask"], target_for(model), method, progress=shares.append)
    assert np.isfinite([graded.sensitivity, graded.infidelity]).all()
    assert graded.sensitivity > 0  # of a network that is not linear every method sees the embeddings move
    assert graded == robustness(model, EXAMPLES["fill-mask"], target_for(model), method)
    assert shares == sorted(shares)
    assert shares[-1] == 1


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


@pytest.mark.parametrize("side", ["teacher", "student"])
def test_an_attribution_beside_itself_has_rank_correlation_1_and_its_own_shares(
    tiny_pairs: dict[str, Sides[Model]], side: str
) -> None:
    """The attention flow is made to be the attribution itself, and then its words are turned around."""
    example = Example("sentiment", "the old film was not bad at all in paris.")
    model = tiny_pairs["sentiment"][side]
    attribution = attribute(model, example, default_target(predict(model, example)))
    inside = trace(model, example)
    flow = answer_flow(inside, predict(model, example), "Rollout")
    shares, _ = beside_answer_flow(attribution, flow, inside.tokens.words)
    of_words = shares.words >= 0
    np.testing.assert_allclose(shares.shares[of_words], np.abs(attribution.scores) / attribution.absolute_sum)
    assert not shares.shares[~of_words].any()
    assert beside_answer_flow(attribution, shares, inside.tokens.words)[1].value == pytest.approx(1)
    turned = replace(shares, shares=-shares.shares)
    assert beside_answer_flow(attribution, turned, inside.tokens.words)[1].value == pytest.approx(-1)


def test_grading_is_said_to_take_longer_of_longer_texts_and_larger_models() -> None:
    assert seconds_to_grade(12, 30_000_000) == 30
    assert seconds_to_grade(24, 30_000_000) == 50
    assert seconds_to_grade(12, 300_000_000) == 300
