"""What is written of a measurement is what was measured."""

import csv
import io
import json
from typing import Any

import numpy as np
import pytest

from analysis.latency.config import BenchmarkConfig, Unavailable
from analysis.latency.profile import LatencyProfile, Stage, StageProfile, Sweep
from analysis.latency.summary import profile_summary
from analysis.models.pairs import Sides
from dashboard.export.latency import latency_csv, latency_json
from tests.support.timekeeping import MACHINE, profile_of

SAMPLES = np.random.default_rng(0).gamma(2.0, size=(3, 12))  # teacher, student, teacher again [round]
PROFILE = profile_of(*SAMPLES)
STAGES = StageProfile(
    task="sentiment",
    texts=("=a",),
    checkpoints=Sides("a/teacher", "a/student"),
    stages=Sides((Stage("tokenizer"), Stage("attention", 1)), (Stage("tokenizer"), Stage("feed-forward", 1))),
    samples=Sides(SAMPLES[:2].T, SAMPLES[1:].T),
    whole=Sides(SAMPLES[:2].sum(axis=0), SAMPLES[1:].sum(axis=0)),
    threads=2,
    rounds_requested=12,
    started="2026-01-01T00:00:00+00:00",
    machine=MACHINE,
)


def lines(measured: LatencyProfile | StageProfile | Sweep) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(latency_csv(measured))))


def through_json(measured: LatencyProfile | StageProfile | Sweep) -> Any:
    return json.loads(json.dumps(latency_json(measured)))


def test_csv_has_every_sample_of_every_side_with_its_conditions() -> None:
    rows = lines(PROFILE)
    for side, samples in zip(("teacher", "student", "teacher again"), SAMPLES, strict=True):
        mine = [row for row in rows if row["side"] == side]
        assert [float(row["ms"]) for row in mine] == samples.tolist()
        assert [int(row["round"]) for row in mine] == list(range(1, 13))
        assert {row["checkpoint"] for row in mine} == {"a/student" if side == "student" else "a/teacher"}
    told = {"tokens": "64", "batch": "1", "threads": "1", "attention": "sdpa", "precision": "float32", "device": "cpu"}
    told |= {"processor": "Processor", "cores": "2", "torch": "2.13.0", "started": PROFILE.started}
    assert all(told.items() <= row.items() for row in rows)


def test_json_has_every_sample_and_what_follows_from_them() -> None:
    told = through_json(PROFILE)
    assert list(told["samples_ms"].values()) == SAMPLES.tolist()
    assert told["p50_ms"]["teacher"]["value"] == np.median(SAMPLES[0])
    assert told["ratio"] == {"value": PROFILE.ratio.value, "low": PROFILE.ratio.low, "high": PROFILE.ratio.high}
    assert told["null_ratio"]["value"] == PROFILE.null.value
    assert told["p99_ms"] is None
    assert (told["conclusive"], told["finding"]) == (False, profile_summary(PROFILE))
    assert told["machine"]["versions"] == {"torch": "2.13.0"}
    assert told["setting"]["precision"] == "float32"


def test_a_sweep_is_its_profiles_and_what_could_not_be_measured() -> None:
    other = profile_of(*SAMPLES[::-1], config=BenchmarkConfig(tokens=8), tokens=Sides(8, 8))
    sweep = Sweep("tokens", (other, PROFILE), (Unavailable(BenchmarkConfig(tokens=512), "Too long."),))
    assert lines(sweep) == [*lines(other), *lines(PROFILE)]
    told = through_json(sweep)
    assert told["profiles"] == [through_json(other), through_json(PROFILE)]
    assert [(one["setting"]["tokens"], one["reason"]) for one in told["unavailable"]] == [(512, "Too long.")]


def test_stages_are_written_one_by_one_and_as_a_whole() -> None:
    rows = lines(STAGES)
    for side, samples in STAGES.samples.items():
        mine = [row for row in rows if row["side"] == side]
        table = np.array([float(row["ms"]) for row in mine]).reshape(12, 3)
        assert table[:, :2].tolist() == samples.tolist()
        assert table[:, 2].tolist() == STAGES.whole[side].tolist()
        assert [row["stage"] for row in mine[:3]] == [*(one.name for one in STAGES.stages[side]), "whole"]
    told = through_json(STAGES)
    assert told["samples_ms"]["student"] == STAGES.samples.student.tolist()
    assert told["typical_ms"]["teacher"] == pytest.approx(np.median(SAMPLES[:2], axis=1).tolist())


def test_nothing_measured_is_an_empty_table() -> None:
    assert latency_csv(Sweep("tokens", ())) == "\n"
