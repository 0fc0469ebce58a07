"""Every task that both sides are fine-tuned on: how it is trained, and how it is measured. A new task is two rows."""

from __future__ import annotations

from . import entities, finetune, questions, sentence_pairs
from .evaluate import CLASSIFICATION, Evaluation
from .finetune import TaskRecipe

RECIPES: dict[str, TaskRecipe] = {
    "sentiment": finetune.SENTIMENT,
    "entities": entities.RECIPE,
    "sentence-pair": sentence_pairs.RECIPE,
    "question-answering": questions.RECIPE,
}

EVALUATIONS: dict[str, Evaluation] = {
    "sentiment": CLASSIFICATION,
    "entities": entities.EVALUATION,
    "sentence-pair": CLASSIFICATION,
    "question-answering": questions.EVALUATION,
}
