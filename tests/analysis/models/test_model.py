"""Models read from folders: what they are, what they refuse, and the facts about transformers they rest on."""

import json
import logging
import os
import shutil
import threading
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers
from safetensors.torch import load_file, save_file

from analysis.errors import AnalysisError
from analysis.inputs.examples import Example
from analysis.inputs.tasks import TASKS
from analysis.models import model as models
from analysis.models.model import Model, load, random_weights
from analysis.models.model_files import fingerprint_of
from analysis.models.network import network_class
from analysis.models.pairs import Checkpoint
from analysis.models.tokens import tokenize
from analysis.predictions.heads import predict
from analysis.wording import shown
from tests.support.tiny import EXAMPLES, LABELS, tiny_adapter, tiny_checkpoint, tiny_vocabulary

ARCHITECTURES = ("bert", "distilbert")


def tiny(folder: Path, architecture: str = "bert", task: str = "sentiment", **options: Any) -> Checkpoint:
    return Checkpoint(str(tiny_checkpoint(folder, architecture, task, **options)), architecture)


def logits(model: Model, *texts: str) -> torch.Tensor:
    tokens = model.tokenizer(*texts, return_tensors="pt")
    output: torch.Tensor = model.network(**tokens)[0]
    return output


def rewrite(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """The JSON file after `change` has been at it."""
    settings = json.loads(path.read_text(encoding="utf-8"))
    change(settings)
    path.write_text(json.dumps(settings), encoding="utf-8")


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_a_model_answers_as_transformers_own_loading_does(architecture: str, task: str, tmp_path: Path) -> None:
    model = load(tiny(tmp_path, architecture, task), task)
    reference = getattr(transformers, TASKS[task].head).from_pretrained(tmp_path).eval()
    tokens = model.tokenizer("the film was [MASK]", "who likes it?", return_tensors="pt")
    expected = reference(**tokens)
    for key, value in model.network(**tokens).items():
        torch.testing.assert_close(value, expected[key])  # not bit for bit: weights mapped from a file lie unaligned
    assert model.architecture == architecture
    assert model.labels == LABELS.get(task, ())
    assert model.max_tokens == 64
    assert model.network.config._attn_implementation == "sdpa"
    assert not model.network.training
    assert not any(parameter.requires_grad for parameter in model.network.parameters())
    assert model.disk_bytes == sum(path.stat().st_size for path in tmp_path.iterdir())


def test_the_tokenizer_gives_offsets_and_keeps_capitals(tmp_path: Path) -> None:
    model = load(tiny(tmp_path, task="entities", lower_case=False), "entities")
    tokens = model.tokenizer("John lives in Paris", return_offsets_mapping=True)
    assert model.tokenizer.convert_ids_to_tokens(tokens["input_ids"])[1:-1] == ["John", "lives", "in", "Paris"]
    assert tokens["offset_mapping"][1:-1] == [(0, 4), (5, 10), (11, 13), (14, 19)]


def test_a_cased_checkpoint_is_never_lower_cased(tmp_path: Path) -> None:
    checkpoint = tiny(tmp_path, task="entities", lower_case=False)
    (tmp_path / "tokenizer_config.json").unlink()
    assert transformers.AutoTokenizer.from_pretrained(tmp_path).tokenize("Paris") == ["paris"]
    assert load(checkpoint, "entities").tokenizer.tokenize("Paris") == ["Paris"]


def test_a_truncation_saved_in_the_tokenizer_cuts_nothing(tmp_path: Path) -> None:
    checkpoint = tiny(tmp_path)
    whole = load(checkpoint, "sentiment").tokenizer("the film was good and funny")["input_ids"]
    cut = {"direction": "Right", "max_length": 4, "strategy": "LongestFirst", "stride": 0}
    rewrite(tmp_path / "tokenizer.json", lambda settings: settings.update(truncation=cut))
    assert load(checkpoint, "sentiment").tokenizer("the film was good and funny")["input_ids"] == whole


def test_half_precision_on_disk_is_float32_in_memory(tmp_path: Path) -> None:
    model = load(tiny(tmp_path, dtype="float16"), "sentiment")
    on_disk = load_file(tmp_path / "model.safetensors")
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
    path = tmp_path / "model.safetensors"
    path.write_bytes(bytes(path.stat().st_size))
    assert torch.equal(logits(model, "the film was good"), before)


def test_shards_are_one_checkpoint(tmp_path: Path) -> None:
    checkpoint = tiny(tmp_path)
    before = logits(load(checkpoint, "sentiment"), "the film was good")
    weights = load_file(tmp_path / "model.safetensors")
    (tmp_path / "model.safetensors").unlink()
    for part in (0, 1):
        half = {key: weights[key] for key in sorted(weights)[part::2]}
        save_file(half, tmp_path / f"model-0000{part + 1}-of-00002.safetensors")
    assert torch.equal(logits(load(checkpoint, "sentiment"), "the film was good"), before)
    (tmp_path / "model-00002-of-00002.safetensors").unlink()
    with pytest.raises(AnalysisError, match=r"lacks \d+ of its weights"):
        load(checkpoint, "sentiment")


def test_the_fingerprint_follows_every_file_and_the_labels_but_not_the_place(tmp_path: Path) -> None:
    checkpoint = tiny(tmp_path / "here")
    here = tmp_path / "here"
    original = load(checkpoint, "sentiment").fingerprint
    assert fingerprint_of(checkpoint) == original
    shutil.copytree(here, tmp_path / "there")
    assert load(replace(checkpoint, source=str(tmp_path / "there")), "sentiment").fingerprint == original
    seen = {original, load(replace(checkpoint, labels=(("POSITIVE", "good"),)), "sentiment").fingerprint}
    weights = load_file(here / "model.safetensors")
    weights["classifier.bias"][0] += 1e-6
    save_file(weights, here / "model.safetensors")
    seen.add(load(checkpoint, "sentiment").fingerprint)
    rewrite(here / "config.json", lambda settings: settings.update(layer_norm_eps=1e-6))
    seen.add(load(checkpoint, "sentiment").fingerprint)
    rewrite(here / "tokenizer_config.json", lambda settings: settings.update(model_max_length=32))
    seen.add(load(checkpoint, "sentiment").fingerprint)
    assert len(seen) == 5


def test_labels_are_renamed_and_nothing_is_reordered(tmp_path: Path) -> None:
    checkpoint = tiny(tmp_path, task="sentence-pair", labels=("ENTAILMENT", "NEUTRAL", "CONTRADICTION"))
    plain = load(checkpoint, "sentence-pair")
    names = (("CONTRADICTION", "contradiction"), ("ENTAILMENT", "entailment"))
    renamed = load(replace(checkpoint, labels=names), "sentence-pair")
    assert renamed.labels == ("entailment", "NEUTRAL", "contradiction")
    assert torch.equal(logits(renamed, "a dog", "a cat"), logits(plain, "a dog", "a cat"))
    with pytest.raises(AnalysisError, match="has no label LABEL_0"):
        load(replace(checkpoint, labels=(("LABEL_0", "contradiction"),)), "sentence-pair")


@pytest.mark.parametrize(
    "labels",
    [
        {"id2label": {"1": "bad", "2": "good"}, "label2id": {"bad": 1, "good": 2}},
        {"id2label": {"1": "good", "0": "bad"}, "label2id": None},
        {"id2label": ["bad", "good"], "label2id": None},
        {"id2label": None, "label2id": {"good": 1, "bad": 0}},
        {"id2label": {"0": "bad", "1": "good"}, "label2id": {"LABEL_0": 0, "LABEL_1": 1}},  # as nobody changed it
    ],
)
def test_labels_are_read_however_they_are_numbered(labels: dict[str, Any], tmp_path: Path) -> None:
    checkpoint = tiny(tmp_path)
    given = {key: value for key, value in labels.items() if value is not None}
    rewrite(tmp_path / "config.json", lambda settings: [settings.pop(key) for key in ("id2label", "label2id")])
    rewrite(tmp_path / "config.json", lambda settings: settings.update(given))
    assert load(checkpoint, "sentiment").labels == ("bad", "good")


def test_two_labels_are_never_renamed_to_one(tmp_path: Path) -> None:
    checkpoint = replace(tiny(tmp_path), labels=(("NEGATIVE", "good"), ("POSITIVE", "good")))
    assert "calls more than one of its classes “good”" in _refusal(checkpoint)


def test_a_checkpoint_of_2018_is_read_as_it_was_meant(tmp_path: Path) -> None:
    """Old names of layer norms, a bare list of word pieces, both heads of pre-training, a pooler nobody uses."""
    checkpoint = tiny(tmp_path, task="fill-mask")
    before = logits(load(checkpoint, "fill-mask"), "the film was [MASK]")
    weights = load_file(tmp_path / "model.safetensors")
    old = {
        key.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta"): tensor
        for key, tensor in weights.items()
    }
    old["cls.predictions.decoder.weight"] = weights["bert.embeddings.word_embeddings.weight"].clone()
    old["cls.seq_relationship.weight"] = torch.zeros(2, 16)
    old["bert.pooler.dense.weight"] = torch.zeros(16, 16)
    old["bert.embeddings.position_ids"] = torch.arange(64)[None]
    torch.save(old, tmp_path / "pytorch_model.bin")
    (tmp_path / "vocab.txt").write_text("\n".join(tiny_vocabulary(lower_case=True)), encoding="utf-8")
    for modern in ("model.safetensors", "tokenizer.json", "tokenizer_config.json"):
        (tmp_path / modern).unlink()
    rewrite(tmp_path / "config.json", lambda settings: settings.update(architectures=["BertForPreTraining"]))
    assert torch.equal(logits(load(checkpoint, "fill-mask"), "the film was [MASK]"), before)


# What a folder can have wrong with it: (how to damage it, what the reader is told).
DAMAGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "no config": (lambda folder: (folder / "config.json").unlink(), "has no config.json"),
    "config cut off": (lambda folder: (folder / "config.json").write_text("{"), "is not valid JSON"),
    "config not text": (lambda folder: (folder / "config.json").write_bytes(b"\xff\xfe"), "is not valid JSON"),
    "config deep": (lambda folder: (folder / "config.json").write_text("[" * 100_000), "is not valid JSON"),
    "config a list": (lambda folder: (folder / "config.json").write_text("[]"), "holds no settings"),
    "no weights": (lambda folder: (folder / "model.safetensors").unlink(), "has no weights to read"),
    "weights empty": (lambda folder: (folder / "model.safetensors").write_bytes(b""), "damaged or cut off"),
    "weights noise": (lambda folder: (folder / "model.safetensors").write_bytes(b"noise" * 99), "damaged or cut off"),
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
    "a word list that is empty": (
        lambda folder: (folder / "tokenizer.json").rename(folder / "vocab.txt").write_text(""),
        "has an empty vocabulary",
    ),
    "a tokenizer without offsets": (
        lambda folder: (
            rewrite(
                folder / "tokenizer_config.json",
                lambda settings: settings.update(tokenizer_class="BertJapaneseTokenizer"),
            ),
            (folder / "vocab.txt").write_text("\n".join(tiny_vocabulary(lower_case=True))),
        ),
        "gives no character offsets",
    ),
    "a tokenizer of another model": (
        lambda folder: (
            (folder / "tokenizer.json").unlink(),
            (folder / "vocab.txt").write_text("\n".join([*tiny_vocabulary(lower_case=True), "more"])),
        ),
        "has 141 pieces and the model knows 140",
    ),
    "a piece twice in the word list": (
        lambda folder: (
            (folder / "tokenizer.json").unlink(),
            (folder / "vocab.txt").write_text("\n".join(["[PAD]", *tiny_vocabulary(lower_case=True)])),
        ),
        "has 141 pieces and the model knows 140",
    ),
    "a special token without a name": (
        lambda folder: (folder / "special_tokens_map.json").write_text('{"unk_token": "", "cls_token": "[CLS]"}'),
        "The tokenizer of",
    ),
    "a weight not finite": (
        lambda folder: _change(folder, lambda weights: weights["classifier.bias"].fill_(torch.nan)),
        "not finite",
    ),
    "a weight of another size": (
        lambda folder: _change(folder, lambda weights: weights.update({"classifier.bias": torch.zeros(5)})),
        "not of the sizes in its config.json",
    ),
    "a layer lost": (
        lambda folder: _change(folder, lambda weights: weights.pop("bert.encoder.layer.1.output.dense.weight")),
        "lacks 1 of its weights, such as bert.encoder.layer.1.output.dense.weight",
    ),
    "a pooler lost": (
        lambda folder: _change(folder, lambda weights: weights.pop("bert.pooler.dense.weight")),
        "has no trained head for this task",
    ),
    "quantised weights": (
        lambda folder: _change(
            folder, lambda weights: weights.update({"classifier.weight": torch.ones(2, 16, dtype=torch.int8)})
        ),
        "is quantised",
    ),
}

