"""Disagreements are those of the answers, never between two right ones, and the widest come first."""

from __future__ import annotations

from analysis.inputs.examples import Example
from analysis.models.pairs import Sides
from analysis.predictions.disagreements import Disagreement, widest


def made_up(task: str, divergence: float) -> Disagreement:
    return Disagreement("Made up", Example(task, f"{task} {divergence}"), Sides("a", "b"), None, divergence)


def test_the_widest_come_first_and_no_task_has_more_than_its_part() -> None:
    found = [made_up("a", 0.9), made_up("b", 0.2), made_up("a", 0.95), made_up("a", 0.8), made_up("c", 0.5)]
    chosen = widest(found, 3, 2)
    assert [(each.example.task, each.divergence) for each in chosen] == [("a", 0.95), ("a", 0.9), ("c", 0.5)]
    assert [each.example.task for each in widest(found, 9, 1)] == ["a", "c", "b"]
