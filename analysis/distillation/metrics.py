"""The metrics of the experiment: their titles and units, the leading one per task, and how a value is written."""

from __future__ import annotations

from dataclasses import dataclass

from analysis.distillation.record import MetricValue
from analysis.inputs.tasks import TASKS
from analysis.wording import signed

SHARE, PERPLEXITY, KAPPA = "share", "perplexity", "kappa"  # the units; each has its own axis


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric as readers know it: `title` on an axis, `noun` inside a sentence."""

    title: str
    noun: str
    unit: str = SHARE


METRICS = {
    "top1": Metric("right at the first guess", "right first guesses"),
    "top5": Metric("right within five guesses", "words found within five guesses"),
    "top1:expository": Metric("first guess, expository text", "right first guesses in expository text"),
    "top1:novels": Metric("first guess, novels", "right first guesses in novels"),
    "perplexity": Metric("perplexity", "perplexity", PERPLEXITY),
    "accuracy": Metric("accuracy", "accuracy"),
    "f1": Metric("F1", "F1"),
    "precision": Metric("precision", "precision"),
    "recall": Metric("recall", "recall"),
    "exact_match": Metric("exact match", "exact matches"),
    "probes": Metric("our own sentences", "right answers to our own sentences"),
    "agreement": Metric("same answer", "equal answers"),
    "kappa": Metric("Cohen's kappa", "kappa", KAPPA),
}
LEADING = {  # the metric of a task if only one is shown
    "fill-mask": "top1",
    "sentiment": "accuracy",
    "entities": "f1",
    "question-answering": "f1",
    "sentence-pair": "accuracy",
}
NOUNS = {"fill-mask": "filling in words", "sentence-pair": "sentence pairs"}  # for other tasks the title in lower case


def metric_named(key: str) -> Metric:
    """The metric by its key; a metric that is not in the table is a share named after its key."""
    name = key.replace("_", " ").replace(":", ", ")
    return METRICS.get(key, Metric(name, name))


def task_title(key: str) -> str:
    """The task's title, or its key if the dashboard does not have the task."""
    return TASKS[key].title if key in TASKS else key


def in_words(row: MetricValue, unit: str | None = None) -> str:
    """A value with its interval: “97.1% [95.0, 99.2]”."""
    if (unit or metric_named(row.metric).unit) == SHARE:
        return f"{100 * row.value:.1f}% [{100 * row.low:.1f}, {100 * row.high:.1f}]"
    return f"{row.value:.2f} [{row.low:.2f}, {row.high:.2f}]"


def leading(rows: tuple[MetricValue, ...]) -> tuple[MetricValue, ...]:
    """For each task and side the row of the task's leading metric, or else its first row."""
    chosen: dict[tuple[str, str | None], MetricValue] = {}
    for row in rows:
        key = row.task, row.side
        if key not in chosen or row.metric == LEADING.get(row.task):
            chosen[key] = row
    return tuple(chosen.values())


def points(row: MetricValue) -> str:
    """A difference of shares with its interval: “+1.0 points [−0.5, +2.5]”."""
    return f"{signed(row.value)} points [{signed(row.low)}, {signed(row.high)}]"


def noun_of(task: str) -> str:
    """The task's name inside a sentence."""
    return NOUNS.get(task, task_title(task).lower())
