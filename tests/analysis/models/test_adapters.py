"""Adapters: merged as peft itself computes them, shared with their base, and refused in one sentence."""

import json
import pickle
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import peft
import pytest
import torch
import transformers

from analysis.models.hub import ADAPTER, ADAPTER_WEIGHTS
from analysis.models.hub import LABELS as LABELS_FILE
from analysis.models.model import Model, load
from analysis.models.model_files import fingerprint_of
from analysis.models.pairs import Checkpoint
from cache.loaded_models import base_weights, model
from tests.support.checkpoint_folders import (
    ARCHITECTURES,
    Weights,
    change_weights,
    one_sentence,
    refusal,
    rewrite,
    with_weight,
    without,
)
from tests.support.tiny import HEADS, LABELS, hooks_of, tiny_adapter, tiny_checkpoint

TEXTS = ("the film was [MASK]", "who likes it?")


def adapted(root: Path, architecture: str = "bert", task: str = "sentiment", **settings: Any) -> Checkpoint:
    """An adapter in `root/adapter` to a base in `root/base` that fills masks."""
    base = root / "base"
    if not base.is_dir():
        tiny_checkpoint(base, architecture, "fill-mask")
    return Checkpoint(str(tiny_adapter(root / "adapter", base, task, **settings)), architecture)


def unmerged(checkpoint: Checkpoint, task: str, classes: int) -> Any:
    """The adapter as peft loads it, beside its base's weights and not in them."""
    folder = Path(checkpoint.source)
    options = {"num_labels": classes} if classes else {}
    network = getattr(transformers, HEADS[task]).from_pretrained(folder.parent / "base", **options)
    return peft.PeftModel.from_pretrained(network, folder).eval()


def assert_same_outputs(loaded: Model, reference: Any) -> None:
    tokens = loaded.tokenizer(*TEXTS, return_tensors="pt")
    for attention in ("sdpa", "eager"):
        loaded.network.set_attn_implementation(attention)
        reference.get_base_model().set_attn_implementation(attention)
        expected = reference(**tokens)
        for key, value in loaded.network(**tokens).items():
            torch.testing.assert_close(value, expected[key], atol=1e-4, rtol=0)


@pytest.mark.parametrize("task", HEADS)
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_a_merged_adapter_answers_as_the_unmerged_one(architecture: str, task: str, tmp_path: Path) -> None:
    checkpoint = adapted(tmp_path, architecture, task)
    loaded = load(checkpoint, task)
    assert_same_outputs(loaded, unmerged(checkpoint, task, len(LABELS.get(task, ()))))
    assert loaded.labels == LABELS.get(task, ())
    assert not loaded.network.training
    assert not any(parameter.requires_grad for parameter in loaded.network.parameters())
    assert not any(map(any, hooks_of(loaded)))
    assert not any("lora" in name for name, _ in loaded.network.named_modules())


@pytest.mark.parametrize(
    "settings",
    [
        {"use_rslora": True},
        {"use_dora": True},
        {"rank_pattern": {"query": 2}, "alpha_pattern": {"query": 16, "layer.1.attention.self.key": 3}},
        {"target_modules": "all-linear"},
        {"target_modules": ["word_embeddings", "value"]},
        {"target_modules": r".*layer\.1\..*(query|value)"},
        {"layers_to_transform": [1]},
    ],
    ids=lambda settings: " ".join(settings),
)
def test_every_kind_of_lora_is_merged_as_peft_has_it(settings: dict[str, Any], tmp_path: Path) -> None:
    checkpoint = adapted(tmp_path, **settings)
    assert_same_outputs(load(checkpoint, "sentiment"), unmerged(checkpoint, "sentiment", 2))


def test_an_adapter_changes_what_its_base_says(tmp_path: Path) -> None:
    first, second = (load(adapted(tmp_path, task="fill-mask", seed=seed), "fill-mask") for seed in (0, 1))
    base = load(Checkpoint(str(tmp_path / "base"), "bert"), "fill-mask")
    tokens = base.tokenizer(TEXTS[0], return_tensors="pt")
    outputs = [each.network(**tokens).logits for each in (base, first, second)]
    assert not any(torch.allclose(outputs[at], outputs[at - 1], atol=0.1) for at in range(3))


