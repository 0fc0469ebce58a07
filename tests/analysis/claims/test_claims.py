"""Verdicts follow from measurements: each side of every threshold, other architectures, and what is missing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from analysis.claims.claim import JudgedClaim, Result
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
from analysis.claims.evidence import Evidence, Speed, Timing, recorded
from analysis.claims.evidence_from import quality, speed
from analysis.claims.evidence_from.speed import NOT_YET
from analysis.claims.judging import decisive, judge, overall
from analysis.claims.statements.table import CLAIMS
from analysis.distillation.record import read_experiment
from analysis.latency.profile import LatencyProfile
from analysis.models.architecture import Architecture, architecture
from analysis.models.model import Model, load
from analysis.models.pairs import EMBEDDED, PAIRS, Checkpoint, Sides
from analysis.progress import silent
from analysis.statistics import Estimate
from tests.support.made_up_experiment import CURVES, EVALUATION, row, write_records
from tests.support.made_up_profiles import profile
from tests.support.tiny import tiny_checkpoint

KINDS = ("bert", "distilbert")
CLAIM = {claim.title: claim for claim in CLAIMS}
TITLES = [claim.title for claim in CLAIMS]

# The published pair, in numbers that the papers give: 12 and 6 layers, 768 wide, 12 heads, 110 and 66 M parameters.
TEACHER = Architecture(
    layers=12,
    heads=12,
    width=768,
    feed_forward=3072,
    vocabulary=30_522,
    positions=512,
    segments=2,
    embedding_parameters=23_837_184,
    encoder_parameters=85_054_464,
    head_parameters=590_592,
    pooler_parameters=590_592,
    disk_bytes=440_000_000,
    memory_bytes=437_928_960,
    integer_bytes=181_000_000,
)
STUDENT = replace(
    TEACHER,
    layers=6,
    segments=0,
    embedding_parameters=23_835_648,
    encoder_parameters=42_527_232,
    head_parameters=0,
    pooler_parameters=0,
    disk_bytes=265_000_000,
    memory_bytes=265_451_520,
    integer_bytes=138_000_000,
)
PUBLISHED_PAIR = Evidence("sentiment", Sides(TEACHER, STUDENT), tuple(PAIRS["full-size"].checkpoints), trained=True)


def with_student(**sizes: int) -> Evidence:
    return replace(PUBLISHED_PAIR, sizes=Sides(TEACHER, replace(STUDENT, **sizes)))


def with_times(low: float, high: float) -> Evidence:
    """The published pair, the student measured that many times as fast."""
    return replace(PUBLISHED_PAIR, speed=Speed(speed.timing(profile(low, high)), "Not measured."))


def with_kept(folder: Path, **shares: tuple[float, float, float]) -> Evidence:
    """Shares kept by task, of a teacher that is right half of the time."""
    rows = [row(task.replace("_", "-"), "accuracy", 0.5, 0.4, 0.6, "teacher") for task in shares]
    pairs = [row(task.replace("_", "-"), "share_kept:accuracy", *share) for task, share in shares.items()]
    evaluation = {"rows": rows, "pairs": pairs}
    return replace(PUBLISHED_PAIR, experiment=read_experiment(write_records(folder, evaluation)))


def verdict(title: str, evidence: Evidence) -> str:
    return judge(CLAIM[title], evidence).verdict


def results(title: str, evidence: Evidence) -> dict[str, Result]:
    return {result.name: result for result in judge(CLAIM[title], evidence).results}


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


def test_the_published_pair_is_smaller_but_its_layers_alone_are_half() -> None:
    found = results("40% smaller", PUBLISHED_PAIR)
    shares = {name: round(result.measured.estimate.value, 1) for name, result in found.items() if result.measured}
    assert shares == {
        "all parameters": 39.4,
        "parameters without the task head": 39.1,
        "encoder alone": 50.0,
        "bytes on disk": 39.8,
    }
    assert verdict("40% smaller", PUBLISHED_PAIR) == HOLDS


@pytest.mark.parametrize(
    ("encoder", "disk", "expected"),
    [
        (42_527_232, 265_000_000, HOLDS),
        (42_527_232, 300_000_000, IN_PART),
        (80_000_000, 430_000_000, FAILS),
    ],
)
def test_smaller_is_judged_by_parameters_and_bytes(encoder: int, disk: int, expected: str) -> None:
    assert verdict("40% smaller", with_student(encoder_parameters=encoder, disk_bytes=disk)) == expected


def test_random_weights_have_no_bytes_on_disk() -> None:
    sizes = PUBLISHED_PAIR.sizes.map(lambda size: replace(size, disk_bytes=0))
    result = results("40% smaller", replace(PUBLISHED_PAIR, sizes=sizes))["bytes on disk"]
    assert (result.verdict, result.measured) == (UNMEASURABLE, None)
    assert "not stored on disk" in result.reason


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (1.6, 1.7, IN_PART),  # the paper's: by one meaning, not by the other
        (2.6, 2.8, HOLDS),
        (1.2, 1.3, FAILS),
        (1.5, 1.6, FAILS),  # over the threshold of the first, below that of the second
    ],
)
def test_faster_depends_on_what_it_means(low: float, high: float, expected: str) -> None:
    assert verdict("60% faster", with_times(low, high)) == expected


def test_the_two_meanings_of_faster_are_of_one_measurement() -> None:
    more, less, _ = (result.measured for result in results("60% faster", with_times(1.58, 1.62)).values())
    assert more is not None
    assert less is not None
    assert more.estimate.value == pytest.approx(60, abs=2)
    assert less.estimate.value == pytest.approx(100 * (1 - 1 / (1 + more.estimate.value / 100)))
    assert (less.estimate.low, less.estimate.high) == pytest.approx(
        [100 * (1 - 1 / (1 + end / 100)) for end in (more.estimate.low, more.estimate.high)]
    )


def test_a_noisy_profile_decides_nothing_and_says_so() -> None:
    found = judge(CLAIM["60% faster"], with_times(0.8, 4.0))
    assert found.verdict == UNMEASURABLE
    assert "spread is too large" in found.why
    noisy = Speed("The spread is too large to conclude.", "-", Sides(2, 1), Sides(2, 1))
    operations = results("60% faster", replace(PUBLISHED_PAIR, speed=noisy))["operations"]
    assert operations.measured is not None  # which are counted, not timed
    unmeasured = judge(CLAIM["60% faster"], PUBLISHED_PAIR)
    assert (unmeasured.verdict, unmeasured.why) == (PENDING, NOT_YET)


def test_speed_is_measured_in_both_precisions_like_the_papers(
    tiny_pairs: dict[str, Sides[Model]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(speed, "ROUNDS", 12)
    monkeypatch.setattr(LatencyProfile, "inconclusive_reason", None)  # as on a quiet machine
    heard: list[float] = []
    found = speed.measured_speed(tiny_pairs["sentiment"], heard.append)
    for one, precision in ((found.floats, "float32"), (found.integers, "int8")):
        assert isinstance(one, Timing)
        assert one.times.low <= one.times.value <= one.times.high
        assert f"texts of 32 tokens, 1 at a time, 1 thread, sdpa, {precision}, 12 interleaved rounds" in one.conditions
    assert found.peak_bytes is not None
    assert found.operations is not None
    assert min(*found.peak_bytes, *found.operations) > 0
    assert heard == sorted(heard)
    assert heard[-1] == 1


def test_operations_and_memory_stand_beside() -> None:
    known = replace(PUBLISHED_PAIR, speed=Speed("-", "-", Sides(2_000, 1_500), Sides(3_000_000, 1_000_000)))
    fewer, beside = (
        results(title, known)[name].measured
        for title, name in (
            ("60% faster", "operations"),
            ("Suited to on-device use", "memory in addition to the weights"),
        )
    )
    assert fewer is not None
    assert beside is not None
    assert (fewer.estimate.value, beside.estimate.value) == (25, 1)


def test_models_that_read_less_say_so_and_are_judged_by_the_rest(tmp_path: Path) -> None:
    folders = {kind: tiny_checkpoint(tmp_path / kind, kind, "sentiment", max_positions=16) for kind in KINDS}
    models = Sides(*(load(Checkpoint(str(folder), kind), "sentiment") for kind, folder in folders.items()))
    known = replace(PUBLISHED_PAIR, speed=speed.measured_speed(models, silent))
    assert judge(CLAIM["60% faster"], known).why == "The length in tokens is 32; here it can be 3 to 16."
    assert results("60% faster", known)["operations"].reason == speed.TOO_SHORT


def test_on_a_device_weight_and_speed_count_in_both_precisions() -> None:
    title = "Suited to on-device use"
    fast, slow = (speed.timing(profile(*ends)) for ends in ((1.9, 2.0), (1.2, 1.25)))
    assert verdict(title, replace(PUBLISHED_PAIR, speed=Speed(fast, fast))) == IN_PART  # 265 MB of floats
    small = with_student(memory_bytes=207_400_000)
    assert verdict(title, replace(small, speed=Speed(fast, fast))) == HOLDS
    assert verdict(title, replace(small, speed=Speed(fast, slow))) == IN_PART
    heavy = with_student(integer_bytes=300_000_000)
    assert verdict(title, replace(heavy, speed=Speed(slow, slow))) == FAILS
    unable = replace(small, speed=Speed(fast, "8-bit integers do not run here."))
    assert results(title, unable)["speed with 8-bit integers"].reason == "8-bit integers do not run here."


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


def test_the_mean_over_tasks_is_that_of_bootstrapped_scores(tmp_path: Path) -> None:
    """Tasks with right and wrong answers of two models, drawn anew together: the interval is the bootstrap's."""
    generator = np.random.default_rng(3)
    tasks = {"sentiment": (700, 0.9, 0.93), "entities": (400, 0.7, 0.8), "fill-mask": (1000, 0.4, 0.85)}
    rows, pairs, teachers, students = [], [], [], []
    for task, (n, score, agreeing) in tasks.items():
        teacher = generator.random(n) < score
        student = np.where(generator.random(n) < agreeing, teacher, generator.random(n) < score)
        drawn = generator.integers(0, n, (4000, n))
        teachers.append(teacher[drawn].mean(1))
        students.append(student[drawn].mean(1))
        low, high = np.quantile(students[-1] / teachers[-1], (0.025, 0.975))
        rows.append(row(task, "accuracy", teacher.mean(), 0, 1, "teacher"))
        pairs.append(row(task, "share_kept:accuracy", student.mean() / teacher.mean(), low, high))
    experiment = read_experiment(write_records(tmp_path, {"rows": rows, "pairs": pairs}))
    (found,) = quality.macro(experiment, experiment.kept)
    low, high = 100 * np.quantile(sum(students) / sum(teachers), (0.025, 0.975))
    assert (found.estimate.low, found.estimate.high) == pytest.approx((low, high), abs=0.25)


