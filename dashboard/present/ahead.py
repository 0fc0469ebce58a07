"""What the next step of a talk takes, computed while this one is looked at, so that nobody waits for it.

It is asked for through the cache and in the reader's own run, in turn and from the reader's budget; whoever goes on
meanwhile ends it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

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
from dashboard.report.finding import FindingRequest, MakeSection
from dashboard.ui.figures import drawn

Ahead = Callable[[FindingRequest], object]


def prepare(step: Step, progress: Progress = silent) -> None:
    """Has computed, and where that takes long drawn, what the step shows; `progress` is called in between.

    What cannot be computed is told when the step is shown.
    """
    try:
        request = request_of(step)
        for work in (_both, *AHEAD.get(step.point, ())):
            progress(0.0)
            work(request)
        progress(0.5)
        finding_of(step)
    except AnalysisError:
        return


def _section(make: MakeSection) -> Ahead:
    """What a section of a report takes."""
    return lambda request: make(request, silent)


def _both(request: FindingRequest) -> None:
    """Both answers."""
    frame.answers(request.question)


def _traces(request: FindingRequest) -> None:
    request.question.sides.map(lambda checkpoint: trace_if_short(checkpoint, request.example))


def _thumbnails(request: FindingRequest) -> None:
    attention.thumbnails(request.question.sides, request.example, choices.view(request.choices))


def _flow(request: FindingRequest) -> None:
    attention.answer_flows(request.question.sides, request.example, "Rollout")


def _logit_lens(request: FindingRequest) -> None:
    similarity.logit_lenses(request.question.sides, request.example, 0)


def _loaded(request: FindingRequest) -> None:
    """Both models themselves, which their page asks where they come from."""
    request.question.sides.map(lambda checkpoint: model(checkpoint, request.example.task))


def _cost(request: FindingRequest) -> None:
    cost = latency.cost(request.question.sides, request.example.task)
    drawn(cost_charts.parameters, cost.architectures)
    drawn(cost_charts.memory, cost)
    drawn(cost_charts.operations, cost)


def _stages(request: FindingRequest) -> None:
    if profile := latency.shipped_stages(request.question.sides, request.example):
        drawn(stage_charts.stage_bars, profile)
        drawn(stage_charts.by_layer, profile)
        adds_up(request.question, request.example, profile)


WHY, TWO_HEADS = _section(why_section.attributions), _section(inside_sections.attention)

# What each point takes beside both answers, one after the other; those that are not here take no more, or what ships.
AHEAD: Mapping[str, tuple[Ahead, ...]] = {
    **dict.fromkeys(("start", "words", "word-bars", "edited-words"), (WHY,)),
    "all-heads": (_traces, _thumbnails, TWO_HEADS),
    **dict.fromkeys(("two-heads", "head-difference"), (_traces, TWO_HEADS)),
    **dict.fromkeys(("head-matrix", "head-links", "head-origins"), (_traces, _section(inside_sections.matching))),
    **dict.fromkeys(("attention-flow", "flow-and-attribution"), (_traces, _flow)),
    "ablation": (_traces,),
    "layer-map": (_section(inside_sections.layers),),
    "logit-lens": (_traces, _logit_lens),
    "architecture": (_loaded,),
    "times": (_section(judged_sections.speed),),
    "stages": (_stages,),
    **dict.fromkeys(("parameters", "operations"), (_cost,)),
}
