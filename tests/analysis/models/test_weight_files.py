"""The weights in a checkpoint's folder are those of the model, in whatever format, shards and wrappings they come."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from analysis.errors import AnalysisError
from analysis.models.model import load
from tests.support.checkpoint_folders import LOWER, WEIGHTS, logits, rewrite, tiny, word_list


def test_half_precision_on_disk_is_float32_in_memory(tmp_path: Path) -> None:
    model = load(tiny(tmp_path, dtype="float16"), "sentiment")
    on_disk = load_file(tmp_path / WEIGHTS)
    for key, tensor in model.network.state_dict().items():
        if key in on_disk:
            assert on_disk[key].dtype == torch.float16
            assert tensor.dtype == torch.float32
            assert torch.equal(tensor, on_disk[key].float())
    parameters = sum(parameter.numel() for parameter in model.network.parameters())
    assert model.size_bytes == 4 * parameters + sum(buffer.nbytes for buffer in model.network.buffers())
    assert model.disk_bytes > 2 * parameters


def test_weights_in_memory_do_not_follow_the_file(tmp_path: Path) -> None:
    model = load(tiny(tmp_path), "sentiment")
    before = logits(model, "the film was good")
    path = tmp_path / WEIGHTS
    path.write_bytes(bytes(path.stat().st_size))
    assert torch.equal(logits(model, "the film was good"), before)


def test_shards_are_one_checkpoint(tmp_path: Path) -> None:
    checkpoint = tiny(tmp_path)
    before = logits(load(checkpoint, "sentiment"), "the film was good")
    weights = load_file(tmp_path / WEIGHTS)
    (tmp_path / WEIGHTS).unlink()
    for part in (0, 1):
        half = {key: weights[key] for key in sorted(weights)[part::2]}
        save_file(half, tmp_path / f"model-0000{part + 1}-of-00002.safetensors")
    assert torch.equal(logits(load(checkpoint, "sentiment"), "the film was good"), before)
    (tmp_path / "model-00002-of-00002.safetensors").unlink()
    with pytest.raises(AnalysisError, match=r"lacks \d+ of its weights"):
        load(checkpoint, "sentiment")


def test_a_checkpoint_of_2018_is_read_as_it_was_meant(tmp_path: Path) -> None:
    """Old names of layer norms, a bare list of word pieces, both heads of pre-training, a pooler nobody uses."""
    checkpoint = tiny(tmp_path, task="fill-mask")
    before = logits(load(checkpoint, "fill-mask"), "the film was [MASK]")
    weights = load_file(tmp_path / WEIGHTS)
    old = {
        key.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta"): tensor
        for key, tensor in weights.items()
    }
    old["cls.predictions.decoder.weight"] = weights["bert.embeddings.word_embeddings.weight"].clone()
    old["cls.seq_relationship.weight"] = torch.zeros(2, 16)
    old["bert.pooler.dense.weight"] = torch.zeros(16, 16)
    old["bert.embeddings.position_ids"] = torch.arange(64)[None]
    torch.save(old, tmp_path / "pytorch_model.bin")
    word_list(tmp_path, LOWER)
    for modern in (WEIGHTS, "tokenizer_config.json"):
        (tmp_path / modern).unlink()
    rewrite(tmp_path / "config.json", architectures=["BertForPreTraining"])
    assert torch.equal(logits(load(checkpoint, "fill-mask"), "the film was [MASK]"), before)


WRAPPINGS: dict[str, Callable[[dict[str, torch.Tensor]], dict[str, Any]]] = {
    "parallel": lambda weights: {f"module.{key}": tensor for key, tensor in weights.items()},
    "compiled": lambda weights: {f"_orig_mod.{key}": tensor for key, tensor in weights.items()},
    "both": lambda weights: {f"module._orig_mod.{key}": tensor for key, tensor in weights.items()},
    "in a dictionary": lambda weights: {"state_dict": weights, "epoch": 3},
    "otherwise called": lambda weights: {"model_state_dict": weights, "loss": 0.1, "optimizer": {"lr": 1e-5}},
    "all of it": lambda weights: {"model": {f"module.{key}": tensor for key, tensor in weights.items()}},
}


@pytest.mark.parametrize("wrapping", WRAPPINGS)
def test_what_a_training_script_wraps_weights_in_is_taken_off(wrapping: str, tmp_path: Path) -> None:
    checkpoint = tiny(tmp_path)
    before = logits(load(checkpoint, "sentiment"), "the film was good")
    torch.save(WRAPPINGS[wrapping](load_file(tmp_path / WEIGHTS)), tmp_path / "pytorch_model.bin")
    (tmp_path / WEIGHTS).unlink()
    assert torch.equal(logits(load(checkpoint, "sentiment"), "the film was good"), before)
