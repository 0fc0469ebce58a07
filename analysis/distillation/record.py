"""The records of the experiment that produced the embedded pair: what was measured, and how the losses fell.

    experiment = read_experiment(EMBEDDED)
    experiment.measured("sentiment", "accuracy", "student").value

Read from `evaluation.json` and `curves.json`, which the recipe writes beside the checkpoints (`training/evaluate.py`
documents the first). Tasks, metrics, sides and stages are whatever the files hold.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from analysis.arrays import Array, frozen
from analysis.records import read_record

EVALUATION, CURVES = "evaluation.json", "curves.json"
# The sides, and the stages, of two short runs of the student with one initialisation: with and without its teacher.
SHORT, ABLATION = "student-short", "student-mlm-only"
SECOND_SEED = "teacher-second-seed"  # the side of a task's teacher that was trained again with another random seed
TEACHERS = "two-teachers"  # the side of rows about both teachers together
KEPT = "share_kept:"  # prefix of a pair row's metric if it is the student's value over the teacher's
DIFFERENCE = "difference:"  # if it is the student's value minus the teacher's
ADDED = "distillation_adds:"  # if it is what distillation adds in a short run of the student
SEEDS = ":second-seed"  # suffix of a metric that is about the teacher and its second training
NO_LOSS = {
    "step",
    "tokens",
    "seconds",
    "layers",
    "length",
    "rate",
    "threads",
}  # fields of a training log that are not losses
RECIPE = "python -m training all"

Setup = tuple[tuple[tuple[str, str], ...], tuple[tuple[str, int], ...], int, str]


@dataclass(frozen=True, slots=True)
class MetricValue:
    """One number with the central 95% of its bootstrap distribution, `low` to `high`.

    `side` is "teacher", "student", `SHORT`, `ABLATION`, `SECOND_SEED`, `TEACHERS`, or None where the number is about
    teacher and student; `n` counts the resampled items. Shares lie in 0..1.
    """

    task: str
    metric: str
    side: str | None
    value: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True)
class Line:
    """One logged quantity: `values` [point] after `tokens` [point] had been read."""

    name: str
    tokens: Array
    values: Array


@dataclass(frozen=True, slots=True)
class Curve:
    """One stage of training: the logged quantities, and the steps, tokens and seconds that it took."""

    stage: str
    lines: tuple[Line, ...]
    steps: int
    tokens: int
    seconds: float

    def line(self, name: str) -> Line | None:
        """The logged quantity of that name, or None if this stage has none."""
        return next((line for line in self.lines if line.name == name), None)


@dataclass(frozen=True, slots=True)
class Experiment:
    """Everything that was recorded. `measurements` are of one side each, `pairs` of both together.

    `settings` are (name, value) in words; `sources` are (name, tokens) of the text that pre-training read;
    `tokens_per_pass` is the number of tokens in one pass over all of it, 0 if the record does not say.
    """

    measurements: tuple[MetricValue, ...]
    pairs: tuple[MetricValue, ...]
    curves: tuple[Curve, ...]
    settings: tuple[tuple[str, str], ...]
    sources: tuple[tuple[str, int], ...]
    tokens_per_pass: int
    device: str

    @property
    def kept(self) -> tuple[MetricValue, ...]:
        """The share that the student keeps of the teacher's score; `metric` is that of the score."""
        return tuple(replace(row, side="student") for row in self._pairs_of(KEPT))

    @property
    def differences(self) -> tuple[MetricValue, ...]:
        """The student's score minus the teacher's; `metric` is that of the score."""
        return self._pairs_of(DIFFERENCE)

    @property
    def together(self) -> tuple[MetricValue, ...]:
        """Agreement of teacher and student and, as the side `TEACHERS`, of the teacher and its second training."""
        rows = (row for row in self.pairs if not row.metric.startswith((KEPT, DIFFERENCE, ADDED)))
        return tuple(
            replace(row, metric=row.metric.removesuffix(SEEDS), side=TEACHERS) if row.metric.endswith(SEEDS) else row
            for row in rows
        )

    def _pairs_of(self, kind: str) -> tuple[MetricValue, ...]:
        rows = (row for row in self.pairs if row.metric.startswith(kind))
        return tuple(replace(row, metric=row.metric.removeprefix(kind)) for row in rows)

    def added(self, task: str, metric: str) -> MetricValue | None:
        """A short run of the student with its teacher minus the same without, or None if it was not measured."""
        return next((row for row in self._pairs_of(ADDED) if (row.task, row.metric) == (task, metric)), None)

    def measured(self, task: str, metric: str, side: str) -> MetricValue | None:
        """One side's value, or None if it was not measured."""
        wanted = (task, metric, side)
        return next((row for row in self.measurements if (row.task, row.metric, row.side) == wanted), None)

    def curve(self, stage: str) -> Curve | None:
        """The stage of that name, or None if it has not been run."""
        return next((curve for curve in self.curves if curve.stage == stage), None)

    def setting(self, name: str) -> str | None:
        """A setting in words, or None if the record has none of that name."""
        return dict(self.settings).get(name)


def read_experiment(folder: Path) -> Experiment:
    """The records in a folder. Raises `AnalysisError` if one is missing or damaged."""
    measurements, pairs = read_record(folder / EVALUATION, _evaluation, RECIPE)
    curves, (table, sources, tokens_per_pass, device) = read_record(folder / CURVES, _training, RECIPE)
    return Experiment(measurements, pairs, curves, table, sources, tokens_per_pass, device)


def _evaluation(content: Any) -> tuple[tuple[MetricValue, ...], tuple[MetricValue, ...]]:
    return _rows(content["rows"]), _rows(content["pairs"])


def _training(content: Any) -> tuple[tuple[Curve, ...], Setup]:
    return _stages(content["stages"]), _settings(dict(content["settings"]))


def _rows(rows: Iterable[dict[str, Any]]) -> tuple[MetricValue, ...]:
    """The rows in their order, without those that could not be measured (NaN, as kappa of constant answers)."""
    measured = [
        MetricValue(
            task=str(row["task"]),
            metric=str(row["metric"]),
            side=str(row["side"]).replace("_", "-") if row.get("side") else None,
            value=float(row["value"]),
            low=float(row["low"]),
            high=float(row["high"]),
            n=int(row["n"]),
        )
        for row in rows
    ]
    return tuple(row for row in measured if all(map(math.isfinite, (row.value, row.low, row.high))))


def _stages(stages: dict[str, list[dict[str, Any]]]) -> tuple[Curve, ...]:
    return tuple(_curve(stage.replace("_", "-"), points) for stage, points in stages.items() if points)


def _curve(stage: str, points: list[dict[str, Any]]) -> Curve:
    names = dict.fromkeys(name for point in points for name in point if name not in NO_LOSS)
    last = points[-1]
    lines = tuple(_line(name, points) for name in names)
    return Curve(stage, lines, int(last["step"]), int(last["tokens"]), float(last["seconds"]))


def _line(name: str, points: list[dict[str, Any]]) -> Line:
    logged = [point for point in points if name in point]
    tokens = frozen([point["tokens"] for point in logged], np.float64)
    return Line(name, tokens, frozen([point[name] for point in logged], np.float64))


def _settings(settings: dict[str, Any]) -> Setup:
    table = tuple((str(name), str(value)) for name, value in settings.get("table", ()))
    sources = tuple((str(name), int(tokens)) for name, tokens in settings.get("tokens_by_source", {}).items())
    return table, sources, int(settings.get("tokens_a_pass", 0)), str(settings.get("device", ""))
