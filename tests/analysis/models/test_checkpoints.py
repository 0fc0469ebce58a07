"""What ships in `checkpoints/`: every checkpoint loads, is what it says it is, and is small."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import safe_open
from transformers import AutoModelForMaskedLM, AutoTokenizer

from analysis.inputs.examples import Example
from analysis.inputs.tasks import TASKS
from analysis.models.model import Model, load
from analysis.models.model_files import fingerprint_of
from analysis.models.pairs import EMBEDDED, PAIRS
from analysis.predictions.correctness import VERDICTS, verdict
from analysis.predictions.heads import predict
from cache.loaded_models import model
from training.adapters import merged
from training.probing import probe_rows, read_probes
from training.recipes import RECIPES

PUBLISHED = {task: PAIRS["embedded"].checkpoints[task] for task in PAIRS["embedded"].checkpoints}
FINE_TUNED = [task for task in PUBLISHED if task != "fill-mask"]
LAYERS = {"bert": 12, "distilbert": 6}
KINDS = {".json", ".xz", ".safetensors", ".md", ".svg"}  # none of them is ever unpickled
LICENCE = "LICENSE.bge-small-en-v1.5"  # of the encoder that the teacher went on from
LARGEST_FILE, LARGEST_FOLDER = 16_000_000, 125_000_000  # bytes

each_task = pytest.mark.parametrize("task", PUBLISHED)
each_fine_tuned = pytest.mark.parametrize("task", FINE_TUNED)
each_side = pytest.mark.parametrize("side", ["teacher", "student"])


def folder_of(task: str, side: str) -> Path:
    return Path(dict(PUBLISHED[task].items())[side].source)


def model_of(task: str, side: str) -> Model:
    return model(dict(PUBLISHED[task].items())[side], task)


def test_there_are_two_bases_and_an_adapter_for_every_other_task_and_side() -> None:
    assert set(PUBLISHED) == set(TASKS)
    assert {path.parent.relative_to(EMBEDDED).as_posix() for path in EMBEDDED.rglob("config.json")} == {
        "teacher",
        "student",
    }
    for task in FINE_TUNED:
        for side in ("teacher", "student"):
            files = {path.name for path in folder_of(task, side).iterdir()}
            assert files == {"adapter_config.json", "adapter_model.safetensors", "labels.json"}
            settings = json.loads((folder_of(task, side) / "adapter_config.json").read_text(encoding="utf-8"))
            assert settings["base_model_name_or_path"] == f"../../{side}"


def test_they_are_small_hold_nothing_to_unpickle_and_bring_their_licence() -> None:
    files = [path for path in EMBEDDED.rglob("*") if path.is_file()]
    assert {path.suffix for path in files if path.name != LICENCE} <= KINDS
    for side in ("teacher", "student"):
        assert "MIT License" in (EMBEDDED / side / LICENCE).read_text(encoding="utf-8")
    sizes = {str(path.relative_to(EMBEDDED)): path.stat().st_size for path in files}
    assert max(sizes.values()) <= LARGEST_FILE
    assert sum(sizes.values()) <= LARGEST_FOLDER


@each_side
@each_task
def test_a_checkpoint_loads_with_its_layers_and_keeps_its_fingerprint(task: str, side: str) -> None:
    loaded = model_of(task, side)
    assert loaded.network.config.num_hidden_layers == LAYERS[loaded.architecture]
    assert loaded.fingerprint == load(loaded.checkpoint, task).fingerprint == fingerprint_of(loaded.checkpoint)
    assert len(loaded.fingerprint) == 64


def test_weights_are_half_precision_on_disk() -> None:
    kinds = set()
    for path in EMBEDDED.rglob("*.safetensors"):
        with safe_open(path, "np") as stored:
            kinds |= {stored.get_slice(name).get_dtype() for name in stored.keys()}  # noqa: SIM118 - no mapping
    assert kinds == {"F16"}


@each_side
def test_the_tasks_of_a_side_share_its_word_embeddings_and_nothing_that_an_adapter_changes(side: str) -> None:
    networks = [model_of(task, side).network for task in PUBLISHED]
    words = {network.get_input_embeddings().weight.untyped_storage().data_ptr() for network in networks}
    assert len(words) == 1
    layer = "encoder.layer.0.attention.self.query" if side == "teacher" else "transformer.layer.0.attention.q_lin"
    queries = {network.base_model.get_submodule(layer).weight.untyped_storage().data_ptr() for network in networks}
    assert len(queries) == len(PUBLISHED)


@each_side
@each_fine_tuned
def test_what_is_shown_is_what_was_measured(task: str, side: str) -> None:
    """Twenty texts, read by the loader of the dashboard and by that of `training evaluate`, which is peft's own."""
    shown, measured = model_of(task, side), merged(RECIPES[task], folder_of(task, side))
    assert shown.labels == (RECIPES[task].labels if shown.labels else ())
    for item in read_probes()[task]:
        tokens = shown.tokenizer(item["text"], item.get("text_pair"), return_tensors="pt")
        for attention in ("sdpa", "eager"):
            measured.set_attn_implementation(attention)
            with torch.inference_mode():
                expected = measured(**tokens)
                for key, value in shown.network(**tokens).items():
                    torch.testing.assert_close(value, expected[key], atol=1e-4, rtol=0)


