"""A second training of a teacher is asked where it is, remembered where it was, and held against the pair."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from training.card import agreements
from training.entities import LABELS, LETTERS, Tagged, tags_of
from training.evaluate import CLASSIFICATION, SECOND_SEED
from training.finetune import Labelled
from training.recipes import EVALUATIONS, RECIPES
from training.second_seed import SecondSeed

CPU = torch.device("cpu")
TASK = "sentence-pair"
EXAMPLES = [Labelled("Who?", "Mary.", number % 2) for number in range(40)]
TEACHER, STUDENT, SECOND = [0, 1] * 20, [1, 1] * 20, [0, 1] * 15 + [1, 1] * 5


def second_in(folder: Path) -> SecondSeed:
    return SecondSeed(TASK, folder / "state", folder / "checkpoints")


def test_answers_are_kept_and_read_where_the_adapter_is_gone(tmp_path: Path) -> None:
    def asked(task: str, recipe: Any, folder: Path, examples: Sequence[Any], device: torch.device) -> list[int]:
        assert folder.name == "sentence-pair-teacher-seed2"
        return SECOND

    second, recipe = second_in(tmp_path), RECIPES[TASK]
    evaluation = replace(CLASSIFICATION, answers=asked)
    assert second.answers(evaluation, recipe, EXAMPLES, CPU) is None
    second.folder.mkdir(parents=True)
    assert second.answers(evaluation, recipe, EXAMPLES, CPU) == SECOND
    kept = json.loads((tmp_path / "checkpoints" / "second-seed" / "sentence-pair.json").read_text(encoding="utf-8"))
    assert kept == {"task": TASK, "side": "teacher", "seed": 2, "part": "dev.tsv.xz", "answers": SECOND}
    second.folder.rmdir()
    assert second.answers(CLASSIFICATION, recipe, EXAMPLES, CPU) == SECOND
    with pytest.raises(ValueError, match="answers 40 examples, of which 7 are measured"):
        second.answers(CLASSIFICATION, recipe, EXAMPLES[:7], CPU)


def test_two_teachers_are_compared_beside_the_pair() -> None:
    sides = {"teacher": TEACHER, "student": STUDENT}
    rows, pairs = CLASSIFICATION.rows(TASK, EXAMPLES, sides | {SECOND_SEED: SECOND})
    value = {row["metric"]: row["value"] for row in pairs}
    assert value["agreement"] == 0.5
    assert value["agreement:second-seed"] == 0.875
    assert value["kappa:second-seed"] == 0.75
    assert value["difference:accuracy"] == -0.5
    assert value["share_kept:accuracy"] == 0.5
    accuracy = {row["side"]: row["value"] for row in rows}
    assert accuracy == {"teacher": 1.0, "student": 0.5, SECOND_SEED: 0.875}
    assert "| sentence-pair | agreement | 50.0% (" in agreements({"pairs": pairs})
    without = CLASSIFICATION.rows(TASK, EXAMPLES, sides)[1]
    assert agreements({"pairs": without}).count("not made") == 2


def test_a_difference_is_paired() -> None:
    """Two sides that are right on the same half differ by nothing, however wide the interval of each is."""
    half = [0, 1, 1, 0] * 10
    rows, pairs = CLASSIFICATION.rows(TASK, EXAMPLES, {"teacher": half, "student": half})
    (less,) = (row for row in pairs if row["metric"] == "difference:accuracy")
    assert (less["value"], less["low"], less["high"]) == (0, 0, 0)
    assert all(row["high"] - row["low"] > 0.2 for row in rows)


def test_tags_are_kept_as_one_letter_a_word() -> None:
    assert len(set(LETTERS)) == len(LETTERS) == len(LABELS)
    assert tags_of(LETTERS) == list(LABELS)
    examples = [Tagged(("Mary", "Holt", "left"), ("B-per", "I-per", "O")), Tagged(("in", "May"), ("O", "B-tim"))]
    right = ["".join(LETTERS[LABELS.index(tag)] for tag in example.tags) for example in examples]
    assert right[1].startswith(".")
    rows, pairs = EVALUATIONS["entities"].rows("entities", examples, {"teacher": right, "student": ["...", right[1]]})
    value = {(row["metric"], row["side"]): row["value"] for row in rows}
    assert (value["f1", "teacher"], value["recall", "student"]) == (1.0, 0.5)
    assert next(row["value"] for row in pairs if row["metric"] == "agreement") == 0.6
