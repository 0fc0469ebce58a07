"""A finding that somebody saved, read from its zip file: of that only `results.json`, nothing of which is computed.

    saved = read_finding(Path("finding.zip").read_bytes())
    saved.headline, saved.where_and_when

The file may come from anybody: it is bounded in size, unpacked in memory, and checked value by value.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from dataclasses import dataclass
from datetime import datetime

from analysis.errors import AnalysisError
from analysis.inputs.examples import Example
from analysis.inputs.tasks import TASKS
from analysis.models.pairs import Sides
from dashboard.report.finding import FORMAT, Section
from dashboard.report.foreign_json import Json, decoded
from dashboard.report.saved_sections import saved_section

MEMBER = "finding/results.json"
MOST_BYTES = 32_000_000  # of the zip file
MOST_UNPACKED = 16_000_000  # bytes of the one file that is read
MOST_FILES = 1_000  # in the zip file
ENTRY = b"PK\x01\x02"  # what the entry of each file begins with
MOST_SECTIONS = 20
NO_FINDING = "This is no finding: choose a finding.zip that “Save this finding” or `distillens report` has made."


@dataclass(frozen=True, slots=True)
class SavedFinding:
    """What was asked, answered and measured elsewhere.

    `made` is when, `processor` and `cores` on which machine; `checkpoints` and `versions` are (what, which).
    """

    made: datetime
    processor: str
    cores: int
    headline: str
    example: Example
    answers: Sides[str]
    checkpoints: tuple[tuple[str, str], ...]
    versions: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]

    @property
    def where_and_when(self) -> str:
        """ "Loaded, measured on AMD EPYC 7B13, 2 cores, 27 November 2026."."""
        cores = "1 core" if self.cores == 1 else f"{self.cores} cores"
        return f"Loaded, measured on {self.processor}, {cores}, {self.made.day} {self.made:%B %Y}."


def read_finding(content: bytes) -> SavedFinding:
    """The finding in a zip file. Raises `AnalysisError` for anything else."""
    results = decoded(_unpacked(content), "results.json")
    if results["format"].count() != FORMAT:
        results["format"].refuse(f"is another one than {FORMAT}, which this version of DistilLens reads")
    sections = results["sections"].items()
    if len(sections) > MOST_SECTIONS:
        results["sections"].refuse(f"are more than {MOST_SECTIONS}")
    return SavedFinding(
        made=_made(results["made"]),
        processor=results["machine"]["processor"].text(),
        cores=results["machine"]["cores"].count(),
        headline=results["headline"].text(),
        example=_example(results["question"]),
        answers=Sides(*(results["answers"][side].text() for side in ("teacher", "student"))),
        checkpoints=_checkpoints(results["checkpoints"]),
        versions=tuple((name, version.text()) for name, version in results["versions"].items()),
        sections=tuple(saved_section(key, section) for key, section in sections),
    )


def _unpacked(content: bytes) -> bytes:
    """The one file of the zip file that is read."""
    if len(content) > MOST_BYTES:
        raise AnalysisError(f"A finding has up to {MOST_BYTES / 1e6:.0f} MB, and this file more.")
    if content.count(ENTRY) > MOST_FILES:
        raise AnalysisError(f"A finding has up to {MOST_FILES:,} files, and this one more.")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive, archive.open(MEMBER) as member:
            unpacked = member.read(MOST_UNPACKED + 1)
    except UNREADABLE as error:
        raise AnalysisError(NO_FINDING) from error
    if len(unpacked) > MOST_UNPACKED:
        raise AnalysisError(f"The results.json of a finding has up to {MOST_UNPACKED / 1e6:.0f} MB, and this one more.")
    return unpacked


# What zipfile raises for what is no zip file, damaged, encrypted, packed in a way that it does not know, or without it.
UNREADABLE = (
    *(zipfile.BadZipFile, zlib.error, KeyError, EOFError, OSError, RuntimeError, ValueError),
    *(NotImplementedError, OverflowError),
)


def _made(made: Json) -> datetime:
    try:
        return datetime.fromisoformat(made.text())
    except ValueError:
        made.refuse("is no date and time")


def _example(question: Json) -> Example:
    task = question["task"].text()
    if task not in TASKS:
        question["task"].refuse("is none of the tasks here")
    return Example(task, question["text"].text(), question["text_pair"].text() if question["text_pair"] else None)


def _checkpoints(checkpoints: Json) -> tuple[tuple[str, str], ...]:
    sides = {side: checkpoints[side] for side in ("teacher", "student")}
    return tuple(
        (side.title(), f"{one['name'].text()}, fingerprint {one['fingerprint'].text()}") for side, one in sides.items()
    )
