"""JSON that others wrote: each value knows its place in the file, and is read as what it should be or refused.

    finding = decoded(content, "results.json")
    finding["answers"]["teacher"].text()

Whatever is not as it should be raises one `AnalysisError`, which names the place.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np

from analysis.arrays import Array, frozen
from analysis.errors import AnalysisError
from analysis.wording import shown

MOST_CHARACTERS = 200_000  # of a text
MOST_ITEMS = 5_000  # of a list or an object
MOST_CELLS = 1_000_000  # of an array
LARGEST = 1e15  # of a number, whatever its sign


@dataclass(frozen=True, slots=True)
class Json:
    """A value and its place in the file, such as sections/answers/title."""

    value: Any
    place: str

    def __getitem__(self, key: str) -> Json:
        """What is under a key of an object; it must be there."""
        if not isinstance(self.value, dict) or key not in self.value:
            self.refuse(f"has no “{key}”")
        return Json(self.value[key], f"{self.place}/{key}")

    def __bool__(self) -> bool:
        """Whether there is anything but null."""
        return self.value is not None

    def text(self) -> str:
        if not isinstance(self.value, str) or len(self.value) > MOST_CHARACTERS:
            self.refuse(f"is no text of up to {MOST_CHARACTERS:,} characters")
        if any("\ud800" <= character <= "\udfff" for character in self.value):
            self.refuse("holds half of a surrogate pair")
        return str(self.value)

    def number(self) -> float:
        if not _is_number(self.value):
            self.refuse("is no number that can be shown")
        return float(self.value)

    def count(self, most: int = MOST_ITEMS) -> int:
        """A whole number from 0."""
        if type(self.value) is not int or not 0 <= self.value <= most:
            self.refuse(f"is no whole number from 0 to {most:,}")
        return int(self.value)

    def each(self) -> list[Json]:
        """The values of a list."""
        if not isinstance(self.value, list) or len(self.value) > MOST_ITEMS:
            self.refuse(f"is no list of up to {MOST_ITEMS:,}")
        return [Json(value, f"{self.place}/{at}") for at, value in enumerate(self.value)]

    def items(self) -> list[tuple[str, Json]]:
        """The keys and values of an object."""
        if not isinstance(self.value, dict) or len(self.value) > MOST_ITEMS:
            self.refuse(f"is no object of up to {MOST_ITEMS:,}")
        return [(Json(key, self.place).text(), Json(value, f"{self.place}/{key}")) for key, value in self.value.items()]

    def array(self, axes: int) -> Array:
        """An array as `analysis.results.described` writes it; NaN for null."""
        shape = tuple(length.count() for length in self["shape"].each())
        if len(shape) != axes or math.prod(shape) > MOST_CELLS:
            self.refuse(f"has not {axes} axes with up to {MOST_CELLS:,} cells")
        return frozen(list(self["values"]._cells(shape)), np.float64).reshape(shape)

    def _cells(self, shape: tuple[int, ...]) -> Iterator[float]:
        if not shape:
            yield math.nan if self.value is None else self.number()
            return
        if not isinstance(self.value, list) or len(self.value) != shape[0]:
            self.refuse("is not of the shape that is given")
        for value in self.value:
            yield from Json(value, self.place)._cells(shape[1:])

    def refuse(self, wrong: str) -> NoReturn:
        """Raises the sentence that says what is wrong here."""
        raise AnalysisError(f"This is no finding that can be shown: {shown(self.place)} {wrong}.")


def decoded(content: bytes, name: str) -> Json:
    """The whole of a file; raises `AnalysisError` for what is not JSON."""
    try:
        return Json(json.loads(content.decode("utf-8"), parse_constant=_refused), name)
    except (ValueError, RecursionError) as error:  # among them what is no UTF-8, and numbers of thousands of digits
        raise AnalysisError(f"This is no finding that can be shown: {name} is not JSON.") from error


def _refused(constant: str) -> NoReturn:
    raise ValueError(constant)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < LARGEST
