"""Every task that both sides are fine-tuned on: how it is trained, and how it is measured. A new task is two rows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from . import entities, finetune, questions, sentence_pairs
from .evaluate import evaluate_classification
from .finetune import TaskRecipe

RECIPES: dict[str, TaskRecipe] = {
    "sentiment": finetune.SENTIMENT,
    "entities": entities.RECIPE,
    "sentence-pair": sentence_pairs.RECIPE,
    "question-answering": questions.RECIPE,
}

Evaluation = Callable[[str, TaskRecipe, Path, dict[str, Path], torch.device], tuple[list[Any], list[Any]]]

EVALUATIONS: dict[str, Evaluation] = {
    "sentiment": evaluate_classification,
    "entities": entities.evaluate_entities,
    "sentence-pair": evaluate_classification,
    "question-answering": questions.evaluate_questions,
}
