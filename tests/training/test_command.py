"""`python -m training`: every stage in turn from a tiny published BERT and a few made-up texts."""

from __future__ import annotations

import json
import lzma
import shutil
import sys
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
import torch
from safetensors import safe_open
from transformers import AutoModelForMaskedLM, AutoTokenizer, BertModel, PreTrainedTokenizerBase

from tests.support.small_pair import SENTENCES, small_config
from training import __main__ as command
from training.adapters import merged
from training.evaluate import SIDES
from training.publish import read_log
from training.recipes import RECIPES
from training.sources import SOURCES

PIECES = 110


def write(path: Path, text: str) -> None:
    """The text, compressed if the name says so."""
    path.parent.mkdir(parents=True, exist_ok=True)
    data = text.encode("utf-8")
    path.write_bytes(lzma.compress(data) if path.suffix == ".xz" else data)


def write_data(data: Path) -> Path:
    """The folder, which now has every file of texts and of the tasks, as small as the stages allow."""
    context = "Mary Holt, who lives in Paris, drew the old bridge."
    answers = [{"text": "Paris", "answer_start": context.index("Paris"), "n_occurrences": 1}]
    paragraph = {"context": context, "qas": [{"question": "Where does she live?", "answers": answers}] * 8}
    squad = json.dumps({"data": [{"title": "Mary", "paragraphs": [paragraph]}]})
    document = " ".join(SENTENCES * 160)  # 6,000 words and more: a line is a document
    for source in SOURCES:
        lines = [document] * 9 if source.questioned or not source.expository else ["A short line of it."] * 9
        write(data / "pretraining" / f"{source.name}.txt.xz", "\n".join(lines))
    reviews = "sentence\tlabel\n" + "a good film\t1\na dull film\t0\n" * 4
    pairs = "question\tsentence\tlabel\n" + "Who?\tMary.\tentailment\nWhere?\tA dog.\tnot_entailment\n" * 4
    tags = "Mary\tB-per\nlives\tO\n\nin\tO\nParis\tB-geo\n\n" * 4
    for part, ending in (("train", ".xz"), ("dev", "")):
        write(data / "sst2" / f"{part}.tsv{ending}", reviews)
        write(data / "qnli" / f"{part}.tsv.xz", pairs)
        write(data / "squad_v1" / f"{part}.json.xz", squad)
        write(data / "ner_gmb" / f"{'test' if part == 'dev' else part}.bio.xz", tags)
    return data