def test_the_mean_of_one_task_is_that_task(tmp_path: Path) -> None:
    evidence = with_kept(tmp_path, sentiment=(0.95, 0.93, 0.98))
    assert evidence.experiment is not None
    (found,) = quality.macro(evidence.experiment, evidence.experiment.kept)
    assert (found.estimate.value, found.estimate.low, found.estimate.high) == pytest.approx((95, 93, 98))


@pytest.mark.parametrize(
    ("student", "teacher", "expected"),
    [(6, 12, HOLDS), (3, 6, IN_PART), (6, 6, IN_PART), (2, 2, FAILS), (4, 12, IN_PART)],
)
def test_layers_are_six_and_twelve_and_half(student: int, teacher: int, expected: str) -> None:
    sizes = Sides(replace(TEACHER, layers=teacher), replace(STUDENT, layers=student))
    assert verdict("6 encoder layers instead of 12", replace(PUBLISHED_PAIR, sizes=sizes)) == expected


@pytest.mark.parametrize(
    ("sizes", "units", "heads"),
    [
        ({}, FAILS, FAILS),
        ({"width": 767}, IN_PART, FAILS),
        ({"width": 312, "feed_forward": 1200}, HOLDS, FAILS),
        ({"width": 1024, "feed_forward": 4096, "heads": 16}, FAILS, FAILS),
        ({"heads": 11}, FAILS, HOLDS),
    ],
)
def test_fewer_units_and_heads_are_counted(sizes: dict[str, int], units: str, heads: str) -> None:
    assert verdict("Fewer hidden units", with_student(**sizes)) == units
    assert verdict("Fewer attention heads", with_student(**sizes)) == heads


