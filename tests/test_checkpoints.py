"""What ships in `checkpoints/`: every checkpoint loads, is what it says it is, and is small."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from safetensors import safe_open

from analysis.examples import Example
from analysis.expected import VERDICTS, verdict
from analysis.models import fingerprint_of, load
from analysis.pairs import EMBEDDED, PAIRS, Checkpoint
from analysis.predict import predict
from analysis.tasks import TASKS
from training.probing import probe_rows

FOLDERS = sorted(path.parent for path in EMBEDDED.glob("*/*/config.json"))
PUBLISHED_TASKS = [task for task in TASKS if (EMBEDDED / task).is_dir()]
ARCHITECTURES = {"teacher": ("bert", 12), "student": ("distilbert", 6)}
KINDS = {".json", ".safetensors", ".md", ".svg", ".txt"}  # none of them is ever unpickled
LARGEST_FILE, LARGEST_FOLDER = 16_000_000, 120_000_000  # bytes

each_folder = pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: f"{path.parent.name}-{path.name}")
each_task = pytest.mark.parametrize("task", PUBLISHED_TASKS)


def test_both_sides_of_at_least_one_task_are_there() -> None:
    assert FOLDERS
    assert {path.name for path in FOLDERS} == {"teacher", "student"}
    assert len(FOLDERS) == 2 * len(PUBLISHED_TASKS)
    assert "fill-mask" in PUBLISHED_TASKS


def test_they_are_small_and_hold_nothing_to_unpickle() -> None:
    files = [path for path in EMBEDDED.rglob("*") if path.is_file()]
    assert {path.suffix for path in files} <= KINDS
    sizes = {str(path.relative_to(EMBEDDED)): path.stat().st_size for path in files}
    assert max(sizes.values()) <= LARGEST_FILE
    assert sum(sizes.values()) <= LARGEST_FOLDER


@each_folder
def test_a_checkpoint_loads_with_its_layers_and_keeps_its_fingerprint(folder: Path) -> None:
    architecture, layers = ARCHITECTURES[folder.name]
    checkpoint = Checkpoint(str(folder), architecture)
    model, again = load(checkpoint, folder.parent.name), load(checkpoint, folder.parent.name)
    assert model.network.config.num_hidden_layers == layers
    assert model.fingerprint == again.fingerprint == fingerprint_of(checkpoint)
    assert len(model.fingerprint) == 64


@each_folder
def test_weights_are_half_precision_on_disk(folder: Path) -> None:
    with safe_open(folder / "model.safetensors", "np") as stored:
        kinds = {stored.get_slice(name).get_dtype() for name in stored.keys()}  # noqa: SIM118 - no mapping
    assert kinds == {"F16"}


@each_task
def test_both_sides_read_the_same_pieces_and_answer_with_the_same_labels(task: str) -> None:
    teacher, student = PAIRS["embedded"].sides(task).map(lambda checkpoint: load(checkpoint, task))
    assert teacher.tokenizer.get_vocab() == student.tokenizer.get_vocab()
    assert teacher.labels == student.labels
    assert teacher.network.config.hidden_size == student.network.config.hidden_size


@each_task
def test_the_student_has_about_two_fifths_fewer_parameters(task: str) -> None:
    models = PAIRS["embedded"].sides(task).map(lambda checkpoint: load(checkpoint, task))
    teacher, student = models.map(lambda model: sum(weights.numel() for weights in model.network.parameters()))
    assert 0.36 <= 1 - student / teacher <= 0.42


def test_our_own_sentences_are_answered_as_the_evaluation_says() -> None:
    evaluation = json.loads((EMBEDDED / "evaluation.json").read_text(encoding="utf-8"))
    recorded = {(row["task"], row["side"]): row for row in evaluation["rows"] if row["metric"] == "probes"}
    measured = {(row["task"], row["side"]): row for row in probe_rows(EMBEDDED)}
    assert set(recorded) == set(measured) == {(task, side) for task in PUBLISHED_TASKS for side in ARCHITECTURES}
    for key, row in measured.items():
        assert row["n"] == recorded[key]["n"] == 20
        assert row["value"] == pytest.approx(recorded[key]["value"], abs=0.051)  # one near tie may fall otherwise


@each_task
def test_of_the_examples_both_sides_get_some_right_one_side_some_and_none_some(task: str) -> None:
    models = PAIRS["embedded"].sides(task).map(lambda checkpoint: load(checkpoint, task))
    found = Counter()
    for sample in TASKS[task].samples:
        example = Example(task, sample.text, sample.text_pair)
        told = verdict(models.map(lambda model, example=example: predict(model, example)), sample)
        found.update(end for end in VERDICTS.values() if told and told.endswith(f": {end}."))
    assert found[VERDICTS[True, True]]
    assert found[VERDICTS[True, False]]
    assert found[VERDICTS[False, False]]
