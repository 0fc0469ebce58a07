"""The embedded pair's layer maps over the probe corpus, precomputed so that the page opens at once.

    python -m cache.precompute    # writes checkpoints/similarity.json anew, after the pair was trained again

Each is kept under a key of both models' fingerprints, the granularity and the sentences: for other weights none is
found, and the page computes its own.
"""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from analysis.arrays import Array, frozen
from analysis.models.pairs import EMBEDDED, Sides
from analysis.records import read_record
from analysis.similarity.layer_maps import LayerMap, LayerMaps

FILE = EMBEDDED / "similarity.json"
FORMAT = 1  # raise it if the way of computing changes
DIGITS = 5


def maps_key(fingerprints: Sides[str], granularity: str, sentences: Sequence[str]) -> str:
    """SHA-256 in hexadecimal of all that CKA maps without [CLS] and [SEP] depend on."""
    ingredients = json.dumps([FORMAT, *fingerprints, granularity, list(sentences)])
    return hashlib.sha256(ingredients.encode()).hexdigest()


def find(key: str) -> LayerMaps | None:
    """The maps under that key, or None. Raises `AnalysisError` if the record is damaged."""
    return _read(FILE).get(key)


def write(maps_by_key: Mapping[str, LayerMaps], file: Path = FILE) -> None:
    """Puts these maps into the file and leaves nothing else in it."""
    content = {key: _as_json(maps) for key, maps in maps_by_key.items()}
    file.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    _read.cache_clear()


@functools.cache
def _read(file: Path) -> dict[str, LayerMaps]:
    if not file.is_file():
        return {}
    return read_record(
        file, lambda content: {key: _maps(maps) for key, maps in content.items()}, "python -m cache.precompute"
    )


def _as_json(maps: LayerMaps) -> dict[str, Any]:
    named = {"across": maps.across, "teacher": maps.within.teacher, "student": maps.within.student}
    return {
        name: {field.name: _plain(getattr(map_, field.name)) for field in fields(map_)} for name, map_ in named.items()
    }


def _plain(value: Any) -> Any:
    """Arrays as lists of rounded numbers, None for NaN; a row of a table as one string, so that it takes one line."""
    if not isinstance(value, np.ndarray):
        return value
    if value.ndim > 1:
        return [json.dumps(_plain(row)) for row in value]
    return [None if np.isnan(number) else round(float(number), DIGITS) for number in value]


def _maps(content: dict[str, dict[str, Any]]) -> LayerMaps:
    across, teacher, student = (_map(content[name]) for name in ("across", "teacher", "student"))
    return LayerMaps(across, Sides(teacher, student))


def _map(content: dict[str, Any]) -> LayerMap:
    arrays: dict[str, Any] = {name: _array(value) for name, value in content.items() if isinstance(value, list)}
    return LayerMap(**(content | arrays))


def _array(value: list[Any]) -> Array:
    rows = [json.loads(row) if isinstance(row, str) else row for row in value]
    return frozen(rows, np.float64)  # None becomes NaN