@pytest.mark.usefixtures("nothing_remembered")
def test_tasks_share_the_base_they_leave_alone(tmp_path: Path) -> None:
    checkpoint = adapted(tmp_path)
    other = Checkpoint(str(tiny_adapter(tmp_path / "other", tmp_path / "base", "entities")), "bert")
    base = Checkpoint(str(tmp_path / "base"), "bert")
    before = load(base, "fill-mask").network.state_dict()
    sentiment, entities, masks = model(checkpoint, "sentiment"), model(other, "entities"), model(base, "fill-mask")
    assert sentiment.weights is entities.weights is masks.weights is base_weights("base", tmp_path / "base")
    embeddings = {each.network.get_input_embeddings().weight.data_ptr() for each in (sentiment, entities, masks)}
    assert len(embeddings) == 1
    query = "bert.encoder.layer.0.attention.self.query.weight"
    assert len({each.network.get_parameter(query).data_ptr() for each in (sentiment, entities, masks)}) == 3
    for key, tensor in masks.network.state_dict().items():
        assert torch.equal(tensor, before[key])  # merging has left the base as it was


@pytest.mark.usefixtures("nothing_remembered")
def test_a_base_is_read_again_when_its_files_change_or_nobody_holds_it(tmp_path: Path) -> None:
    tiny_checkpoint(tmp_path, "bert", "fill-mask")
    held = base_weights("base", tmp_path)
    assert base_weights("base", tmp_path) is held
    tiny_checkpoint(tmp_path, "bert", "fill-mask", seed=1)
    again = base_weights("base", tmp_path)
    key = "bert.embeddings.word_embeddings.weight"
    assert not torch.equal(again[key], held[key])


def test_the_fingerprint_follows_base_and_adapter_but_not_the_place(tmp_path: Path) -> None:
    checkpoint = adapted(tmp_path / "here")
    seen = [load(checkpoint, "sentiment").fingerprint]
    assert fingerprint_of(checkpoint) == seen[0]
    assert fingerprint_of(adapted(tmp_path / "there")) == seen[0]
    folder = tmp_path / "here" / "adapter"
    changes: tuple[Callable[[], object], ...] = (
        lambda: (folder / LABELS_FILE).write_text(json.dumps(LABELS["sentiment"][::-1]), encoding="utf-8"),
        lambda: rewrite(folder / ADAPTER, lora_alpha=9),
        lambda: change_weights(
            folder / ADAPTER_WEIGHTS, lambda weights: {name: tensor + 1 for name, tensor in weights.items()}
        ),
        lambda: tiny_checkpoint(tmp_path / "here" / "base", "bert", "fill-mask", seed=1),
    )
    for change in changes:
        change()
        seen.append(load(checkpoint, "sentiment").fingerprint)
        assert fingerprint_of(checkpoint) == seen[-1]
    assert len(set(seen)) == 5


def test_a_base_in_the_adapters_own_folder_is_found(tmp_path: Path) -> None:
    checkpoint = adapted(tmp_path)
    logits = load(checkpoint, "sentiment").network(torch.tensor([[2, 7, 3]])).logits
    folder = tiny_checkpoint(tmp_path / "adapter", "bert", "fill-mask")
    rewrite(folder / ADAPTER, base_model_name_or_path="owner/not-here")
    assert torch.equal(load(checkpoint, "sentiment").network(torch.tensor([[2, 7, 3]])).logits, logits)


def test_an_adapter_may_bring_its_tokenizer(tmp_path: Path) -> None:
    checkpoint = adapted(tmp_path)
    assert load(checkpoint, "sentiment").tokenizer.tokenize("Paris") == ["paris"]
    before = fingerprint_of(checkpoint)
    cased = tiny_checkpoint(
        tmp_path / "cased", "bert", "fill-mask", vocabulary=["[PAD]", "[UNK]", "[CLS]", "[SEP]", "a"]
    )
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (tmp_path / "adapter" / name).write_bytes((cased / name).read_bytes())
    assert load(checkpoint, "sentiment").tokenizer.tokenize("Paris") == ["[UNK]"]
    assert fingerprint_of(checkpoint) != before


