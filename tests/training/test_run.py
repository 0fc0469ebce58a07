"""A training that is broken off, goes on and shares the machine."""

from __future__ import annotations

import json
import platform
import resource
import subprocess
import sys
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path

import pytest
import torch
from torch import nn
from transformers import BertForMaskedLM, PreTrainedTokenizerBase

from tests.support.small_pair import small_config
from training import pretrain
from training.batches import Batch, Batches, held_out_batches
from training.corpus import Corpus
from training.distil import student_of
from training.loop import Budget, Pace, compile_layers, restored, saved_progress, train
from training.pretrain import PreTraining
from training.publish import merged, publish, published_record, read_log
from training.threads import SharedCores

CPU = torch.device("cpu")


def test_learning_rate_rises_then_falls_to_zero() -> None:
    pace = Pace(peak=2.0, warm_up=0.1)
    assert pace.rate(0.0) == 0
    assert pace.rate(0.05) == pytest.approx(1.0)
    assert pace.rate(0.1) == pytest.approx(2.0)
    assert pace.rate(0.55) == pytest.approx(1.0)
    assert pace.rate(1.0) == 0


@pytest.fixture
def stage(
    corpus: Corpus, tokenizer: PreTrainedTokenizerBase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> PreTraining:
    """The pre-training of a teacher of two layers."""
    monkeypatch.setattr(pretrain, "LENGTHS", ((0.0, 32), (0.8, 64)))
    monkeypatch.setattr(pretrain, "half_precision", lambda device: torch.autocast("cpu", enabled=False))
    torch.manual_seed(0)
    BertForMaskedLM(small_config(len(tokenizer), layers=2)).save_pretrained(tmp_path / "start")
    held_out, _ = held_out_batches(corpus, tokenizer, 32, 8)
    return PreTraining(tmp_path / "start", Batches(corpus, tokenizer, 256, seed=1), held_out, CPU)


def test_an_interrupted_run_ends_with_the_same_bits(
    stage: PreTraining, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class KilledError(Exception):
        pass

    class Interrupted(PreTraining):
        def losses(self, model: nn.Module, step: int, share: float) -> tuple[dict[str, torch.Tensor], int]:
            if step in stops and not (tmp_path / f"stop{step}").exists():
                (tmp_path / f"stop{step}").touch()
                raise KilledError
            return super().losses(model, step, share)

    budget = Budget(steps=20)
    monkeypatch.setattr("training.loop.SECONDS_BETWEEN_STATES", 0.0)
    whole = train(stage, budget, tmp_path / "whole.safetensors", tmp_path / "whole.jsonl", CPU)
    stops = {4, 10, 15}
    broken = Interrupted(stage.start, stage.batches, stage.held_out, CPU)
    state = tmp_path / "broken.safetensors"
    for _ in stops:
        with pytest.raises(KilledError):
            train(broken, budget, state, tmp_path / "broken.jsonl", CPU)
    resumed = train(broken, budget, state, tmp_path / "broken.jsonl", CPU)
    for (name, ours), theirs in zip(resumed.named_parameters(), whole.parameters(), strict=True):
        assert torch.equal(ours, theirs), name
    lines = [read_log(tmp_path / f"{run}.jsonl") for run in ("whole", "broken")]
    losses = [[line["loss"] for line in run if "loss" in line] for run in lines]
    assert losses[0] == losses[1]
    assert [line["length"] for line in lines[0]][-6:] == [32, 64, 64, 64, 64, 64]


def test_a_finished_run_is_restored_and_goes_on_with_a_larger_budget(stage: PreTraining, tmp_path: Path) -> None:
    state = tmp_path / "run.safetensors"
    with pytest.raises(FileNotFoundError, match="no saved training"):
        restored(stage, state)
    model = train(stage, Budget(tokens=256 * 6), state, tmp_path / "run.jsonl", CPU)
    for ours, theirs in zip(restored(stage, state).parameters(), model.parameters(), strict=True):
        assert torch.equal(ours, theirs)
    assert saved_progress(state).step == 6
    train(stage, Budget(tokens=256 * 8), state, tmp_path / "run.jsonl", CPU)
    assert saved_progress(state).step == 8


def test_a_run_from_published_weights_counts_on_where_their_curve_ends(
    stage: PreTraining, tokenizer: PreTrainedTokenizerBase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state, log = tmp_path / "teacher.safetensors", tmp_path / "teacher.jsonl"
    train(stage, Budget(steps=4), state, log, CPU)
    publish(restored(stage, state), tokenizer, tmp_path / "published" / "teacher")
    record = {"stages": {"teacher": merged(read_log(log))}}
    (tmp_path / "published" / "curves.json").write_text(json.dumps(record), encoding="utf-8")
    state.unlink()

    curves = published_record(tmp_path / "published")["stages"]
    assert (list(curves), published_record(tmp_path)["stages"]) == (["teacher"], {})
    earlier = curves["teacher"]
    asked: list[int] = []
    monkeypatch.setattr(stage, "start", tmp_path / "published" / "teacher")
    monkeypatch.setattr(Batches, "__call__", spied(Batches.__call__, asked))
    train(stage, Budget(steps=3), state, log, CPU, earlier=earlier)

    progress = saved_progress(state)
    assert asked == [4, 5, 6]  # not the batches that the published weights have seen
    assert (progress.step, progress.earlier_step) == (7, 4)
    assert progress.tokens == earlier[-1]["tokens"] + 3 * 256
    assert read_log(log)[: len(earlier)] == earlier
    train(stage, Budget(tokens=5 * 256), state, log, CPU, earlier=earlier)
    assert saved_progress(state).step == 9
    assert [line["step"] for line in read_log(log)] == sorted(line["step"] for line in read_log(log))


def spied(call: Callable[..., Batch], steps: list[int]) -> Callable[..., Batch]:
    """`call` of `Batches`, which also writes down the number of every batch that is asked for."""

    def written_down(batches: Batches, step: int, length: int) -> Batch:
        steps.append(step)
        return call(batches, step, length)

    return written_down


def test_bfloat16_is_used_where_the_processor_multiplies_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for able in (True, False):
        monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda able=able: able)
        with pretrain.half_precision(CPU):
            product = torch.ones(2, 2) @ torch.ones(2, 2)
        assert product.dtype == (torch.bfloat16 if able else torch.float32)
    assert pretrain.multiplies_bfloat16(torch.device("cuda"))


@pytest.mark.filterwarnings("ignore:`torch.jit.script_method` is deprecated:DeprecationWarning")  # torch's own import
def test_layers_are_compiled_in_place_and_nothing_else(side: str, random_bert: BertForMaskedLM) -> None:
    model = deepcopy(random_bert) if side == "teacher" else student_of(random_bert)
    before = set(model.state_dict())
    compile_layers(model)
    compiled = [name for name, module in model.named_modules() if module._compiled_call_impl is not None]
    layers = {"teacher": "bert.encoder.layer", "student": "distilbert.transformer.layer"}[side]
    assert compiled == [f"{layers}.{number}" for number in range(len(model.get_submodule(layers)))]
    assert set(model.state_dict()) == before


FAULTS = """
import resource, sys
from training.memory import keep_memory
if sys.argv[1:]:
    assert keep_memory()
def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
before = faults()
for _ in range(20):
    bytearray(64_000_000)
print(faults() - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries have no such setting")
def test_kept_memory_is_not_cleared_again_and_again() -> None:
    given_back, kept = (
        int(subprocess.run([sys.executable, "-c", FAULTS, *switch], capture_output=True, check=True, text=True).stdout)
        for switch in ([], ["kept"])
    )
    pages = 64_000_000 // resource.getpagesize()
    assert given_back > 19 * pages
    assert kept < 3 * pages


def test_a_training_takes_the_cores_that_its_equals_leave_free(monkeypatch: pytest.MonkeyPatch) -> None:
    chosen: list[int] = []
    monkeypatch.setattr(torch, "set_num_threads", chosen.append)
    cores = SharedCores()
    cores.cores = 4
    for busy, expected in ((0.0, 4), (1.2, 3), (3.9, 1), (9.0, 1)):
        cores.before = (100.0, 50.0)
        monkeypatch.setattr(cores, "times", lambda busy=busy: (110.0, 50.0 + 10 * busy))
        cores.adapt()
        assert chosen.pop() == expected
