"""The second distillation, on a task: its loss, whom it learns from, and how it is measured and told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from small_pair import LABELLED
from torch import Tensor, nn
from torch.distributions import Categorical, kl_divergence
from transformers import PreTrainedTokenizerBase

from training import __main__ as command
from training.card import distilled_again
from training.comparing import READER
from training.distil import double_loss
from training.evaluate import AGAIN
from training.finetune import NOT_SCORED, FineTuning, answers_of
from training.loop import one_step, optimiser_for
from training.publish import publish
from training.recipes import EVALUATIONS, RECIPES

CPU = torch.device("cpu")
TASK = "sentence-pair"


def teacher_in(folder: Path) -> nn.Module:
    """A teacher with a head for the task, which nobody has trained."""
    torch.manual_seed(3)
    return RECIPES[TASK].head.from_pretrained(folder / "teacher", dtype=torch.float32).eval()


def stage_of(folder: Path, tokenizer: PreTrainedTokenizerBase, teacher: nn.Module, **changed: Any) -> FineTuning:
    recipe = replace(RECIPES[TASK], batch_size=4, **changed)
    encoded = recipe.encode(tokenizer, LABELLED, recipe.length)
    return FineTuning(recipe, folder / "student", {recipe.length: encoded}, encoded, CPU, teacher=teacher)


def test_the_loss_is_half_the_tasks_and_half_the_divergence_from_softened_answers() -> None:
    torch.manual_seed(0)
    ours, theirs = ([torch.randn(5, 7), torch.randn(5, 7)] for _ in range(2))
    divergences = [
        kl_divergence(Categorical(logits=teacher / 2), Categorical(logits=student / 2)).mean() * 4
        for student, teacher in zip(ours, theirs, strict=True)
    ]
    losses = double_loss(torch.tensor(1.5), ours, theirs)
    assert float(losses["soft"]) == pytest.approx(float(sum(divergences) / 2), rel=1e-5)
    assert float(losses["loss"]) == pytest.approx(0.75 + 0.5 * float(losses["soft"]), rel=1e-6)
    assert float(double_loss(torch.tensor(1.5), theirs, theirs)["loss"]) == pytest.approx(0.75, abs=1e-6)


def test_answers_are_those_to_what_is_scored() -> None:
    logits = torch.arange(24.0).reshape(2, 3, 4)
    tags = torch.tensor([[NOT_SCORED, 1, NOT_SCORED], [0, NOT_SCORED, 3]])
    (tokens,) = answers_of({"logits": logits}, {"labels": tags})
    assert tokens.tolist() == [logits[0, 1].tolist(), logits[1, 0].tolist(), logits[1, 2].tolist()]
    places: dict[str, Tensor] = {"start_positions": torch.tensor([0, 3]), "end_positions": torch.tensor([1, 3])}
    outputs = {"start_logits": logits[:, 0], "end_logits": logits[:, 1]}
    assert [each.tolist() for each in answers_of(outputs, places)] == [logits[:, 0].tolist(), logits[:, 1].tolist()]


@pytest.mark.parametrize("two_texts", [True, False])
def test_a_step_adds_up_and_leaves_the_teacher_as_it_is(
    pretrained: Path, tokenizer: PreTrainedTokenizerBase, two_texts: bool
) -> None:
    teacher = teacher_in(pretrained)
    before = {name: value.clone() for name, value in teacher.state_dict().items()}
    stage = stage_of(pretrained, tokenizer, teacher, two_texts=two_texts)
    model = stage.build(0, fresh=True)
    losses, _ = one_step(stage, model, optimiser_for(model, stage.pace), 0, 0.25, 1e-3)
    value = {name: loss.item() for name, loss in losses.items()}
    second = 0.75 * value[READER] if two_texts else 0.0
    assert value["loss"] == pytest.approx(0.5 * value["task"] + 0.5 * value["soft"] + second, rel=1e-5)
    assert all(torch.equal(value, before[name]) for name, value in teacher.state_dict().items())
    assert all(parameter.grad is None for parameter in teacher.parameters())


def learned(stage: FineTuning) -> nn.Module:
    """The student at the end of the stage."""
    model = stage.build(0, fresh=True)
    optimiser, steps = optimiser_for(model, stage.pace), stage.budget().steps
    for step in range(steps):
        one_step(stage, model, optimiser, step, step / steps, stage.pace.rate(step / steps))
    return model


def test_the_student_comes_to_answer_as_its_teacher_does(pretrained: Path, tokenizer: PreTrainedTokenizerBase) -> None:
    stage = stage_of(pretrained, tokenizer, teacher_in(pretrained), epochs=60, two_texts=False, peak=3e-3)
    taught, alone = learned(stage), learned(replace(stage, teacher=None))
    farther, nearer = (stage.losses(model, 0, 1.0)[0]["soft"].item() for model in (alone, taught))
    assert farther > 2 * nearer > 0


@pytest.fixture(scope="module")
def measured(
    pretrained: Path, tokenizer: PreTrainedTokenizerBase, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, list[Any]]:
    """The evaluation of a teacher, a student that always says one thing, and one distilled again that says the other.

    Three in five examples have the label of the second.
    """
    folder = tmp_path_factory.mktemp("published")
    examples = [*LABELLED, LABELLED[1]] * 20
    recipe = replace(RECIPES[TASK], read=lambda data, part: examples)
    publish(teacher_in(pretrained), tokenizer, folder / "teacher")
    for label, side in enumerate(("student", AGAIN)):
        model = recipe.head.from_pretrained(pretrained / "student", dtype=torch.float32)
        with torch.no_grad():
            model.classifier.bias[label] += 100
        publish(model, tokenizer, folder / side)
    rows, pairs = EVALUATIONS[TASK](
        TASK, recipe, folder, {side: folder / side for side in ("teacher", "student", AGAIN)}, CPU
    )
    return {"rows": rows, "pairs": pairs}


def test_it_is_measured_beside_the_student_on_the_same_examples(measured: dict[str, list[Any]]) -> None:
    value = {row["side"]: row["value"] for row in measured["rows"]}
    assert (value["student"], value[AGAIN]) == (0.4, 0.6)
    kept = {row.get("side"): row["value"] for row in measured["pairs"] if row["metric"] == "share_kept:accuracy"}
    assert kept[AGAIN] == pytest.approx(0.6 / value["teacher"], abs=1e-4)
    assert kept[None] == pytest.approx(0.4 / value["teacher"], abs=1e-4)
    (adds,) = (row for row in measured["pairs"] if row["metric"] == "distillation_adds:accuracy")
    assert adds["value"] == pytest.approx(0.2)
    assert adds["low"] < 0.2 < adds["high"]


def test_the_card_tells_of_it(measured: dict[str, list[Any]]) -> None:
    told, table = distilled_again(measured)
    assert "0.5 · the task's loss + 0.5 · soft cross-entropy (T = 2)" in told
    cells = table.splitlines()[-1].split(" | ")
    assert cells[:2] == ["| sentence-pair", "accuracy"]
    assert [cell.partition(" ")[0] for cell in (cells[2], cells[3], cells[5])] == ["40.0", "60.0", "+20.0"]
    plain = {kind: [row for row in rows if row.get("side") != AGAIN] for kind, rows in measured.items()}
    assert distilled_again(plain) == []


def test_without_a_fine_tuned_teacher_it_says_so(tmp_path: Path) -> None:
    project = command.Project(tmp_path, tmp_path / "state", tmp_path / "checkpoints", CPU, 64, 0)
    with pytest.raises(FileNotFoundError, match="There is no checkpoint at .*sentence-pair.teacher: train it first"):
        command.teacher_of(project, TASK)


def test_it_is_not_published_and_is_measured_where_it_is(tmp_path: Path) -> None:
    project = command.Project(tmp_path, tmp_path / "state", tmp_path / "checkpoints", CPU, 64, 0)
    assert list(command.measured_sides(project, TASK)) == ["teacher", "student"]
    project.folder(TASK, AGAIN).mkdir(parents=True)
    assert project.folder(TASK, AGAIN).is_relative_to(tmp_path / "state")
    assert list(command.measured_sides(project, TASK)) == ["teacher", "student", AGAIN]
