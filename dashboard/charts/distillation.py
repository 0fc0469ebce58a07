"""Charts of the experiment: how the losses fell, what each side scores, and what the student keeps."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from analysis.distillation.metrics import KAPPA, PERPLEXITY, SHARE, metric_named, task_title
from analysis.distillation.record import ABLATION, SECOND_SEED, SHORT, TEACHERS, Curve, Line, MetricValue
from analysis.literature import Published
from dashboard.ui.theme import COLOURS, GREY, MARGIN, OF_PUBLISHED

COLOUR = {
    "teacher": COLOURS.teacher,
    "student": COLOURS.student,
    SHORT: COLOURS.student,
    SECOND_SEED: COLOURS.teacher,
    TEACHERS: COLOURS.teacher,
}
NAME = {
    "teacher": OF_PUBLISHED.teacher,
    "student": OF_PUBLISHED.student,
    SHORT: "Student, short run with its teacher",
    ABLATION: "Student, short run without its teacher",
    SECOND_SEED: "Teacher, trained with another seed",
    TEACHERS: "Two trainings of the teacher",
}
WITH_OR_WITHOUT = {SHORT: "With its teacher", ABLATION: "Without its teacher"}
SYMBOL = {"teacher": "circle", "student": "square", SHORT: "square-open", SECOND_SEED: "circle-open"}
AXES = {  # unit -> axis title, what its values are multiplied by
    SHARE: ("Per cent", 100),
    PERPLEXITY: ("Perplexity (lower is better)", 1),
    KAPPA: ("Cohen's kappa", 1),
}


ROW_PX = 48  # for two lines of a label
LEAST_PX = 270  # of a figure: on a narrow screen each entry of the legend has a line of its own


@dataclass(frozen=True, slots=True)
class Loss:
    """How a logged quantity is shown: title of its panel and of its axis."""

    title: str
    axis: str


LOSSES = {
    "soft": Loss("Distillation (soft cross-entropy)", "nats × T²"),
    "mlm": Loss("Masked language", "nats"),
    "cosine": Loss("Cosine of the last hidden states", "1 − cosine"),
}


def student_losses(student: Curve, teacher: Curve | None) -> go.Figure:
    """The three losses against the tokens read, one panel each.

    The masked-language panel also shows the held-out points and the teacher's final loss.
    """
    shown = {name: line for name in LOSSES if (line := student.line(name))} or _lines(student, "mlm", "loss")
    figure = make_subplots(
        rows=len(shown),
        shared_xaxes=True,
        vertical_spacing=0.1,
        subplot_titles=[LOSSES[name].title for name in shown],
    )
    for row, (name, line) in enumerate(shown.items(), start=1):
        figure.add_trace(_trace(line, "Student, training text", COLOUR["student"]), row, 1)
        figure.data[-1].showlegend = row == 1  # one entry for the three panels
        if name == "mlm":
            _compare(figure, row, student, teacher)
        figure.update_yaxes(title=LOSSES[name].axis, row=row, col=1)
    figure.update_xaxes(title="Tokens read (millions)", row=len(shown), col=1)
    return _arranged(figure, 120 + 150 * len(shown))


def _lines(curve: Curve, name: str, *logged: str) -> dict[str, Line]:
    """The first of the logged quantities that the curve has, under `name`."""
    line = next((line for quantity in logged if (line := curve.line(quantity))), None)
    return {} if line is None else {name: line}


def _compare(figure: go.Figure, row: int, student: Curve, teacher: Curve | None) -> None:
    if held_out := student.line("held_out_loss"):
        figure.add_trace(_points(held_out, "Student, held-out documents", COLOUR["student"]), row, 1)
    if teacher and (held_out := teacher.line("held_out_loss")):
        ends = np.array([0.0, float(student.tokens)])
        level = Line("teacher", ends, np.full(2, held_out.values[-1]))
        figure.add_trace(
            _trace(level, "Teacher at the end, held-out documents", COLOUR["teacher"], dash="dash"), row, 1
        )


def ablation_losses(curves: Mapping[str, Curve]) -> go.Figure:
    """The masked-language loss of the short runs against the tokens read, with the held-out points; by side."""
    figure = go.Figure()
    for side, curve in curves.items():
        colour, name = COLOUR.get(side, GREY), WITH_OR_WITHOUT[side]
        for line in _lines(curve, "mlm", "mlm", "loss").values():
            figure.add_trace(_trace(line, name, colour))
        if held_out := curve.line("held_out_loss"):
            figure.add_trace(_points(held_out, f"{name}, held-out documents", colour))
    figure.update_yaxes(title="Masked-language loss (nats)")
    figure.update_xaxes(title="Tokens read (millions)")
    return _arranged(figure, 330)


def teacher_loss(teacher: Curve) -> go.Figure:
    """The teacher's masked-language loss against the tokens read, with the held-out points."""
    figure = go.Figure()
    for line in _lines(teacher, "mlm", "mlm", "loss").values():
        figure.add_trace(_trace(line, "Training text", COLOUR["teacher"]))
    if held_out := teacher.line("held_out_loss"):
        figure.add_trace(_points(held_out, "Held-out documents", COLOUR["teacher"]))
    figure.update_yaxes(title="Masked-language loss (nats)")
    figure.update_xaxes(title="Tokens read (millions)")
    return _arranged(figure, 360)


