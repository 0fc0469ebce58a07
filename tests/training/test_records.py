"""What a training leaves behind: checkpoints, measurements and curves."""

from __future__ import annotations

import json
import math
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformers import (
    AutoModelForMaskedLM,
    AutoTokenizer,
    BertForMaskedLM,
    DistilBertForMaskedLM,
    PreTrainedTokenizerBase,
)

from training.bootstrap import bootstrap_weights, estimate, kappa, mean_of
from training.card import ablation
from training.corpus import Corpus
from training.curves import svg
from training.distil import student_of
from training.evaluate import SIDES, write_evaluation
from training.fill_mask import ABLATION, SHORT, evaluate_fill_mask
from training.publish import after_restarts, merged, publish, publish_records, published_record

CPU = torch.device("cpu")


def test_a_published_checkpoint_loads_whole_and_answers_alike(
    side: str, random_bert: BertForMaskedLM, tokenizer: PreTrainedTokenizerBase, tmp_path: Path
) -> None:
    model = random_bert if side == "teacher" else student_of(random_bert)
    publish(model, tokenizer, tmp_path)
    loaded, report = AutoModelForMaskedLM.from_pretrained(tmp_path, output_loading_info=True)
    assert not report["missing_keys"]
    assert not report["unexpected_keys"]
    assert {path.suffix for path in tmp_path.iterdir()} == {".json", ".safetensors"}
    assert loaded.dtype == torch.float32
    for ours, theirs in zip(loaded.parameters(), model.parameters(), strict=True):
        assert torch.equal(ours, theirs.half().float())
    read = AutoTokenizer.from_pretrained(tmp_path)
    encoding = read("The RIVER runs [MASK] now", return_offsets_mapping=True)
    assert encoding["input_ids"] == tokenizer("the river runs [MASK] now")["input_ids"]
    assert read.mask_token_id in encoding["input_ids"]
    assert ("token_type_ids" in encoding) == (side == "teacher")
    assert read.model_max_length == 512
    assert encoding["offset_mapping"][1] == (0, 3)
    assert encoding.word_ids()[1] == 0


