"""What the model card says of the settings, read from where the stages read them."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from transformers import AutoModelForMaskedLM, PreTrainedConfig, PreTrainedModel

from . import distil, pretrain
from .adapters import DROPOUT, SCALE
from .batches import CHOSEN_SHARE
from .corpus import Corpus, windows_per_pass
from .finetune import TaskRecipe
from .initialisation import START
from .loop import Pace
from .recipes import RECIPES
from .sources import SOURCES


def card_settings(corpus: Corpus, pairs: dict[str, dict[str, Path]], batch_tokens: int, device: str) -> dict[str, Any]:
    """What the model card says beside the logs and the evaluation; `pairs` are the published folders by task, side."""
    sizes = np.bincount(corpus.source, np.diff(corpus.ends, prepend=0), len(SOURCES))
    teacher, student = (AutoModelForMaskedLM.from_pretrained(folder) for folder in pairs["fill-mask"].values())
    tasks = [task for task in RECIPES if task in pairs]
    return {
        "table": [
            *shapes(teacher, student),
            *text_settings(teacher.config, batch_tokens),
            *pace_settings(),
            *((f"fine-tuning, {task}", fine_tuning(RECIPES[task])) for task in tasks),
        ],
        "published": [(task, *map(architecture, folders.values())) for task, folders in pairs.items()],
        "task_data": [(task, RECIPES[task].source, *map(part_name, RECIPES[task].parts)) for task in tasks],
        "tokens_by_source": {source.name: int(size) for source, size in zip(SOURCES, sizes, strict=True)},
        "tokens_a_pass": windows_per_pass(corpus, 126) * 128,
        "device": device,
    }


def shapes(teacher: PreTrainedModel, student: PreTrainedModel) -> list[tuple[str, str]]:
    """Sizes of both sides, and how they start."""
    counts, shape = (parameters(teacher), parameters(student)), teacher.config
    layers = ", ".join(str(layer + 1) for layer in distil.TEACHER_LAYERS)
    return [
        ("teacher", f"BERT, {shape.num_hidden_layers} layers, {counts[0] / 1e6:.1f} M parameters"),
        ("student", f"DistilBERT, {student.config.n_layers} layers, {counts[1] / 1e6:.1f} M parameters"),
        ("fewer parameters", f"{100 * (1 - counts[1] / counts[0]):.1f}%"),
        (
            "hidden size, heads",
            f"{shape.hidden_size}, {shape.num_attention_heads}; feed-forward {shape.intermediate_size:,}",
        ),
        ("start of the teacher", f"the published encoder {START} (MIT licence), with a new masked-language head"),
        ("student starts as", f"teacher layers {layers}"),
    ]


def text_settings(shape: PreTrainedConfig, batch_tokens: int) -> list[tuple[str, str]]:
    """What is read, and how it is cut."""
    return [
        (
            "vocabulary",
            f"those {shape.vocab_size:,} of the start's lower-cased WordPieces that the text uses most, with every "
            "ASCII character",
        ),
        ("masking", masking()),
        (
            "sequences",
            f"{schedule(pretrain.LENGTHS)} tokens; every tenth batch 32; every second sequence of two segments",
        ),
        ("batch", f"{batch_tokens:,} tokens"),
    ]


def pace_settings() -> list[tuple[str, str]]:
    """How both sides are pre-trained and distilled."""
    pace = pretrain.PACE
    return [
        ("optimiser", f"AdamW, betas {pace.betas}, decay {pace.weight_decay}, gradient norm at most 1"),
        ("learning rate, teacher", rate(pace)),
        ("learning rate, student", rate(distil.PACE)),
        ("distillation loss", distillation_loss()),
        ("dropout", f"none but {DROPOUT:g} of what the adapters read"),
        ("arithmetic", "bfloat16 products where the device has them, float32 weights and sums"),
    ]


def rate(pace: Pace) -> str:
    """A learning rate in words."""
    return f"at most {pace.peak:g}, linear warm-up over {100 * pace.warm_up:g}% of the budget, linear decay"


def part_name(file: str) -> str:
    """What a task's part is called: its file without the endings."""
    return file.partition(".")[0]


def schedule(table: tuple[tuple[float, int], ...]) -> str:
    """A schedule in words."""
    (_, first), *later = table
    return ", ".join([str(first), *(f"from {100 * start:.0f}% of the budget {value}" for start, value in later)])


def fine_tuning(recipe: TaskRecipe) -> str:
    """A task's recipe in words."""
    amount = f"{recipe.epochs:g} × all examples, batch {recipe.batch_size}, rate {recipe.peak:g}"
    adapter = f"LoRA of rank {recipe.rank} on every linear layer of the encoder, alpha {SCALE * recipe.rank}"
    return f"{amount}, at most {recipe.length} tokens, {adapter}; both sides alike, no distillation"


def masking() -> str:
    """The masking in words."""
    shares = f"{100 * CHOSEN_SHARE:g}% of the positions"
    return f"{shares}, anew each time; of them 80% [MASK], 10% another piece, 10% unchanged"


def distillation_loss() -> str:
    """The weighted losses in words."""
    weights = distil.WEIGHTS
    soft = f"{weights['soft']:g} · soft cross-entropy (T = {distil.TEMPERATURE:g}, at masked places)"
    return f"{soft} + {weights['mlm']:g} · MLM + {weights['cosine']:g} · cosine distance of the last hidden states"


def architecture(folder: Path) -> str:
    """The class of a published model; of an adapter, that of the model which it is for."""
    adapter = folder / "adapter_config.json"
    if adapter.exists():
        return str(json.loads(adapter.read_text(encoding="utf-8"))["auto_mapping"]["base_model_class"])
    (name,) = json.loads((folder / "config.json").read_text(encoding="utf-8"))["architectures"]
    return str(name)


def parameters(model: nn.Module) -> int:
    """How many numbers the model learns; a tied pair counts once."""
    return sum(parameter.numel() for parameter in model.parameters())


def describe_device(device: torch.device) -> str:
    """The device as the model card names it."""
    return torch.cuda.get_device_name(device) if device.type == "cuda" else f"CPU, {os.cpu_count()} cores"
