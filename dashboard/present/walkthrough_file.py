"""A walkthrough as a TOML file, read and written.

    read_walkthrough(Path("talk.toml").read_bytes())
    written(walkthrough)  # the same file, or one that reads the same

The file may come from anybody. It has `title`, `description` and `[[step]]`s, each with `title`, `text`, `point`,
`notes`, `address` and `finding`; of these `description`, `notes` and `finding` may be left out.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from analysis.errors import AnalysisError
from analysis.wording import shown
from dashboard.present.walkthrough import MOST_STEPS, Step, Walkthrough, checked

MOST_BYTES = 256_000

# Names of sixty parts, `a.b."c"…`: a walkthrough has none, and tomllib's time and memory grow with their square.
PART = r"""(?:"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|[\w-]+)"""
DEEP_NAME = re.compile(rf"(?<![\w-])(?:{PART}[ \t]*\.[ \t]*){{60}}")

NO_WALKTHROUGH = "This is no walkthrough: choose a TOML file as “Download as TOML” on the page Talks makes."
OF_STEP = tuple(field.name for field in fields(Step))
OPTIONAL = ("description", "notes", "finding")


def read_walkthrough(content: bytes) -> Walkthrough:
    """The walkthrough in a file. Raises `AnalysisError` for anything else."""
    if len(content) > MOST_BYTES:
        raise AnalysisError(f"A walkthrough has up to {MOST_BYTES / 1e3:.0f} kB, and this file more.")
    table = _decoded(content)
    steps = table.pop("step", [])
    if not isinstance(steps, list) or not all(isinstance(step, dict) for step in steps):
        raise AnalysisError("The walkthrough has its steps in another form: each begins with [[step]] in a line.")
    if len(steps) > MOST_STEPS:
        raise AnalysisError(f"A walkthrough has up to {MOST_STEPS} steps, and this one {len(steps):,}.")
    return checked(
        Walkthrough(
            **_texts(table, ("title", "description"), "The walkthrough"),
            steps=tuple(Step(**_texts(step, OF_STEP, f"Step {number}")) for number, step in enumerate(steps, 1)),
        )
    )


def written(walkthrough: Walkthrough) -> str:
    """The walkthrough as TOML, which reads as the same value again."""
    parts = [_lines({"title": walkthrough.title, "description": walkthrough.description})]
    parts += [
        "[[step]]\n" + _lines({name: getattr(step, name) for name in OF_STEP}, OPTIONAL) for step in walkthrough.steps
    ]
    return "\n".join(parts)


def _decoded(content: bytes) -> dict[str, Any]:
    """The file's table."""
    try:
        text = content.decode("utf-8")
        if DEEP_NAME.search(text):
            raise AnalysisError(NO_WALKTHROUGH)
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # among them what is no UTF-8, and what is no TOML
        raise AnalysisError(NO_WALKTHROUGH) from error


def _texts(table: Mapping[str, Any], names: tuple[str, ...], which: str) -> dict[str, str]:
    """The texts of these names, and nothing else."""
    for name, value in table.items():
        if name not in names:
            raise AnalysisError(f"{which} has “{shown(name)}”, which is not known: write {', '.join(names)}.")
        if not isinstance(value, str):
            raise AnalysisError(f"{which} has a {name} that is no text: put it between quotation marks.")
    for name in names:
        if name not in table and name not in OPTIONAL:
            raise AnalysisError(f'{which} has no {name}: write {name} = "…".')
    return {name: table.get(name, "") for name in names}


def _lines(texts: Mapping[str, str], optional: tuple[str, ...] = ()) -> str:
    return "".join(f"{name} = {_quoted(text)}\n" for name, text in texts.items() if text or name not in optional)


def _quoted(text: str) -> str:
    """A text as TOML's basic string, which escapes as JSON does, but for DEL."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