def test_weights_are_sharded_and_none_of_an_earlier_pair_stay(
    random_bert: BertForMaskedLM, tokenizer: PreTrainedTokenizerBase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No file is larger than the repository takes; the licence of what it started from is nobody's to remove."""
    (tmp_path / "LICENSE").touch()
    monkeypatch.setattr("training.publish.LARGEST_SHARD", "50KB")
    publish(random_bert, tokenizer, tmp_path)
    shards = sorted(tmp_path.glob("model-*.safetensors"))
    assert len(shards) > 2
    assert all(path.stat().st_size < 100_000 for path in shards)
    sharded = AutoModelForMaskedLM.from_pretrained(tmp_path)
    monkeypatch.undo()
    publish(random_bert, tokenizer, tmp_path)
    assert [path.name for path in tmp_path.glob("model*")] == ["model.safetensors"]
    for ours, theirs in zip(
        sharded.parameters(), AutoModelForMaskedLM.from_pretrained(tmp_path).parameters(), strict=True
    ):
        assert torch.equal(ours, theirs)
    assert (tmp_path / "LICENSE").exists()


def test_bootstrap_interval_of_a_mean_agrees_with_its_standard_error() -> None:
    right = (np.arange(400) % 4 > 0).astype(float)
    row = estimate(mean_of(right, np.ones(400)), 400)
    error = math.sqrt(0.75 * 0.25 / 400)
    assert row["value"] == 0.75
    assert row["n"] == 400
    assert row["high"] - row["low"] == pytest.approx(2 * 1.96 * error, rel=0.1)
    assert (bootstrap_weights(7).sum(1) == 7).all()


def test_the_ablation_holds_two_short_runs_against_each_other_on_the_same_sequences(
    corpus: Corpus, tokenizer: PreTrainedTokenizerBase, random_bert: BertForMaskedLM, tmp_path: Path
) -> None:
    half = np.arange(10) % 2 == 0
    corpus = replace(corpus, source=np.where(half, 0, 9).astype(np.uint8), held_out=np.arange(10) > 3)
    teacher = deepcopy(random_bert)  # one that often says the most frequent piece, and so is right now and then
    with torch.no_grad():
        teacher.cls.predictions.bias[int(np.bincount(corpus.tokens).argmax())] += 3
    torch.manual_seed(5)
    other = DistilBertForMaskedLM(student_of(teacher).config)
    folders = {side: tmp_path / side for side in (*SIDES, ABLATION)}
    for model, folder in zip((teacher, student_of(teacher), other), folders.values(), strict=True):
        publish(model, tokenizer, folder)
    folders[SHORT] = folders["student"]
    rows, pairs = evaluate_fill_mask(corpus, folders, CPU)
    value = {(row["metric"], row["side"]): row["value"] for row in rows}
    together = {row["metric"]: row for row in pairs}
    for metric in ("perplexity", "top1", "top5"):
        for name, first, second in (("distillation_adds", SHORT, ABLATION), ("difference", "student", "teacher")):
            row = together[f"{name}:{metric}"]
            assert row["value"] == pytest.approx(value[metric, first] - value[metric, second], abs=2e-5)
            assert row["low"] <= row["value"] <= row["high"]
    text = ablation({"rows": rows, "pairs": pairs})[-1]
    assert text.splitlines()[2].startswith("| perplexity | ")
    assert f"| {100 * together['distillation_adds:top1']['value']:+.1f} (" in text

    same = evaluate_fill_mask(corpus, folders | {ABLATION: folders["student"]}, CPU)[1]
    adds = [row for row in same if row["metric"].startswith("distillation_adds")]
    assert {(row["value"], row["low"], row["high"]) for row in adds} == {(0, 0, 0)}
    del folders[ABLATION]
    assert not any(row["metric"].startswith("distillation_adds") for row in evaluate_fill_mask(corpus, folders, CPU)[1])


def test_kappa_of_a_textbook_table() -> None:
    """20 both yes, 15 both no, 5 and 10 split: observed 0.7, expected 0.5, kappa 0.4."""
    first = np.array([1] * 20 + [1] * 5 + [0] * 10 + [0] * 15)
    second = np.array([1] * 20 + [0] * 5 + [1] * 10 + [0] * 15)
    assert kappa(first, second, np.arange(50), 50)(np.ones((1, 50)))[0] == pytest.approx(0.4)
    assert kappa(first, first, np.arange(50), 50)(np.ones((1, 50)))[0] == pytest.approx(1.0)


def test_curves_forget_what_a_killed_run_did_after_its_last_state() -> None:
    def line(step: int, loss: float) -> dict[str, float]:
        return {"step": step, "tokens": step * 10, "seconds": step, "layers": 3, "rate": 0.1, "loss": loss}

    lines = [line(1, 9.0), line(2, 8.0), line(3, 7.0), line(2, 8.5), line(3, 7.5)]
    assert [each["loss"] for each in after_restarts(lines)] == [9.0, 8.5, 7.5]
    assert [point["loss"] for point in merged(lines, most=2)] == [8.75, 7.5]
    drawing = svg({"teacher": merged(lines)})
    assert drawing.count("<polyline") == 1
    assert "teacher" in drawing


def written(folder: Path, stages: dict[str, Any], evaluation: dict[str, Any]) -> Path:
    """A folder of published records."""
    folder.mkdir()
    curves = {"settings": {"tokens_a_pass": 18, "device": "two abaci"}, "stages": stages}
    (folder / "curves.json").write_text(json.dumps(curves), encoding="utf-8")
    (folder / "evaluation.json").write_text(json.dumps(evaluation), encoding="utf-8")
    return folder


def test_a_stage_that_was_not_run_again_keeps_its_published_curve(tmp_path: Path) -> None:
    old, new = ({"step": 1, "tokens": 9, "seconds": 1.0, "layers": 3, "rate": 0.1, "loss": loss} for loss in (2.0, 1.0))
    folder = written(tmp_path / "published", {"entities-teacher": [old], "teacher": [old]}, {"rows": [], "pairs": []})
    state = tmp_path / "state"
    state.mkdir()
    for stage in ("entities-teacher", "entities-student", "entities-teacher-seed2"):  # the last is not published
        (state / f"{stage}.jsonl").write_text(json.dumps(new) + "\n", encoding="utf-8")
    settings: dict[str, Any] = {
        "published": [],
        "task_data": [],
        "table": [],
        "tokens_by_source": {},
        "tokens_a_pass": 9,
        "device": "an abacus",
    }
    publish_records(state, folder, settings)
    record = published_record(folder)
    assert list(record["stages"]) == ["teacher", "entities-teacher", "entities-student"]
    assert (record["settings"]["tokens_a_pass"], record["settings"]["device"]) == (18, "an abacus")
    last = {stage: points[-1]["loss"] for stage, points in record["stages"].items()}
    assert last == {"teacher": 2.0, "entities-teacher": 1.0, "entities-student": 1.0}


def test_tasks_that_were_not_measured_again_keep_their_rows_but_for_the_probes(tmp_path: Path) -> None:
    def rows(value: float, *named: tuple[str, str]) -> list[dict[str, Any]]:
        return [{"task": task, "metric": metric, "value": value} for task, metric in named]

    fill, pair = ("fill-mask", "top1"), ("sentence-pair", "accuracy")
    stale = {
        "rows": rows(0.1, fill, pair, ("fill-mask", "probes"), ("sentence-pair", "probes")),
        "pairs": rows(0.1, ("fill-mask", "kappa"), ("sentence-pair", "kappa"), ("sentence-pair", "share_kept:f1")),
    }
    path = written(tmp_path / "published", {}, stale) / "evaluation.json"
    measured = (rows(0.9, pair), rows(0.9, ("sentence-pair", "kappa")))
    write_evaluation([measured, (rows(0.9, ("fill-mask", "probes"), ("sentence-pair", "probes")), [])], path)
    record = json.loads(path.read_text(encoding="utf-8"))
    kept = rows(0.1, fill) + rows(0.9, pair, ("fill-mask", "probes"), ("sentence-pair", "probes"))
    assert record["rows"] == kept
    assert record["pairs"] == rows(0.1, ("fill-mask", "kappa")) + rows(0.9, ("sentence-pair", "kappa"))
