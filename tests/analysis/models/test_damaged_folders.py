"""Folders that hold no checkpoint, or a damaged or a hostile one: one sentence each, and nothing of them is run."""

import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from analysis.errors import AnalysisError
from analysis.models.model import load
from analysis.models.model_files import fingerprint_of
from analysis.models.pairs import Checkpoint
from tests.support.checkpoint_folders import (
    LOWER,
    WEIGHTS,
    change_weights,
    refusal,
    rewrite,
    tiny,
    with_weight,
    without,
    word_list,
)
from tests.support.tiny import LABELS, tiny_adapter, tiny_checkpoint

# What a folder can have wrong with it: (how to damage it, what the reader is told).
DAMAGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "no config": (lambda folder: (folder / "config.json").unlink(), "has no config.json"),
    "config cut off": (lambda folder: (folder / "config.json").write_text("{"), "is not valid JSON"),
    "config not text": (lambda folder: (folder / "config.json").write_bytes(b"\xff\xfe"), "is not valid JSON"),
    "config deep": (lambda folder: (folder / "config.json").write_text("[" * 100_000), "is not valid JSON"),
    "config a list": (lambda folder: (folder / "config.json").write_text("[]"), "holds no settings"),
    "no weights": (lambda folder: (folder / WEIGHTS).unlink(), "has no weights to read"),
    "weights empty": (lambda folder: (folder / WEIGHTS).write_bytes(b""), "damaged or cut off"),
    "weights noise": (lambda folder: (folder / WEIGHTS).write_bytes(b"noise" * 99), "damaged or cut off"),
    "torch noise": (lambda folder: _as_torch(folder).write_bytes(b"noise" * 99), "something other than tensors"),
    "torch cut off": (lambda folder: _cut(_as_torch(folder)), "damaged or cut off"),
    "torch empty": (lambda folder: _as_torch(folder).write_bytes(b""), "damaged or cut off"),
    "torch endless": (
        lambda folder: _change_torch(folder, {"classifier.bias": torch.zeros(1).expand(2**20, 2**20)}),
        "holds no table of weights",
    ),
    "torch sparse": (
        lambda folder: _change_torch(folder, {"classifier.weight": torch.eye(2, 16).to_sparse()}),
        "holds no table of weights",
    ),
    "torch without numbers": (
        lambda folder: _change_torch(folder, {"classifier.bias": torch.zeros(2, device="meta")}),
        "holds no table of weights",
    ),
    "torch compressed": (lambda folder: _compress(_as_torch(folder)), "damaged or cut off"),
    "torch all the same numbers": (
        lambda folder: _change_torch(folder, dict.fromkeys(map(str, range(1000)), torch.ones(4096))),
        "holds no table of weights",
    ),
    "torch with numbers as names": (lambda folder: _change_torch(folder, {7: torch.ones(1)}), "no table of weights"),
    "torch a list": (lambda folder: torch.save([1], _as_torch(folder)), "holds no table of weights"),
    "no tokenizer": (lambda folder: (folder / "tokenizer.json").unlink(), "has no tokenizer"),
    "tokenizer cut off": (lambda folder: _cut(folder / "tokenizer.json"), "The tokenizer of"),
    "tokenizer a list": (lambda folder: (folder / "tokenizer.json").write_text("[]"), "The tokenizer of"),
    "tokenizer options cut off": (lambda folder: _cut(folder / "tokenizer_config.json"), "is not valid JSON"),
    "a word list that is empty": (lambda folder: word_list(folder, []), "has an empty vocabulary"),
    "a tokenizer without offsets": (
        lambda folder: (
            rewrite(folder / "tokenizer_config.json", tokenizer_class="BertJapaneseTokenizer"),
            (folder / "vocab.txt").write_text("\n".join(LOWER)),
        ),
        "gives no character offsets",
    ),
    "a tokenizer of another model": (
        lambda folder: word_list(folder, [*LOWER, "more"]),
        "has 141 pieces and the model knows 140",
    ),
    "a piece twice in the word list": (
        lambda folder: word_list(folder, ["[PAD]", *LOWER]),
        "has 141 pieces and the model knows 140",
    ),
    "a special token without a name": (
        lambda folder: (folder / "special_tokens_map.json").write_text('{"unk_token": "", "cls_token": "[CLS]"}'),
        "The tokenizer of",
    ),
    "a weight not finite": (
        lambda folder: change_weights(folder / WEIGHTS, with_weight("classifier.bias", torch.full((2,), torch.nan))),
        "not finite",
    ),
    "a weight of another size": (
        lambda folder: change_weights(folder / WEIGHTS, with_weight("classifier.bias", torch.zeros(5))),
        "not of the sizes in its config.json",
    ),
    "a layer lost": (
        lambda folder: change_weights(folder / WEIGHTS, without("bert.encoder.layer.1.output.dense.weight")),
        "lacks 1 of its weights, such as bert.encoder.layer.1.output.dense.weight",
    ),
    "a pooler lost": (
        lambda folder: change_weights(folder / WEIGHTS, without("bert.pooler.dense.weight")),
        "has no trained head for this task",
    ),
    "quantised weights": (
        lambda folder: change_weights(
            folder / WEIGHTS, with_weight("classifier.weight", torch.ones(2, 16, dtype=torch.int8))
        ),
        "is quantised",
    ),
}


