"""What the tests of the training share: a tiny teacher and the student that starts from it, and texts to learn."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from transformers import BertConfig, BertForMaskedLM, PreTrainedTokenizerBase

from tests.support.tiny import tiny_tokenizer, tiny_vocabulary
from training.corpus import Corpus
from training.distil import student_of
from training.finetune import Labelled
from training.publish import publish

SENTENCES = (
    "The river runs from the hills to the sea.",
    "A short film can be better than a long one!",
    "Why does the moon follow the train at night?",
    "Salt and water make the old bridge rust.",
    "The teacher reads slowly, and the student learns quickly.",
)
LABELLED = (
    Labelled("Who was it?", "It was Mary.", 0),
    Labelled("Where was it?", "The dog likes the cat.", 1),
    Labelled("When was it?", "In 1932.", 0),
    Labelled("Where does she live, and where does the man live now?", "The film was dull.", 1),
)


def lower_cased_tokenizer() -> PreTrainedTokenizerBase:
    return tiny_tokenizer("bert", tiny_vocabulary(lower_case=True), lower_case=True, max_positions=512)


def repeated_sentences(tokenizer: PreTrainedTokenizerBase) -> Corpus:
    """Ten documents of 800 tokens, the eighth held out."""
    ids = tokenizer(" ".join(SENTENCES), add_special_tokens=False)["input_ids"]
    tokens = np.resize(np.array(ids, dtype=np.uint16), 8_000)
    ends = np.arange(800, 8_001, 800)
    held_out = np.arange(10) == 7
    stops = np.array(tokenizer.convert_tokens_to_ids([".", "?", "!"]), dtype=np.uint16)
    return Corpus(tokens, ends, np.zeros(10, dtype=np.uint8), held_out, stops)


def small_config(vocabulary: int, layers: int = 12, spread: float = 0.1) -> BertConfig:
    """`spread` is the standard deviation of the random weights: the wider, the more a model has to say."""
    return BertConfig(
        vocab_size=vocabulary,
        hidden_size=32,
        num_hidden_layers=layers,
        num_attention_heads=2,
        intermediate_size=64,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        initializer_range=spread,
    )


def random_teacher(tokenizer: PreTrainedTokenizerBase) -> BertForMaskedLM:
    torch.manual_seed(0)
    return BertForMaskedLM(small_config(len(tokenizer))).eval()


def publish_pair(tokenizer: PreTrainedTokenizerBase, folder: Path) -> Path:
    """The folder, which now has both sides."""
    teacher = random_teacher(tokenizer)
    publish(teacher, tokenizer, folder / "teacher")
    publish(student_of(teacher), tokenizer, folder / "student")
    return folder
