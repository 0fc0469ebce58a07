"""The configuration in a checkpoint's folder: its labels, what changes nothing, and what is refused."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from analysis.errors import AnalysisError
from analysis.inputs.tasks import TASKS
from analysis.models.model import load
from tests.support.checkpoint_folders import (
    ARCHITECTURES,
    WEIGHTS,
    change_weights,
    leave_out,
    logits,
    refusal,
    rewrite,
    tiny,
)


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
        {"id2label": {"1": "good", "0": "bad"}},
        {"id2label": ["bad", "good"]},
        {"label2id": {"good": 1, "bad": 0}},
        {"id2label": {"0": "bad", "1": "good"}, "label2id": {"LABEL_0": 0, "LABEL_1": 1}},  # as nobody changed it
    ],
)
def test_labels_are_read_however_they_are_numbered(labels: dict[str, Any], tmp_path: Path) -> None:
    checkpoint = tiny(tmp_path)
    leave_out(tmp_path / "config.json", "id2label", "label2id")
    rewrite(tmp_path / "config.json", **labels)
    assert load(checkpoint, "sentiment").labels == ("bad", "good")


def test_two_labels_are_never_renamed_to_one(tmp_path: Path) -> None:
    checkpoint = replace(tiny(tmp_path), labels=(("NEGATIVE", "good"), ("POSITIVE", "good")))
    assert "calls more than one of its classes “good”" in refusal(checkpoint)


# Settings of config.json, and what the reader is told of them.
SETTINGS: list[tuple[dict[str, Any], str]] = [
    ({"model_type": "roberta"}, "is a roberta checkpoint: choose one that is bert."),
    ({"model_type": "distilbert"}, "is a distilbert checkpoint"),
    ({"model_type": None, "architectures": ["EvilForNothing"]}, "has no trained head for this task"),
    ({"model_type": ["bert"]}, "checkpoint: choose one"),
    (
        {"problem_type": "single_label_classification", "id2label": {"0": "LABEL_0"}, "label2id": {"LABEL_0": 0}},
        "has one label and is said to choose from several",
    ),
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


@pytest.mark.parametrize(("settings", "told"), SETTINGS)
def test_a_config_that_does_not_fit_is_one_sentence(settings: dict[str, Any], told: str, tmp_path: Path) -> None:
    checkpoint = tiny(tmp_path)
    rewrite(tmp_path / "config.json", **settings)
    assert told in refusal(checkpoint)


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
    rewrite(tmp_path / "config.json", **settings)
    assert torch.equal(logits(load(checkpoint, "sentiment"), "the old film was good"), before)


def test_settings_that_steer_transformers_change_nothing(tmp_path: Path) -> None:
    """Such as one that cuts a text into chunks, of which only texts of some lengths have whole ones."""
    checkpoint = tiny(tmp_path)
    before = logits(load(checkpoint, "sentiment"), "the old film was good")
    steering = {"chunk_size_feed_forward": 5, "fusion_config": {"none": True}, "attribute_map": 3, "dtype": "float16"}
    rewrite(tmp_path / "config.json", **steering)
    rewrite(tmp_path / "tokenizer_config.json", model_max_length="none")
    assert torch.equal(logits(load(checkpoint, "sentiment"), "the old film was good"), before)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("classes", [True, False])
@pytest.mark.parametrize("empty", [True, False])
def test_a_config_without_a_model_type_is_known_by_its_class_or_its_weights(
    architecture: str, classes: bool, empty: bool, tmp_path: Path
) -> None:
    checkpoint = tiny(tmp_path, architecture)
    before = logits(load(checkpoint, "sentiment"), "the film was good")
    leave_out(tmp_path / "config.json", "model_type", *(() if classes else ("architectures",)))
    if empty:
        rewrite(tmp_path / "config.json", model_type="")
    assert torch.equal(logits(load(checkpoint, "sentiment"), "the film was good"), before)
    other = next(kind for kind in ARCHITECTURES if kind != architecture)
    assert f"is a {architecture} checkpoint" in refusal(replace(checkpoint, architecture=other))


def test_a_config_without_a_model_type_and_weights_of_no_kind_is_refused(tmp_path: Path) -> None:
    checkpoint = tiny(tmp_path)
    leave_out(tmp_path / "config.json", "model_type", "architectures")
    change_weights(
        tmp_path / WEIGHTS,
        lambda weights: {key.removeprefix("bert."): weight for key, weight in weights.items()},
    )
    assert "does not say what it configures" in refusal(checkpoint)


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
        leave_out(tmp_path / "config.json", "architectures")
    both = {TASKS[trained].head, TASKS[wanted].head}
    alike = both == {"AutoModelForSequenceClassification", "AutoModelForTokenClassification"}
    if len(both) == 1 or (alike and not declared and wanted == "entities"):
        assert load(checkpoint, wanted).task == wanted  # the second: nothing in such a folder tells them apart
    else:
        assert "has no trained head for this task" in refusal(checkpoint, wanted)


@pytest.mark.parametrize(
    ("task", "labels", "problem", "sentence"),
    [
        ("entities", ["O"], None, "has one label for each word"),
        ("sentiment", ["a", "b"], "regression", "gives 2 numbers, which are not told apart here"),
        ("sentiment", ["good"], "single_label_classification", "has one label and is said to choose from several"),
    ],
)
def test_outputs_of_which_nothing_can_be_chosen_are_refused(
    task: str, labels: list[str], problem: str | None, sentence: str, tmp_path: Path
) -> None:
    assert sentence in refusal(tiny(tmp_path, task=task, labels=labels, problem=problem), task)
