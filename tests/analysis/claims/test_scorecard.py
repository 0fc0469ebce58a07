"""The scorecard's numbers are those of the records, its rules have three outcomes, and what is missing is said."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from analysis.claims.claim import Result
from analysis.claims.criteria import FAILS, HOLDS, INCONCLUSIVE, PENDING, UNMEASURABLE
from analysis.claims.evidence import Evidence, Speed, recorded
from analysis.claims.evidence_from.speed import timing
from analysis.claims.scorecard import (
    COUNTED,
    NO_ROW,
    NOT_EVALUATED,
    QUALITY,
    RANDOM,
    RULES,
    SAME,
    SIZE,
    SPEED,
    finding,
    scorecard,
)
from analysis.distillation.metrics import LEADING
from analysis.distillation.record import EVALUATION, read_experiment
from analysis.inputs.tasks import TASKS
from analysis.models.architecture import Architecture
from analysis.models.pairs import EMBEDDED, PAIRS, Sides
from tests.support.made_up_experiment import row, write_records
from tests.support.made_up_profiles import profile

PAIR = PAIRS["embedded"]
RECORD = json.loads((EMBEDDED / EVALUATION).read_text())
# The published figures, worked out by hand from the paper's tables 1 to 3.
SMALLER, FASTER = 100 * (1 - 66 / 110), 668 / 410
KEPT = {
    "sentiment": 100 * 91.3 / 92.7,
    "sentence-pair": 100 * 89.2 / 91.8,
    "question-answering": 100 * 86.9 / 88.5,
    "entities": 100 * 77.0 / 79.5,
    "fill-mask": 100 * 77.0 / 79.5,
}


def size(parameters: int) -> Architecture:
    """A network of which nothing is known but its parameters."""
    return Architecture(1, 1, 1, 1, 1, 1, 1, 0, parameters, 0, 0, parameters, parameters, parameters)


SIZES = Sides(size(1_000), size(600))


def known(task: str, low: float = 1.9, high: float = 2.0) -> Evidence:
    """The embedded pair's records, made-up sizes, and a student that is `low` to `high` times as fast."""
    speed = Speed(timing(profile(low, high)), "Not here.")
    return Evidence(task, SIZES, tuple(PAIR.checkpoints), True, recorded(PAIR.sides(task), task), speed)


def by_name(evidence: Evidence) -> dict[str, Result]:
    return {result.definition.name: result for result in scorecard(evidence)}


def recorded_row(task: str, metric: str) -> tuple[float, float, float]:
    """A row of evaluation.json in per cent: value and both ends."""
    (found,) = [one for one in RECORD["pairs"] if (one["task"], one["metric"]) == (task, metric)]
    return tuple(100 * found[name] for name in ("value", "low", "high"))


def estimate(result: Result) -> tuple[float, float, float]:
    assert result.measured
    return result.measured.estimate.value, result.measured.estimate.low, result.measured.estimate.high


@pytest.mark.parametrize("task", TASKS)
def test_every_number_is_that_of_the_record_or_counted(task: str) -> None:
    rows = by_name(known(task))
    assert list(rows) == [SIZE, SPEED, QUALITY, SAME] == list(RULES)
    assert estimate(rows[SIZE]) == pytest.approx((40, 40, 40))
    assert estimate(rows[SPEED])[1:] == pytest.approx((1.9, 2.0))
    assert estimate(rows[QUALITY]) == pytest.approx(recorded_row(task, f"share_kept:{LEADING[task]}"))
    assert estimate(rows[SAME]) == pytest.approx(recorded_row(task, "agreement"))
    assert COUNTED[task] in rows[SAME].measured.detail
    assert f"{rows[QUALITY].measured.estimate.value:.1f}%" in finding(task, tuple(rows.values()))


@pytest.mark.parametrize("task", ["sentiment", "entities"])
def test_two_trainings_of_the_teacher_stand_beside_the_same_answers(task: str) -> None:
    value, low, high = recorded_row(task, "agreement:second-seed")
    detail = by_name(known(task))[SAME].measured.detail
    assert detail.endswith(f"two trainings of the teacher: {value:.1f}% [{low:.1f}, {high:.1f}]")


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("records", [True, False])
def test_the_published_figures_stand_whatever_is_measured(task: str, records: bool) -> None:
    evidence = known(task)
    rows = by_name(evidence if records else replace(evidence, experiment=None, speed=None))
    assert rows[SIZE].reported == pytest.approx(SMALLER)
    assert rows[SPEED].reported == pytest.approx(FASTER)
    assert rows[QUALITY].reported == pytest.approx(KEPT[task])
    assert rows[SAME].reported is None
    assert all(rows[name].reported_by for name in (SIZE, SPEED, QUALITY))


