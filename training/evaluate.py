"""What both sides can do, measured on text that neither was trained on here, with intervals.

`evaluation.json` has two lists. `rows`: {task, metric, side, value, low, high, n} for each side on its own; `pairs`:
{task, metric, value, low, high, n} for two sides together, where the metric is `difference:<metric>` (the student's
value less the teacher's), `share_kept:<metric>` (the student's over the teacher's), `agreement` (share of equal
answers), `kappa` (Cohen's), or `distillation_adds:<metric>` (of two short runs of the student, the one with its teacher
less the one without). `agreement:second-seed` and `kappa:second-seed` are those of the teacher and of a second training
of it, which differs in the random seed alone and has the side `teacher-second-seed`: what any two trainings differ by.

`low` and `high` bound the central 95% of 1,000 bootstrap samples; `n` counts what was resampled: sequences for
fill-mask, since the masked pieces of one are not independent, and examples otherwise. All sides are resampled together.
Metrics are shares in 0..1 but for `perplexity`. `top1:expository` and `top1:novels` are top-1 on those held-out
documents alone.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from transformers import AutoTokenizer

from analysis.inputs.tasks import TASKS

from .adapters import base_of, merged
from .bootstrap import Statistic, agreement, difference, estimate, kappa, mean_of, share_kept
from .finetune import TaskRecipe, predicted

SIDES = ("teacher", "student")
SECOND_SEED = "teacher-second-seed"  # the side of a task's teacher that was trained again with another seed
PROBES = "probes"  # our own sentences' metric, which `probing.py` measures of all tasks at once
UNBOUNDED = ("perplexity",)  # of which a student keeps no share

Rows = list[dict[str, Any]]
Answers = list[Any]  # one per example, of types that JSON has


@dataclass(frozen=True, slots=True)
class Evaluation:
    """How a task is measured.

    `answers(task, recipe, folder, examples, device)` asks the side that is published in a folder; `scores(examples,
    answers)` are its metrics and `together(examples, first, second)` agreement and kappa of two, as statistics of
    examples. `most` examples are measured, drawn at random.
    """

    answers: Callable[[str, TaskRecipe, Path, Sequence[Any], torch.device], Answers]
    scores: Callable[[Sequence[Any], Answers], dict[str, Statistic]]
    together: Callable[[Sequence[Any], Answers, Answers], dict[str, Statistic]]
    most: int | None = None

    def examples(self, recipe: TaskRecipe, data: Path) -> list[Any]:
        """The examples of the recipe's second part that are measured."""
        return sampled(recipe.read(data, recipe.parts[1]), self.most)

    def rows(self, task: str, examples: Sequence[Any], answers: Mapping[str, Answers]) -> tuple[Rows, Rows]:
        """Rows and pair rows from the answers of each side."""
        scores = {side: self.scores(examples, own) for side, own in answers.items()}
        teacher, student = (answers[side] for side in SIDES)
        pairs = self.together(examples, teacher, student) | compared(scores["student"], scores["teacher"])
        if SECOND_SEED in answers:
            again = self.together(examples, teacher, answers[SECOND_SEED])
            pairs |= {f"{metric}:second-seed": statistic for metric, statistic in again.items()}
        return score_rows(task, scores, len(examples)), pair_rows(task, pairs, len(examples))


def sampled(examples: list[Any], most: int | None) -> list[Any]:
    """At most `most` of the examples: always the same random ones, in the file's order."""
    order = np.random.default_rng(0).permutation(len(examples))[:most]
    return [examples[number] for number in sorted(order)]


def compared(student: Mapping[str, Statistic], teacher: Mapping[str, Statistic]) -> dict[str, Statistic]:
    """The student's difference to the teacher in each metric, and the share of it that the student keeps."""
    differences = {f"difference:{metric}": difference(student[metric], teacher[metric]) for metric in student}
    shares = {metric: share_kept(student[metric], teacher[metric]) for metric in student if metric not in UNBOUNDED}
    return differences | {f"share_kept:{metric}": share for metric, share in shares.items()}


def score_rows(task: str, scores: Mapping[str, Mapping[str, Statistic]], units: int) -> Rows:
    """The rows of each side's metrics; `scores` are by side, then by metric."""
    return [
        {"task": task, "metric": metric, "side": side, **estimated}
        for side, metrics in scores.items()
        for metric, statistic in metrics.items()
        if (estimated := estimate(statistic, units))
    ]


def pair_rows(task: str, statistics: Mapping[str, Statistic], units: int) -> Rows:
    """The rows of two sides together."""
    return [
        {"task": task, "metric": metric, **estimated}
        for metric, statistic in statistics.items()
        if (estimated := estimate(statistic, units))
    ]


def labels_given(
    task: str, recipe: TaskRecipe, folder: Path, examples: Sequence[Any], device: torch.device
) -> list[int]:
    """The number of the label that a side gives each text."""
    encoded = recipe.encode(AutoTokenizer.from_pretrained(base_of(folder)), examples, recipe.length)
    return [int(label) for label in predicted(merged(recipe, folder), encoded, device)]


def label_scores(examples: Sequence[Any], labels: Answers) -> dict[str, Statistic]:
    """The share of texts that have been given their label."""
    right = [float(label == example.label) for label, example in zip(labels, examples, strict=True)]
    return {"accuracy": mean_of(np.array(right), np.ones(len(examples)))}


def labels_together(examples: Sequence[Any], first: Answers, second: Answers) -> dict[str, Statistic]:
    """Agreement of two sides' labels."""
    items = np.array(first), np.array(second), np.arange(len(examples)), len(examples)
    return {"agreement": agreement(*items), "kappa": kappa(*items)}


CLASSIFICATION = Evaluation(labels_given, label_scores, labels_together)


def write_evaluation(results: Sequence[tuple[Rows, Rows]], path: Path) -> None:
    """All rows in one JSON file, task by task. What is there of tasks that were not measured stays, but for probes."""
    earlier = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {"rows": [], "pairs": []}
    rows, pairs = ([row for part in parts for row in part] for parts in zip(*results, strict=True))
    measured = {row["task"] for row in pairs}

    def all_of(kind: str, new: Rows) -> Rows:
        kept = [row for row in earlier[kind] if row["task"] not in measured and row["metric"] != PROBES]
        return sorted(kept + new, key=lambda row: (row["metric"] == PROBES, list(TASKS).index(row["task"])))

    path.parent.mkdir(parents=True, exist_ok=True)
    record = {"schema": 1, "rows": all_of("rows", rows), "pairs": all_of("pairs", pairs)}
    path.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
