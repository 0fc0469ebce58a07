"""Records that ship beside the embedded pair: JSON files, each read in one place, with a sentence for a damaged one."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from analysis.errors import AnalysisError

T = TypeVar("T")


def read_record(file: Path, read: Callable[[Any], T], remade_by: str) -> T:
    """What `read` makes of the file's content. `remade_by` is the command that writes the file.

    Raises `AnalysisError` if the file is missing or damaged; an error in `read` means that it is damaged.
    """
    way_out = f"run “{remade_by}”, or check the files out again."
    try:
        return read(json.loads(file.read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        raise AnalysisError(f"The record {file.name} of the embedded pair is not there: {way_out}") from error
    except (ArithmeticError, AttributeError, LookupError, OSError, RecursionError, TypeError, ValueError) as error:
        raise AnalysisError(f"The record {file.name} of the embedded pair is damaged: {way_out}") from error
