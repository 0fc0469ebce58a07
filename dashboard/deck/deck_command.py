"""The command `distillens deck`: a walkthrough's file becomes slides or a site in a folder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from analysis.attribution.unit_scores import part_of
from analysis.progress import Progress
from analysis.wording import shown
from dashboard.deck.exported import deck_files, site_files
from dashboard.deck.reveal import reveal_files
from dashboard.deck.slides import Slide, slides_of
from dashboard.named_files import check_writable, content_of
from dashboard.present.walkthrough import Walkthrough
from dashboard.present.walkthrough_file import MOST_BYTES, read_walkthrough
from dashboard.report.files import write

COMPUTED = 0.95  # of the time


def write_deck(file: Path, folder: Path, as_site: bool, progress: Progress) -> Iterator[str]:
    """Writes the slides, or the site, and yields what to say about it: steps without a figure, and sizes.

    Raises `AnalysisError` for a file that cannot be read or is no walkthrough, without reveal.js, or if the folder
    cannot be written.
    """
    walkthrough = read_walkthrough(content_of(file, MOST_BYTES))
    if not as_site:
        reveal_files()  # before anything is computed, so that nothing computed is lost
    check_writable(folder, "index.html")
    slides = slides_of(walkthrough, part_of(progress, 0.0, COMPUTED))
    files = (site_files if as_site else deck_files)(walkthrough, slides)
    write(files, folder)
    progress(1.0)
    yield from _said(walkthrough, slides)
    yield from sizes(files)


def sizes(files: Mapping[str, bytes]) -> Iterator[str]:
    """The size of each file or folder, and of all."""
    parts: dict[str, int] = {}
    for path, content in files.items():
        top = path.partition("/")[0] + ("/" if "/" in path else "")
        parts[top] = parts.get(top, 0) + len(content)
    for name, size in (*parts.items(), ("all", sum(parts.values()))):
        yield f"{name:16}{size / 1e6:8.3f} MB"


def _said(walkthrough: Walkthrough, slides: tuple[Slide, ...]) -> Iterator[str]:
    steps = "1 step" if len(slides) == 1 else f"{len(slides)} steps"
    yield f"{shown(walkthrough.title)}: {steps}."
    yield from filter(None, (slide.without_figure for slide in slides))
