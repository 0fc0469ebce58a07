"""Verdicts follow from measurements: each side of every threshold, and what is missing is said."""

from __future__ import annotations

from dataclasses import replace

import pytest

from analysis.claims.claim import JudgedClaim
from analysis.claims.criteria import (
    EPSILON,
    FAILS,
    HOLDS,
    IN_PART,
    INCONCLUSIVE,
    PENDING,
    UNMEASURABLE,
    VERDICTS,
    Criterion,
    about,
    above,
    at_least,
    exactly,
    exactly_equal,
    fewer_by,
    no_more_than,
    verdict_on,
)
from analysis.claims.judging import decisive, judge, overall
from analysis.claims.statements.table import CLAIMS
from analysis.distillation.record import read_experiment
from analysis.models.pairs import EMBEDDED
from analysis.statistics import Estimate
from tests.support.judged import (
    CLAIM,
    PUBLISHED_PAIR,
    verdict,
    with_times,
)

TITLES = [claim.title for claim in CLAIMS]


@pytest.mark.parametrize("title", TITLES)
def test_every_claim_has_wording_source_and_a_meaning(title: str) -> None:
    claim = CLAIM[title]
    assert claim.quotations
    assert all(
        said.wording and said.source.citation and said.source.url.startswith("https://") for said in claim.quotations
    )
    assert any(definition.criterion for definition in claim.definitions)
    assert all(definition.name and definition.meaning[-1] in ".?" for definition in claim.definitions)
    assert len({definition.name for definition in claim.definitions}) == len(claim.definitions)


def test_no_claim_stands_twice() -> None:
    assert len(set(TITLES)) == len(TITLES) == 12


@pytest.mark.parametrize("title", TITLES)
@pytest.mark.parametrize("trained", [True, False])
def test_whatever_is_missing_is_said_in_a_sentence(title: str, trained: bool) -> None:
    """Sizes are always known; without anything else a claim is judged by them, or says why it cannot be."""
    found = judge(CLAIM[title], replace(PUBLISHED_PAIR, trained=trained))
    assert found.verdict in VERDICTS
    assert found.why.endswith(".")
    for result in found.results:
        assert (result.measured is None) == result.reason.endswith(".")
    if not any(result.measured and result.verdict for result in found.results):
        assert found.verdict in (UNMEASURABLE, PENDING)
        assert found.why in [result.reason for result in found.results]


@pytest.mark.parametrize("title", TITLES)
@pytest.mark.parametrize("times", [None, (1.9, 2.0), (0.9, 1.0)])
def test_the_number_that_decides_has_the_verdict_of_the_claim_or_fails_where_that_holds_in_part(
    title: str, times: tuple[float, float] | None
) -> None:
    found = judge(CLAIM[title], with_times(*times) if times else PUBLISHED_PAIR)
    shown = decisive(found.results)
    assert shown.verdict == (FAILS if found.verdict == IN_PART else found.verdict)
    assert shown is next(result for result in found.results if result.verdict == shown.verdict)


@pytest.mark.parametrize(
    ("criterion", "just_in", "just_out"),
    [
        (about(40), 35.0, 34.99),
        (about(97), 96.5, 96.49),
        (about(71), 70.5, 70.49),
        (at_least(3), 3, 2),
        (above(0), 0.01, 0.0),
        (fewer_by(1), 1, 0),
        (no_more_than(207), 207.49, 207.5),
        (no_more_than(3, least=EPSILON), 0.01, 0.0),
        (no_more_than(3, least=EPSILON), 3.49, 3.5),
        (exactly_equal(6), 6, 7),
        (exactly_equal(6), 6, 5),
    ],
)
def test_a_threshold_has_two_sides_and_an_interval_over_it_decides_nothing(
    criterion: Criterion, just_in: float, just_out: float
) -> None:
    assert verdict_on(exactly(just_in), criterion) == HOLDS
    assert verdict_on(exactly(just_out), criterion) == FAILS
    low, high = sorted((just_in, just_out))
    assert verdict_on(Estimate(just_in, low, high), criterion) == INCONCLUSIVE


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        ([HOLDS, HOLDS, ""], HOLDS),
        ([HOLDS, UNMEASURABLE], HOLDS),
        ([FAILS, INCONCLUSIVE], FAILS),
        ([HOLDS, FAILS, PENDING], IN_PART),
        ([UNMEASURABLE, INCONCLUSIVE, PENDING, ""], PENDING),
        ([UNMEASURABLE, INCONCLUSIVE], INCONCLUSIVE),
        ([UNMEASURABLE, ""], UNMEASURABLE),
        ([], UNMEASURABLE),
    ],
)
def test_a_claim_holds_in_part_where_its_meanings_part(verdicts: list[str], expected: str) -> None:
    assert overall(verdicts) == expected


def test_the_embedded_pair_is_judged_by_its_records() -> None:
    experiment = read_experiment(EMBEDDED)
    found: list[JudgedClaim] = [judge(claim, replace(PUBLISHED_PAIR, experiment=experiment)) for claim in CLAIMS]
    told = {row.task for row in experiment.kept}
    understanding = next(one for one in found if one.claim.title.startswith("97"))
    assert len([result for result in understanding.results if result.measured]) == 1 + len(told)
    assert verdict("A triple loss", replace(PUBLISHED_PAIR, experiment=experiment)) == HOLDS
