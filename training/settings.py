"""What the model card says of the settings, read from where the stages read them."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from transformers import AutoModelForMaskedLM

from . import distil, pretrain
from .batches import CHOSEN_SHARE
from .corpus import Corpus, windows_per_pass
from .finetune import TaskRecipe
from .recipes import RECIPES
from .sources import SOURCES
from .tokenizer import NOVEL_LINES_PER_FILE


def card_settings(
    corpus: Corpus, pairs: dict[str, dict[str, Path]], batch_tokens: int, device: torch.device
) -> dict[str, Any]:
    """What the model card says beside the logs and the evaluation; `pairs` are the published folders by task, side."""
    sizes = np.bincount(corpus.source, np.diff(corpus.ends, prepend=0), len(SOURCES))
    teacher, student = (AutoModelForMaskedLM.from_pretrained(folder) for folder in pairs["fill-mask"].values())
    counts = parameters(teacher), parameters(student)
    shape = teacher.config
    novels = NOVEL_LINES_PER_FILE * sum(not source.expository for source in SOURCES)
    rows = [
        ("teacher", f"BERT, {shape.num_hidden_layers} layers, {counts[0] / 1e6:.2f} M parameters"),
        ("student", f"DistilBERT, {student.config.n_layers} layers, {counts[1] / 1e6:.2f} M parameters"),
        ("fewer parameters", f"{100 * (1 - counts[1] / counts[0]):.1f} %"),
        (
            "hidden size, heads",
            f"{shape.hidden_size}, {shape.num_attention_heads}; feed-forward {shape.intermediate_size}",
        ),
        (
            "vocabulary",
            f"{shape.vocab_size:,} of the start's pieces, used most by expository text and {novels:,} lines of novels",
        ),
        ("masking", masking()),
        (
            "sequences",
            f"{schedule(pretrain.LENGTHS)} tokens; every tenth batch 32; every second sequence of two segments",
        ),
        ("batch", f"{batch_tokens:,} tokens"),
        (
            "optimiser",
            f"AdamW, betas {pretrain.PACE.betas}, decay {pretrain.PACE.weight_decay}, gradient norm at most 1",
        ),
        ("learning rate, teacher", f"{pretrain.PACE.peak:g}, linear warm-up and decay"),
        ("learning rate, student", f"{distil.PACE.peak:g}, linear warm-up and decay"),
        ("student starts as", f"teacher layers {', '.join(str(layer + 1) for layer in distil.TEACHER_LAYERS)}"),
        ("distillation loss", distillation_loss()),
        ("dropout", "none"),
        ("arithmetic", "bfloat16 products where the device has them, float32 weights and sums"),
    ]
    tasks = [task for task in RECIPES if task in pairs]
    rows += [(f"fine-tuning, {task}", fine_tuning(RECIPES[task])) for task in tasks]
    return {
        "table": rows,
        "published": [(task, *map(architecture, folders.values())) for task, folders in pairs.items()],
        "task_data": [(task, RECIPES[task].source, *map(part_name, RECIPES[task].parts)) for task in tasks],
        "tokens_by_source": {source.name: int(size) for source, size in zip(SOURCES, sizes, strict=True)},
        "tokens_a_pass": windows_per_pass(corpus, 126) * 128,
        "device": describe_device(device),
    }


def part_name(file: str) -> str:
    """What a task's part is called: its file without the endings."""
    return file.partition(".")[0]


def schedule(table: tuple[tuple[float, int], ...]) -> str:
    """A schedule in words."""
    (_, first), *later = table
    return ", ".join([str(first), *(f"from {100 * start:.0f} % of the budget {value}" for start, value in later)])


def fine_tuning(recipe: TaskRecipe) -> str:
    """A task's recipe in words."""
    amount = f"{recipe.epochs:g} × all examples, batch {recipe.batch_size}, rate {recipe.peak:g}"
    return f"{amount}, {recipe.length} tokens, LoRA of rank {recipe.rank}; both sides alike, no distillation"


def masking() -> str:
    """The masking in words."""
    shares = f"{100 * CHOSEN_SHARE:g} % of the positions"
    return f"{shares}, anew each time; of them 80 % [MASK], 10 % another piece, 10 % unchanged"


def distillation_loss() -> str:
    """The weighted losses in words."""
    weights = distil.WEIGHTS
    soft = f"{weights['soft']:g} · soft cross-entropy (T = {distil.TEMPERATURE:g}, at masked places)"
    return f"{soft} + {weights['mlm']:g} · MLM + {weights['cosine']:g} · cosine distance of the last hidden states"


def architecture(folder: Path) -> str:
    """The class of a published model."""
    (name,) = json.loads((folder / "config.json").read_text(encoding="utf-8"))["architectures"]
    return str(name)


def parameters(model: nn.Module) -> int:
    """How many numbers the model learns; a tied pair counts once."""
    return sum(parameter.numel() for parameter in model.parameters())


def describe_device(device: torch.device) -> str:
    """The device as the model card names it."""
    return torch.cuda.get_device_name(device) if device.type == "cuda" else f"CPU, {os.cpu_count()} cores"
