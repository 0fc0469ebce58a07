"""A finding as files: the report, its tables, its figures, all numbers, and what makes them again.

archive(files_of(finding))  # the bytes of finding.zip
"""

from __future__ import annotations

import io
import json
import platform
import shlex
import zipfile
from collections.abc import Iterable, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

from analysis.attribution import faithfulness
from analysis.latency.machine import machine
from analysis.models.pairs import PAIRS, Pair, labels_written
from cache.keys import library_versions
from cache.remember import fingerprint
from dashboard.address_keys import name_of
from dashboard.report.document import document
from dashboard.report.finding import FORMAT, Finding, FindingRequest, Section, Table
from dashboard.report.sections import SECTIONS
from dashboard.ui.csv_table import as_csv

HERE = Path(__file__).parent
BOM = "\ufeff"  # by which spreadsheets know UTF-8
EXECUTABLE = (0o100755, 0o100644)
COPIED = ("rerun.py",)
OF_OWN = ("teacher", "student", "teacher_labels", "student_labels", "unanswerable")  # in the address
SEEDS = {"resamples": 0, "random orders": faithfulness.SEED}
NO_PICTURES = (
    "Figures as SVG and PNG are not in this finding, because no Chromium was at hand where it was made. Each figure's "
    "tool bar saves it as SVG."
)
BESIDE = (
    "Beside this file: tables/ has every table as CSV, results.json every number; rerun.py makes those numbers again "
    "and says how far apart the two are."
)


def files_of(finding: Finding, pictures: Mapping[str, bytes]) -> dict[str, bytes]:
    """All files by their paths; `pictures` are the figures' by name, if there are any."""
    command = command_of(finding.request)
    beside = f"{BESIDE} figures/ has the figures as SVG and PNG." if pictures else f"{BESIDE} {NO_PICTURES}"
    report = document(finding, origin(finding), command, beside)
    return {
        "report.html": report.encode(),
        "results.json": _json(results(finding)),
        **table_files(finding.tables),
        **{f"figures/{name}": picture for name, picture in pictures.items()},
        "rerun.sh": f"#!/bin/sh\n{command}\npython rerun.py\n".encode(),
        **{name: (HERE / name).read_bytes() for name in COPIED},
        "CITATION.bib": _citation(),
    }


def table_files(tables: Iterable[Table]) -> dict[str, bytes]:
    """Every table as CSV."""
    return {f"tables/{table.name}.csv": (BOM + as_csv(table.columns)).encode() for table in tables}


def archive(files: Mapping[str, bytes]) -> bytes:
    """The files as finding.zip, equal for equal files."""
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files.items():
            member = zipfile.ZipInfo(f"finding/{path}")
            member.compress_type = zipfile.ZIP_DEFLATED
            member.external_attr = EXECUTABLE[not path.endswith(".sh")] << 16
            archive.writestr(member, content)
    return zipped.getvalue()


def write(files: Mapping[str, bytes], folder: Path) -> None:
    """The files in a folder, which is made where it is not there; others in it stay."""
    for path, content in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
        if path.endswith(".sh"):
            place.chmod(EXECUTABLE[0] & 0o777)


def results(finding: Finding) -> dict[str, Any]:
    """All that was asked and found, as JSON values."""
    request, example = finding.request, finding.request.example
    sides, where = request.question.sides, machine()
    return {
        "format": FORMAT,
        "made": finding.made,
        "machine": {"processor": where.processor, "cores": where.cores, "system": where.system},
        "question": _question(request),
        "headline": finding.headline,
        "answers": dict(finding.answers.items()),
        "checkpoints": {
            side: {"name": checkpoint.name, "fingerprint": fingerprint(checkpoint, example.task)}
            for side, checkpoint in sides.items()
        },
        "versions": versions(),
        "seeds": SEEDS,
        "link": finding.link,
        "command": command_of(request),
        "sections": {section.key: _section(section) for section in finding.sections},
    }


def _question(request: FindingRequest) -> dict[str, Any]:
    example = request.example
    return {
        "task": example.task,
        "text": example.text,
        "text_pair": example.text_pair,
        **pair_of(request.question.pair, example.task),
        "choices": {name_of(key): value for key, value in request.choices.items()},
    }


def _section(section: Section) -> dict[str, Any]:
    return {
        "title": section.title,
        "finding": section.finding,
        "problem": section.problem,
        "reading": section.reading,
        "figures": [figure.name for figure in section.figures],
        "tables": [table.name for table in section.all_tables],
        "numbers": dict(section.numbers),
    }


def pair_of(pair: Pair, task: str) -> dict[str, str | None]:
    """The pair's key, or of two checkpoints of a reader's own all that the address says of them."""
    sides, nothing = pair.sides(task), dict.fromkeys(OF_OWN)
    if key := next((key for key, known in PAIRS.items() if known == pair), None):
        return {"pair": key, **nothing}
    return {
        "pair": None,
        **nothing,
        **{side: checkpoint.source for side, checkpoint in sides.items()},
        **{f"{side}_labels": labels_written(checkpoint.labels) or None for side, checkpoint in sides.items()},
        "unanswerable": "true" if all(checkpoint.unanswerable for checkpoint in sides) else None,
    }


def command_of(request: FindingRequest) -> str:
    """The command that makes a finding of the same."""
    example, asked = request.example, pair_of(request.question.pair, request.example.task)
    flags = ["--unanswerable"] if asked.pop("unanswerable") else []
    pages = list(dict.fromkeys(SECTIONS[key].page for key in request.sections))
    options = {
        "task": example.task,
        "text": example.text,
        "text-pair": example.text_pair,
        **{key.replace("_", "-"): value for key, value in asked.items()},
        "pages": None if len(request.sections) == len(SECTIONS) else ",".join(pages),
    }
    parts = [_option(name, value) for name, value in options.items() if value is not None] + flags
    chosen = [f"--choose {shlex.quote(f'{name_of(key)}={value}')}" for key, value in request.choices.items()]
    return " ".join(("distillens report", *parts, *chosen, "--out finding"))


def _option(name: str, value: str) -> str:
    """An option as a shell takes it, also where its value looks like one."""
    return f"--{name}{'=' if value.startswith('-') else ' '}{shlex.quote(value)}"


def versions() -> dict[str, str]:
    """Of what computed and drew it."""
    ours = {name: metadata.version(name) for name in ("distillens", "plotly")}
    return {**ours, **dict(library_versions()), "python": platform.python_version()}


def origin(finding: Finding) -> list[tuple[str, str]]:
    """Where the numbers come from, for the report."""
    request, where = finding.request, machine()
    task = request.example.task
    checkpoints = [
        (side.title(), f"{checkpoint.name}, fingerprint {fingerprint(checkpoint, task)}")
        for side, checkpoint in request.question.sides.items()
    ]
    chosen = ", ".join(f"{name_of(key)}={value}" for key, value in request.choices.items())
    return [
        ("Models", request.question.pair.title),
        *checkpoints,
        ("Choices", chosen or "all as the pages have them at first"),
        ("Versions", ", ".join(f"{name} {version}" for name, version in versions().items())),
        ("Computed on", f"{where.processor}, {where.cores} cores, float32"),
    ]


def _citation() -> bytes:
    text = (HERE / "CITATION.bib").read_text(encoding="utf-8")
    return text.replace("VERSION", metadata.version("distillens"), 1).encode()


def _json(values: dict[str, Any]) -> bytes:
    return json.dumps(values, ensure_ascii=False, indent=1, allow_nan=False).encode()
