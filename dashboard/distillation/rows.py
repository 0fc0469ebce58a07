"""What several tabs of the page draw with: paragraphs, tables of scores, and tables of curves."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go
import streamlit as st

from analysis.distillation.metrics import in_words, metric_named, task_title
from analysis.distillation.record import Curve, Line, MetricValue
from dashboard.charts.distillation import NAME
from dashboard.ui import markup
from dashboard.ui.figures import chart

TABLE_ROWS = 12  # per curve, in its table
CURVE = ("Stage", "Logged", "Tokens read", "Value")
INTERVAL = "The line through a dot is its 95% CI over test examples."
OVERLAP = "If two intervals overlap widely, do not read much into the difference."


def plot(figure: go.Figure, key: str) -> None:
    """A figure of the experiment."""
    chart(figure, f"experiment {key}")


def paragraphs(sentences: Sequence[str]) -> None:
    """Sentences, each a paragraph."""
    st.html("".join(markup.element("p", "", markup.escaped(sentence)) for sentence in sentences))


def names(row: MetricValue) -> tuple[str, str]:
    """Task and metric of a score."""
    return task_title(row.task), metric_named(row.metric).title


def cells(row: MetricValue) -> tuple[str, ...]:
    """A score as a row of a table: task, metric, side, value, examples."""
    return *names(row), _side(row), in_words(row), f"{row.n:,}"


def _side(row: MetricValue) -> str:
    return "Teacher and student" if row.side is None else NAME.get(row.side, row.side)


def curve_table(curves: Sequence[Curve]) -> None:
    """A table with a few points of each curve."""
    st.html(markup.table(CURVE, curve_rows(curves), (2, 3)))


def curve_rows(curves: Sequence[Curve]) -> list[tuple[str, ...]]:
    """A few points of each curve, under `CURVE`."""
    return [
        (curve.stage, line.name.replace("_", " "), *point)
        for curve in curves
        for line in curve.lines
        for point in _some_points(line)
    ]


def _some_points(line: Line) -> list[tuple[str, str]]:
    """At most `TABLE_ROWS` evenly spaced points of a line, the last one always included."""
    count = len(line.values)
    places = sorted({count - 1 - round(i * (count - 1) / TABLE_ROWS) for i in range(TABLE_ROWS)})
    return [(f"{line.tokens[i] / 1e6:.2f} M", f"{line.values[i]:.3f}") for i in places]