@each_side
def test_transformers_alone_opens_a_base(side: str) -> None:
    network = AutoModelForMaskedLM.from_pretrained(EMBEDDED / side)
    tokens = AutoTokenizer.from_pretrained(EMBEDDED / side)("The capital of France is [MASK].", return_tensors="pt")
    with torch.inference_mode():
        expected = network(**tokens).logits
        torch.testing.assert_close(model_of("fill-mask", side).network(**tokens).logits, expected, atol=1e-4, rtol=0)


@each_task
def test_both_sides_read_the_same_pieces_and_answer_with_the_same_labels(task: str) -> None:
    teacher, student = PUBLISHED[task].map(lambda checkpoint: model(checkpoint, task))
    assert teacher.tokenizer.get_vocab() == student.tokenizer.get_vocab()
    assert teacher.labels == student.labels
    assert teacher.network.config.hidden_size == student.network.config.hidden_size


@each_task
def test_the_student_has_about_two_fifths_fewer_parameters(task: str) -> None:
    models = PUBLISHED[task].map(lambda checkpoint: model(checkpoint, task))
    teacher, student = models.map(lambda model: sum(weights.numel() for weights in model.network.parameters()))
    assert 0.36 <= 1 - student / teacher <= 0.42


def test_our_own_sentences_are_answered_as_the_evaluation_says() -> None:
    evaluation = json.loads((EMBEDDED / "evaluation.json").read_text(encoding="utf-8"))
    recorded = {(row["task"], row["side"]): row for row in evaluation["rows"] if row["metric"] == "probes"}
    measured = {(row["task"], row["side"]): row for row in probe_rows(EMBEDDED)}
    assert set(recorded) == set(measured) == {(task, side) for task in PUBLISHED for side in ("teacher", "student")}
    for key, row in measured.items():
        assert row["n"] == recorded[key]["n"] == 20
        assert row["value"] == pytest.approx(recorded[key]["value"], abs=0.051)  # one near tie may fall otherwise


@each_task
def test_of_the_examples_both_sides_get_some_right_one_side_some_and_none_some(task: str) -> None:
    models = PUBLISHED[task].map(lambda checkpoint: model(checkpoint, task))
    found: Counter[Any] = Counter()
    for sample in TASKS[task].samples:
        example = Example(task, sample.text, sample.text_pair)
        told = verdict(models.map(lambda model, example=example: predict(model, example)), sample)
        found.update(end for end in VERDICTS.values() if told and told.endswith(f". {end}."))
    assert found[VERDICTS[True, True]]
    assert found[VERDICTS[True, False]]
    assert found[VERDICTS[False, False]]
