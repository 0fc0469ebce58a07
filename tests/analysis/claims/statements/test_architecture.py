"""Claims about layers, units, heads and embeddings, of networks in numbers and of real ones."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from analysis.claims.criteria import (
    FAILS,
    HOLDS,
    IN_PART,
)
from analysis.claims.evidence import Evidence
from analysis.models.architecture import Architecture, architecture
from analysis.models.model import load
from analysis.models.pairs import Checkpoint, Sides
from tests.support.checkpoint_folders import tiny
from tests.support.judged import (
    PUBLISHED_PAIR,
    STUDENT,
    TEACHER,
    results,
    verdict,
    with_student,
)


@pytest.mark.parametrize(
    ("student", "teacher", "expected"),
    [(6, 12, HOLDS), (3, 6, IN_PART), (6, 6, IN_PART), (2, 2, FAILS), (4, 12, IN_PART)],
)
def test_layers_are_six_and_twelve_and_half(student: int, teacher: int, expected: str) -> None:
    sizes = Sides(replace(TEACHER, layers=teacher), replace(STUDENT, layers=student))
    assert verdict("6 encoder layers instead of 12", replace(PUBLISHED_PAIR, sizes=sizes)) == expected


@pytest.mark.parametrize(
    ("sizes", "units", "heads"),
    [
        ({}, FAILS, FAILS),
        ({"width": 767}, IN_PART, FAILS),
        ({"width": 312, "feed_forward": 1200}, HOLDS, FAILS),
        ({"width": 1024, "feed_forward": 4096, "heads": 16}, FAILS, FAILS),
        ({"heads": 11}, FAILS, HOLDS),
    ],
)
def test_fewer_units_and_heads_are_counted(sizes: dict[str, int], units: str, heads: str) -> None:
    assert verdict("Fewer hidden units", with_student(**sizes)) == units
    assert verdict("Fewer attention heads", with_student(**sizes)) == heads


def test_networks_with_fewer_units_and_heads_turn_the_verdicts(tmp_path: Path) -> None:
    """Counted from real networks, tiny ones."""
    teacher = sizes_of(tiny(tmp_path / "teacher", layers=4))
    students = {
        "alike": tiny(tmp_path / "alike", "distilbert"),
        "narrow": tiny(tmp_path / "narrow", "distilbert", hidden=8),
        "headless": tiny(tmp_path / "headless", "distilbert", heads=1),
    }
    evidence = {
        name: Evidence("sentiment", Sides(teacher, sizes_of(student)), ("sentiment",), trained=True)
        for name, student in students.items()
    }
    titles = ("Fewer hidden units", "Fewer attention heads", "Token, segment and position embeddings")
    assert {name: [verdict(title, known) for title in titles] for name, known in evidence.items()} == {
        "alike": [FAILS, FAILS, IN_PART],
        "narrow": [HOLDS, FAILS, IN_PART],
        "headless": [FAILS, HOLDS, IN_PART],
    }
    half = results("6 encoder layers instead of 12", evidence["alike"])["the student's share"]
    assert half.verdict == HOLDS


def sizes_of(checkpoint: Checkpoint) -> Architecture:
    return architecture(load(checkpoint, "sentiment"))


def test_segment_embeddings_would_make_the_embeddings_complete() -> None:
    title = "Token, segment and position embeddings"
    assert verdict(title, PUBLISHED_PAIR) == IN_PART
    assert verdict(title, with_student(segments=2)) == HOLDS
    assert verdict(title, with_student(segments=0, vocabulary=0, positions=0)) == FAILS
