"""Tables as CSV, for spreadsheets and notebooks."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

FORMULA = ("=", "+", "-", "@", "\t", "\r")  # with these, spreadsheets take a text for a formula and compute it


def as_csv(columns: Mapping[str, Sequence[Any]]) -> str:
    """The columns with a header line, in the order given. A text that a spreadsheet would compute gets a ' in front."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(map(_safe, columns))
    writer.writerows([_safe(cell) for cell in row] for row in zip(*columns.values(), strict=True))
    return file.getvalue()


def _safe(cell: Any) -> Any:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell
