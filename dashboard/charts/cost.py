"""Charts of cost: parameters, memory, operations, throughput, the roofline, and quality against time."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence

import numpy as np
import plotly.graph_objects as go

from analysis.latency.cost import Cost
from analysis.latency.profile import LatencyProfile, Sweep
from analysis.latency.quality_tradeoff import Tradeoff
from analysis.latency.roofline import Achieved, Peaks
from analysis.models.architecture import Architecture
from analysis.models.pairs import Sides
from analysis.statistics import Estimate
from dashboard.charts.attention import SYMBOLS
from dashboard.charts.latency import LOGARITHMIC, around, hatched
from dashboard.ui.theme import COLOURS, GREY, NAMES, OCHRE, SHORT, VIOLET, WITH_LEGEND_ON_TOP

# Part of a model -> its parameters, its colour, its pattern.
MODEL_PARTS: dict[str, tuple[Callable[[Architecture], int], str, str]] = {
    "embeddings": (lambda a: a.embedding_parameters, OCHRE, ""),
    "encoder": (lambda a: a.encoder_parameters, VIOLET, ""),
    "task head": (lambda a: a.head_parameters, GREY, "\\"),
}


def parameters(sizes: Sides[Architecture]) -> go.Figure:
    """Millions of parameters by part, one bar per model on the same scale."""
    figure = go.Figure()
    for part, (count, colour, pattern) in MODEL_PARTS.items():
        millions = [count(size) / 1e6 for size in sizes]
        figure.add_bar(
            name=part,
            orientation="h",
            y=list(NAMES),
            x=millions,
            text=[f"{value:.1f}" for value in millions],
            textposition="inside",
            insidetextanchor="middle",
            textangle=0,
            marker={"color": colour, "pattern": hatched(pattern)},
            hovertemplate=f"%{{y}}<br>{part}: %{{x:.2f}} M parameters<extra></extra>",
        )
    figure.update_xaxes(title="Parameters (millions)")
    figure.update_yaxes(autorange="reversed", automargin=True)
    texts = {"minsize": 10, "mode": "hide"}
    return figure.update_layout(barmode="stack", height=240, uniformtext=texts, **WITH_LEGEND_ON_TOP)


def memory(cost: Cost) -> go.Figure:
    """The peak memory of a forward pass in addition to the weights, in MB, by length."""
    amounts = cost.peak_bytes.map(lambda peaks: [float(peak) / 1e6 for peak in peaks])
    return _by_length(cost.lengths, amounts, "Memory per pass (MB)", "MB")


def operations(cost: Cost) -> go.Figure:
    """Operations of one forward pass of one sequence, in billions, by length."""
    amounts = cost.operations.map(lambda counted: [count.total / 1e9 for count in counted])
    return _by_length(cost.lengths, amounts, "Operations per pass (GFLOP)", "GFLOP")


def _by_length(lengths: Sequence[int], amounts: Sides[list[float]], title: str, unit: str) -> go.Figure:
    figure = go.Figure()
    sizes = Sides((4, 14), (2, 8))  # of line and dots: both remain visible if student and teacher coincide
    for name, colour, symbol, (width, size), values in zip(SHORT, COLOURS, SYMBOLS, sizes, amounts, strict=True):
        figure.add_scatter(
            name=name,
            x=[str(length) for length in lengths],
            y=values,
            mode="lines+markers",
            line={"color": colour, "width": width},
            marker={"symbol": symbol, "size": size},
            hovertemplate=f"{name}, %{{x}} tokens: %{{y:.3g}} {unit}<extra></extra>",
        )
    figure.update_xaxes(title="Length (tokens)", type="category")
    figure.update_yaxes(title=title, **LOGARITHMIC)
    return figure.update_layout(height=340, **WITH_LEGEND_ON_TOP)


def roofline(peaks: Peaks, achieved: Sequence[tuple[LatencyProfile, Sides[Achieved]]]) -> go.Figure:
    """The GFLOP/s of each profile (dots) under this machine's limit (line)."""
    every = [side.intensity for _, sides in achieved for side in sides]
    bend = peaks.gflops / peaks.gigabytes
    reach = np.geomspace(min([bend, *every]) / 2, max([bend, *every]) * 2, 60)
    figure = go.Figure()
    figure.add_scatter(
        name="limit of this machine",
        x=reach,
        y=[peaks.roof(float(intensity)) for intensity in reach],
        mode="lines",
        line={"color": GREY, "width": 2},
        hovertemplate="at %{x:.3g} operations per byte at most %{y:.3g} GFLOP/s<extra></extra>",
    )
    for place, (name, colour, symbol) in enumerate(zip(SHORT, COLOURS, SYMBOLS, strict=True)):
        own = [(profile, tuple(sides)[place]) for profile, sides in achieved]
        rates = [side.gflops for _, side in own]
        figure.add_scatter(
            name=name,
            x=[side.intensity for _, side in own],
            y=[rate.value for rate in rates],
            error_y=around(rates),
            mode="markers",
            marker={"color": colour, "symbol": symbol, "size": 9},
            customdata=[
                [profile.tokens.teacher, profile.config.batch, 100 * side.share.value] for profile, side in own
            ],
            hovertemplate=f"{name}, %{{customdata[0]}} tokens, batch %{{customdata[1]}}<br>%{{y:.3g}} GFLOP/s, "
            "%{customdata[2]:.0f}% of the matrix product's<extra></extra>",
        )
    figure.update_xaxes(title="Operations per byte of weights", **LOGARITHMIC)
    figure.update_yaxes(title="GFLOP/s", **LOGARITHMIC)
    return figure.update_layout(height=420, **WITH_LEGEND_ON_TOP)