def task_losses(curves: Mapping[str, Curve]) -> go.Figure:
    """The loss of each side while it learns a task, against the tokens read; `curves` by side."""
    figure = go.Figure()
    for side, curve in curves.items():
        for line in _lines(curve, "loss", "loss").values():
            figure.add_trace(_trace(line, NAME.get(side, side), COLOUR.get(side, GREY)))
    figure.update_yaxes(title="Loss (nats)", rangemode="tozero")
    figure.update_xaxes(title="Tokens read (millions)")
    return _arranged(figure, 320)


def _trace(line: Line, name: str, colour: str, dash: str = "solid") -> go.Scatter:
    return go.Scatter(
        name=name,
        x=line.tokens / 1e6,
        y=line.values,
        mode="lines",
        line={"color": colour, "dash": dash, "width": 2},
        hovertemplate=f"{name}<br>%{{x:.2f}} M tokens: %{{y:.3f}}<extra></extra>",
    )


def _points(line: Line, name: str, colour: str) -> go.Scatter:
    return go.Scatter(
        name=name,
        x=line.tokens / 1e6,
        y=line.values,
        mode="markers",
        marker={"color": colour, "symbol": "diamond-open", "size": 8, "line": {"width": 2}},
        customdata=np.exp(line.values),
        hovertemplate=f"{name}<br>%{{x:.2f}} M tokens: %{{y:.3f}}, perplexity %{{customdata:.1f}}<extra></extra>",
    )


def scores(rows: Sequence[MetricValue], unit: str) -> go.Figure:
    """A dot with its interval per row of that unit, grouped by task and metric, coloured by side, on one scale."""
    shown = [row for row in rows if metric_named(row.metric).unit == unit]
    title, scale = AXES[unit]
    figure = _intervals(shown, scale)
    figure.update_xaxes(title=title, range=[0, 102] if unit == SHARE else None, rangemode="tozero")
    return figure


def kept(rows: Sequence[MetricValue], published: Iterable[Published]) -> go.Figure:
    """The share of the teacher's score that the student keeps, with its interval, and what the full-size pair kept.

    Published results on one of our tasks are in the row of its leading metric, the others below in rows of their own.
    """
    figure = _intervals(rows, 100)
    own = {row.task: _label(row) for row in reversed(rows)}
    places = {result: own.get(result.task or "", _published_label(result)) for result in published}
    order = list(dict.fromkeys([*map(_label, rows), *places.values()]))
    figure.add_scatter(
        name="Full-size pair, published",
        mode="markers",
        orientation="h",
        offsetgroup="published",
        x=[100 * result.kept for result in places],
        y=list(places.values()),
        customdata=[[result.title, result.teacher, result.student, result.source.citation] for result in places],
        marker={"color": GREY, "symbol": "diamond-open", "size": 10, "line": {"width": 2}},
        hovertemplate="%{customdata[0]}<br>teacher %{customdata[1]}, student %{customdata[2]}: %{x:.1f}% kept"
        "<br>%{customdata[3]}<extra></extra>",
    )
    figure.add_vline(100, line_color=GREY, line_dash="dash")
    ends = [
        100.0,
        *(100 * result.kept for result in places),
        *(100 * end for row in rows for end in (row.low, row.high)),
    ]
    figure.update_xaxes(title="Kept of the teacher's score (%)", range=[min(ends) - 2, max(ends) + 2])
    figure.update_yaxes(categoryorder="array", categoryarray=order)
    figure.update_layout(height=130 + ROW_PX * len(order))
    return figure


def _intervals(rows: Sequence[MetricValue], scale: float) -> go.Figure:
    """Horizontal dots with intervals, one trace per side."""
    figure = go.Figure()
    for side in dict.fromkeys(row.side for row in rows):
        own = [row for row in rows if row.side == side]
        name = "Teacher and student" if side is None else NAME.get(side, side)
        values, lows, highs = (scale * np.array([[row.value, row.low, row.high] for row in own])).T
        figure.add_scatter(
            name=name,
            mode="markers",
            orientation="h",
            offsetgroup=side or "both",
            x=values,
            y=[_label(row) for row in own],
            customdata=np.stack([lows, highs, [row.n for row in own]], axis=1),
            error_x={"symmetric": False, "array": highs - values, "arrayminus": values - lows, "thickness": 2},
            marker={"color": COLOUR.get(side or "", GREY), "symbol": SYMBOL.get(side or "", "diamond"), "size": 9},
            hovertemplate=f"{html.escape(name)}<br>%{{x:.2f}} [%{{customdata[0]:.2f}}, %{{customdata[1]:.2f}}], "
            "n = %{customdata[2]:,}<extra></extra>",
        )
    labels = list(dict.fromkeys(map(_label, rows)))
    figure.update_layout(scattermode="group", scattergap=0.4)
    figure.update_yaxes(type="category", autorange="reversed", categoryorder="array", categoryarray=labels)
    return _arranged(figure, max(130 + ROW_PX * len(labels), LEAST_PX))


def _label(row: MetricValue) -> str:
    """Two short lines, which leave room for the dots on a narrow screen."""
    return f"{html.escape(task_title(row.task))}<br>{html.escape(metric_named(row.metric).title)}"


def _published_label(result: Published) -> str:
    return html.escape(result.title).replace(", ", "<br>")


def _arranged(figure: go.Figure, height: int) -> go.Figure:
    figure.update_layout(
        height=height,
        margin=MARGIN | {"t": 36, "b": 44},
        # below the plot: there it leaves room for the titles of panels, however many lines it needs
        legend={"orientation": "h", "yref": "container", "y": 0, "yanchor": "bottom", "x": 0, "traceorder": "normal"},
        showlegend=True,
    )
    figure.update_yaxes(automargin=True)
    return figure
