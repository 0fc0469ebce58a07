"""What is made smaller: the losses by hand and by transformers, and the learning that follows."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
import torch
from torch import nn
from transformers import (
    AutoModelForSequenceClassification,
    BertForMaskedLM,
    PreTrainedTokenizerBase,
)

from tests.support.small_pair import small_config
from training import finetune
from training.batches import Batch, Batches
from training.corpus import Corpus
from training.distil import Distillation, soft_cross_entropy, student_of, triple_loss
from training.finetune import FineTuning, Labelled, encode_labelled
from training.loop import Budget, Pace, train
from training.pretrain import logits_at
from training.publish import publish

CPU = torch.device("cpu")


@pytest.fixture
def batch(corpus: Corpus, tokenizer: PreTrainedTokenizerBase) -> Batch:
    return Batches(corpus, tokenizer, 256, seed=3)(0, 32)


def test_loss_at_masked_places_is_the_one_transformers_computes(
    side: str, random_bert: BertForMaskedLM, batch: Batch
) -> None:
    model = random_bert if side == "teacher" else student_of(random_bert).eval()
    logits, _ = logits_at(model, batch)
    labels = torch.full_like(batch.input_ids, -100)
    labels.view(-1)[batch.places] = batch.labels
    segments = {"token_type_ids": batch.token_type_ids} if side == "teacher" else {}
    theirs = model(input_ids=batch.input_ids, labels=labels, **segments).loss
    torch.testing.assert_close(nn.functional.cross_entropy(logits, batch.labels), theirs)


def test_distillation_loss_by_hand() -> None:
    student_logits, teacher_logits = torch.tensor([[2.0, 0.0]]), torch.tensor([[0.0, 0.0]])
    p = 1 / (1 + math.exp(-1.0))  # the student's softened share of the first piece: logits 2 and 0 over T = 2
    kl = 0.5 * math.log(0.5 / p) + 0.5 * math.log(0.5 / (1 - p))
    mlm = -math.log(1 / (1 + math.exp(2.0)))
    student = student_logits, torch.tensor([[[1.0, 0.0]]])
    teacher = teacher_logits, torch.tensor([[[1.0, 1.0]]])
    losses = triple_loss(student, teacher, torch.tensor([1]))
    assert float(losses["soft"]) == pytest.approx(4 * kl, rel=1e-5)
    assert float(losses["mlm"]) == pytest.approx(mlm, rel=1e-5)
    assert float(losses["cosine"]) == pytest.approx(1 - math.sqrt(0.5), rel=1e-5)
    expected = 5 * 4 * kl + 2 * mlm + (1 - math.sqrt(0.5))
    assert float(losses["loss"]) == pytest.approx(expected, rel=1e-5)


def test_a_student_that_answers_as_its_teacher_has_nothing_to_learn_from_it() -> None:
    logits, hidden = torch.randn(9, 50, generator=torch.Generator().manual_seed(0)), torch.randn(2, 5, 8)
    losses = triple_loss((logits, hidden), (logits.clone(), hidden.clone()), torch.zeros(9, dtype=torch.long))
    assert float(losses["soft"]) == pytest.approx(0, abs=1e-6)
    assert float(losses["cosine"]) == pytest.approx(0, abs=1e-6)
    assert float(soft_cross_entropy(logits, logits.roll(1, 0))) > 0.1


def test_distillation_brings_the_student_nearer_to_its_teacher(
    corpus: Corpus, tokenizer: PreTrainedTokenizerBase, tmp_path: Path
) -> None:
    torch.manual_seed(0)
    teacher = BertForMaskedLM(small_config(len(tokenizer), spread=0.2)).eval()
    batches = Batches(corpus, tokenizer, 256, seed=1)
    stage = Distillation(teacher, batches, [], CPU, pace=Pace(peak=3e-3))

    def distance(model: nn.Module) -> float:
        return sum(float(stage.losses(model, step, 0.0)[0]["soft"].detach()) for step in range(8))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("training.distil.LENGTHS", ((0.0, 32),))
        patch.setattr(Distillation, "watch", lambda self, model: {})
        before = distance(student_of(teacher))
        student = train(stage, Budget(steps=55), tmp_path / "s.safetensors", tmp_path / "s.jsonl", CPU)
        after = distance(student)
    assert after < before
    assert {"loss", "soft", "mlm", "cosine"} <= set(json.loads((tmp_path / "s.jsonl").read_text().splitlines()[-1]))


def test_fine_tuning_learns_both_sides_on_the_same_batches(
    random_bert: BertForMaskedLM, tokenizer: PreTrainedTokenizerBase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(random_bert, tokenizer, tmp_path / "teacher")
    publish(student_of(random_bert), tokenizer, tmp_path / "student")
    examples = [Labelled("the river runs" if label else "salt and rust", None, label) for label in [0, 1] * 20]
    recipe = finetune.TaskRecipe(
        source="made up",
        labels=("negative", "positive"),
        head=AutoModelForSequenceClassification,
        read=lambda data, part: examples,
        encode=encode_labelled,
        parts=("train", "dev"),
        length=16,
        epochs=5,
        batch_size=8,
        peak=1e-2,
    )
    encoded = encode_labelled(tokenizer, examples, 16)
    batches = {}
    for side in ("teacher", "student"):
        stage = FineTuning(recipe, tmp_path / side, encoded, encoded, CPU)
        model = train(stage, stage.budget(), tmp_path / f"{side}.safetensors", tmp_path / f"{side}.jsonl", CPU)
        assert stage.watch(model)["held_out_accuracy"] == 1.0
        assert model.config.id2label == {0: "negative", 1: "positive"}
        batches[side] = [stage.examples(step).tolist() for step in range(10)]
    assert batches["teacher"] == batches["student"]