def reshaped(key: str) -> Callable[[Weights], Weights]:
    return lambda weights: {
        name: tensor[:, :-1].contiguous() if key in name else tensor for name, tensor in weights.items()
    }


def adding(key: str) -> Callable[[Weights], Weights]:
    return with_weight(key, torch.zeros(2, 2))


QUERY = "base_model.model.bert.encoder.layer.0.attention.self.query"
SETTINGS: dict[str, tuple[Any, str]] = {
    "another kind": ({"peft_type": "IA3"}, "adapter of the kind IA3: choose one of the kind LORA"),
    "no kind": ({"peft_type": None}, "adapter of the kind None"),
    "biases too": ({"bias": "all"}, "changes its base beside the adapter's weights"),
    "a changed base": ({"init_lora_weights": "pissa"}, "changes its base beside the adapter's weights"),
    "tokens too": ({"trainable_token_indices": [1]}, "uses trainable_token_indices"),
    "text as scale": ({"lora_alpha": "8"}, "no number as lora_alpha"),
    "a pattern": ({"alpha_pattern": {"(a+)+": 3}}, "holds no LoRA matrices by name"),
    "no base": ({"base_model_name_or_path": "nowhere at all"}, "an adapter for “nowhere at all”, which is not there"),
    "no base named": ({"base_model_name_or_path": None}, "an adapter for “”, which is not there"),
    "a head of another task": ({"auto_mapping": {"base_model_class": "BertForTokenClassification"}}, "no trained head"),
    "no saved head": ({"modules_to_save": None}, "which is neither LoRA nor of modules_to_save"),
}
WEIGHTS: dict[str, tuple[Any, str]] = {
    "no head": (without("classifier"), "no trained head"),
    "no pooler": (without("pooler"), "no trained head"),
    "half a head": (without("classifier.bias"), "no trained head"),
    "a head without axes": (
        lambda weights: {key: tensor.sum() if "classifier" in key else tensor for key, tensor in weights.items()},
        "does not fit its base checkpoint",
    ),
    "no B": (without("query.lora_B"), "does not fit its base checkpoint"),
    "no LoRA": (without("lora_"), "holds no LoRA matrices by name"),
    "another width": (reshaped("query.lora_A"), "does not fit its base checkpoint"),
    "another layer": (adding(f"{QUERY.replace('.0.', '.7.')}.lora_A.weight"), "does not fit its base checkpoint"),
    "a tensor of the base": (adding("base_model.model.bert.embeddings.word_embeddings.weight"), "is neither LoRA nor"),
    "an unknown part": (adding(f"{QUERY}.lora_C.weight"), "is neither LoRA nor"),
    "not finite": (lambda weights: {key: value * float("nan") for key, value in weights.items()}, "are not finite"),
}
LABELLINGS: dict[str, tuple[str, str]] = {
    "too few": ('["yes"]', "does not fit its head"),
    "twice the same": ('["yes", "yes"]', "does not fit its head"),
    "numbers": ("[0, 1]", "does not fit its head"),
    "a table": ('{"0": "no", "1": "yes"}', "does not fit its head"),
    "no JSON": ("yes, no", "is not valid JSON"),
    "nested": ("[" * 100_000, "is not valid JSON"),
    "half of a surrogate pair": ('["\\ud800", "yes"]', "does not fit its head"),
}


@pytest.mark.parametrize("case", SETTINGS)
def test_settings_that_cannot_be_merged_are_one_sentence(case: str, tmp_path: Path) -> None:
    checkpoint = adapted(tmp_path)
    settings, told = SETTINGS[case]
    rewrite(tmp_path / "adapter" / ADAPTER, **settings)
    assert told in refusal(checkpoint)


