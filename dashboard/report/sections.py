"""The table of sections, and the finding that is made of those that are asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from analysis.attribution.unit_scores import part_of
from analysis.errors import AnalysisError
from analysis.inputs.examples import checked
from analysis.latency.measure import now
from analysis.predictions.comparison import compare
from analysis.progress import Progress, silent
from analysis.tables import check_known
from cache.compute_queue import GivenUp, QueueFull
from cache.turns import Spent
from dashboard.report.answer_section import answers, predictions_of
from dashboard.report.finding import Finding, FindingRequest, MakeSection, Section
from dashboard.report.inside_sections import attention, layers, matching
from dashboard.report.judged_sections import claims, speed
from dashboard.report.why_section import attributions


@dataclass(frozen=True, slots=True)
class SectionRow:
    """A section: the path of the page that it is from, its title, what makes it, and its share of the time."""

    page: str
    title: str
    make: MakeSection
    share: float = 1.0


SECTIONS: Mapping[str, SectionRow] = {
    "answers": SectionRow("predictions", "Answers", answers),
    "attributions": SectionRow("attributions", "Attributions", attributions, 4.0),
    "attention": SectionRow("attention", "Attention of two heads", attention),
    "matching": SectionRow("attention", "Head matching", matching, 2.0),
    "layers": SectionRow("similarity", "Layer map", layers, 2.0),
    "speed": SectionRow("latency", "Speed", speed),
    "claims": SectionRow("claims", "Claims", claims),
}


def sections_of(pages: Iterable[str]) -> tuple[str, ...]:
    """The keys of the sections from these pages, in the order of the table; all of them if none is named."""
    wanted = set(pages)
    for page in wanted:
        check_known(dict.fromkeys(row.page for row in SECTIONS.values()), page, "page")
    return tuple(key for key, row in SECTIONS.items() if not wanted or row.page in wanted)


def make_finding(request: FindingRequest, link: str, progress: Progress = silent) -> Finding:
    """The finding; `progress` hears the share that is done. What cannot be shown has its reason in its place.

    Raises `AnalysisError` if the question itself cannot be answered.
    """
    question = replace(request.question, example=checked(request.question.example))
    asked = replace(request, question=question)
    predictions = predictions_of(asked)
    total, done, made = sum(SECTIONS[key].share for key in asked.sections), 0.0, []
    for key in asked.sections:
        end = done + SECTIONS[key].share / total
        made.append(_section(key, asked, part_of(progress, done, end)))
        progress(end)
        done = end
    return Finding(
        asked, compare(predictions).sentence, predictions.map(lambda one: one.summary), tuple(made), now(), link
    )


def _section(key: str, request: FindingRequest, progress: Progress) -> Section:
    """A section, or why there is none: the others are of use all the same."""
    row = SECTIONS[key]
    try:
        return row.make(request, progress)
    except (GivenUp, QueueFull, Spent):
        raise
    except AnalysisError as error:
        return Section(key, row.title, "", problem=str(error))
