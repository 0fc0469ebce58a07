"""Rows of tables by their keys, for keys that people type."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

from analysis.errors import AnalysisError
from analysis.wording import shown

Row = TypeVar("Row")


def row_of(table: Mapping[str, Row], key: str, kind: str) -> Row:
    """The row of this key, or an `AnalysisError` that says which there are."""
    check_known(table, key, kind)
    return table[key]


def check_known(keys: Iterable[str], key: str, kind: str) -> None:
    """Raises `AnalysisError` if the key is none of these."""
    known = list(keys)
    if key not in known:
        raise AnalysisError(f"There is no {kind} called “{shown(key)}”; there are {', '.join(known)}.")