def throughput(sweep: Sweep) -> go.Figure:
    """Sequences per second by batch, with intervals."""
    figure = go.Figure()
    for place, (name, colour, symbol) in enumerate(zip(SHORT, COLOURS, SYMBOLS, strict=True)):
        rates = [tuple(profile.throughput)[place] for profile in sweep.profiles]
        figure.add_scatter(
            name=name,
            x=[str(at) for at in sweep.at],
            y=[rate.value for rate in rates],
            error_y=around(rates),
            mode="lines+markers",
            line={"color": colour},
            marker={"symbol": symbol, "size": 9},
            customdata=[[rate.low, rate.high] for rate in rates],
            hovertemplate=f"{name}, batch %{{x}}: %{{y:.4g}} sequences/s [%{{customdata[0]:.4g}}, "
            "%{customdata[1]:.4g}]<extra></extra>",
        )
    figure.update_xaxes(title="Batch (sequences per pass)", type="category")
    figure.update_yaxes(title="Sequences per second", rangemode="tozero")
    return figure.update_layout(height=340, **WITH_LEGEND_ON_TOP)


def _away_from_neighbours(tradeoffs: Sequence[Tradeoff]) -> list[str]:
    """Where the name of each task stands at the middle of its line: on the side where the next line is farther."""
    middles = [float(np.mean([side.value for side in tradeoff.quality])) for tradeoff in tradeoffs]
    ordered = [-np.inf, *sorted(middles), np.inf]
    above = [ordered[ordered.index(middle) + 1] - middle for middle in middles]
    below = [middle - ordered[ordered.index(middle) - 1] for middle in middles]
    return [f"{'top' if up >= down else 'bottom'} center" for up, down in zip(above, below, strict=True)]


def quality(tradeoffs: Sequence[Tradeoff]) -> go.Figure:
    """Quality (vertical) against the median time (horizontal), with intervals; a line joins a task's two models."""
    figure = go.Figure()
    for tradeoff, name_at in zip(tradeoffs, _away_from_neighbours(tradeoffs), strict=True):
        times, scores = [side.value for side in tradeoff.p50], [100 * side.value for side in tradeoff.quality]
        figure.add_scatter(
            x=[times[0], float(np.mean(times)), times[1]],
            y=[scores[0], float(np.mean(scores)), scores[1]],
            mode="lines+text",
            text=["", html.escape(tradeoff.title), ""],
            textposition=name_at,
            line={"color": GREY, "width": 1, "dash": "dot"},
            hoverinfo="skip",
            showlegend=False,
        )
    for place, (name, colour, symbol) in enumerate(zip(SHORT, COLOURS, SYMBOLS, strict=True)):
        speeds = [tuple(tradeoff.p50)[place] for tradeoff in tradeoffs]
        grades = [tuple(tradeoff.quality)[place] for tradeoff in tradeoffs]
        titles = [html.escape(f"{tradeoff.title}, {tradeoff.metric}") for tradeoff in tradeoffs]
        figure.add_scatter(
            name=name,
            x=[speed.value for speed in speeds],
            y=[100 * grade.value for grade in grades],
            error_x=around(speeds),
            error_y=around([Estimate(100 * grade.value, 100 * grade.low, 100 * grade.high) for grade in grades]),
            mode="markers",
            marker={"color": colour, "symbol": symbol, "size": 10},
            customdata=titles,
            hovertemplate=f"{name}<br>%{{customdata}}: %{{y:.1f}}% in %{{x:.2f}} ms<extra></extra>",
        )
    figure.update_xaxes(title="Median time of a forward pass (ms)", rangemode="tozero")
    figure.update_yaxes(title="Quality (%)")
    return figure.update_layout(height=420, hovermode="closest", **WITH_LEGEND_ON_TOP)
