"""The published pair as evidence for claims, with some of it changed, and what is judged of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from analysis.claims.claim import Result
from analysis.claims.evidence import Evidence, Speed
from analysis.claims.evidence_from import speed
from analysis.claims.judging import judge
from analysis.claims.statements.table import CLAIMS
from analysis.distillation.record import read_experiment
from analysis.models.architecture import Architecture
from analysis.models.pairs import PAIRS, Sides
from tests.support.made_up_experiment import row, write_records
from tests.support.made_up_profiles import profile

CLAIM = {claim.title: claim for claim in CLAIMS}
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
