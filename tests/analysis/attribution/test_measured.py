"""What the baselines gained over [PAD] on many texts: the figures that are shipped, and their sentence."""

import json
from pathlib import Path
from typing import Any

import pytest

from analysis.attribution import measured
from analysis.attribution.baselines import BASELINES, DEFAULT_BASELINE
from analysis.attribution.faithfulness import LEAVE_ONE_OUT
from analysis.attribution.measured import AT_RANDOM, average_grades, baseline_gain
from analysis.attribution.methods import METHODS
from analysis.attribution.occlusion import PERTURBATIONS
from analysis.errors import AnalysisError
from analysis.inputs.tasks import TASKS

OTHERS = [baseline for baseline in BASELINES if baseline != "[PAD]"]


@pytest.mark.parametrize("baseline", OTHERS)
@pytest.mark.parametrize("task", TASKS)
def test_every_baseline_was_measured_in_every_task_and_way(task: str, baseline: str) -> None:
    gain = baseline_gain(task, baseline)
    assert gain.by_perturbation.keys() == PERTURBATIONS.keys()
    for sides in gain.by_perturbation.values():
        for estimate in sides:
            assert estimate.low <= estimate.value <= estimate.high
    assert baseline_gain(task, "[PAD]") is None


def test_the_default_is_the_baseline_that_is_the_best_most_often() -> None:
    best = [
        max(BASELINES, key=lambda baseline: value(task, baseline, perturbation, side))
        for task in TASKS
        for perturbation in PERTURBATIONS
        for side in ("teacher", "student")
    ]
    assert max(BASELINES, key=best.count) == DEFAULT_BASELINE


def value(task: str, baseline: str, perturbation: str, side: str) -> float:
    """What a baseline gains over [PAD], which gains nothing over itself."""
    gain = baseline_gain(task, baseline)
    return gain.by_perturbation[perturbation][side].value if gain else 0.0


def test_a_gain_is_told_as_it_was_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "faithfulness.json"
    file.write_text(json.dumps([row("teacher", 0.74), row("student", -0.39), row("teacher", None, "[PAD]")]))
    monkeypatch.setattr(measured, "FILE", file)
    finding = baseline_gain("sentiment", "[MASK]").finding
    assert "from [MASK] gained over [PAD]" in finding
    assert "on 12 texts" in finding
    assert "+0.74 (+0.64 to +0.84) in the teacher and -0.39 (-0.49 to -0.29) in the student" in finding
    assert baseline_gain("sentiment", "zero") is None
    assert baseline_gain("sentiment", "[PAD]") is None
    assert baseline_gain("entities", "[MASK]") is None


@pytest.mark.parametrize(
    "content", ["", "[" * 100_000, "{}x", "7", '[{"task": 1}]', '[{"method": "Integrated gradients"}]', "\xff"]
)
def test_a_damaged_record_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str) -> None:
    file = tmp_path / "faithfulness.json"
    file.write_bytes(content.encode("latin-1"))
    monkeypatch.setattr(measured, "FILE", file)
    with pytest.raises(AnalysisError, match=r"The record faithfulness.json of the embedded pair is damaged: .*\.$"):
        baseline_gain("sentiment", "[MASK]")


@pytest.mark.parametrize("baseline", BASELINES)
@pytest.mark.parametrize("perturbation", PERTURBATIONS)
@pytest.mark.parametrize("task", TASKS)
def test_every_method_was_graded_in_every_task_and_way(task: str, perturbation: str, baseline: str) -> None:
    average = average_grades(task, perturbation, baseline)
    assert {grade.order for grade in average.grades} == {*METHODS, LEAVE_ONE_OUT, AT_RANDOM}
    assert len(average.grades) == len(METHODS) + 2
    assert average.grades[-1].order == AT_RANDOM
    written = {
        (line["method"], line["side"]): line
        for line in json.loads(measured.FILE.read_text(encoding="utf-8"))
        if (line["task"], line["perturbation"]) == (task, perturbation) and line["baseline"] in ("", baseline)
    }
    for grade in average.grades:
        for side in ("teacher", "student"):
            line = written[grade.order, side]
            assert grade.texts == line["texts"]
            assert grade.comprehensiveness[side].value == line["comprehensiveness"]["value"]
            assert grade.sufficiency[side].value == line["sufficiency"]["value"]


def test_the_most_faithful_on_many_texts_is_told_with_its_numbers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def graded(method: str, texts: int, fall: float) -> list[dict[str, Any]]:
        grade = {"value": fall, "low": fall, "high": fall}
        return [
            row(side, None, "") | {"method": method, "texts": texts, "comprehensiveness": grade, "sufficiency": grade}
            for side in ("teacher", "student")
        ]

    file = tmp_path / "faithfulness.json"
    rows = [*graded(AT_RANDOM, 100, 1.0), *graded("Saliency", 100, 2.0), *graded("Occlusion", 100, 3.0)]
    file.write_text(json.dumps(rows + graded("Layer conductance", 20, 4.0)))
    monkeypatch.setattr(measured, "FILE", file)
    assert average_grades("sentiment", "deletion", "[MASK]").finding == (
        "Most faithful on 100 texts of this task: Occlusion. Removing its top words lowers the score by 3.0 logits in "
        "the teacher and 3.0 in the student (random order: 1.0 and 1.0)."
    )
    assert average_grades("sentiment", "[MASK]", "[MASK]") is None
    measured._grades.cache_clear()
    file.write_text(json.dumps(rows + graded("Layer conductance", 100, 3.02)))
    assert average_grades("sentiment", "deletion", "[MASK]").finding.startswith(
        "Most faithful on 100 texts of this task: Occlusion (Layer conductance is within 1% of it). "
    )


def row(side: str, gain: float | None, baseline: str = "[MASK]") -> dict[str, Any]:
    estimate = None if gain is None else {"value": gain, "low": gain - 0.1, "high": gain + 0.1}
    condition = {
        "task": "sentiment",
        "side": side,
        "perturbation": "deletion",
        "method": measured.METHOD,
        "baseline": baseline,
    }
    return {**condition, "texts": 12, "comprehensiveness_gain": estimate}