def test_networks_with_fewer_units_and_heads_turn_the_verdicts(tmp_path: Path) -> None:
    """Counted from real networks, tiny ones."""
    teacher = tiny_checkpoint(tmp_path / "teacher", "bert", "sentiment", layers=4)
    students = {
        "alike": tiny_checkpoint(tmp_path / "alike", "distilbert", "sentiment"),
        "narrow": tiny_checkpoint(tmp_path / "narrow", "distilbert", "sentiment", hidden=8),
        "headless": tiny_checkpoint(tmp_path / "headless", "distilbert", "sentiment", heads=1),
    }
    sizes = {name: Sides(_sizes(teacher, "bert"), _sizes(student, "distilbert")) for name, student in students.items()}
    evidence = {name: Evidence("sentiment", both, ("sentiment",), trained=True) for name, both in sizes.items()}
    titles = ("Fewer hidden units", "Fewer attention heads", "Token, segment and position embeddings")
    assert {name: [verdict(title, known) for title in titles] for name, known in evidence.items()} == {
        "alike": [FAILS, FAILS, IN_PART],
        "narrow": [HOLDS, FAILS, IN_PART],
        "headless": [FAILS, HOLDS, IN_PART],
    }
    half = results("6 encoder layers instead of 12", evidence["alike"])["the student's share"]
    assert half.verdict == HOLDS


