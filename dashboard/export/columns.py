"""A table is its columns by their titles: made of rows, of other tables, or of the cells of an array."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from analysis.arrays import Array

Columns = dict[str, Sequence[object]]


def of_rows(titles: Sequence[str], rows: Iterable[Sequence[object]]) -> Columns:
    """Columns of the rows, which have a cell for each title.

    >>> of_rows(("Word", "Score"), [("good", 1.5), ("film", 0.25)])
    {'Word': ['good', 'film'], 'Score': [1.5, 0.25]}
    """
    ready = list(rows)
    return {title: [row[at] for row in ready] for at, title in enumerate(titles)}


def joined(tables: Iterable[Columns]) -> Columns:
    """Tables with the same titles, one below the other."""
    parts = list(tables)
    return {title: [cell for part in parts for cell in part[title]] for title in parts[0]}


def of_cells(titles: tuple[str, str, str], rows: Sequence[str], across: Sequence[str], values: Array) -> Columns:
    """One row per cell of `values` [row, column]: the name of its row, that of its column, and what it holds.

    >>> of_cells(("From", "To", "Weight"), ["a"], ["b", "c"], np.array([[0.5, np.nan]]))
    {'From': ['a', 'a'], 'To': ['b', 'c'], 'Weight': [0.5, None]}
    """
    return {
        titles[0]: [name for name in rows for _ in across],
        titles[1]: [*across] * len(rows),
        titles[2]: plain_numbers(values),
    }


def plain_numbers(values: Array, digits: int | None = None) -> list[float | None]:
    """The numbers of an array in order, rounded to so many digits; None for NaN."""
    return [
        None if np.isnan(value) else value if digits is None else round(value, digits)
        for value in values.ravel().tolist()
    ]
