"""What the next step of a talk takes, computed while this one is looked at, so that nobody waits for it.

It is asked for through the cache and in the reader's own run, in turn and from the reader's budget; whoever goes on
meanwhile ends it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from analysis.attention.view import View
from analysis.errors import AnalysisError
from analysis.progress import Progress, silent
from cache import attention, latency, similarity
from cache.loaded_models import model
from cache.traces import trace_if_short
from dashboard import frame
from dashboard.charts import cost as cost_charts
from dashboard.charts import stages as stage_charts
from dashboard.latency.stages import adds_up
from dashboard.present.asked import finding_of, request_of
from dashboard.present.walkthrough import Step
from dashboard.report import choices, inside_sections, judged_sections, why_section
from dashboard.report.finding import FindingRequest
from dashboard.ui.figures import drawn

Ahead = Callable[[FindingRequest], object]


def prepare(step: Step, progress: Progress = silent) -> None:
    """Has computed, and where that takes long drawn, what the step shows; `progress` is called in between.

    What cannot be computed is told when the step is shown.
    """
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
    """Both answers."""
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


def _loaded(request: FindingRequest) -> None:
    """Both models themselves, which their page asks where they come from."""
    request.question.sides.map(lambda checkpoint: model(checkpoint, request.example.task))


def _cost(request: FindingRequest) -> None:
    cost = latency.cost(request.question.sides, request.example.task)
    drawn(cost_charts.parameters, cost.architectures)
    drawn(cost_charts.memory, cost)
    drawn(cost_charts.operations, cost)


def _times(request: FindingRequest) -> None:
    judged_sections.speed(request, silent)


def _stages(request: FindingRequest) -> None:
    if profile := latency.shipped_stages(request.question.sides, request.example):
        drawn(stage_charts.stage_bars, profile)
        drawn(stage_charts.by_layer, profile)
        adds_up(request.question, request.example, profile)


def _logit_lens(request: FindingRequest) -> None:
    _traces(request)
    similarity.logit_lenses(request.question.sides, request.example, 0)


def _why(request: FindingRequest) -> None:
    why_section.attributions(request, silent)


def _layers(request: FindingRequest) -> None:
    inside_sections.layers(request, silent)


AHEAD: Mapping[str, Ahead] = {
    "start": _why,
    "words": _why,
    "edited-words": _why,
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
    "architecture": _loaded,
    "times": _times,
    "stages": _stages,
    "parameters": _cost,
    "operations": _cost,
}
