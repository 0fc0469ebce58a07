"""How far two attributions agree, beside SciPy."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from analysis.arrays import Array
from analysis.attention.answer_flow import answer_flow
from analysis.attribution.agreement import Agreement, agreement, baseline_agreement, beside_answer_flow
from analysis.attribution.baselines import BASELINES
from analysis.attribution.methods import Attribution, attribute
from analysis.inputs.examples import Example
from analysis.inputs.words import words_of
from analysis.models.forward import trace
from analysis.models.model import Model
from analysis.models.pairs import Sides
from analysis.models.tokens import tokenize
from analysis.predictions.entities import entity_target
from analysis.predictions.heads import predict
from analysis.predictions.resolve import default_target
from analysis.statistics import Estimate, kendall, spearman
from tests.support.attributed import target_for
from tests.support.tiny import EXAMPLES


@pytest.mark.parametrize("measure", ["spearman", "kendall"])
@pytest.mark.parametrize("tied", [False, True])
def test_rank_correlations_are_scipys_also_where_words_are_drawn_repeatedly(measure: str, tied: bool) -> None:
    ours, scipys = {"spearman": (spearman, stats.spearmanr), "kendall": (kendall, stats.kendalltau)}[measure]
    generator = np.random.default_rng(1)
    one, other = generator.normal(size=(2, 12)).round(0 if tied else 9)
    weights = generator.multinomial(12, np.full(12, 1 / 12), size=20).astype(float)
    expected = [scipys(np.repeat(one, row.astype(int)), np.repeat(other, row.astype(int))).statistic for row in weights]
    np.testing.assert_allclose(ours(one, other, weights), expected, atol=1e-9)


def own_attribution(model: Model, *options: str) -> Attribution:
    """What speaks for the model's own answer."""
    return attribute(model, EXAMPLES[model.task], target_for(model), *options)


def agreeing(tiny_pair: Sides[Model], change: Callable[[Array], Array] = lambda scores: scores) -> Agreement:
    attribution = own_attribution(tiny_pair.teacher)
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
    attribution = own_attribution(tiny_pairs["sentiment"].teacher)
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
            "Both rest mainly on “the” (teacher +75%, student +50%). They differ most on “old”: teacher −25%, student "
            "+25%.",
        ),
        (
            *((3.0, -1.0, 0.0), (1.0, 2.0, 1.0), ("good", "good")),
            "“good” rests mainly on “the” in the teacher (+75%) and on “old” in the student (+50%). They differ most "
            "on “old”: teacher −25%, student +50%.",
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
    attribution = own_attribution(tiny_pairs["sentiment"].teacher)
    plain = replace(attribution, words=words_of("the old film"), special_tokens_score=0.0)
    both = Sides(
        *(
            replace(plain, scores=np.array(scores), target=replace(plain.target, name=target))
            for scores, target in zip((teacher, student), targets, strict=True)
        )
    )
    found = agreement(both)
    assert found.finding == finding
    assert found.about_one_target == (targets[0] == targets[1])


def test_of_two_targets_no_correlation_is_told(tiny_pair: Sides[Model]) -> None:
    one = own_attribution(tiny_pair.teacher)
    other = replace(one, target=replace(one.target, name="another"))
    found = agreement(Sides(one, other))
    assert (found.spearman, found.kendall) == (None, None)
    assert found.ranking.startswith("Each model is explained for its own answer")
    assert "Spearman" not in found.ranking
    assert f"{found.top} are the same" in found.ranking


def test_models_that_cut_words_otherwise_meet_on_words(
    tiny_pairs: dict[str, Sides[Model]], cased_student: Model
) -> None:
    example = Example("entities", "Unforgettable Mary lives in Paris.")
    target = entity_target(words_of("Unforgettable Mary")[1:], "PER")
    models = Sides(tiny_pairs["entities"].teacher, cased_student)
    found = agreement(models.map(lambda model: attribute(model, example, target)))
    assert [word.text for word in found.words] == ["Unforgettable", "Mary", "lives", "in", "Paris", "."]
    pieces = models.map(lambda model: tokenize(model, example)[0].pieces)
    assert pieces.teacher != pieces.student


def test_too_few_words_have_no_correlation(tiny_pairs: dict[str, Sides[Model]]) -> None:
    pair = tiny_pairs["sentiment"]
    attributions = pair.map(lambda model: attribute(model, Example("sentiment", "good film"), target_for(model)))
    attributions = Sides(attributions.teacher, replace(attributions.student, target=attributions.teacher.target))
    found = agreement(attributions)
    assert found.spearman is None
    assert found.ranking.startswith("There are too few words")


def test_attributions_by_two_methods_are_not_compared(tiny_pairs: dict[str, Sides[Model]]) -> None:
    model = tiny_pairs["sentiment"].teacher
    attributions = [own_attribution(model, method) for method in ("Occlusion", "Saliency")]
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
