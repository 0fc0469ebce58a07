"""Baselines: what stands for “no word” where a word is. Attributions ask what changes from there to the text.

They rank words differently (`agreement.over_baselines` says how much), so the reader chooses one and sees which.
Which one is chosen at first follows from how faithful each is (`measured`, docs/faithfulness.md).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from analysis.arrays import Array, frozen
from analysis.attribution.score_function import Asked, table_of
from analysis.inputs.probe_corpus import probe_sentences

if TYPE_CHECKING:
    from torch import Tensor
    from transformers import PreTrainedTokenizerBase


@dataclass(frozen=True, slots=True)
class Baseline:
    """`vector`: [width], or [token, width], in place of every word piece's embedding. `about` is for the reader."""

    about: str
    vector: Callable[[Asked], Tensor]


def start_of(asked: Asked, baseline: Baseline) -> Tensor:
    """The text's embeddings with the baseline in place of its words, [token, width]; special tokens stay."""
    import torch

    text = asked.embeddings
    return torch.where(torch.tensor(asked.stays)[:, None], text, baseline.vector(asked))


def ends(asked: Asked, baseline: Baseline) -> tuple[float, float]:
    """The target's score at the baseline and at the text, in logits."""
    import torch

    with torch.inference_mode():
        start, text = asked.scores(torch.stack([start_of(asked, baseline), asked.embeddings])).tolist()
    return start, text


def corpus_mean(asked: Asked) -> Tensor:
    """The mean embedding of the probe corpus' pieces, each as often as it occurs."""
    import torch

    with asked.model.lock:  # the tokenizer's settings are shared
        shares = torch.from_numpy(_piece_shares(asked.model.tokenizer, table_of(asked.model).shape[0]).copy())
    mean: Tensor = shares @ table_of(asked.model)
    return mean


@lru_cache(maxsize=8)  # keyed on the tokenizer: a model kept here would never leave memory
def _piece_shares(tokenizer: PreTrainedTokenizerBase, count: int) -> Array:
    """[piece], float32: how much of the probe corpus each is, without special tokens."""
    ids = tokenizer(list(probe_sentences()), add_special_tokens=False, verbose=False)["input_ids"]
    counts = np.bincount(np.concatenate([np.asarray(row, dtype=np.int64) for row in ids]), minlength=count)
    return frozen(counts / counts.sum(), "float32")


BASELINES: dict[str, Baseline] = {
    "[PAD]": Baseline(
        "the token that fills up short texts in training",
        lambda asked: table_of(asked.model)[asked.model.tokenizer.pad_token_id],
    ),
    "[MASK]": Baseline(
        "the token that hides a word in pre-training",
        lambda asked: table_of(asked.model)[asked.model.tokenizer.mask_token_id],
    ),
    "zero": Baseline("no vector at all, which no model has ever seen", lambda asked: table_of(asked.model)[0] * 0),
    "corpus mean": Baseline("the average word piece of 600 English sentences", corpus_mean),
}

# From it integrated gradients are the most faithful most often, over tasks, models and ways: docs/faithfulness.md.
DEFAULT_BASELINE = "[MASK]"
