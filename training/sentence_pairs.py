"""Sentence pairs: does a Wikipedia sentence answer a question? Derived from SQuAD as GLUE's QNLI was."""

from __future__ import annotations

from pathlib import Path

from transformers import AutoModelForSequenceClassification

from .finetune import Labelled, TaskRecipe, encode_labelled, table_rows

LABELS = ("entailment", "not_entailment")


def read_qnli(data: Path, part: str) -> list[Labelled]:
    """Questions, each with a sentence that answers it (entailment) or does not."""
    rows = table_rows(data / "qnli" / part)
    return [Labelled(row["question"], row["sentence"], LABELS.index(row["label"])) for row in rows]


RECIPE = TaskRecipe(
    source="SQuAD 1.1's questions with single sentences, derived as GLUE's QNLI was (CC BY-SA 4.0)",
    labels=LABELS,
    head=AutoModelForSequenceClassification,
    read=read_qnli,
    encode=encode_labelled,
    parts=("train.tsv.xz", "dev.tsv.xz"),
    length=128,  # 1.3% of the training pairs are longer
    epochs=2,
    batch_size=128,
    rank=32,
)
