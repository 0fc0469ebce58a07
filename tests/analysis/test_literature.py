"""The published figures agree with one another and with what their authors say of them."""

from collections.abc import Mapping

import pytest

from analysis.literature import (
    CPU_SECONDS,
    GLUE_SCORES,
    MACRO_SCORE,
    MILLION_PARAMETERS,
    NOISY,
    PRINTED_MNLI,
    PUBLISHED,
    kept,
)
from analysis.models.pairs import Sides


def mean(scores: Mapping[str, Sides[float]], side: str) -> float:
    return sum(score[side] for score in scores.values()) / len(scores)


def test_the_nine_scores_have_the_printed_means(side: str) -> None:
    assert len(GLUE_SCORES) == 9
    assert round(mean(GLUE_SCORES, side), 1) == MACRO_SCORE[side]


def test_with_the_mnli_that_is_printed_the_teachers_mean_is_another() -> None:
    printed = {**GLUE_SCORES, "MNLI": PRINTED_MNLI}
    assert round(mean(printed, "teacher"), 1) == 79.7
    assert round(mean(printed, "student"), 1) == 77.0
    assert round(100 * kept(printed.values()), 1) == 96.6


def test_shares_are_those_that_are_quoted() -> None:
    """97% in the abstract; what its critics say of single tasks and of the noisy one."""
    assert round(100 * kept(GLUE_SCORES.values())) == 97
    assert round(100 * kept(score for name, score in GLUE_SCORES.items() if name != NOISY), 1) == 96.2
    assert [round(100 * kept([GLUE_SCORES[name]])) for name in ("CoLA", "RTE", NOISY)] == [91, 86, 105]


def test_sizes_and_seconds_are_those_of_the_abstract() -> None:
    assert 100 * (1 - MILLION_PARAMETERS.student / MILLION_PARAMETERS.teacher) == pytest.approx(40)
    assert round(CPU_SECONDS.teacher / CPU_SECONDS.student, 1) == 1.6


def test_every_published_result_says_where_it_stands() -> None:
    assert all(result.source.citation and result.source.url.startswith("https://") for result in PUBLISHED)