@pytest.mark.parametrize("case", WEIGHTS)
def test_weights_that_do_not_fit_are_one_sentence(case: str, tmp_path: Path) -> None:
    checkpoint = adapted(tmp_path)
    change, told = WEIGHTS[case]
    change_weights(tmp_path / "adapter" / ADAPTER_WEIGHTS, change)
    assert told in refusal(checkpoint)


@pytest.mark.parametrize("case", LABELLINGS)
def test_labels_that_do_not_fit_are_one_sentence(case: str, tmp_path: Path) -> None:
    checkpoint = adapted(tmp_path)
    text, told = LABELLINGS[case]
    (tmp_path / "adapter" / LABELS_FILE).write_text(text, encoding="utf-8")
    assert told in refusal(checkpoint)


def test_an_adapter_without_labels_says_what_to_add(tmp_path: Path) -> None:
    checkpoint = adapted(tmp_path, task="sentence-pair")
    (tmp_path / "adapter" / LABELS_FILE).unlink()
    assert "add a file labels.json to its folder, a JSON list with a name for each of its 3 classes" in refusal(
        checkpoint, "sentence-pair"
    )


@pytest.mark.parametrize(
    "noted", [{"auto_mapping": {"base_model_class": "BertForSequenceClassification"}}, {"task_type": "SEQ_CLS"}]
)
def test_an_adapter_of_another_task_is_refused_before_its_labels_are_asked_for(
    noted: dict[str, Any], tmp_path: Path
) -> None:
    checkpoint = adapted(tmp_path)
    (tmp_path / "adapter" / LABELS_FILE).unlink()
    rewrite(tmp_path / "adapter" / ADAPTER, **{"auto_mapping": None, **noted})
    assert "has no trained head for this task (TokenClassification)" in refusal(checkpoint, "entities")


@pytest.mark.parametrize("case", ["no JSON", "a list", "cut off", "a base of the other architecture"])
def test_a_damaged_folder_is_one_sentence(case: str, tmp_path: Path) -> None:
    checkpoint = adapted(tmp_path)
    folder = tmp_path / "adapter"
    if case == "cut off":
        (folder / ADAPTER_WEIGHTS).write_bytes((folder / ADAPTER_WEIGHTS).read_bytes()[:-9])
    elif case == "a base of the other architecture":
        checkpoint = Checkpoint(checkpoint.source, "distilbert")
    else:
        (folder / ADAPTER).write_text("{" if case == "no JSON" else "[]", encoding="utf-8")
    refusal(checkpoint)


def test_nothing_that_an_adapter_names_is_imported_or_unpickled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkpoint = adapted(tmp_path)
    (tmp_path / "trap.py").write_text("raise SystemExit('imported')", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    mapping = {"base_model_class": "BertForSequenceClassification", "parent_library": "trap"}
    rewrite(tmp_path / "adapter" / ADAPTER, auto_mapping=mapping, megatron_core="trap")
    load(checkpoint, "sentiment")
    assert "trap" not in sys.modules
    (tmp_path / "adapter" / ADAPTER_WEIGHTS).unlink()
    (tmp_path / "adapter" / "adapter_model.bin").write_bytes(pickle.dumps(np.array([1])))
    assert "has no adapter_model.safetensors" in refusal(checkpoint)


def test_word_vectors_that_the_head_shares_are_not_merged(tmp_path: Path) -> None:
    checkpoint = adapted(tmp_path, task="fill-mask", target_modules=["word_embeddings"], ensure_weight_tying=False)
    assert "adapts bert.embeddings.word_embeddings, which the head shares" in refusal(checkpoint, "fill-mask")


def test_a_base_on_the_hub_is_not_fetched_unasked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checkpoint = adapted(tmp_path)
    rewrite(tmp_path / "adapter" / ADAPTER, base_model_name_or_path="owner/base")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hub"))
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")  # nobody answers there, and nobody is asked
    told = one_sentence(lambda: load(checkpoint, "sentiment"))
    assert "owner/base, the base of an adapter, is not in the local cache" in told