# Settings of config.json, and what the reader is told of them.
SETTINGS: list[tuple[dict[str, Any], str]] = [
    ({"model_type": "roberta"}, "is a roberta checkpoint: choose one that is bert."),
    ({"model_type": "distilbert"}, "is a distilbert checkpoint"),
    ({"model_type": None, "architectures": ["EvilForNothing"]}, "has no trained head for this task"),
    ({"model_type": "", "architectures": None}, "is a  checkpoint"),
    ({"model_type": "x" * 999}, "checkpoint: choose one"),
    ({"architectures": ["BertForTokenClassification"]}, "has no trained head for this task"),
    ({"num_hidden_layers": 1}, "has no place for its weights bert.encoder.layer.1"),
    ({"num_hidden_layers": 3}, r"lacks 16 of its weights"),
    ({"quantization_config": {"quant_method": "bitsandbytes"}}, "is quantised"),
    ({"hidden_size": "many"}, 'holds a value that cannot be (hidden_size: "many")'),
    ({"id2label": {"a": "b"}}, 'holds a value that cannot be (id2label: {"a": "b"})'),
    ({"id2label": [1]}, "not of the sizes in its config.json"),
    ({"id2label": {"0": "POSITIVE", "2": "NEGATIVE"}}, "holds a value that cannot be"),
    ({"id2label": {"2": "POSITIVE", "3": "NEGATIVE"}}, "holds a value that cannot be"),
    ({"id2label": "NEGATIVE POSITIVE"}, "holds a value that cannot be"),
    ({"id2label": {"0": "GOOD", "1": "GOOD"}}, "calls more than one of its classes “GOOD”"),
    ({"id2label": ["GOOD", "GOOD"]}, "calls more than one of its classes “GOOD”"),
    ({"label2id": {"NEGATIVE": 1, "POSITIVE": 0}}, "holds a value that cannot be"),
    ({"id2label": None, "label2id": {"NEGATIVE": 1, "POSITIVE": 1}}, "holds a value that cannot be"),
    ({"id2label": None, "label2id": {"NEGATIVE": float("inf"), "POSITIVE": 1}}, "that cannot be"),
    ({"hidden_size": -1}, "not of the sizes in its config.json"),
    ({"vocab_size": 2**40}, "not of the sizes in its config.json"),
    ({"type_vocab_size": 2**31}, "not of the sizes in its config.json"),
    ({"max_position_embeddings": 2**40}, "not of the sizes in its config.json"),
    ({"intermediate_size": 2**40}, "not of the sizes in its config.json"),
    ({"intermediate_size": 0}, "not of the sizes in its config.json"),
    ({"num_hidden_layers": 2**31}, "not of the sizes in its config.json"),
    ({"num_labels": 10**9}, "has 1,000,000,000 labels; at most 10,000 are read here"),
    ({"num_labels": float("inf")}, "has inf labels"),
    ({"hidden_dropout_prob": float("nan")}, "holds a value that cannot be (hidden_dropout_prob: NaN)"),
    ({"id2label": {"0": "\ud800", "1": "good"}}, "holds a value that cannot be"),
    ({"hidden_act": "none such"}, "cannot be built"),
    ({"is_decoder": True}, "reads each word with those before it alone (is_decoder: true)"),
    ({"is_encoder_decoder": True}, "has an encoder and a decoder"),
    ({"add_cross_attention": True}, "reads what another model has read"),
    ({"position_embedding_type": "relative_key"}, 'counts positions from each word (position_embedding_type: "rel'),
    ({"position_embedding_type": "relative_key_query"}, "counts positions from each word"),
    ({"pruned_heads": {"0": [1]}}, "has some of its heads cut out"),
    ({"problem_type": "ranking"}, "was trained for what has no name here"),
    ({"num_attention_heads": 3}, "cannot be built"),
    ({"pad_token_id": 9999}, "cannot be built"),
]


