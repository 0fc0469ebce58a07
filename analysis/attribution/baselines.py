"""Baselines: what stands for “no word” in a word's place. Attributions explain the score's change from there.

They rank words differently (`agreement.baseline_agreement` says how much), so the reader chooses one and sees which.
The default follows from how faithful attributions from each of them are (`measured`, docs/faithfulness.md).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from analysis.arrays import Array, frozen
from analysis.attribution.score_function import ScoreFunction, embedding_table
from analysis.inputs.probe_corpus import probe_sentences
from analysis.models.tokens import once_a_tokenizer

if TYPE_CHECKING:
    from torch import Tensor
    from transformers import PreTrainedTokenizerBase


@dataclass(frozen=True, slots=True)
class Baseline:
    """`vector`: [width], or [token, width], in place of every word piece's embedding. `about` is for the reader."""

    about: str
    vector: Callable[[ScoreFunction], Tensor]


def baseline_embeddings(score_function: ScoreFunction, baseline: Baseline) -> Tensor:
    """The text's embeddings with the baseline in place of its words, [token, width]; special tokens keep theirs."""
    import torch

    text = score_function.embeddings
    return torch.where(torch.tensor(score_function.protected)[:, None], text, baseline.vector(score_function))


def end_scores(score_function: ScoreFunction, baseline: Baseline) -> tuple[float, float]:
    """The target's score at the baseline and at the text, in logits."""
    import torch

    with torch.inference_mode():
        rows = torch.stack([baseline_embeddings(score_function, baseline), score_function.embeddings])
        at_baseline, at_text = score_function.scores(rows).tolist()
    return at_baseline, at_text


def corpus_mean(score_function: ScoreFunction) -> Tensor:
    """The mean embedding of the probe corpus' pieces, each as often as it occurs."""
    import torch

    model, table = score_function.model, embedding_table(score_function.model)
    with model.lock:  # the tokenizer's settings are shared
        shares = torch.from_numpy(_piece_shares(model.tokenizer, len(table)).copy())
    mean: Tensor = shares @ table
    return mean


@once_a_tokenizer
def _piece_shares(tokenizer: PreTrainedTokenizerBase, count: int) -> Array:
    """[piece], float32: how much of the probe corpus each is, without special tokens."""
    ids = tokenizer(list(probe_sentences()), add_special_tokens=False, verbose=False)["input_ids"]
    counts = np.bincount(np.concatenate([np.asarray(row, dtype=np.int64) for row in ids]), minlength=count)
    return frozen(counts / counts.sum(), "float32")


BASELINES: dict[str, Baseline] = {
    "[PAD]": Baseline(
        "the token that fills up short texts in training",
        lambda score_function: embedding_table(score_function.model)[score_function.model.tokenizer.pad_token_id],
    ),
    "[MASK]": Baseline(
        "the token that hides a word in pre-training",
        lambda score_function: embedding_table(score_function.model)[score_function.model.tokenizer.mask_token_id],
    ),
    "zero": Baseline(
        "a vector of zeros, which no model has ever seen",
        lambda score_function: embedding_table(score_function.model)[0] * 0,
    ),
    "corpus mean": Baseline("the average word piece of 600 English sentences", corpus_mean),
}

# The baseline from which integrated gradients are most often the most faithful, over tasks, models and perturbations:
# docs/faithfulness.md.
DEFAULT_BASELINE = "[MASK]"
