"""What the next step of a talk takes, computed while this one is looked at, so that nobody waits for it.

It is asked for through the cache and in the reader's own run, in turn and from the reader's budget; whoever goes on
meanwhile ends it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from analysis.attention.view import View
from analysis.errors import AnalysisError
from analysis.progress import Progress, silent
from cache import attention, latency, models, similarity
from cache.traces import trace_if_short
from dashboard import frame
from dashboard.page_list import PAGES
from dashboard.present.asked import finding_of, request_of
from dashboard.present.walkthrough import Step
from dashboard.report import choices, inside_sections, why_section
from dashboard.report.finding import FindingRequest

Ahead = Callable[[FindingRequest], object]
TRACES = frozenset(entry.path for entry in PAGES if entry.traces)


def prepare(step: Step, progress: Progress = silent) -> None:
    """Has everything computed that the step shows; `progress` is called in between. What cannot be is told there."""
    try:
        request = request_of(step)
        for work in (_both, AHEAD.get(step.point, _nothing)):
            progress(0.0)
            work(request)
        progress(0.5)
        finding_of(step)
    except AnalysisError:
        return


def _nothing(_: FindingRequest) -> None:
    """The point needs no more than both answers, or numbers that ship."""


def _both(request: FindingRequest) -> None:
    """Both answers, and what happens inside."""
    frame.answers(request.question)


def _traces(request: FindingRequest) -> None:
    request.question.sides.map(lambda checkpoint: trace_if_short(checkpoint, request.example))


def _all_heads(request: FindingRequest) -> None:
    _traces(request)
    view: View = choices.view(request.choices)
    attention.thumbnails(request.question.sides, request.example, view)
    inside_sections.attention(request, silent)


def _two_heads(request: FindingRequest) -> None:
    _traces(request)
    inside_sections.attention(request, silent)


def _matching(request: FindingRequest) -> None:
    _traces(request)
    inside_sections.matching(request, silent)


def _flow(request: FindingRequest) -> None:
    _traces(request)
    attention.answer_flows(request.question.sides, request.example, "Rollout")


def _architectures(request: FindingRequest) -> None:
    request.question.sides.map(lambda checkpoint: models.architecture(checkpoint, request.example.task))


def _cost(request: FindingRequest) -> None:
    latency.cost(request.question.sides, request.example.task)


def _logit_lens(request: FindingRequest) -> None:
    _traces(request)
    similarity.logit_lenses(request.question.sides, request.example, 0)


def _why(request: FindingRequest) -> None:
    why_section.attributions(request, silent)


def _layers(request: FindingRequest) -> None:
    inside_sections.layers(request, silent)


AHEAD: Mapping[str, Ahead] = {
    "words": _why,
    "word-bars": _why,
    "all-heads": _all_heads,
    "two-heads": _two_heads,
    "head-difference": _two_heads,
    **dict.fromkeys(("head-matrix", "head-links", "head-origins"), _matching),
    "attention-flow": _flow,
    "flow-and-attribution": _flow,
    "ablation": _traces,
    "layer-map": _layers,
    "logit-lens": _logit_lens,
    "architecture": _architectures,
    "parameters": _cost,
    "operations": _cost,
}
