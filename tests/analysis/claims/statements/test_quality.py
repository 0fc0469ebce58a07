"""Claims about what was kept of the teacher's quality."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from analysis.claims.criteria import (
    FAILS,
    HOLDS,
    IN_PART,
    INCONCLUSIVE,
    UNMEASURABLE,
)
from analysis.claims.judging import overall
from analysis.distillation.record import read_experiment
from tests.support.judged import (
    PUBLISHED_PAIR,
    results,
    verdict,
    with_kept,
)
from tests.support.made_up_experiment import row, write_records


@pytest.mark.parametrize(
    ("shares", "expected"),
    [
        ({"sentiment": (0.99, 0.97, 1.01)}, HOLDS),
        ({"sentiment": (0.99, 0.97, 1.01), "entities": (0.91, 0.89, 0.93)}, IN_PART),  # the mean just under it
        ({"sentiment": (0.9, 0.88, 0.92)}, FAILS),
        ({"sentiment": (0.97, 0.94, 1.0)}, INCONCLUSIVE),
    ],
)
def test_understanding_is_judged_on_average_and_by_task(
    tmp_path: Path, shares: dict[str, tuple[float, float, float]], expected: str
) -> None:
    assert verdict("97% of BERT's language understanding", with_kept(tmp_path, **shares)) == expected


def test_shares_of_glue_that_were_published_are_judged_beside() -> None:
    found = results("97% of BERT's language understanding", PUBLISHED_PAIR)
    told = {
        name: (round(result.reported, 1), result.reported_verdict) for name, result in found.items() if result.reported
    }
    assert told == {
        "the mean of all tasks": (96.9, HOLDS),
        "GLUE without WNLI": (96.2, FAILS),
        "CoLA": (91.1, FAILS),
        "RTE": (86.4, FAILS),
    }
    assert all(result.verdict == UNMEASURABLE for result in found.values())


@pytest.mark.parametrize(
    ("shares", "expected"),
    [
        ({"sentiment": (0.98, 0.97, 0.99), "entities": (0.98, 0.975, 0.99)}, HOLDS),
        ({"sentiment": (0.98, 0.97, 0.99), "entities": (0.9, 0.88, 0.92)}, IN_PART),
        ({"sentiment": (0.9, 0.88, 0.92)}, FAILS),  # far below
        ({"sentiment": (1.05, 1.02, 1.08)}, FAILS),  # ahead
        ({"sentiment": (0.99, 0.98, 1.01)}, INCONCLUSIVE),  # perhaps not below at all
    ],
)
def test_slightly_below_is_below_and_slight(
    tmp_path: Path, shares: dict[str, tuple[float, float, float]], expected: str
) -> None:
    found = results("Slightly below BERT on complex tasks", with_kept(tmp_path, **shares))
    assert overall([result.verdict for name, result in found.items() if name != HARDEST]) == expected


HARDEST = "the hardest task against the easiest"


@pytest.mark.parametrize(
    ("hard", "expected"), [((0.9, 0.88, 0.92), HOLDS), ((1.1, 1.08, 1.12), FAILS), ((0.985, 0.96, 1.0), INCONCLUSIVE)]
)
def test_the_hardest_task_is_that_of_the_teachers_lowest_score(
    tmp_path: Path, hard: tuple[float, float, float], expected: str
) -> None:
    rows = [row(task, "accuracy", score, 0, 1, "teacher") for task, score in (("sentiment", 0.9), ("entities", 0.4))]
    pairs = [
        row("sentiment", "share_kept:accuracy", 0.99, 0.98, 1.0),
        row("entities", "share_kept:accuracy", *hard),
    ]
    experiment = read_experiment(write_records(tmp_path, {"rows": rows, "pairs": pairs}))
    result = results("Slightly below BERT on complex tasks", replace(PUBLISHED_PAIR, experiment=experiment))[HARDEST]
    assert result.verdict == expected
    assert result.measured.detail == "named entities against sentiment"
    assert result.measured.estimate.value == pytest.approx(99 - 100 * hard[0])


@pytest.mark.parametrize(
    ("tasks", "share", "expected"),
    [
        (("fill-mask", "sentiment", "entities", "question-answering"), (0.98, 0.97, 0.99), HOLDS),
        (("fill-mask", "sentiment", "entities"), (0.98, 0.97, 0.99), IN_PART),
        (("fill-mask", "sentiment", "entities"), (0.9, 0.88, 0.92), FAILS),
        (("sentiment",), (0.98, 0.97, 0.99), HOLDS),  # nothing is known of other tasks
    ],
)
def test_many_tasks_are_three_and_each_is_kept(
    tmp_path: Path, tasks: tuple[str, ...], share: tuple[float, float, float], expected: str
) -> None:
    known = replace(with_kept(tmp_path, sentiment=share, fill_mask=(0.5, 0.4, 0.6)), tasks=tasks)
    assert verdict("Can be fine-tuned on many tasks", known) == expected
