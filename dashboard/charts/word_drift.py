"""Charts of word drift: each word's cosine with itself in the other model, and all words in one plane."""

from __future__ import annotations

import html
from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from analysis.arrays import Array
from analysis.models.pairs import Sides
from analysis.similarity.word_drift import Drift, Plane
from dashboard.charts.attention import SCALE, SYMBOLS
from dashboard.ui.theme import COLOURS, GREY, MARGIN, NAMES, WITH_LEGEND

MOST_WORDS = 40  # with a name of their own on the axis and in the plane; the hover names all
ROOM = 640, 380  # pixels of the plane, about
LETTER, LINE = 8, 17  # pixels of a name, across and upward


def drift_map(drift: Drift, words: Sequence[str]) -> go.Figure:
    """Cosine of every word (across) in each student layer (upward) with its matched teacher layer."""
    layers, count = drift.cosines.shape
    names = [html.escape(word) for word in words]  # Plotly reads its texts as HTML
    figure = go.Figure(
        go.Heatmap(
            z=drift.cosines,
            colorscale=SCALE,
            zmin=-1.0,
            zmax=1.0,
            colorbar={"title": "cosine", "thickness": 12},
            customdata=[[[name, matched] for name in names] for matched in drift.matched],
            hovertemplate="%{customdata[0]}<br>student layer %{y}, teacher layer %{customdata[1]}<br>"
            "cosine %{z:.3f}<extra></extra>",
        )
    )
    ticks = {"tickmode": "array", "tickvals": np.arange(count), "ticktext": names} if count <= MOST_WORDS else {}
    figure.update_xaxes(title="Word", tickangle=-60, automargin=True, **ticks)
    labels = [f"{layer} ~ {matched}" for layer, matched in enumerate(drift.matched)]
    figure.update_yaxes(
        title="Student layer ~ teacher layer", tickmode="array", tickvals=np.arange(layers), ticktext=labels
    )
    return figure.update_layout(margin=MARGIN, height=190 + 28 * layers)


def plane_map(plane: Plane, words: Sequence[str]) -> go.Figure:
    """Both models' words in one plane, a thin line from each word of the teacher to the same word of the student.

    Each point's data are where the other model has the word, and how far that is.
    """
    names = [html.escape(word) for word in words]
    figure = go.Figure()
    x, y = (
        np.column_stack([*(side[:, axis] for side in plane.points), np.full(len(names), np.nan)]) for axis in (0, 1)
    )
    figure.add_scatter(
        x=x.ravel(), y=y.ravel(), mode="lines", line={"color": GREY, "width": 1}, hoverinfo="skip", showlegend=False
    )
    written = len(names) <= MOST_WORDS
    others = Sides(plane.points.student, plane.points.teacher)
    for name, colour, symbol, points, other in zip(NAMES, COLOURS, SYMBOLS, plane.points, others, strict=True):
        figure.add_scatter(
            name=name,
            x=points[:, 0],
            y=points[:, 1],
            mode="markers+text" if written and name == NAMES.teacher else "markers",
            text=_apart(names, points) if written and name == NAMES.teacher else names,
            hovertext=names,
            textposition="top center",
            cliponaxis=False,
            marker={"color": colour, "symbol": symbol, "size": 9},
            customdata=[
                [*place, distance] for place, distance in zip(other.tolist(), plane.distances.tolist(), strict=True)
            ],
            hovertemplate=f"%{{hovertext}}<br>{name}<br>%{{customdata[2]:.3f}} from the other model's<extra></extra>",
        )
    figure.update_layout(height=480, hovermode="closest", **WITH_LEGEND)
    figure.update_xaxes(title="First principal direction (share of the cloud's size)", zeroline=False)
    return figure.update_yaxes(title="Second principal direction", zeroline=False, scaleanchor="x")


def _apart(names: Sequence[str], points: Array) -> list[str]:
    """The names that can stand above their points [word, axis] without covering one before; "" for the others."""
    extent = np.ptp(points, axis=0)
    scale = min(room / size for room, size in zip(ROOM, np.maximum(extent, 1e-9), strict=True))  # one for both axes
    written: list[str] = []
    taken = np.empty((0, 3))  # [name, (across, upward, half of its width)]
    for name, (across, upward) in zip(names, points * scale, strict=True):
        half = LETTER * len(html.unescape(name)) / 2
        covers = (abs(taken[:, 0] - across) < taken[:, 2] + half) & (abs(taken[:, 1] - upward) < LINE)
        written.append("" if covers.any() else name)
        if not covers.any():
            taken = np.vstack([taken, (across, upward, half)])
    return written
