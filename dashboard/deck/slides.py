"""A walkthrough as slides: each step with what it says, what it points at, and the numbers of its finding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from analysis.attribution.unit_scores import part_of
from analysis.errors import AnalysisError
from analysis.inputs.tasks import TASKS
from analysis.models.pairs import check_trained
from analysis.progress import Progress, silent
from analysis.wording import shown
from dashboard.deck.parts import PARTS, section_of
from dashboard.page_list import PAGES
from dashboard.present.asked import finding_of, request_of
from dashboard.present.walkthrough import Step, Walkthrough
from dashboard.report.finding import Figure, Section

UNTRAINED = {entry.path for entry in PAGES if entry.untrained}


@dataclass(frozen=True, slots=True)
class Slide:
    """A step, ready to be drawn. `finding` is "" where the step has none.

    `texts` are what both models have read, `fields` what these are called.
    """

    number: int
    step: Step
    fields: Sequence[str]
    texts: Sequence[str]
    finding: str
    section: Section

    @property
    def figures(self) -> tuple[Figure, ...]:
        return self.section.figures

    @property
    def asked(self) -> Sequence[tuple[str, str]]:
        """The texts that stand above it, each with what it is called.

        Not one that the step quotes, nor one that the answers are marked in.
        """
        if not PARTS[self.step.point].asks:
            return ()
        named = tuple(zip(self.fields, self.texts, strict=False))
        marked = self.step.point == "answers" and not self.figures
        return tuple(one for one in (named[:-1] if marked else named) if one[1] not in self.step.text)

    @property
    def without_figure(self) -> str:
        """A sentence about a slide that has no figure, "" about one that has."""
        if self.figures:
            return ""
        instead = "it shows a table or a text" if self.section.body or self.section.tables else self.section.problem
        return f"Step {self.number}, “{shown(self.step.title)}”, has no figure: {instead.rstrip('.')}."


def slides_of(walkthrough: Walkthrough, progress: Progress = silent) -> tuple[Slide, ...]:
    """All slides, computed; `progress` hears the share that is done.

    Raises `AnalysisError`, which names the step, where a step asks what cannot be asked.
    """
    count, made = len(walkthrough.steps), []
    for place, step in enumerate(walkthrough.steps):
        made.append(_slide(place + 1, step, part_of(progress, place / count, (place + 1) / count)))
        progress((place + 1) / count)
    return tuple(made)


def _slide(number: int, step: Step, progress: Progress) -> Slide:
    try:
        request = request_of(step)
        if step.page not in UNTRAINED:
            check_trained(request.question.pair)
        section = section_of(step.point, request, progress)
        fields, texts = TASKS[request.example.task].fields, request.example.texts
        return Slide(number, step, fields, texts, finding_of(step), section)
    except AnalysisError as error:
        raise AnalysisError(f"Step {number}, “{shown(step.title)}”: {error}") from error
