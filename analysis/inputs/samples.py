"""Example texts for each task: a file each in `sample_texts/`, chosen by measurement (`benchmarks/examples.py`)."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TEXTS = Path(__file__).with_name("sample_texts")
NO_ENTAILMENT = ("not_entailment", "neutral", "contradiction")  # what the pairs' checkpoints call it


@dataclass(frozen=True, slots=True)
class Sample:
    """An example text to start from, with one line on what to look for in the two answers.

    `expected` is what a person would answer, as `analysis/predictions/correctness.py` has it; None where people could
    differ.
    """

    title: str
    look_for: str
    text: str
    text_pair: str | None = None
    expected: str | tuple[str, ...] | tuple[tuple[str, str], ...] | None = None


def samples_of(task: str) -> tuple[Sample, ...]:
    """The samples of the task with this key, in the order of its file; the first is the default."""
    rows = tomllib.loads((TEXTS / f"{task}.toml").read_text(encoding="utf-8"))["sample"]
    return tuple(Sample(**{**row, "expected": as_expected(row.get("expected"))}) for row in rows)


def as_expected(written: Any) -> Any:
    """What a file of samples or candidates expects, as `Sample.expected` has it.

    >>> as_expected([["Joy", "person"]]), as_expected("not_entailment")
    ((('Joy', 'person'),), ('not_entailment', 'neutral', 'contradiction'))
    """
    if written == NO_ENTAILMENT[0]:
        return NO_ENTAILMENT
    return tuple(map(as_expected, written)) if isinstance(written, list) else written
