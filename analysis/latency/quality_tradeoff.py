"""Quality per millisecond: measured quality against measured time, for tasks that have both."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from analysis.distillation.metrics import SHARE, in_words, leading, metric_named, task_title
from analysis.distillation.record import Experiment, MetricValue
from analysis.latency.profile import LatencyProfile
from analysis.latency.summary import time_share
from analysis.models.pairs import Sides
from analysis.statistics import Estimate
from analysis.wording import interval


@dataclass(frozen=True, slots=True)
class Tradeoff:
    """One task: each side's quality (the leading metric) and the median time of a forward pass in ms."""

    quality: Sides[MetricValue]
    p50: Sides[Estimate]
    finding: str

    @property
    def title(self) -> str:
        return task_title(self.quality.teacher.task)

    @property
    def metric(self) -> str:
        return metric_named(self.quality.teacher.metric).title


def tradeoffs(experiment: Experiment, profiles: Mapping[str, LatencyProfile]) -> tuple[Tradeoff, ...]:
    """One tradeoff for each task of `profiles` for which the experiment has both sides' quality."""
    scores = {(row.task, row.side): row for row in leading(experiment.measurements)}
    made = []
    for task, profile in profiles.items():
        teacher, student = (scores.get((task, side)) for side in ("teacher", "student"))
        if teacher and student:
            made.append(Tradeoff(Sides(teacher, student), profile.p50, _finding(experiment, teacher, profile)))
    return tuple(made)


def graded(experiment: Experiment, tasks: Iterable[str]) -> tuple[list[str], list[str]]:
    """The tasks whose quality was measured, and those whose quality was not."""
    known = {row.task for row in experiment.measurements}
    return [task for task in tasks if task in known], [task for task in tasks if task not in known]


def _finding(experiment: Experiment, score: MetricValue, profile: LatencyProfile) -> str:
    wanted = (score.task, score.metric, "student")
    kept = next((row for row in experiment.kept if (row.task, row.metric, row.side) == wanted), None)
    share = in_words(kept, SHARE) if kept else "a share that was not measured"
    time = (
        "; these rounds do not show in what share of its time"
        if profile.inconclusive_reason
        else f" in {interval(time_share(profile))} of its time"
    )
    noun = metric_named(score.metric).noun
    return f"{task_title(score.task)}: the student keeps {share} of the teacher's {noun}{time}."
