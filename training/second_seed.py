"""The answers of a second training of each task's teacher, which differs from the first in its random seed alone.

What two trainings of one model differ by is what a student's difference from its teacher has to be held against. The
second teachers are measured, not published: `checkpoints/second-seed/<task>.json` keeps their answers on the measured
part of the task, {task, side, seed, part, answers}, so that they can be measured again without the models.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from .evaluate import Answers, Evaluation
from .finetune import TaskRecipe

SEED = 2


@dataclass(frozen=True, slots=True)
class SecondSeed:
    """Where the second teacher of a task is, if it has been trained here, and where its answers are kept."""

    task: str
    state: Path
    checkpoints: Path

    @property
    def folder(self) -> Path:
        """The adapter that `finetune --sides teacher --seed 2` leaves in the state folder."""
        return self.state / f"{self.task}-teacher-seed{SEED}"

    @property
    def record(self) -> Path:
        """The file of its answers."""
        return self.checkpoints / "second-seed" / f"{self.task}.json"

    def answers(
        self, evaluation: Evaluation, recipe: TaskRecipe, examples: Sequence[Any], device: torch.device
    ) -> Answers | None:
        """Its answers to the examples, asked now if it is here, else as they are kept; None where there are none.

        Raises `ValueError` where answers to other examples are kept.
        """
        if self.folder.is_dir():
            answers = evaluation.answers(self.task, recipe, self.folder, examples, device)
            self.keep(answers, recipe.parts[1])
            return answers
        if not self.record.exists():
            return None
        kept: Answers = json.loads(self.record.read_text(encoding="utf-8"))["answers"]
        if len(kept) != len(examples):
            raise ValueError(f"{self.record} answers {len(kept):,} examples, of which {len(examples):,} are measured.")
        return kept

    def keep(self, answers: Answers, part: str) -> None:
        """Write the record."""
        self.record.parent.mkdir(parents=True, exist_ok=True)
        record = {"task": self.task, "side": "teacher", "seed": SEED, "part": part, "answers": answers}
        self.record.write_text(json.dumps(record, separators=(",", ":")) + "\n", encoding="utf-8")
