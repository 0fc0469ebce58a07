"""Under which key a finished result is remembered: equal keys mean equal results.

A key names everything that the result depends on, down to the versions of the libraries and the code of `analysis`, so
nothing remembered ever needs to be invalidated: it is no longer asked for, and the store's bound drops it.
"""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from importlib import metadata
from pathlib import Path
from typing import Any, TypedDict, Unpack

import numpy as np

from analysis import errors

LIBRARIES = ("captum", "numpy", "peft", "tokenizers", "torch", "transformers")
ANALYSIS = Path(errors.__file__).parent
FORMAT = 1  # of results that ship: raise it if the way of computing changes
PLAIN = {str, int, float, bool, type(None)}


class Request(TypedDict):
    """What a result is of; `checkpoints` are fingerprints of their weights, and the options belong to the analysis."""

    checkpoints: Sequence[str]
    task: str
    texts: Sequence[str | None]
    analysis: str
    options: Mapping[str, str | int | float | bool | None]


def result_key(**request: Unpack[Request]) -> str:
    """SHA-256 in hexadecimal of all that a result depends on.

    The order of options does not matter; that of checkpoints and texts does. 1, 1.0, True and "1" are four options.
    """
    return _key({**request, "libraries": library_versions(), "code": code_version()})


def shipped_key(**request: Unpack[Request]) -> str:
    """The same for a result that ships with the pair: it outlives an update of the libraries and of the code."""
    return _key({**request, "shipped": FORMAT})


def _key(ingredients: Mapping[str, Any]) -> str:
    # surrogatepass, not \u escapes: those write a character and its two surrogates alike, and the keys would meet
    canonical = json.dumps(ingredients, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()


def content_key(*values: Any) -> str:
    """SHA-256 in hexadecimal of frozen values by what they hold: dataclasses, sequences, dictionaries, arrays, scalars.

    Raises TypeError for anything else.
    """
    digest = hashlib.sha256()
    for part in _parts(values):
        digest.update(hashlib.sha256(part).digest())
    return digest.hexdigest()


def _parts(value: Any) -> Iterator[bytes]:
    if _is_plain(value):
        yield f"{type(value).__name__} {value!r}".encode("utf-8", "surrogatepass")
    elif isinstance(value, np.ndarray) and value.dtype.kind != "O":
        yield f"{value.dtype} {value.shape}".encode()
        yield np.ascontiguousarray(value).tobytes()
    elif is_dataclass(value) and not isinstance(value, type):
        yield f"{type(value).__qualname__} {len(fields(value))}".encode()
        for field in fields(value):
            yield from _parts(getattr(value, field.name))
    elif isinstance(value, tuple | list | Mapping):
        yield f"{type(value).__name__} {len(value)}".encode()
        for item in value.items() if isinstance(value, Mapping) else value:
            yield from _parts(item)
    else:
        raise TypeError(f"A {type(value).__name__} has no key of its content.")


def _is_plain(value: Any) -> bool:
    """Whether `repr` tells it from all others of its type; a vocabulary is thousands of strings, and soon read so."""
    if isinstance(value, tuple | list):
        return set(map(type, value)) <= PLAIN
    return value is None or isinstance(value, str | int | float | np.generic)


@functools.cache
def library_versions() -> tuple[tuple[str, str], ...]:
    """Name and version of every library that has a say in the numbers, without importing it."""
    return tuple((name, metadata.version(name)) for name in LIBRARIES)


@functools.cache
def code_version() -> str:
    """What identifies the code of `analysis` as this process found it."""
    return source_hash(ANALYSIS)


def source_hash(folder: Path) -> str:
    """SHA-256 in hexadecimal over the paths and contents of all Python files under a folder."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.py")):
        for part in (path.relative_to(folder).as_posix().encode(), path.read_bytes()):
            digest.update(hashlib.sha256(part).digest())  # of equal length: no byte can move from one part to the next
    return digest.hexdigest()
