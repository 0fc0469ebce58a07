"""The adapter that a task adds to a side's encoder, as a folder, and the whole model with the adapter merged in.

Low-rank adaptation (Hu et al. 2022): the pre-trained weights stay as they are, and each linear layer of the encoder
learns a product of two narrow matrices that is added to its own. The task's head is trained, and stored, whole.
"""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from peft import LoraConfig, PeftConfig, PeftModel, get_peft_model
from transformers import PreTrainedModel

from .folders import check_files, rewrite
from .loop import evaluating

if TYPE_CHECKING:
    from .finetune import TaskRecipe

# All linear layers of the encoder.
TARGETS = {
    "bert": ["query", "key", "value", "attention.output.dense", "intermediate.dense", "output.dense"],
    "distilbert": ["q_lin", "k_lin", "v_lin", "out_lin", "lin1", "lin2"],
}
SCALE = 2  # alpha over rank: what the product of the narrow matrices is multiplied by
DROPOUT = 0.05  # of what the narrow matrices read


@contextmanager
def outdated_names() -> Iterator[None]:
    """Lets peft ask transformers for gradient checkpointing by the name it had."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "`is_gradient_checkpointing` is deprecated", FutureWarning)
        yield


def with_head(recipe: TaskRecipe, base: Path) -> PreTrainedModel:
    """The encoder of the folder, in float32, with a new head for the task, from torch's generator."""
    names = dict(enumerate(recipe.labels))
    numbers = {name: number for number, name in names.items()}
    model: PreTrainedModel = recipe.head.from_pretrained(base, dtype=torch.float32, id2label=names, label2id=numbers)
    return model


def with_adapter(model: PreTrainedModel, rank: int) -> PeftModel:
    """The model, in place, of which only an adapter of this rank, the head and BERT's pooler learn."""
    head = [name for name, _ in model.named_children() if name not in (model.base_model_prefix, "dropout")]
    pooler = ["pooler"] if getattr(model.base_model, "pooler", None) is not None else []
    config = LoraConfig(
        r=rank,
        lora_alpha=SCALE * rank,
        lora_dropout=DROPOUT,
        target_modules=TARGETS[model.config.model_type],
        modules_to_save=head + pooler,
    )
    with outdated_names():
        return get_peft_model(model, config)


def publish_adapter(model: PeftModel, labels: tuple[str, ...], base: Path, folder: Path) -> None:
    """Write the adapter and the head in half precision to `folder`, and the labels in the order of the logits.

    The adapter names its `base` folder relative to its own.
    """
    deepcopy(model).cpu().half().save_pretrained(str(folder), save_embedding_layers=False)
    (folder / "README.md").unlink()  # peft's template of a model card
    rewrite(
        folder / "adapter_config.json",
        base_model_name_or_path=Path(os.path.relpath(base.resolve(), folder.resolve())).as_posix(),
        target_modules=sorted(TARGETS[model.config.model_type]),
    )
    (folder / "labels.json").write_text(json.dumps(labels) + "\n", encoding="utf-8")
    check_files(folder)


def base_of(folder: Path) -> Path:
    """The folder of the encoder that an adapter's folder adds to."""
    base: str = PeftConfig.from_pretrained(str(folder)).base_model_name_or_path
    return (folder / base).resolve()


def merged(recipe: TaskRecipe, folder: Path) -> PreTrainedModel:
    """The model of an adapter's folder without peft: the adapter is added to its base's weights, in float32."""
    with outdated_names():
        model = PeftModel.from_pretrained(with_head(recipe, base_of(folder)), folder)
    whole: PreTrainedModel = model.merge_and_unload()
    return evaluating(whole, whole.device)
