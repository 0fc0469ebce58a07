"""A tiny teacher with the student that starts from it, published to be fine-tuned, and four pairs of texts to learn."""

from __future__ import annotations

from pathlib import Path

import torch
from tiny import tiny_tokenizer, tiny_vocabulary
from transformers import BertConfig, BertForMaskedLM, PreTrainedTokenizerBase

from training.distil import student_of
from training.finetune import Labelled
from training.publish import publish

LABELLED = (
    Labelled("Who was it?", "It was Mary.", 0),
    Labelled("Where was it?", "The dog likes the cat.", 1),
    Labelled("When was it?", "In 1932.", 0),
    Labelled("Where does she live, and where does the man live now?", "The film was dull.", 1),
)


def lower_cased_tokenizer() -> PreTrainedTokenizerBase:
    return tiny_tokenizer("bert", tiny_vocabulary(lower_case=True), lower_case=True, max_positions=512)


def publish_pair(tokenizer: PreTrainedTokenizerBase, folder: Path) -> Path:
    """The folder, which now has both sides."""
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        num_hidden_layers=12,
        num_attention_heads=2,
        intermediate_size=64,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        initializer_range=0.1,
    )
    teacher = BertForMaskedLM(config)
    publish(teacher, tokenizer, folder / "teacher")
    publish(student_of(teacher), tokenizer, folder / "student")
    return folder
