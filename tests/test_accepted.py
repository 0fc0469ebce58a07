"""docs/accepted.md holds every sentence with which a checkpoint, a pair or a text is refused, and no other."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from analysis.models import hub
from analysis.models.config_files import UNDERSTOOD

ROOT = Path(__file__).resolve().parents[1]
GAP = "…"  # stands for what differs from case to case
PREPARED = ("damaged", "sentence")  # names of sentences that are handed on to where they are raised
ERRORS = ("AnalysisError", "SeveralWindows")
READERS = (*(ROOT / "analysis" / "models").glob("*.py"), ROOT / "analysis" / "predictions" / "entities.py")


def raised() -> Iterator[str]:
    """The sentences of all `ERRORS` that these files make, with a gap for what is put into them."""
    for path in READERS:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ERRORS:
                yield from with_gaps(node.args[0])
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") in PREPARED:
                yield from with_gaps(node.value)
    yield from (re.sub(r"\{\w+\}", GAP, sentence) for sentence in hub.FAILURES.values())


def with_gaps(sentence: ast.expr) -> Iterator[str]:
    """The sentence, if it is written out here."""
    if isinstance(sentence, ast.JoinedStr | ast.Constant):
        parts = sentence.values if isinstance(sentence, ast.JoinedStr) else [sentence]
        yield "".join(str(part.value) if isinstance(part, ast.Constant) else GAP for part in parts)


def in_table(heading: str) -> list[list[str]]:
    """The cells of the table under a heading of the page, without its own head."""
    page = (ROOT / "docs" / "accepted.md").read_text(encoding="utf-8")
    section = page.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    rows = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in rows[2:]]


def test_every_refusal_is_on_the_page_as_it_is_said() -> None:
    said = set(raised())
    assert len(said) > 50
    assert {row[-1] for row in in_table("What is refused")} == said


def test_every_setting_that_is_not_computed_is_on_the_page() -> None:
    rows = {row[0]: row[1:] for row in in_table("Settings that change what is computed")}
    assert rows == {
        f"`{key}`": [", ".join(f"`{value}`" for value in setting.values) or "none", setting.means]
        for key, setting in UNDERSTOOD.items()
    }
