"""What both sides can do, measured on text that neither was trained on, with intervals.

`evaluation.json` has two lists. `rows`: {task, metric, side, value, low, high, n} for each side on its own; `pairs`:
{task, metric, value, low, high, n} for the two together, where the metric is `share_kept:<metric>` (the student's value
over the teacher's; with a `side`, that one's), `distillation_adds:<metric>`, `agreement` (share of equal answers) or
`kappa` (Cohen's). What distillation adds is, for fill-mask, the student's value less that of the ablation, the side
`student-mlm-only`, and on a task the value of `student-distilled-again` less the student's. `low` and `high` bound the
central 95 % of 1,000 bootstrap samples; `n` counts what was resampled: sequences for fill-mask, since the masked pieces
of one are not independent, and examples otherwise. All sides are resampled together. Metrics are shares in 0..1 but for
`perplexity`. `top1:expository` and `top1:novels` are top-1 on those held-out documents alone.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from transformers import AutoModelForMaskedLM, AutoTokenizer

from .batches import Batch, held_out_batches
from .corpus import Corpus
from .finetune import TaskRecipe, predicted
from .pretrain import logits_at, use_fastest_attention
from .sources import SOURCES

SIDES = ("teacher", "student")
ABLATION = "student-mlm-only"  # the same student, trained for the same steps without its teacher
AGAIN = "student-distilled-again"  # the student that was distilled on a task itself, by its fine-tuned teacher
PROBES = "probes"  # our own sentences' metric, which `probing.py` measures of all tasks at once
ADDS = "distillation_adds:"  # how the metric of a pair row begins that says what distillation did for a student
DRAWS = 1_000
MOST_SEQUENCES = 1_600
LENGTH = 128

Array = np.ndarray
Statistic = Callable[[Array], Array]  # weights [draw, unit] -> value [draw]
Rows = list[dict[str, Any]]


def bootstrap_weights(units: int, seed: int = 0, draws: int = DRAWS) -> Array:
    """How often each unit is drawn in each bootstrap sample, [draw, unit]; the first row is the sample itself."""
    generator = np.random.default_rng(seed)
    drawn = generator.multinomial(units, np.full(units, 1 / units), size=draws)
    return np.vstack([np.ones((1, units)), drawn])


def estimate(statistic: Statistic, units: int) -> dict[str, float | int]:
    """The statistic with the central 95 % of its bootstrap distribution."""
    values = statistic(bootstrap_weights(units))
    low, high = np.nanpercentile(values[1:], [2.5, 97.5])
    return {"value": round(float(values[0]), 5), "low": round(float(low), 5), "high": round(float(high), 5), "n": units}


def mean_of(sums: Array, counts: Array) -> Statistic:
    """Total over total: `sums` and `counts` are [unit]."""
    return lambda weights: (weights @ sums) / (weights @ counts)


def ratio(sums: Array, counts: Array) -> Statistic:
    """Total over total, 0 where nothing is counted (no entity predicted); `sums` and `counts` are [unit]."""

    def value(weights: Array) -> Array:
        above, below = weights @ sums, weights @ counts
        return np.divide(above, below, out=np.zeros(len(above)), where=below > 0)

    return value


def share_kept(student: Statistic, teacher: Statistic) -> Statistic:
    """The student's value over the teacher's."""
    return lambda weights: student(weights) / teacher(weights)


def added(distilled: Statistic, other: Statistic) -> Statistic:
    """The value of a student less that of one that lacked this distillation."""
    return lambda weights: distilled(weights) - other(weights)


def kappa(first: Array, second: Array, unit: Array, units: int) -> Statistic:
    """Cohen's kappa of two labellings [item]; `unit` says which resampled unit an item belongs to (Cohen 1960)."""
    labels, codes = np.unique(np.concatenate([first, second]), return_inverse=True)
    ours, theirs = codes[: len(first)], codes[len(first) :]

    def one(weights: Array) -> float:
        item = weights[unit]
        observed = item[first == second].sum() / item.sum()
        shares = [np.bincount(side, item, len(labels)) / item.sum() for side in (ours, theirs)]
        expected = float(shares[0] @ shares[1])
        return float((observed - expected) / (1 - expected)) if expected < 1 else float("nan")

    return lambda weights: np.array([one(row) for row in weights])


@dataclass(frozen=True, slots=True)
class Filled:
    """One side's answers at the masked places: each [place]."""

    surprise: Array  # -ln p of the right piece
    top1: Array  # 1 where the likeliest piece is right
    top5: Array  # 1 where the right piece is among the five likeliest
    answer: Array  # the likeliest piece


@torch.no_grad()
def filled(model: nn.Module, batches: list[Batch], device: torch.device) -> Filled:
    """The model's answers at all masked places of these batches, in float32."""
    model.to(device).eval()
    use_fastest_attention(model, LENGTH)
    parts = []
    for batch in (each.to(device) for each in batches):
        scores = logits_at(model, batch)[0].float().log_softmax(-1)
        best = scores.topk(5).indices
        right = best == batch.labels[:, None]
        surprise = -scores.gather(1, batch.labels[:, None]).squeeze(1)
        parts.append([surprise, right[:, 0], right.any(1), best[:, 0]])
    return Filled(*(torch.cat(column).cpu().numpy() for column in zip(*parts, strict=True)))


