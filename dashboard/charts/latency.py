"""Charts of measured times: every sample, and medians along an axis with the ratio of the two models."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from analysis.arrays import Array
from analysis.latency.profile import LatencyProfile, Sweep
from analysis.latency.sweep import AXES
from analysis.statistics import Estimate
from dashboard.charts.attention import SYMBOLS
from dashboard.ui.theme import BLACK, COLOURS, GREY, LEGEND_ON_TOP, MARGIN, SHORT, VIOLET, WHITE, WITH_LEGEND_ON_TOP

RING = {"color": WHITE, "line": {"width": 2, "color": BLACK}}  # visible on both themes
TEACHER_REPEAT = "Teacher again"
ROWS = (SHORT.teacher, TEACHER_REPEAT, SHORT.student)
STEPS = [step * 10.0**power for power in range(-3, 6) for step in (1, 2, 5)]  # ticks of a logarithmic axis
SPREAD = 0.6  # jitter, as a share of a row's height, so that samples do not hide one another
LOGARITHMIC = {"type": "log", "tickvals": STEPS, "ticktext": [f"{step:,g}" for step in STEPS]}
SHOWN = 99.0  # percentile at which the axis ends: an outlier would squeeze all other samples
TITLES = {
    "tokens": "Length (tokens)",
    "batch": "Batch (sequences per pass)",
    "threads": "Threads",
    "attention": "Attention implementation",
    "precision": "Number format",
    "device": "Device",
}


@dataclass(frozen=True, slots=True)
class Line:
    """A quantity along an axis and its style; `row` 1 has times in ms, `row` 2 ratios.

    `group` separates markers that would otherwise overlap on an axis without order.
    """

    name: str
    value: Callable[[LatencyProfile], Estimate]
    row: int
    group: str
    colour: str
    symbol: str
    dash: str = "solid"


LINES = (
    Line("Teacher, p50", lambda profile: profile.p50.teacher, 1, "1", COLOURS.teacher, SYMBOLS.teacher),
    Line("Teacher, p90", lambda profile: profile.p90.teacher, 1, "2", COLOURS.teacher, "circle-open", "dot"),
    Line("Student, p50", lambda profile: profile.p50.student, 1, "3", COLOURS.student, SYMBOLS.student),
    Line("Student, p90", lambda profile: profile.p90.student, 1, "4", COLOURS.student, "diamond-open", "dot"),
    Line("Teacher ÷ student", lambda profile: profile.ratio, 2, "2", VIOLET, "square"),
    Line("Teacher ÷ itself (null)", lambda profile: profile.null, 2, "3", GREY, "x"),
)
UNITS = {1: "ms", 2: "times"}  # of the rows


def rows_of(profile: LatencyProfile) -> dict[str, Array]:
    """The samples in ms, [round] each, of the teacher, its repetition and the student."""
    return dict(zip(ROWS, (profile.samples.teacher, profile.teacher_repeat, profile.samples.student), strict=True))


def samples(profile: LatencyProfile) -> go.Figure:
    """One dot per forward pass, in ms; a ring at the median and a diamond at p90 of each row."""
    figure = go.Figure()
    rows = rows_of(profile)
    spread = np.random.default_rng(0).uniform(-SPREAD / 2, SPREAD / 2, profile.rounds)
    for place, ((name, times), colour) in enumerate(
        zip(rows.items(), (COLOURS.teacher, COLOURS.teacher, COLOURS.student), strict=True)
    ):
        figure.add_scatter(
            name=name,
            x=times,
            y=place + spread,
            mode="markers",
            marker={"color": colour, "size": 5, "opacity": 0.55},
            customdata=np.arange(1, profile.rounds + 1),
            hovertemplate=f"{name}, round %{{customdata}}<br>%{{x:.3f}} ms<extra></extra>",
            showlegend=False,
        )
    for share, symbol in ((0.5, "circle"), (0.9, "diamond")):
        figure.add_scatter(
            name=f"p{100 * share:.0f}",
            x=[float(np.quantile(times, share)) for times in rows.values()],
            y=list(range(len(rows))),
            mode="markers",
            marker={**RING, "symbol": symbol, "size": 11},
            hovertemplate=f"p{100 * share:.0f}: %{{x:.3f}} ms<extra></extra>",
        )
    figure.update_xaxes(title="Time of a forward pass (ms)", range=[0, _end(profile)])
    figure.update_yaxes(tickvals=list(range(len(rows))), ticktext=list(rows), range=[len(rows) - 0.5, -0.5])
    figure.update_yaxes(zeroline=False, showgrid=False, automargin=True)
    return figure.update_layout(height=300, hovermode="closest", **WITH_LEGEND_ON_TOP)


def beyond(profile: LatencyProfile) -> int:
    """How many samples lie beyond the end of the axis of `samples`."""
    return sum(int((times > _end(profile)).sum()) for times in rows_of(profile).values())


def _end(profile: LatencyProfile) -> float:
    """Where the axis ends, in ms."""
    return 1.08 * max(float(np.percentile(times, SHOWN)) for times in rows_of(profile).values())


def curves(sweep: Sweep) -> go.Figure:
    """Top: p50 and p90 with intervals along the axis. Bottom: the ratio with its interval, and the null."""
    ordered = isinstance(AXES[sweep.axis][0], int)
    figure = make_subplots(rows=2, shared_xaxes=True, vertical_spacing=0.06, row_heights=[0.62, 0.38])
    at = [str(place) for place in sweep.at]
    for line in LINES:
        estimates = [line.value(profile) for profile in sweep.profiles]
        figure.add_scatter(
            name=line.name,
            x=at,
            y=[estimate.value for estimate in estimates],
            error_y=around(estimates),
            mode="lines+markers" if ordered else "markers",  # a line would suggest values in between
            line={"color": line.colour, "dash": line.dash, "width": 2},
            marker={"symbol": line.symbol, "size": 9, "color": line.colour},
            offsetgroup=line.group,
            customdata=[[estimate.low, estimate.high] for estimate in estimates],
            hovertemplate=f"{line.name}<br>%{{x}}: %{{y:.3g}} {UNITS[line.row]} [%{{customdata[0]:.3g}}, "
            "%{customdata[1]:.3g}]<extra></extra>",
            row=line.row,
            col=1,
        )
    figure.update_xaxes(type="category", categoryorder="array", categoryarray=at)
    figure.update_xaxes(title=TITLES[sweep.axis], row=2, col=1)
    figure.update_yaxes(title="Time (ms)", row=1, col=1, **(LOGARITHMIC if ordered else {"rangemode": "tozero"}))
    figure.update_yaxes(title="Ratio", row=2, col=1, rangemode="tozero")
    scattered = {} if ordered else {"scattermode": "group"}
    return figure.update_layout(height=560, margin=MARGIN | {"t": 64}, legend=LEGEND_ON_TOP, **scattered)


def hatched(shape: str) -> dict[str, Any]:
    """A pattern of white lines over the colour of a bar, "" for none."""
    return {"shape": shape, "fgcolor": WHITE, "fillmode": "overlay", "solidity": 0.25}


def around(estimates: Sequence[Estimate]) -> dict[str, Any]:
    """Error bars from the values to the ends of their intervals."""
    return {
        "symmetric": False,
        "array": [estimate.high - estimate.value for estimate in estimates],
        "arrayminus": [estimate.value - estimate.low for estimate in estimates],
        "thickness": 1.5,
    }