def _as_torch(folder: Path) -> Path:
    """The weights in torch's own format, in place of the safe one."""
    torch.save(load_file(folder / "model.safetensors"), folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()
    return folder / "pytorch_model.bin"


def _change_torch(folder: Path, tensors: dict[Any, torch.Tensor]) -> None:
    path = _as_torch(folder)
    torch.save(torch.load(path) | tensors, path)


def _compress(path: Path) -> None:
    with zipfile.ZipFile(path) as entries:
        contents = {name: entries.read(name) for name in entries.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as compressed:
        for name, content in contents.items():
            compressed.writestr(name, content)


def _cut(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def _change(folder: Path, change: Callable[[dict[str, torch.Tensor]], object]) -> None:
    weights = load_file(folder / "model.safetensors")
    change(weights)
    save_file(weights, folder / "model.safetensors")


def _refusal(checkpoint: Checkpoint, task: str = "sentiment") -> str:
    with pytest.raises(AnalysisError) as caught:
        load(checkpoint, task)
    told = str(caught.value)
    assert told.endswith(".")
    assert "\n" not in told
    assert len(told) < 300
    assert shown(checkpoint.source) in told
    return told


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_folder_is_one_sentence(damage: str, tmp_path: Path) -> None:
    do_damage, told = DAMAGES[damage]
    checkpoint = tiny(tmp_path)
    load(checkpoint, "sentiment")
    do_damage(tmp_path)
    assert told in _refusal(checkpoint)


@pytest.mark.parametrize(("settings", "told"), SETTINGS)
def test_a_config_that_does_not_fit_is_one_sentence(settings: dict[str, Any], told: str, tmp_path: Path) -> None:
    checkpoint = tiny(tmp_path)
    rewrite(tmp_path / "config.json", lambda present: present.update(settings))
    assert told in _refusal(checkpoint)


@pytest.mark.parametrize(
    "settings",
    [
        {"is_decoder": False, "add_cross_attention": False, "pruned_heads": {}},
        {"position_embedding_type": "absolute", "problem_type": "single_label_classification"},
    ],
)
def test_settings_that_say_what_is_computed_anyway_change_nothing(settings: dict[str, Any], tmp_path: Path) -> None:
    checkpoint = tiny(tmp_path)
    before = logits(load(checkpoint, "sentiment"), "the old film was good")
    rewrite(tmp_path / "config.json", lambda present: present.update(settings))
    assert torch.equal(logits(load(checkpoint, "sentiment"), "the old film was good"), before)


@pytest.mark.parametrize("activation", ["relu", "gelu_new", "silu"])
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_another_activation_is_computed_everywhere(architecture: str, activation: str, tmp_path: Path) -> None:
    """In the layers as transformers does, and in the head as the network's own, which the logit lens asks."""
    checkpoint = tiny(tmp_path, architecture, "fill-mask")
    key = {"bert": "hidden_act", "distilbert": "activation"}[architecture]
    plain = logits(load(checkpoint, "fill-mask"), "the old [MASK] was good")
    rewrite(tmp_path / "config.json", lambda settings: settings.update({key: activation}))
    model = load(checkpoint, "fill-mask")
    reference = transformers.AutoModelForMaskedLM.from_pretrained(tmp_path).eval()
    tokens = model.tokenizer("the old [MASK] was good", return_tensors="pt")
    expected = reference(**tokens, output_hidden_states=True)
    torch.testing.assert_close(logits(model, "the old [MASK] was good"), expected.logits)
    assert not torch.allclose(plain, expected.logits)
    lens = model.family.mask_logits(model.network, expected.hidden_states[-1][0])
    torch.testing.assert_close(lens, expected.logits[0])


@pytest.mark.parametrize("positions", [16, 40, 128])
def test_a_model_reads_as_many_tokens_as_it_has_positions(positions: int, tmp_path: Path) -> None:
    model = load(tiny(tmp_path, max_positions=positions), "sentiment")
    assert model.max_tokens == positions
    assert len(tokenize(model, Example("sentiment", "cat " * (positions - 2)))) == 1
    assert len(tokenize(model, Example("sentiment", "cat " * (positions - 1)))) == 2


@pytest.mark.parametrize("task", TASKS)
def test_a_model_of_one_segment_reads_one_text(task: str, tmp_path: Path) -> None:
    checkpoint = tiny(tmp_path, task=task)
    rewrite(tmp_path / "config.json", lambda settings: settings.update(type_vocab_size=1))
    weights = load_file(tmp_path / "model.safetensors")
    segments = "bert.embeddings.token_type_embeddings.weight"
    weights[segments] = weights[segments][:1]
    save_file({key: weight.clone() for key, weight in weights.items()}, tmp_path / "model.safetensors")
    if len(TASKS[task].fields) > 1:
        assert "cannot tell two texts apart" in _refusal(checkpoint, task)
    else:
        assert predict(load(checkpoint, task), EXAMPLES[task]).summary


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_rows_of_a_padded_vocabulary_have_a_name_each(architecture: str, tmp_path: Path) -> None:
    """Weights are often padded to a multiple of 64, for speed."""
    words = tiny_vocabulary(lower_case=True)
    checkpoint = tiny(tmp_path, architecture, "fill-mask", vocabulary=[*words, *(f"pad{at}" for at in range(20))])
    content = json.loads((tmp_path / "tokenizer.json").read_text(encoding="utf-8"))
    content["model"]["vocab"] = {word: at for at, word in enumerate(words)}
    (tmp_path / "tokenizer.json").write_text(json.dumps(content), encoding="utf-8")
    found: Any = predict(load(checkpoint, "fill-mask"), EXAMPLES["fill-mask"])
    assert found.vocabulary == (*words, *(f"[id {len(words) + at}]" for at in range(20)))
    np.testing.assert_allclose(found.probabilities.sum(axis=1), 1, rtol=1e-5)


def test_settings_that_steer_transformers_change_nothing(tmp_path: Path) -> None:
    """Such as one that cuts a text into chunks, of which only texts of some lengths have whole ones."""
    checkpoint = tiny(tmp_path)
    before = logits(load(checkpoint, "sentiment"), "the old film was good")
    steering = {"chunk_size_feed_forward": 5, "fusion_config": {"none": True}, "attribute_map": 3, "dtype": "float16"}
    rewrite(tmp_path / "config.json", lambda settings: settings.update(steering))
    rewrite(tmp_path / "tokenizer_config.json", lambda settings: settings.update(model_max_length="none"))
    assert torch.equal(logits(load(checkpoint, "sentiment"), "the old film was good"), before)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("classes", [True, False])
def test_a_config_without_a_model_type_is_known_by_its_class_or_its_weights(
    architecture: str, classes: bool, tmp_path: Path
) -> None:
    checkpoint = tiny(tmp_path, architecture)
    before = logits(load(checkpoint, "sentiment"), "the film was good")
    for key in ("model_type", *(() if classes else ("architectures",))):
        rewrite(tmp_path / "config.json", lambda settings, key=key: settings.pop(key))
    assert torch.equal(logits(load(checkpoint, "sentiment"), "the film was good"), before)
    other = next(kind for kind in ARCHITECTURES if kind != architecture)
    assert f"is a {architecture} checkpoint" in _refusal(replace(checkpoint, architecture=other))


def test_a_config_without_a_model_type_and_weights_of_no_kind_is_refused(tmp_path: Path) -> None:
    checkpoint = tiny(tmp_path)
    rewrite(tmp_path / "config.json", lambda settings: [settings.pop(key) for key in ("model_type", "architectures")])
    weights = load_file(tmp_path / "model.safetensors")
    save_file({key.removeprefix("bert."): weight for key, weight in weights.items()}, tmp_path / "model.safetensors")
    assert "does not say what it configures" in _refusal(checkpoint)


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
    torch.save(WRAPPINGS[wrapping](load_file(tmp_path / "model.safetensors")), tmp_path / "pytorch_model.bin")
    (tmp_path / "model.safetensors").unlink()
    assert torch.equal(logits(load(checkpoint, "sentiment"), "the film was good"), before)


def test_what_no_file_system_can_hold_is_no_folder(tmp_path: Path) -> None:
    assert fingerprint_of(Checkpoint("x" * 5000, "bert")) is None
    adapter = tmp_path / "adapter"
    tiny_adapter(adapter, tiny_checkpoint(tmp_path / "base", "bert", "fill-mask"), "sentiment")
    rewrite(adapter / "adapter_config.json", lambda own: own.update(base_model_name_or_path="x" * 5000))
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


def test_a_folder_has_no_fingerprint_as_another_architecture(tmp_path: Path) -> None:
    """It would be that of the results of the side that it can be."""
    assert fingerprint_of(replace(tiny(tmp_path), architecture="distilbert")) is None


def test_an_empty_or_missing_folder_is_one_sentence(tmp_path: Path) -> None:
    assert "has no config.json" in _refusal(Checkpoint(str(tmp_path), "bert"))
    assert "does not exist" in _refusal(Checkpoint(str(tmp_path / "none"), "bert"))


def test_a_tokenizer_with_another_mask_fills_none(tmp_path: Path) -> None:
    words = ["<mask>" if piece == "[MASK]" else piece for piece in tiny_vocabulary(lower_case=True)]
    checkpoint = tiny(tmp_path, task="fill-mask", vocabulary=words)
    (tmp_path / "tokenizer.json").unlink()
    (tmp_path / "vocab.txt").write_text("\n".join(words), encoding="utf-8")
    rewrite(tmp_path / "tokenizer_config.json", lambda settings: settings.update(mask_token="<mask>"))
    assert "no [MASK]" in _refusal(checkpoint, "fill-mask")


@pytest.mark.parametrize("declared", [True, False])
@pytest.mark.parametrize("wanted", TASKS)
@pytest.mark.parametrize("trained", TASKS)
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_a_head_of_another_task_is_refused(
    architecture: str, trained: str, wanted: str, declared: bool, tmp_path: Path
) -> None:
    """transformers would fill in random weights, and log it."""
    checkpoint = tiny(tmp_path, architecture, trained)
    if not declared:
        rewrite(tmp_path / "config.json", lambda settings: settings.pop("architectures"))
    both = {TASKS[trained].head, TASKS[wanted].head}
    alike = both == {"AutoModelForSequenceClassification", "AutoModelForTokenClassification"}
    if len(both) == 1 or (alike and not declared and wanted == "entities"):
        assert load(checkpoint, wanted).task == wanted  # the second: nothing in such a folder tells them apart
    else:
        assert "has no trained head for this task" in _refusal(checkpoint, wanted)


@pytest.mark.parametrize(
    ("task", "labels", "problem", "sentence"),
    [
        ("entities", ["O"], None, "has one label for each word"),
        ("sentiment", ["a", "b"], "regression", "gives 2 numbers, which are not told apart here"),
        ("sentiment", ["good"], "single_label_classification", "holds a value that cannot be"),
    ],
)
def test_outputs_of_which_nothing_can_be_chosen_are_refused(
    task: str, labels: list[str], problem: str | None, sentence: str, tmp_path: Path
) -> None:
    tiny_checkpoint(tmp_path, "bert", task, labels=labels, problem=problem)
    assert sentence in _refusal(Checkpoint(str(tmp_path), "bert"), task)


def test_no_code_of_a_checkpoint_is_run(tmp_path: Path) -> None:
    checkpoint = tiny(tmp_path / "checkpoint")
    sprung = tmp_path / "sprung"
    (tmp_path / "checkpoint" / "evil.py").write_text(f"open({str(sprung)!r}, 'w')")
    remote = {"AutoConfig": "evil.C", "AutoModelForSequenceClassification": "evil.M", "AutoTokenizer": ["evil.T", None]}
    for file in ("config.json", "tokenizer_config.json"):
        rewrite(tmp_path / "checkpoint" / file, lambda settings: settings.update(auto_map=remote))
    rewrite(
        tmp_path / "checkpoint" / "tokenizer_config.json", lambda settings: settings.update(tokenizer_class="EvilOne")
    )
    assert load(checkpoint, "sentiment").labels == LABELS["sentiment"]
    assert not sprung.exists()


def test_loading_says_nothing_and_silences_nobody(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    logger = transformers.utils.logging
    before = (logger.get_verbosity(), logger.is_progress_bar_enabled())
    load(tiny(tmp_path / "loaded", "bert", "fill-mask"), "fill-mask")
    capfd.readouterr()
    load(Checkpoint(str(tmp_path / "loaded"), "bert"), "fill-mask")
    with pytest.raises(AnalysisError):
        load(Checkpoint(str(tmp_path / "loaded"), "bert"), "question-answering")
    assert capfd.readouterr() == ("", "")
    assert (logger.get_verbosity(), logger.is_progress_bar_enabled()) == before
    assert logging.getLogger("transformers").level != logging.CRITICAL


def test_models_loaded_at_the_same_time_are_the_ones_loaded_alone(tmp_path: Path) -> None:
    checkpoints = [tiny(tmp_path / str(seed), seed=seed) for seed in range(4)]
    alone = [logits(load(checkpoint, "sentiment"), "the film was good") for checkpoint in checkpoints]
    together: dict[int, torch.Tensor] = {}

    def one(index: int) -> None:
        together[index] = logits(load(checkpoints[index], "sentiment"), "the film was good")

    threads = [threading.Thread(target=one, args=(index,)) for index in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for index, expected in enumerate(alone):
        assert torch.equal(together[index], expected)


def test_a_model_is_equal_to_itself_alone_and_cannot_be_changed(tmp_path: Path) -> None:
    checkpoint = tiny(tmp_path)
    first, second = load(checkpoint, "sentiment"), load(checkpoint, "sentiment")
    assert first != second
    assert len({first, second}) == 2
    with pytest.raises(AttributeError):
        first.task = "entities"


# Random weights


@pytest.fixture
def small_random(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`random:` at a size for tests, with a tokenizer where the embedded pair's would be."""
    monkeypatch.setattr(models, "RANDOM_TOKENIZER", tiny_checkpoint(tmp_path / "teacher", "bert", "fill-mask"))
    small = {"vocab_size": 200, "max_position_embeddings": 512}
    sizes = {
        "bert": transformers.BertConfig(hidden_size=48, intermediate_size=96, **small),
        "distilbert": transformers.DistilBertConfig(dim=48, hidden_dim=96, **small),
    }
    monkeypatch.setattr(models, "full_size", sizes.__getitem__)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.usefixtures("small_random")
def test_random_weights_are_equal_for_equal_seeds_and_leave_the_global_generator(architecture: str) -> None:
    checkpoint = Checkpoint(f"random:{architecture}", architecture)
    before = torch.random.get_rng_state()
    first, again, other = (load(checkpoint, "fill-mask", seed=seed) for seed in (7, 7, 8))
    assert torch.equal(torch.random.get_rng_state(), before)
    text = "the film was [MASK]"
    assert torch.equal(logits(first, text), logits(again, text))
    assert not torch.equal(logits(first, text), logits(other, text))
    assert first.fingerprint == again.fingerprint
    assert first.fingerprint != other.fingerprint
    assert (first.disk_bytes, first.revision, first.max_tokens) == (0, None, 512)


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_random_weights_are_distributed_as_transformers_own(architecture: str, task: str) -> None:
    own = {"bert": transformers.BertConfig, "distilbert": transformers.DistilBertConfig}[architecture]
    size = {"bert": {"hidden_size": 96, "intermediate_size": 96}, "distilbert": {"dim": 96, "hidden_dim": 96}}
    config = own(vocab_size=500, **size[architecture])
    kind = network_class(architecture, TASKS[task].head)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        reference = dict(kind(config).named_parameters())
    drawn = random_weights(kind, config, seed=0)
    assert drawn.keys() == reference.keys()
    for name, tensor in drawn.items():
        assert tensor.shape == reference[name].shape
        if tensor.numel() > 5000:
            assert tensor.std() == pytest.approx(reference[name].std().item(), rel=0.1)
        elif tensor.dim() == 1:
            assert torch.equal(tensor, reference[name])


def test_random_weights_need_the_embedded_tokenizer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(models, "RANDOM_TOKENIZER", tmp_path / "none")
    with pytest.raises(AnalysisError, match="tokenizer of the embedded pair"):
        load(Checkpoint("random:bert", "bert"), "fill-mask")


@pytest.mark.parametrize("source", ["random:distilbert", "random:", "random:bert-0"])
def test_what_is_not_quite_a_source_of_random_weights_is_one_sentence(source: str) -> None:
    _refusal(Checkpoint(source, "bert"))


def test_mistakes_of_the_programmer_are_value_errors() -> None:
    with pytest.raises(ValueError, match="architecture must be one of bert, distilbert"):
        load(Checkpoint("random:roberta", "roberta"), "fill-mask")


# Facts about transformers that the analysis rests on


def test_fact_the_full_size_pair_has_these_parameters() -> None:
    with torch.device("meta"):
        teacher = transformers.BertModel(models.full_size("bert"))
        student = transformers.DistilBertModel(models.full_size("distilbert"))
    assert sum(parameter.numel() for parameter in teacher.parameters()) == 109_482_240
    assert sum(parameter.numel() for parameter in student.parameters()) == 66_362_880
    assert teacher.config.hidden_size == student.config.hidden_size == 768
    assert teacher.config.num_attention_heads == student.config.num_attention_heads == 12


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_fact_sdpa_returns_no_attentions_and_eager_does(architecture: str, tmp_path: Path) -> None:
    model = load(tiny(tmp_path, architecture), "sentiment")
    tokens = model.tokenizer("the film was good", return_tensors="pt")
    assert not model.network(**tokens, output_attentions=True).attentions
    model.network.set_attn_implementation("eager")
    assert len(model.network(**tokens, output_attentions=True).attentions) == 2


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_fact_head_mask_changes_nothing(architecture: str, tmp_path: Path) -> None:
    model = load(tiny(tmp_path, architecture), "sentiment")
    tokens = model.tokenizer("the film was good", return_tensors="pt")
    masked = model.network(**tokens, head_mask=torch.zeros(2, 2)).logits
    assert torch.equal(masked, model.network(**tokens).logits)


def test_fact_without_a_vocabulary_transformers_goes_on_with_five_pieces(tmp_path: Path) -> None:
    tiny(tmp_path)
    (tmp_path / "tokenizer.json").unlink()
    assert len(transformers.AutoTokenizer.from_pretrained(tmp_path)) == 5


def test_fact_a_head_is_filled_in_with_random_weights(tmp_path: Path) -> None:
    tiny(tmp_path, task="fill-mask")
    network = transformers.AutoModelForSequenceClassification.from_pretrained(tmp_path)
    assert network.classifier.weight.std() > 0
