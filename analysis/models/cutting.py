"""Whether two tokenizers cut texts alike, as far as their files say; the files are checked when they are read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from analysis.models.hub import TOKENIZER_FILES

# What a file says beside how texts are cut: whose tokenizer it is, and what to do with texts that are too long.
UNRELATED = frozenset(
    {"model_max_length", "name_or_path", "padding", "tokenizer_class", "tokenizer_file", "truncation", "version"}
)


def cut_alike(folder: Path, other: Path) -> bool:
    """Whether the tokenizers of both folders make the same tokens of every text. False where the files leave it open.

    They may then cut words otherwise, or make one token of several words, as of an added “new york”.
    """
    return all(_said(folder / file) == _said(other / file) for file in TOKENIZER_FILES)


def _said(path: Path) -> Any:
    """What a file says of cutting: as settings, else as bytes; None where there is no file."""
    if not path.is_file():
        return None
    data = path.read_bytes()
    try:
        settings = json.loads(data)
    except (ValueError, RecursionError):
        return data
    if not isinstance(settings, dict):
        return data
    return {key: value for key, value in settings.items() if key not in UNRELATED}
