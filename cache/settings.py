"""What the environment says about remembering: one table, read when it is needed."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from analysis.errors import AnalysisError
from analysis.inputs.examples import is_hosted


@dataclass(frozen=True, slots=True)
class Settings:
    """Where finished results are kept, and how many bytes the store, the loaded models, and the long
    texts that links lead to may take.

    `cache_url` is the address of a Redis that several servers share, if there is one.
    """

    folder: Path
    cache_url: str | None
    store_bytes: int
    model_bytes: int
    text_bytes: int


def settings() -> Settings:
    """The settings of this process. Raises `AnalysisError` if one cannot be read.

    DISTILLENS_CACHE, or the user's cache folder (XDG Base Directory Specification); CACHE_URL; DISTILLENS_CACHE_GB,
    1 by default; DISTILLENS_MODEL_GB, 4 by default; DISTILLENS_TEXTS_GB, 0.01 by default and 0 where it is hosted.
    """
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return Settings(
        folder=Path(os.environ.get("DISTILLENS_CACHE") or base / "distillens"),
        cache_url=os.environ.get("CACHE_URL"),
        store_bytes=_bytes("DISTILLENS_CACHE_GB", 1),
        model_bytes=_bytes("DISTILLENS_MODEL_GB", 4),
        text_bytes=_bytes("DISTILLENS_TEXTS_GB", 0 if is_hosted() else 0.01),
    )


def _bytes(name: str, default_gb: float) -> int:
    """A number of gigabytes from the environment, in bytes."""
    text = os.environ.get(name, "").strip() or str(default_gb)
    try:
        gigabytes = float(text)
    except ValueError:
        gigabytes = -1.0
    if not 0 <= gigabytes < 1e6:  # also where it is not a number
        raise AnalysisError(f"{name} is “{text}”: give a number of gigabytes, such as {default_gb:g}.")
    return int(gigabytes * 1e9)