def _sizes(folder: Path, kind: str) -> Architecture:
    return architecture(load(Checkpoint(str(folder), kind), "sentiment"))


def test_segment_embeddings_would_make_the_embeddings_complete() -> None:
    title = "Token, segment and position embeddings"
    assert verdict(title, PUBLISHED_PAIR) == IN_PART
    assert verdict(title, with_student(segments=2)) == HOLDS
    assert verdict(title, with_student(segments=0, vocabulary=0, positions=0)) == FAILS


@pytest.mark.parametrize(
    ("logged", "added", "expected"),
    [
        ({"soft": 1.0, "mlm": 3.0, "cosine": 0.1}, (0.06, 0.05, 0.07), HOLDS),
        ({"soft": 1.0, "mlm": 3.0}, (0.06, 0.05, 0.07), IN_PART),
        ({"mlm": 3.0}, (-0.06, -0.07, -0.05), FAILS),
        ({"mlm": 3.0}, (0.01, -0.01, 0.02), FAILS),  # what they add may be chance, so that it has no say
    ],
)
def test_three_losses_must_be_logged_and_help(
    tmp_path: Path, logged: dict[str, float], added: tuple[float, float, float], expected: str
) -> None:
    pairs = [row("fill-mask", "distillation_adds:top1", *added)]
    student = [{"step": 1, "tokens": 10, "seconds": 1, **logged}]
    curves = {**CURVES, "stages": {"student": student}}
    experiment = read_experiment(write_records(tmp_path, {"rows": [], "pairs": pairs}, curves))
    assert verdict("A triple loss", replace(PUBLISHED_PAIR, experiment=experiment)) == expected


def test_corpora_are_those_of_the_records(tmp_path: Path) -> None:
    known = replace(PUBLISHED_PAIR, experiment=read_experiment(write_records(tmp_path)))
    found = results("The same training corpora", known)
    assert [result.verdict for result in found.values()] == [HOLDS, ""]
    same, read = (result.measured for result in found.values())
    assert same is not None
    assert read is not None
    assert (same.estimate.value, read.estimate.value) == (2, 50)  # two sources; 1 of the teacher's 2 million tokens
    silent = {**CURVES, "settings": {}}
    known = replace(PUBLISHED_PAIR, experiment=read_experiment(write_records(tmp_path, EVALUATION, silent)))
    assert verdict("The same training corpora", known) == UNMEASURABLE


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
    assert result.measured is not None
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


def test_only_the_records_beside_both_checkpoints_count(tmp_path: Path) -> None:
    """For the embedded pair there are some; for folders elsewhere, the hub and random weights there are none."""
    for key, pair in PAIRS.items():
        for task, sides in pair.checkpoints.items():
            assert (recorded(sides, task) is not None) == (key == "embedded")
    folder = write_records(tmp_path)
    own = Sides(*(Checkpoint(str(folder / "sentiment" / side), side) for side in ("teacher", "student")))
    assert recorded(own, "sentiment") is not None
    assert recorded(own, "entities") is None
    assert recorded(Sides(own.student, own.teacher), "sentiment") is None
    assert recorded(Sides(PAIRS["embedded"].sides("sentiment").teacher, own.student), "sentiment") is None


def test_the_embedded_pair_is_judged_by_its_records() -> None:
    experiment = read_experiment(EMBEDDED)
    found: list[JudgedClaim] = [judge(claim, replace(PUBLISHED_PAIR, experiment=experiment)) for claim in CLAIMS]
    told = {row.task for row in experiment.kept}
    understanding = next(one for one in found if one.claim.title.startswith("97"))
    assert len([result for result in understanding.results if result.measured]) == 1 + len(told)
    assert verdict("A triple loss", replace(PUBLISHED_PAIR, experiment=experiment)) == HOLDS