@pytest.mark.parametrize(
    ("beyond", "verdict"),
    [((0.1, 0.2), HOLDS), ((0.0, 0.2), HOLDS), ((-0.1, 0.2), INCONCLUSIVE), ((-0.2, -0.1), FAILS)],
)
def test_each_rule_is_decided_by_the_interval(tmp_path: Path, beyond: tuple[float, float], verdict: str) -> None:
    """Each interval lies that much beyond its threshold, in units of the row."""
    low, high = beyond
    shares = {"share_kept:accuracy": RULES[QUALITY].least, "agreement": RULES[SAME].least}
    pairs = [
        row("sentiment", name, (least + low) / 100, (least + low) / 100, (least + high) / 100)
        for name, least in shares.items()
    ]
    scores = [row("sentiment", "accuracy", 0.9, 0.8, 1.0, side) for side in ("teacher", "student")]
    experiment = read_experiment(write_records(tmp_path, {"rows": scores, "pairs": pairs}))
    fast = RULES[SPEED].least
    evidence = replace(known("sentiment", fast + low / 4, fast + high / 4), experiment=experiment)
    rows = by_name(evidence)
    assert {rows[name].verdict for name in (SPEED, QUALITY, SAME)} == {verdict}


@pytest.mark.parametrize(("student", "verdict"), [(700, HOLDS), (701, FAILS), (1_100, FAILS)])
def test_a_counted_size_passes_or_fails(student: int, verdict: str) -> None:
    evidence = replace(known("sentiment"), sizes=Sides(size(1_000), size(student)))
    assert by_name(evidence)[SIZE].verdict == verdict


def test_rules_say_their_thresholds() -> None:
    for rule in RULES.values():
        assert f"at least {rule.least:g}" in rule.text


@pytest.mark.parametrize(("trained", "reason"), [(True, NOT_EVALUATED), (False, RANDOM)])
def test_without_records_the_answers_are_not_measurable_and_size_and_speed_are(trained: bool, reason: str) -> None:
    evidence = replace(known("sentiment"), experiment=None, trained=trained)
    rows = by_name(evidence)
    assert {rows[name].verdict for name in (SIZE, SPEED)} == {HOLDS}
    assert {(rows[name].verdict, rows[name].reason) for name in (QUALITY, SAME)} == {(UNMEASURABLE, reason)}
    assert finding("sentiment", tuple(rows.values())) == (
        "For sentiment, the student is 40.0% smaller and 1.9 times as fast. How good its answers are is not known."
    )


def test_records_without_the_task_are_told(tmp_path: Path) -> None:
    evidence = replace(known("entities"), experiment=read_experiment(write_records(tmp_path)))
    assert {by_name(evidence)[name].reason for name in (QUALITY, SAME)} == {NO_ROW}


def test_speed_is_not_measured_yet_or_not_conclusive() -> None:
    evidence = known("sentiment")
    rows = by_name(replace(evidence, speed=None))
    assert rows[SPEED].verdict == PENDING
    assert finding("sentiment", tuple(rows.values())).endswith(" Its speed is not measured yet.")
    rows = by_name(replace(evidence, speed=Speed("The machine was too busy.", "Not here.")))
    assert (rows[SPEED].verdict, rows[SPEED].reason) == (UNMEASURABLE, "The machine was too busy.")
    assert "could not be measured conclusively" in finding("sentiment", tuple(rows.values()))


@pytest.mark.parametrize(
    ("kept", "same", "sentence"),
    [
        (0.97, 0.93, "keeps 97.0% of the accuracy, and gives the same answer for 93.0% of the texts."),
        (0.97, 0.66, "keeps 97.0% of the accuracy, but gives the same answer for only 66.0% of the texts."),
        (0.9, 0.66, "but keeps only 90.0% of the accuracy and gives the same answer for only 66.0% of the texts."),
        (0.9, 0.93, "but keeps only 90.0% of the accuracy and gives the same answer for 93.0% of the texts."),
    ],
)
def test_the_finding_contrasts_what_passes_with_what_fails(
    tmp_path: Path, kept: float, same: float, sentence: str
) -> None:
    pairs = [row("sentiment", "share_kept:accuracy", kept, kept, kept), row("sentiment", "agreement", same, same, same)]
    experiment = read_experiment(write_records(tmp_path, {"rows": [], "pairs": pairs}))
    card = scorecard(replace(known("sentiment"), experiment=experiment))
    assert (
        finding("sentiment", card) == f"For sentiment, the student is 40.0% smaller and 1.9 times as fast, {sentence}"
    )


def test_a_student_that_is_larger_or_slow_is_called_so() -> None:
    evidence = replace(known("sentiment", 0.8, 0.9), sizes=Sides(size(1_000), size(1_100)))
    assert "the student is 10.0% larger and only 0.9 times as fast" in finding("sentiment", scorecard(evidence))
    evidence = replace(known("sentiment"), sizes=Sides(size(1_000), size(900)))
    assert "the student is only 10.0% smaller and 1.9 times as fast" in finding("sentiment", scorecard(evidence))
