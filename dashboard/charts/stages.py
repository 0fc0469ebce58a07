"""Charts of the stages of an answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from analysis.arrays import Array
from analysis.latency.profile import Stage, StageProfile
from dashboard.charts.latency import MARGIN, RING
from dashboard.ui.theme import COLOURS, GREY, LEGEND_ON_TOP, NAMES, OCHRE, SHORT, TEAL, VIOLET, WHITE


@dataclass(frozen=True, slots=True)
class Look:
    """The colour and the pattern of a kind of stage."""

    colour: str
    pattern: str = ""


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
    legend: set[str] = set()
    for name, stages, times in zip(NAMES, profile.stages, profile.typical, strict=True):
        total = float(times.sum())
        for stage, time in zip(stages, times.tolist(), strict=True):
            look = KINDS[stage.kind]
            figure.add_bar(
                name=stage.kind,
                orientation="h",
                y=[name],
                x=[time],
                legendgroup=stage.kind,
                showlegend=stage.kind not in legend,
                marker={
                    "color": look.colour,
                    "line": {"width": 0.5, "color": WHITE},
                    "pattern": {"shape": look.pattern, "fgcolor": WHITE, "fillmode": "overlay", "solidity": 0.25},
                },
                customdata=[[stage.name, 100 * time / total]],
                hovertemplate="%{customdata[0]}<br>%{x:.3f} ms, %{customdata[1]:.1f}% of the sum<extra></extra>",
            )
            legend.add(stage.kind)
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
    below = {
        "orientation": "h",
        "yref": "container",
        "y": 0,
        "yanchor": "bottom",
        "x": 0,
        "maxheight": 0.6,
    }  # on phones
    return figure.update_layout(barmode="stack", height=360, margin={"l": 8, "r": 8, "t": 8, "b": 8}, legend=below)


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
