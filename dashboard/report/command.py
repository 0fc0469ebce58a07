"""The command `distillens report`: a finding into a folder, and beside it the same as a zip file."""

from __future__ import annotations

from pathlib import Path

from analysis.attribution.unit_scores import part_of
from analysis.inputs.examples import Example
from analysis.models.pairs import Pair, check_trained
from analysis.progress import Progress
from analysis.settings import settings
from dashboard.frame import Question
from dashboard.links import link
from dashboard.named_files import check_writable
from dashboard.report.choices import typed
from dashboard.report.files import archive, files_of, pair_of, write
from dashboard.report.finding import Finding, FindingRequest
from dashboard.report.pictures import pictures
from dashboard.report.save_panel import COMPUTED, DRAWN
from dashboard.report.sections import make_finding, sections_of


def write_finding(
    pair: Pair, example: Example, pages: str, choices: list[str], folder: Path, progress: Progress
) -> Finding:
    """Makes the finding, writes it to the folder and to a zip file beside it, and returns it.

    `pages` are paths with commas between them, "" for all. Raises `AnalysisError` if the folder cannot be written.
    """
    check_trained(pair)
    request = FindingRequest(Question(pair, example), typed(choices), sections_of(filter(None, pages.split(","))))
    check_writable(folder, "report.html")
    finding = make_finding(request, link_of(request, server_address("predictions")), part_of(progress, 0.0, COMPUTED))
    files = files_of(finding, pictures(finding.figures, part_of(progress, COMPUTED, DRAWN)))
    progress(1.0)
    write(files, folder)
    folder.with_suffix(".zip").write_bytes(archive(files))
    return finding


def link_of(request: FindingRequest, page: str) -> str:
    """The link back: the page's address with all that was asked and chosen."""
    example, asked = request.example, pair_of(request.question.pair, request.example.task)
    pair = asked["pair"] or "own"
    values = {**asked, "pair": pair, "task": example.task, "text": example.text, "text_pair": example.text_pair}
    spelt = {key: value for key, value in values.items() if value is not None}
    return f"{page}?{link({**spelt, **request.choices}).query}"


def server_address(page: str) -> str:
    """Where a page would be in a dashboard of these settings."""
    chosen = settings()
    return f"http://{chosen.host}:{chosen.port}{chosen.base_path}/{page}"