def evaluate_fill_mask(corpus: Corpus, folders: dict[str, Path], device: torch.device) -> tuple[list[Any], list[Any]]:
    """Rows and pair rows of masked-language modelling on the held-out documents, for every side that has a folder."""
    tokenizer = AutoTokenizer.from_pretrained(folders["teacher"])
    batches, starts = held_out_batches(corpus, tokenizer, LENGTH, MOST_SEQUENCES)
    unit = sequence_of_places(batches)
    source_number = corpus.source[np.searchsorted(corpus.ends, starts, "right")]
    novel = ~np.array([source.expository for source in SOURCES])[source_number]
    answers = {
        side: filled(AutoModelForMaskedLM.from_pretrained(folder, dtype=torch.float32), batches, device)
        for side, folder in folders.items()
    }
    statistics = {side: fill_mask_statistics(answers[side], unit, novel) for side in folders}
    rows = [
        {"task": "fill-mask", "metric": metric, "side": side, **estimate(statistic, len(starts))}
        for side in folders
        for metric, statistic in statistics[side].items()
    ]
    pairs = pair_rows("fill-mask", answers["teacher"].answer, answers["student"].answer, unit, len(starts))
    for metric in ("top1", "top5"):
        teacher, student = (statistics[side][metric] for side in SIDES)
        together = {f"share_kept:{metric}": share_kept(student, teacher)}
        if ABLATION in folders:
            together[ADDS + metric] = added(student, statistics[ABLATION][metric])
        pairs += [{"task": "fill-mask", "metric": name, **estimate(of, len(starts))} for name, of in together.items()]
    return rows, pairs


def sequence_of_places(batches: list[Batch]) -> Array:
    """The number of the sequence that each masked place stands in, over all batches: [place]."""
    parts, first = [], 0
    for batch in batches:
        parts.append(batch.places.cpu().numpy() // batch.input_ids.shape[1] + first)
        first += len(batch.input_ids)
    return np.concatenate(parts)


def fill_mask_statistics(side: Filled, unit: Array, novel: Array) -> dict[str, Statistic]:
    """Each metric as a function of the sequences' weights; `novel` is [sequence]."""

    def mean(values: Array, keep: Array) -> Statistic:
        kept = keep[unit]
        sums = np.bincount(unit, values * kept, len(novel))
        return mean_of(sums, np.bincount(unit, kept, len(novel)))

    everything = np.ones(len(novel), dtype=bool)
    surprise = mean(side.surprise, everything)
    return {
        "perplexity": lambda weights: np.exp(surprise(weights)),
        "top1": mean(side.top1, everything),
        "top5": mean(side.top5, everything),
        "top1:expository": mean(side.top1, ~novel),
        "top1:novels": mean(side.top1, novel),
    }


def pair_rows(task: str, teacher: Array, student: Array, unit: Array, units: int) -> list[dict[str, Any]]:
    """Agreement of two labellings [item], and Cohen's kappa."""
    equal = np.bincount(unit, teacher == student, units)
    agreement = mean_of(equal, np.bincount(unit, minlength=units))
    return [
        {"task": task, "metric": "agreement", **estimate(agreement, units)},
        {"task": task, "metric": "kappa", **estimate(kappa(teacher, student, unit, units), units)},
    ]


def score_rows(task: str, statistics: Mapping[str, Mapping[str, Statistic]], units: int) -> tuple[Rows, Rows]:
    """Each side's metrics; and what each student keeps of the teacher's, and a second distillation adds.

    `statistics` are by side, then by metric, each a sum over resampled examples or a ratio of two.
    """
    rows = [
        {"task": task, "metric": metric, "side": side, **estimate(statistic, units)}
        for side, metrics in statistics.items()
        for metric, statistic in metrics.items()
    ]
    teacher, student, again = (statistics.get(side, {}) for side in (*SIDES, AGAIN))
    pairs = [
        *(({"metric": f"share_kept:{metric}"}, share_kept(student[metric], teacher[metric])) for metric in student),
        *(
            ({"metric": f"share_kept:{metric}", "side": AGAIN}, share_kept(again[metric], teacher[metric]))
            for metric in again
        ),
        *(({"metric": ADDS + metric}, added(again[metric], student[metric])) for metric in again),
    ]
    return rows, [{"task": task, **named, **estimate(statistic, units)} for named, statistic in pairs]


def evaluate_classification(
    task: str, recipe: TaskRecipe, data: Path, folders: dict[str, Path], device: torch.device
) -> tuple[list[Any], list[Any]]:
    """Rows and pair rows of a task with one label a text, on its dev part."""
    examples = recipe.read(data, recipe.parts[1])
    answers, accuracy = {}, {}
    for side, folder in folders.items():
        encoded = recipe.encode(AutoTokenizer.from_pretrained(folder), examples, recipe.length)
        model = recipe.head.from_pretrained(folder, dtype=torch.float32).to(device)
        answers[side] = predicted(model, encoded, device)
        right = (answers[side] == np.array(encoded.targets["labels"])).astype(float)
        accuracy[side] = {"accuracy": mean_of(right, np.ones(len(examples)))}
    rows, kept = score_rows(task, accuracy, len(examples))
    each = np.arange(len(examples))
    return rows, pair_rows(task, answers["teacher"], answers["student"], each, len(examples)) + kept


def write_evaluation(results: list[tuple[list[Any], list[Any]]], path: Path) -> None:
    """All rows in one JSON file. What is there of tasks that were not measured stays, but for their probes."""
    earlier = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {"rows": [], "pairs": []}
    rows, pairs = ([row for part in parts for row in part] for parts in zip(*results, strict=True))
    measured = {row["task"] for row in pairs}

    def kept(kind: str) -> list[Any]:
        return [row for row in earlier[kind] if row["task"] not in measured and row["metric"] != PROBES]

    path.parent.mkdir(parents=True, exist_ok=True)
    record = {"schema": 1, "rows": kept("rows") + rows, "pairs": kept("pairs") + pairs}
    path.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
