"""Under which key a finished result is remembered: equal keys mean equal results.

A key names everything that the result depends on, down to the versions of the libraries and the code of `analysis`, so
nothing remembered ever needs to be invalidated: it is no longer asked for, and the store's bound drops it.
"""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path

from analysis import errors

LIBRARIES = ("captum", "numpy", "peft", "tokenizers", "torch", "transformers")
ANALYSIS = Path(errors.__file__).parent


def result_key(
    *,
    checkpoints: Sequence[str],
    task: str,
    texts: Sequence[str | None],
    analysis: str,
    options: Mapping[str, str | int | float | bool | None],
) -> str:
    """SHA-256 in hexadecimal of all that a result depends on; `checkpoints` are fingerprints of their weights.

    The order of options does not matter; that of checkpoints and texts does. 1, 1.0, True and "1" are four options.
    """
    ingredients = {
        "checkpoints": checkpoints,
        "task": task,
        "texts": texts,
        "analysis": analysis,
        "options": dict(options),
        "libraries": library_versions(),
        "code": code_version(),
    }
    # surrogatepass, not \u escapes: those write a character and its two surrogates alike, and the keys would meet
    canonical = json.dumps(ingredients, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()


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