def _as_torch(folder: Path) -> Path:
    """The weights in torch's own format, in place of the safe one."""
    torch.save(load_file(folder / WEIGHTS), folder / "pytorch_model.bin")
    (folder / WEIGHTS).unlink()
    return folder / "pytorch_model.bin"


def _change_torch(folder: Path, tensors: dict[Any, torch.Tensor]) -> None:
    path = _as_torch(folder)
    torch.save(torch.load(path, weights_only=True) | tensors, path)


def _compress(path: Path) -> None:
    with zipfile.ZipFile(path) as entries:
        contents = {name: entries.read(name) for name in entries.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as compressed:
        for name, content in contents.items():
            compressed.writestr(name, content)


def _cut(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_folder_is_one_sentence(damage: str, tmp_path: Path) -> None:
    do_damage, told = DAMAGES[damage]
    checkpoint = tiny(tmp_path)
    load(checkpoint, "sentiment")
    do_damage(tmp_path)
    assert told in refusal(checkpoint)


def test_what_no_file_system_can_hold_is_no_folder(tmp_path: Path) -> None:
    assert fingerprint_of(Checkpoint("x" * 5000, "bert")) is None
    adapter = tmp_path / "adapter"
    tiny_adapter(adapter, tiny_checkpoint(tmp_path / "base", "bert", "fill-mask"), "sentiment")
    rewrite(adapter / "adapter_config.json", base_model_name_or_path="x" * 5000)
    for ask in (fingerprint_of, lambda checkpoint: load(checkpoint, "sentiment")):
        with pytest.raises(AnalysisError, match="cannot be read"):
            ask(Checkpoint(str(adapter), "bert"))


def test_a_folder_that_may_not_be_read_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever runs this may read everything, so the file system's answer is made up."""
    checkpoint = tiny(tmp_path)

    def is_file(path: Path) -> bool:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "is_file", is_file)
    for ask in (fingerprint_of, lambda checkpoint: load(checkpoint, "sentiment")):
        with pytest.raises(AnalysisError, match=r"cannot be read \(Permission denied\)"):
            ask(checkpoint)


def test_a_folder_whose_files_have_too_long_paths_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    part = "x" * 200
    while len(os.getcwd()) < 4_085 - len(part):
        os.mkdir(part)
        os.chdir(part)
    rest = "y" * (4_085 - len(os.getcwd()) - 1)
    os.mkdir(rest)
    with pytest.raises(AnalysisError, match="cannot be read"):
        fingerprint_of(Checkpoint(f"{os.getcwd()}/{rest}", "bert"))


def test_an_empty_or_missing_folder_is_one_sentence(tmp_path: Path) -> None:
    assert "has no config.json" in refusal(Checkpoint(str(tmp_path), "bert"))
    assert "does not exist" in refusal(Checkpoint(str(tmp_path / "none"), "bert"))


def test_a_tokenizer_with_another_mask_fills_none(tmp_path: Path) -> None:
    words = ["<mask>" if piece == "[MASK]" else piece for piece in LOWER]
    checkpoint = tiny(tmp_path, task="fill-mask", vocabulary=words)
    word_list(tmp_path, words)
    rewrite(tmp_path / "tokenizer_config.json", mask_token="<mask>")
    assert "no [MASK]" in refusal(checkpoint, "fill-mask")


def test_no_code_of_a_checkpoint_is_run(tmp_path: Path) -> None:
    checkpoint = tiny(tmp_path / "checkpoint")
    sprung = tmp_path / "sprung"
    (tmp_path / "checkpoint" / "evil.py").write_text(f"open({str(sprung)!r}, 'w')")
    remote = {"AutoConfig": "evil.C", "AutoModelForSequenceClassification": "evil.M", "AutoTokenizer": ["evil.T", None]}
    for file in ("config.json", "tokenizer_config.json"):
        rewrite(tmp_path / "checkpoint" / file, auto_map=remote)
    rewrite(tmp_path / "checkpoint" / "tokenizer_config.json", tokenizer_class="EvilOne")
    assert load(checkpoint, "sentiment").labels == LABELS["sentiment"]
    assert not sprung.exists()