@pytest.fixture(scope="module")
def folder(tokenizer: PreTrainedTokenizerBase, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the data, a published BERT to start from, and all that the stages made of them."""
    root = tmp_path_factory.mktemp("recipe")
    torch.manual_seed(0)
    BertModel(small_config(len(tokenizer))).save_pretrained(root / "origin")
    tokenizer.save_pretrained(root / "origin")
    (root / "origin" / "LICENSE").write_text("As you like.", encoding="utf-8")
    write_data(root / "data")
    run(root, "all", "--tokens", "6000")
    return root


def run(root: Path, stage: str, *words: str) -> None:
    """One call of the command line."""
    folders = [f"--{name}={root / name}" for name in ("data", "state", "checkpoints")]
    settings = [f"--start={root / 'origin'}", f"--pieces={PIECES}", "--batch-tokens=512", "--device=cpu"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["training", stage, *folders, *settings, *words])
        patch.setattr(command, "keep_memory", lambda: True)  # what holds for the whole process is left as it is
        patch.setattr(command, "transformers_logging", Mock())
        command.main()


def test_the_encoders_are_published_in_small_shards_with_their_licence(side: str, folder: Path) -> None:
    published = folder / "checkpoints" / side
    model, report = AutoModelForMaskedLM.from_pretrained(published, output_loading_info=True)
    assert not report["missing_keys"]
    assert model.config.vocab_size == len(AutoTokenizer.from_pretrained(published)) == PIECES
    assert (published / "LICENSE").read_text(encoding="utf-8") == "As you like."
    assert json.loads((published / "config.json").read_text())["dtype"] == "float32"


@pytest.mark.parametrize("task", RECIPES)
def test_every_task_is_published_as_an_adapter_of_its_encoder(side: str, task: str, folder: Path) -> None:
    adapter = folder / "checkpoints" / task / side
    assert {path.name for path in adapter.iterdir()} == {
        "adapter_config.json",
        "adapter_model.safetensors",
        "labels.json",
    }
    assert tuple(json.loads((adapter / "labels.json").read_text())) == RECIPES[task].labels
    assert json.loads((adapter / "adapter_config.json").read_text())["base_model_name_or_path"] == f"../../{side}"
    model = merged(RECIPES[task], adapter)
    assert not model.training
    assert tuple(model.config.id2label.values()) == RECIPES[task].labels


def test_what_was_made_is_measured_and_told(folder: Path) -> None:
    checkpoints = folder / "checkpoints"
    evaluation = json.loads((checkpoints / "evaluation.json").read_text(encoding="utf-8"))
    tasks = {"fill-mask", *RECIPES}
    assert {(row["task"], row["side"]) for row in evaluation["rows"]} >= {
        (task, side) for task in tasks for side in SIDES
    }
    assert {row["task"] for row in evaluation["pairs"] if row["metric"].startswith("difference:")} == tasks
    card = (checkpoints / "README.md").read_text(encoding="utf-8")
    assert all(f"`{task}`" in card or f"| {task} |" in card for task in tasks)
    assert {"teacher", "student"} <= set(json.loads((checkpoints / "curves.json").read_text())["stages"])


def test_every_stage_left_its_log(folder: Path) -> None:
    stages = {"teacher", "student", *(f"{task}-{side}" for task in RECIPES for side in SIDES)}
    assert {path.stem for path in (folder / "state").glob("*.jsonl")} == stages
    for stage in stages:
        last = read_log(folder / "state" / f"{stage}.jsonl")[-1]
        assert last["step"] > 0
        assert any(name.startswith("held_out") for name in last)


def test_a_finished_run_is_passed_over(folder: Path) -> None:
    def files() -> dict[str, Any]:
        return {str(path): path.read_bytes() for path in (folder / "checkpoints").rglob("*") if path.is_file()}

    before, logs = files(), read_log(folder / "state" / "teacher.jsonl")
    run(folder, "all", "--tokens", "6000")
    assert files() == before
    assert read_log(folder / "state" / "teacher.jsonl") == logs


def test_another_seed_gives_another_adapter_which_stays_with_the_state(folder: Path) -> None:
    run(folder, "finetune", "--tasks", "sentiment", "--sides", "teacher", "--seed", "2")
    own, published = folder / "state" / "sentiment-teacher-seed2", folder / "checkpoints" / "sentiment" / "teacher"
    assert (folder / "state" / "sentiment-teacher-seed2.jsonl").exists()
    weights = [safe_open(each / "adapter_model.safetensors", "pt") for each in (own, published)]
    name = next(name for name in weights[0].keys() if "lora_A" in name)  # noqa: SIM118
    assert not torch.equal(*(each.get_tensor(name) for each in weights))
    models = [merged(RECIPES["sentiment"], each) for each in (own, published)]
    assert torch.equal(*(model.bert.embeddings.word_embeddings.weight for model in models))


def test_the_ablation_stays_with_the_state(folder: Path) -> None:
    run(folder, "distil", "--mlm-only", "--tokens", "1500")
    model = AutoModelForMaskedLM.from_pretrained(folder / "state" / "student-mlm-only")
    assert model.config.n_layers == 6
    assert "soft" not in read_log(folder / "state" / "student-mlm-only.jsonl")[-1]


def test_a_state_of_another_start_is_refused(folder: Path) -> None:
    with pytest.raises(ValueError, match=r"start was made of .*name another folder with --state"):
        run(folder, "pretrain", "--tokens", "6000", "--pieces", "120")


def test_a_teacher_goes_on_from_its_published_weights_without_state(folder: Path, tmp_path: Path) -> None:
    teacher = folder / "checkpoints" / "teacher"
    places = ["--state", str(tmp_path / "state"), "--checkpoints", str(tmp_path / "checkpoints")]
    shutil.copytree(teacher, tmp_path / "checkpoints" / "teacher")
    run(folder, "pretrain", "--tokens", "600", "--from", str(teacher), *places)
    before, after = (
        AutoModelForMaskedLM.from_pretrained(each).bert.embeddings.word_embeddings.weight
        for each in (teacher, tmp_path / "checkpoints" / "teacher")
    )
    assert 0 < float((after - before).detach().abs().max()) < 0.01
    assert (tmp_path / "checkpoints" / "teacher" / "LICENSE").exists()
