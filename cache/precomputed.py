"""Results of the embedded pair that ship with it, so that no page begins with a wait.

    python -m cache.precompute    # computes what checkpoints/precomputed/ lacks

There is a file per kind. A result is found under the fingerprints of the weights, the texts and the options: for other
weights none is found, and the page computes its own. Library versions have no say in that; each result names those that
made it.
"""

from __future__ import annotations

import functools
import logging
import lzma
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from analysis.arrays import Array
from analysis.models.pairs import EMBEDDED
from cache.codec import CorruptResult, decode, encode
from cache.keys import Request, library_versions, shipped_key

logger = logging.getLogger(__name__)

FOLDER = EMBEDDED / "precomputed"
SUFFIX = ".xz"
SIGNIFICANT_BITS = 16  # of the numbers in arrays: they are right to 1 in 131,000
UNREADABLE = (CorruptResult, EOFError, OSError, lzma.LZMAError)


@dataclass(frozen=True, slots=True)
class ShippedResult:
    """A result as bytes [byte], what it is of, and the versions of the libraries that made it."""

    analysis: str
    task: str
    versions: Mapping[str, str]
    data: Array


@dataclass(frozen=True, slots=True)
class ResultFile:
    """Results by key, as they are in a file."""

    results: Mapping[str, ShippedResult]


_noted: ContextVar[dict[str, ShippedResult] | None] = ContextVar("noted", default=None)


def find(request: Request) -> bytes | None:
    """The encoded result that ships, or None."""
    result = _find(shipped_key(**request))
    return None if result is None else result.data.tobytes()


@contextmanager
def noting() -> Iterator[dict[str, ShippedResult]]:
    """All results that are asked for meanwhile, by key, each as it would ship."""
    noted: dict[str, ShippedResult] = {}
    token = _noted.set(noted)
    try:
        yield noted
    finally:
        _noted.reset(token)


def note(request: Request, value: Any) -> None:
    """Takes a result down where results are being noted; one that ships already keeps the versions that made it."""
    noted = _noted.get()
    if noted is None:
        return
    key, data = shipped_key(**request), encode(value, SIGNIFICANT_BITS)
    before = _find(key)
    if before is not None and before.data.tobytes() == data:
        noted[key] = before
    else:
        as_array = np.frombuffer(data, np.uint8)
        noted[key] = ShippedResult(request["analysis"], request["task"], dict(library_versions()), as_array)


def read(file: Path) -> Mapping[str, ShippedResult]:
    """All results in a file by key; none, and a line in the log, if it is damaged."""
    try:
        return decode(ResultFile, lzma.decompress(file.read_bytes())).results
    except UNREADABLE as error:
        logger.warning("%s is damaged (%s): what it should hold is computed instead.", file.name, error)
        return {}


def write(results: Mapping[str, ShippedResult], file: Path) -> None:
    """Puts these results into a file and leaves nothing else in it; equal results make equal bytes."""
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(lzma.compress(encode(ResultFile(dict(sorted(results.items())))), preset=9))
    forget()


def forget() -> None:
    """Looks at the files anew."""
    _index.cache_clear()
    _last_read.cache_clear()


def _find(key: str) -> ShippedResult | None:
    file = _index().get(key)
    return None if file is None else _last_read(file).get(key)


@functools.cache
def _index() -> dict[str, Path]:
    """Which file each key is in."""
    return {key: file for file in sorted(FOLDER.glob(f"*{SUFFIX}")) for key in read(file)}


@functools.lru_cache(maxsize=1)  # one unpacked file in memory: a page asks for one kind after another
def _last_read(file: Path) -> Mapping[str, ShippedResult]:
    return read(file)
