"""reveal.js as the package `sphinx-revealjs` carries it: a deck's files, and the script of the speaker's window."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from analysis.errors import AnalysisError

PACKAGE, FOLDER = "sphinx-revealjs", "sphinx_revealjs/_static/revealjs"
MISSING = (
    "Slides need reveal.js, which comes with the extra “deck”: run pip install -c constraints.txt -e '.[deck]', or "
    "export a site with --site, which needs no more than there is."
)
COPIED = ("LICENSE", "dist/reset.css", "dist/reveal.css", "dist/reveal.js", "plugin/notes/notes.js")
SPEAKER = "plugin/notes/speaker-view.html"  # which notes.js holds too, and writes into the window that it opens
SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)


def reveal_files() -> Mapping[str, bytes]:
    """The files that a deck needs, by their paths in it. Raises `AnalysisError` where the package is not installed."""
    return {f"reveal/{name}": _file(name).read_bytes() for name in COPIED}


def speaker_scripts() -> tuple[str, ...]:
    """The scripts of the window with the speaker's notes."""
    return tuple(SCRIPT.findall(_file(SPEAKER).read_text(encoding="utf-8")))


def _file(name: str) -> Path:
    """A file of the package, which is not imported: it would bring all of Sphinx."""
    try:
        return Path(str(distribution(PACKAGE).locate_file(f"{FOLDER}/{name}")))
    except PackageNotFoundError as error:
        raise AnalysisError(MISSING) from error
