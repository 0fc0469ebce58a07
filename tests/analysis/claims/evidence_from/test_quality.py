"""The mean over tasks, as claims take it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from analysis.claims.evidence_from import quality
from analysis.distillation.record import read_experiment
from tests.support.judged import (
    with_kept,
)
from tests.support.made_up_experiment import row, write_records


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
    (found,) = quality.macro(evidence.experiment, evidence.experiment.kept)
    assert (found.estimate.value, found.estimate.low, found.estimate.high) == pytest.approx((95, 93, 98))
