"""Masked-language modelling measured on the held-out documents; the rows are those of `evaluate.py`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from transformers import AutoModelForMaskedLM, AutoTokenizer

from .batches import Batch, held_out_batches
from .bootstrap import Array, Statistic, agreement, difference, kappa, mean_of
from .corpus import Corpus
from .evaluate import Rows, compared, pair_rows, score_rows
from .loop import evaluating
from .pretrain import MaskedLanguageModel, logits_at, use_fastest_attention
from .sources import SOURCES

TASK = "fill-mask"
# The ablation: two short runs of the student, the same steps from the same start, with its teacher and without.
SHORT, ABLATION = "student-short", "student-mlm-only"
ADDS = "distillation_adds:"  # how the metric of a pair row begins that is the first's value less the second's
MOST_SEQUENCES = 1_600
LENGTH = 128


@dataclass(frozen=True, slots=True)
class Filled:
    """One side's answers at the masked places: each [place]."""

    surprise: Array  # -ln p of the right piece
    top1: Array  # 1 where the likeliest piece is right
    top5: Array  # 1 where the right piece is among the five likeliest
    answer: Array  # the likeliest piece


@torch.no_grad()
def filled(model: MaskedLanguageModel, batches: list[Batch], device: torch.device) -> Filled:
    """The model's answers at all masked places of these batches, in float32."""
    evaluating(model, device)
    use_fastest_attention(model, LENGTH)
    parts = []
    for batch in (each.to(device) for each in batches):
        scores = logits_at(model, batch)[0].float().log_softmax(-1)
        best = scores.topk(5).indices
        right = best == batch.labels[:, None]
        surprise = -scores.gather(1, batch.labels[:, None]).squeeze(1)
        parts.append([surprise, right[:, 0], right.any(1), best[:, 0]])
    return Filled(*(torch.cat(column).cpu().numpy() for column in zip(*parts, strict=True)))


def evaluate_fill_mask(corpus: Corpus, folders: dict[str, Path], device: torch.device) -> tuple[Rows, Rows]:
    """Rows and pair rows of every side that has a folder; of the ablation if both its sides have one."""
    tokenizer = AutoTokenizer.from_pretrained(folders["teacher"])
    batches, starts = held_out_batches(corpus, tokenizer, LENGTH, MOST_SEQUENCES)
    unit = sequence_of_places(batches)
    source_number = corpus.source[np.searchsorted(corpus.ends, starts, "right")]
    novel = ~np.array([source.expository for source in SOURCES])[source_number]
    answers = {
        side: filled(AutoModelForMaskedLM.from_pretrained(folder, dtype=torch.float32), batches, device)
        for side, folder in folders.items()
    }
    scores = {side: fill_mask_scores(own, unit, novel) for side, own in answers.items()}
    items = answers["teacher"].answer, answers["student"].answer, unit, len(starts)
    pairs = {"agreement": agreement(*items), "kappa": kappa(*items)} | compared(scores["student"], scores["teacher"])
    if {SHORT, ABLATION} <= set(folders):
        pairs |= {ADDS + name: difference(scores[SHORT][name], scores[ABLATION][name]) for name in scores[SHORT]}
    return score_rows(TASK, scores, len(starts)), pair_rows(TASK, pairs, len(starts))


def sequence_of_places(batches: list[Batch]) -> Array:
    """The number of the sequence that each masked place stands in, over all batches: [place]."""
    parts, first = [], 0
    for batch in batches:
        parts.append(batch.places.cpu().numpy() // batch.input_ids.shape[1] + first)
        first += len(batch.input_ids)
    return np.concatenate(parts)


def fill_mask_scores(side: Filled, unit: Array, novel: Array) -> dict[str, Statistic]:
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
