"""Charts of the stages of an answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from analysis.arrays import Array
from analysis.latency.profile import Stage, StageProfile
from dashboard.charts.latency import RING, hatched
from dashboard.ui.theme import COLOURS, GREY, LEGEND_ON_TOP, MARGIN, NAMES, OCHRE, SHORT, TEAL, VIOLET, WHITE


@dataclass(frozen=True, slots=True)
class Look:
    """The colour and the pattern of a kind of stage."""

    colour: str
    pattern: str = ""


# With all kinds of stages it takes several lines on a phone.
LEGEND_BELOW = {"orientation": "h", "yref": "container", "y": 0, "yanchor": "bottom", "x": 0, "maxheight": 0.6}
KINDS = {
    "tokenizer": Look(GREY),
    "embeddings": Look(OCHRE),
    "attention": Look(VIOLET),
    "feed-forward": Look(TEAL),
    "task head": Look(GREY, "\\"),
    "post-processing": Look(GREY, "x"),
}


def stage_bars(profile: StageProfile) -> go.Figure:
    """One bar per model on the same scale, in the order of computation; a diamond at the whole answer."""
    figure = go.Figure()
    for name, stages, times in zip(NAMES, profile.stages, profile.typical, strict=True):
        for stage, time in zip(stages, times.tolist(), strict=True):
            figure.add_trace(_segment(name, stage, time, 100 * time / float(times.sum())))
    in_legend = {trace.name: trace for trace in reversed(figure.data)}  # the first of each kind
    for trace in figure.data:
        trace.showlegend = trace is in_legend[trace.name]
    figure.add_scatter(
        name="the whole answer",
        x=list(profile.typical_whole),
        y=list(NAMES),
        mode="markers",
        marker={**RING, "symbol": "diamond", "size": 12},
        hovertemplate="the whole answer: %{x:.3f} ms<extra></extra>",
    )
    figure.update_xaxes(title="Time per answer (ms)", rangemode="tozero")
    figure.update_yaxes(autorange="reversed", automargin=True)
    return figure.update_layout(barmode="stack", height=360, margin=MARGIN, legend=LEGEND_BELOW)


def _segment(model: str, stage: Stage, time: float, share: float) -> go.Bar:
    """The part of a model's bar for a stage, which takes `share` per cent of the sum."""
    look = KINDS[stage.kind]
    return go.Bar(
        name=stage.kind,
        orientation="h",
        y=[model],
        x=[time],
        legendgroup=stage.kind,
        marker={"color": look.colour, "line": {"width": 0.5, "color": WHITE}, "pattern": hatched(look.pattern)},
        customdata=[[stage.name, share]],
        hovertemplate="%{customdata[0]}<br>%{x:.3f} ms, %{customdata[1]:.1f}% of the sum<extra></extra>",
    )


def by_layer(profile: StageProfile) -> go.Figure:
    """Attention and feed-forward of every layer in ms, both models on the same scale."""
    figure = go.Figure()
    for name, colour, stages, times in zip(SHORT, COLOURS, profile.stages, profile.typical, strict=True):
        for kind, dash, symbol in (("attention", "solid", "circle"), ("feed-forward", "dot", "square-open")):
            inside = _of_kind(stages, times, kind)
            figure.add_scatter(
                name=f"{name}, {kind}",
                x=list(inside),
                y=list(inside.values()),
                mode="lines+markers",
                line={"color": colour, "dash": dash},
                marker={"symbol": symbol, "size": 8},
                hovertemplate=f"{name}, layer %{{x}}: {kind} %{{y:.3f}} ms<extra></extra>",
            )
    figure.update_xaxes(title="Layer", dtick=1)
    figure.update_yaxes(title="Time (ms)", rangemode="tozero")
    return figure.update_layout(height=340, margin=MARGIN | {"t": 64}, legend=LEGEND_ON_TOP)


def _of_kind(stages: Sequence[Stage], times: Array, kind: str) -> dict[int, float]:
    """The times of a kind of stage by layer."""
    return {
        stage.layer: time
        for stage, time in zip(stages, times.tolist(), strict=True)
        if stage.layer is not None and stage.kind == kind
    }
