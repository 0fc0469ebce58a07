"""Charts of numbers that came with a saved finding: bars of both models, and a grid with a number in each cell."""

from __future__ import annotations

import html
from collections.abc import Sequence

import plotly.graph_objects as go

from analysis.arrays import Array
from analysis.models.pairs import Sides
from dashboard.charts.attention import SCALE
from dashboard.ui.theme import COLOURS, MARGIN, NAMES, WITH_LEGEND

ROW = 34  # pixels of a row of a grid


def bars_of_both(labels: Sequence[str], values: Sides[Sequence[float | None]], axis: str) -> go.Figure:
    """Grouped bars of both models, in the order of the labels, of which two may be the same."""
    names = [html.escape(label) for label in labels]  # Plotly reads its texts as HTML
    figure = go.Figure()
    for name, colour, side in zip(NAMES, COLOURS, values, strict=True):
        told = f"{name}<br>%{{customdata}}: %{{y:.4g}}<extra></extra>"
        figure.add_bar(
            name=name,
            x=list(range(len(side))),
            y=list(side),
            customdata=names[: len(side)],
            marker_color=colour,
            hovertemplate=told,
        )
    figure.update_layout(barmode="group", height=340, **WITH_LEGEND)
    figure.update_xaxes(tickmode="array", tickvals=list(range(len(names))), ticktext=names, automargin=True)
    return figure.update_yaxes(title=html.escape(axis))


def grid(
    values: Array,
    labels: tuple[Sequence[str], Sequence[str]],
    axes: tuple[str, str, str],
    texts: Sequence[Sequence[str]] | None = None,
) -> go.Figure:
    """Values [row, column] as colours; `labels` of the rows and columns, `axes` name both and the value.

    `texts` stand in the cells.
    """
    upward, across, value = map(html.escape, axes)
    told = f"{upward} %{{y}}, {across.lower()} %{{x}}<br>{value} %{{z:.4f}}<extra></extra>"
    figure = go.Figure(
        go.Heatmap(
            z=values,
            y=list(labels[0]),
            x=list(labels[1]),
            colorscale=SCALE,
            colorbar={"title": {"text": value, "side": "right"}, "thickness": 12},
            text=texts,
            texttemplate="%{text}" if texts else None,
            textfont={"size": 14},
            hovertemplate=told,
            hoverongaps=False,
        )
    )
    figure.update_layout(margin=MARGIN, height=90 + ROW * len(values))
    return figure.update_xaxes(title=across, type="category").update_yaxes(title=upward, type="category")
