"""How the teacher starts: as a published BERT, with a smaller vocabulary and a masked-language head."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import torch
from transformers import AutoConfig, AutoTokenizer, BertConfig, BertForMaskedLM, PreTrainedTokenizerBase

from .folders import copy_licence
from .tokenizer import LONGEST_INPUT, SPECIAL_PIECES, kept_pieces, piece_counts, pruned, vocabulary_text

# BERT of 12 layers and 384 features, MIT licence (Xiao et al. 2024): RetroMAE, then trained for the likeness of texts.
START = "BAAI/bge-small-en-v1.5"
LAYERS = 12  # those that the student is made of are numbered for this depth
NO_DROPOUT = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0, "classifier_dropout": None}
ROWS = ("bert.embeddings.word_embeddings.weight", "cls.predictions.decoder.weight")  # [piece, feature]
ENTRIES = ("cls.predictions.bias", "cls.predictions.decoder.bias")  # [piece]
ORIGIN = "origin.json"  # of what a start was made


def prepare(origin: str, data: Path, folder: Path, pieces: int) -> None:
    """Write the start that is made of a published BERT, its tokenizer and its licence to `folder`.

    `origin` is a folder or a name on the hub. Of a larger vocabulary the `pieces` that the text in `data` uses most are
    kept. The folder appears when it is complete.
    """
    model, tokenizer = start_of(origin, data, pieces)
    unfinished = folder.with_suffix(".part")
    shutil.rmtree(unfinished, ignore_errors=True)
    model.save_pretrained(unfinished)
    tokenizer.save_pretrained(unfinished)
    copy_licence(Path(origin), unfinished)
    (unfinished / ORIGIN).write_text(json.dumps({"start": origin, "pieces": pieces}) + "\n", encoding="utf-8")
    unfinished.rename(folder)


def start_of(origin: str, data: Path, pieces: int, seed: int = 0) -> tuple[BertForMaskedLM, PreTrainedTokenizerBase]:
    """The published BERT without dropout, with at most `pieces` pieces, and with a masked-language head if it had none.

    Raises `ValueError` where it is not a BERT that the student's layers and the longest sequences fit.
    """
    config = AutoConfig.from_pretrained(origin, **NO_DROPOUT)
    check_shape(config)
    tokenizer: PreTrainedTokenizerBase = AutoTokenizer.from_pretrained(origin)
    torch.manual_seed(seed)
    loaded: Any = BertForMaskedLM.from_pretrained(
        origin, config=config, dtype=torch.float32, use_safetensors=True, output_loading_info=True
    )
    model, report = loaded
    headless = any(name.startswith("cls.") for name in report["missing_keys"])
    larger = len(tokenizer) > pieces
    if not (headless or larger):
        return model, tokenizer
    counts = piece_counts(tokenizer, vocabulary_text(data))
    if larger:
        kept = kept_pieces(tokenizer, counts, pieces)
        print(f"{counts[kept].sum() / counts.sum():.2%} of the text's pieces are among the {pieces:,} that are kept")
        model, tokenizer, counts = with_pieces(model, kept), pruned(tokenizer, kept), counts[kept]
    if headless:
        set_frequencies(model, counts)
    return model, tokenizer


def check_shape(config: BertConfig) -> None:
    """Raise `ValueError` unless it is that of a 12-layer BERT which reads 512 tokens."""
    if config.model_type != "bert":
        raise ValueError(f"A teacher starts as a BERT, not as {config.model_type}.")
    if config.num_hidden_layers != LAYERS or config.max_position_embeddings < LONGEST_INPUT:
        shape = f"{config.num_hidden_layers} layers and {config.max_position_embeddings} positions"
        raise ValueError(
            f"A teacher starts with {LAYERS} layers and {LONGEST_INPUT} positions or more, not with {shape}."
        )


def with_pieces(model: BertForMaskedLM, kept: list[int]) -> BertForMaskedLM:
    """The model with the word vectors and the biases of these pieces alone, in this order."""
    changed = {"vocab_size": len(kept), "pad_token_id": SPECIAL_PIECES.index("[PAD]")}
    smaller = BertForMaskedLM(BertConfig.from_dict(model.config.to_dict() | changed))
    weights = model.state_dict()
    smaller.load_state_dict(weights | {name: weights[name][kept] for name in ROWS + ENTRIES})
    return smaller


@torch.no_grad()
def set_frequencies(model: BertForMaskedLM, counts: np.ndarray) -> None:
    """Make the bias of each piece the logarithm of its share of the text: what is known before any context is read."""
    shares = torch.from_numpy(counts + 1.0)
    model.cls.predictions.bias.copy_((shares / shares.sum()).log())
