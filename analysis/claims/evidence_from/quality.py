"""How much of its teacher's quality a student keeps, from the evaluation that lies beside the checkpoints."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

from analysis.claims.claim import Measurement, Missing
from analysis.claims.criteria import exactly
from analysis.claims.evidence import Evidence
from analysis.distillation.metrics import leading, metric_named, task_title
from analysis.distillation.record import Experiment, MetricValue
from analysis.literature import PUBLISHED
from analysis.statistics import Estimate

PRETRAINED = "fill-mask"
NO_EVALUATION = "No evaluation lies beside these checkpoints."
RANDOM = "The weights are random: the models have learned nothing that could be kept."
REPORTED = {result.task: result for result in PUBLISHED if result.task}

Rows = tuple[MetricValue, ...]


def _from_rows(
    compute: Callable[[Experiment, Rows], tuple[Measurement, ...] | Missing],
) -> Callable[[Evidence], tuple[Measurement, ...] | Missing]:
    """A measurement that `compute` derives from the shares kept, one per task (leading score, student over teacher)."""

    def measure(evidence: Evidence) -> tuple[Measurement, ...] | Missing:
        if evidence.experiment is None:
            return Missing(NO_EVALUATION if evidence.trained else RANDOM)
        rows = leading(tuple(row for row in evidence.experiment.kept if row.side == "student"))
        return compute(evidence.experiment, rows) if rows else Missing("The evaluation has no score of both models.")

    return measure


def in_per_cent(row: MetricValue) -> Estimate:
    """A share and its interval in per cent."""
    return Estimate(100 * row.value, 100 * row.low, 100 * row.high)


def samples_of(rows: Rows) -> str:
    """The conditions: how the intervals were computed, and on how many examples per task."""
    sizes = ", ".join(f"{task_title(row.task).lower()} {row.n:,}" for row in rows)
    return f"95% CI from 1,000 bootstrap samples of the test examples ({sizes})"


def macro(experiment: Experiment, rows: Rows) -> tuple[Measurement, ...] | Missing:
    """The student's mean score over the teacher's, in per cent.

    It is the mean of the shares kept, each weighted by the teacher's score. Tasks have separate examples, so the
    distances from the mean to both ends add in quadrature, as independent errors. The uncertainty of the weights is
    neglected: it moves the mean only in proportion to the differences between shares.
    """
    scores = [experiment.measured(row.task, row.metric, "teacher") for row in rows]
    weights = [score.value if score else math.nan for score in scores]
    if math.isnan(sum(weights)):
        return Missing("The evaluation lacks a score of the teacher.")
    parts = [(weight / sum(weights), in_per_cent(row)) for weight, row in zip(weights, rows, strict=True)]
    value = sum(weight * part.value for weight, part in parts)
    below = math.hypot(*(weight * (part.value - part.low) for weight, part in parts))
    above = math.hypot(*(weight * (part.high - part.value) for weight, part in parts))
    names = ", ".join(task_title(row.task).lower() for row in rows)
    return (Measurement(Estimate(value, value - below, value + above), samples_of(rows), f"over {names}"),)


def by_task(_: Experiment, rows: Rows) -> tuple[Measurement, ...] | Missing:
    """The share kept on each task, in per cent."""
    return tuple(kept_on(row) for row in rows)


def kept_on(row: MetricValue) -> Measurement:
    """The share kept on the task of a row, in per cent, beside the published one."""
    name = f"{task_title(row.task)}, {metric_named(row.metric).noun}"
    result = REPORTED.get(row.task)
    if result is None:
        return Measurement(in_per_cent(row), samples_of((row,)), name=name)
    return Measurement(
        in_per_cent(row),
        samples_of((row,)),
        name=name,
        reported=100 * result.kept,
        reported_as=result.title,
        reported_by=result.source,
    )


def lost_by_task(_: Experiment, rows: Rows) -> tuple[Measurement, ...] | Missing:
    """How many per cent of the teacher's score are lost on each task; negative if the student is ahead."""
    return tuple(_lost_on(row) for row in rows)


def _lost_on(row: MetricValue) -> Measurement:
    kept = kept_on(row)
    lost = Estimate(100 - kept.estimate.value, 100 - kept.estimate.high, 100 - kept.estimate.low)
    return replace(kept, estimate=lost, reported=None if kept.reported is None else 100 - kept.reported)


def hardest_against_easiest(experiment: Experiment, rows: Rows) -> tuple[Measurement, ...] | Missing:
    """How many points less is kept on the task with the teacher's lowest score than on that with its highest."""
    scored = [(score.value, row) for row in rows if (score := experiment.measured(row.task, row.metric, "teacher"))]
    if len(scored) < 2:
        return Missing("Comparing a harder with an easier task takes two tasks.")
    (_, hardest), *_, (_, easiest) = sorted(scored, key=lambda pair: pair[0])
    more = difference(in_per_cent(easiest), in_per_cent(hardest))
    names = f"{task_title(hardest.task).lower()} against {task_title(easiest.task).lower()}"
    return (Measurement(more, samples_of((hardest, easiest)), names),)


def difference(first: Estimate, second: Estimate) -> Estimate:
    """First minus second, of independent examples: the distances to the ends add in quadrature."""
    value = first.value - second.value
    below = math.hypot(first.value - first.low, second.high - second.value)
    above = math.hypot(first.high - first.value, second.value - second.low)
    return Estimate(value, value - below, value + above)


def worst_fine_tuned(_: Experiment, rows: Rows) -> tuple[Measurement, ...] | Missing:
    """The smallest share kept among the fine-tuned tasks, in per cent."""
    learned = [row for row in rows if row.task != PRETRAINED]
    if not learned:
        return Missing("No task other than pre-training was measured.")
    least = min(learned, key=lambda row: row.value)
    return (Measurement(in_per_cent(least), samples_of((least,)), task_title(least.task).lower()),)


kept_on_average, kept_by_task, lost = _from_rows(macro), _from_rows(by_task), _from_rows(lost_by_task)
harder_loses_more, kept_at_worst = _from_rows(hardest_against_easiest), _from_rows(worst_fine_tuned)


def elsewhere(names: str) -> Callable[[Evidence], tuple[Measurement, ...] | Missing]:
    """No measurement: there is only a published number for these tasks."""
    return lambda _: Missing(f"No pair here is measured on {names}.")


def learned_tasks(evidence: Evidence) -> tuple[Measurement, ...] | Missing:
    """For how many tasks the pair has checkpoints that were fine-tuned."""
    if not evidence.trained:
        return Missing(RANDOM)
    if len(evidence.tasks) < 2:
        return Missing("This pair is known here for one task only, which says nothing about others.")
    learned = [task_title(task).lower() for task in evidence.tasks if task != PRETRAINED]
    return (Measurement(exactly(len(learned)), "counted from the pair's checkpoints", ", ".join(learned)),)
