"""Files and folders that somebody names: read up to a bound, or found writable, or one sentence says why not."""

from __future__ import annotations

from pathlib import Path

from analysis.errors import AnalysisError
from analysis.wording import shown


def content_of(file: Path, most: int) -> bytes:
    """The file's bytes, at most one more than it may have. Raises `AnalysisError` if it cannot be read."""
    try:
        with file.open("rb") as stream:
            return stream.read(most + 1)
    except OSError as error:
        raise AnalysisError(f"“{shown(file.name)}” cannot be read ({error.strerror}): name another file.") from error


def check_writable(folder: Path, file: str) -> None:
    """Makes the folder and a file in it before anything is computed, so that nothing computed is lost."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / file).open("a").close()
    except OSError as error:
        raise AnalysisError(f"{folder} cannot be written ({error.strerror}): name another folder.") from error
