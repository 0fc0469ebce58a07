"""What the baselines gained over [PAD] on many texts: the figures that are shipped, and how they are told."""

import json
from pathlib import Path
from typing import Any

import pytest

from analysis.attribution import measured
from analysis.attribution.baselines import BASELINES, DEFAULT_BASELINE
from analysis.attribution.measured import gained
from analysis.attribution.occlusion import WAYS
from analysis.inputs.tasks import TASKS

OTHERS = [baseline for baseline in BASELINES if baseline != "[PAD]"]


@pytest.mark.parametrize("baseline", OTHERS)
@pytest.mark.parametrize("task", TASKS)
def test_every_baseline_was_measured_in_every_task_and_way(task: str, baseline: str) -> None:
    gain = gained(task, baseline)
    assert gain.by_way.keys() == WAYS.keys()
    for sides in gain.by_way.values():
        for estimate in sides:
            assert estimate.low <= estimate.value <= estimate.high
    assert gained(task, "[PAD]") is None


def test_the_default_is_the_baseline_that_is_the_best_most_often() -> None:
    best = [
        max(BASELINES, key=lambda baseline: value(task, baseline, way, side))
        for task in TASKS
        for way in WAYS
        for side in ("teacher", "student")
    ]
    assert max(BASELINES, key=best.count) == DEFAULT_BASELINE


def value(task: str, baseline: str, way: str, side: str) -> float:
    """What a baseline gains over [PAD], which gains nothing over itself."""
    gain = gained(task, baseline)
    return getattr(gain.by_way[way], side).value if gain else 0.0


def test_a_gain_is_told_as_it_was_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "faithfulness.json"
    file.write_text(json.dumps([row("teacher", 0.74), row("student", -0.39), row("teacher", None, "[PAD]")]))
    monkeypatch.setattr(measured, "FILE", file)
    found = gained("sentiment", "[MASK]").finding
    assert "from [MASK] gained over [PAD]" in found
    assert "on 12 texts" in found
    assert "+0.74 (+0.64 to +0.84) in the teacher and -0.39 (-0.49 to -0.29) in the student" in found
    assert gained("sentiment", "zero") is None
    assert gained("sentiment", "[PAD]") is None
    assert gained("entities", "[MASK]") is None


def row(side: str, gain: float | None, baseline: str = "[MASK]") -> dict[str, Any]:
    told = None if gain is None else {"value": gain, "low": gain - 0.1, "high": gain + 0.1}
    asked = {"task": "sentiment", "side": side, "way": "deletion", "method": measured.METHOD, "baseline": baseline}
    return {**asked, "texts": 12, "comprehensiveness_gain": told}
