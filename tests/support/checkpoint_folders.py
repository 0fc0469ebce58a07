"""Folders of small checkpoints as tests change and damage them, and the sentence in which one is refused."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from analysis.errors import AnalysisError
from analysis.models.model import Model, load
from analysis.models.pairs import Checkpoint
from analysis.wording import shown
from tests.support.tiny import tiny_checkpoint, tiny_vocabulary

Weights = dict[str, torch.Tensor]
WEIGHTS = "model.safetensors"
ARCHITECTURES = ("bert", "distilbert")
LOWER, CASED = (tiny_vocabulary(lower_case=lower) for lower in (True, False))


def tiny(folder: Path, architecture: str = "bert", task: str = "sentiment", **options: Any) -> Checkpoint:
    """`tiny_checkpoint` as what `load` takes."""
    return Checkpoint(str(tiny_checkpoint(folder, architecture, task, **options)), architecture)


def logits(model: Model, *texts: str) -> torch.Tensor:
    tokens = model.tokenizer(*texts, return_tensors="pt")
    output: torch.Tensor = model.network(**tokens)[0]
    return output


def rewrite(path: Path, **settings: Any) -> None:
    """The JSON file with these settings beside the others, or in place of those of their name."""
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | settings), encoding="utf-8")


def leave_out(path: Path, *keys: str) -> None:
    """The JSON file without these settings."""
    settings = json.loads(path.read_text(encoding="utf-8"))
    for key in keys:
        del settings[key]
    path.write_text(json.dumps(settings), encoding="utf-8")


def change_weights(path: Path, change: Callable[[Weights], Weights]) -> None:
    """The safetensors file with what `change` makes of it."""
    save_file(change(load_file(path)), path)


def without(part: str) -> Callable[[Weights], Weights]:
    """A change: the weights that have this in their names are gone."""
    return lambda weights: {name: tensor for name, tensor in weights.items() if part not in name}


def with_weight(name: str, tensor: torch.Tensor) -> Callable[[Weights], Weights]:
    """A change: this weight is there too, or instead of the one of its name."""
    return lambda weights: {**weights, name: tensor}


def word_list(folder: Path, pieces: Sequence[str]) -> None:
    """The folder with vocab.txt in place of tokenizer.json."""
    (folder / "tokenizer.json").unlink(missing_ok=True)
    (folder / "vocab.txt").write_text("\n".join(pieces), encoding="utf-8")


def one_sentence(call: Callable[[], object]) -> str:
    """What a reader is told where the call fails: a finished sentence on one line."""
    with pytest.raises(AnalysisError) as caught:
        call()
    told = str(caught.value)
    assert told.endswith(".")
    assert "\n" not in told
    assert len(told) < 300
    return told


def refusal(checkpoint: Checkpoint, task: str = "sentiment") -> str:
    """What a reader is told where the checkpoint does not load: a sentence that names it."""
    told = one_sentence(lambda: load(checkpoint, task))
    assert shown(checkpoint.source) in told
    return told
