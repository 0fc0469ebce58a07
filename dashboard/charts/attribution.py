"""Attributions as figures: shares by word, before and after an edit, by layer, and erasure curves."""

from __future__ import annotations

import html

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from analysis.attribution.agreement import Agreement
from analysis.attribution.edit_effect import Moved
from analysis.attribution.faithfulness import Erasure
from analysis.attribution.layers import ByLayer
from analysis.inputs.words import Word
from dashboard.charts.attention import LEGEND, MOST_LABELS
from dashboard.ui.markup import OPPOSES, SUPPORTS
from dashboard.ui.theme import COLOURS, NAMES, SHORT

# Okabe & Ito's, told apart without colour vision, with dashes beside.
LINES = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#8A8F98", "#00916A")
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot", "solid", "dash")
GREY, BAND = "#8A8F98", "rgba(138, 143, 152, 0.3)"
SIGNED = [[0.0, OPPOSES], [0.5, "#F4F4F4"], [1.0, SUPPORTS]]
ADDED, DROPPED = "[CLS], [SEP]", "dropped"


def word_bars(found: Agreement, whole: str) -> go.Figure:
    """Both models' shares by word, in reading order; `whole` says what they are shares of."""
    names = [_name(place, word.text) for place, word in enumerate(found.words, start=1)]
    figure = go.Figure()
    for name, colour, shares in zip(NAMES, COLOURS, found.shares, strict=True):
        figure.add_bar(
            name=name, x=names, y=100 * shares, marker_color=colour, hovertemplate="%{x}: %{y:+.2f} %<extra></extra>"
        )
    figure.update_layout(barmode="group", margin={"l": 8, "r": 8, "t": 36, "b": 8}, height=380, legend=LEGEND)
    figure.update_xaxes(type="category", tickangle=-60, automargin=True)
    return figure.update_yaxes(title=f"% of {whole}", zeroline=True)


def moved_bars(found: Moved) -> go.Figure:
    """Shares by place before (grey) and after an edit (in the model's colour), the teacher above the student."""
    texts = [
        _edit(word, place) if new else word.text
        for word, place, new in zip(found.words, found.places, found.edited, strict=True)
    ]
    names = [_name(at, text) for at, text in enumerate(texts, start=1)]
    figure = make_subplots(rows=2, shared_xaxes=True, vertical_spacing=0.06)
    sides = zip(SHORT, COLOURS, found.before, found.after, strict=True)
    for row, (name, colour, before, after) in enumerate(sides, start=1):
        for bars, shares, fill in (("before", before, GREY), (f"{name}, after", after, colour)):
            figure.add_bar(
                name=bars,
                x=names,
                y=100 * shares,
                marker_color=fill,
                legendgroup=bars,
                showlegend=row == 1 or bars != "before",
                hovertemplate=f"{name}, %{{x}}: %{{y:+.2f}} %<extra></extra>",
                row=row,
                col=1,
            )
        figure.update_yaxes(title=f"{name} (%)", zeroline=True, row=row, col=1)
    figure.update_layout(barmode="group", margin={"l": 8, "r": 8, "t": 36, "b": 8}, height=520, legend=LEGEND)
    figure.update_yaxes(matches="y")
    return figure.update_xaxes(type="category", tickangle=-60, automargin=True)


def layer_words(found: ByLayer, whole: str) -> go.Figure:
    """What passes through each word (across) after each layer (upward), the teacher above the student, on one scale.

    [CLS] and [SEP] stand apart on the right; the scale ends at the largest share of a word, which they can exceed.
    """
    count = len(found.words)
    largest = 100 * max(float(abs(shares).max()) for shares in found.shares) or 1.0
    heights = [len(added) for added in found.added]
    figure = make_subplots(rows=2, shared_xaxes=True, vertical_spacing=0.04, row_heights=heights)
    names = [html.escape(word.text) for word in found.words]
    for row, (name, shares, added) in enumerate(zip(SHORT, found.shares, found.added, strict=True), start=1):
        figure.add_heatmap(
            z=100 * np.column_stack([shares, np.full(len(added), np.nan), added]),
            x=np.arange(count + 2),
            y=np.arange(len(added)),
            customdata=[[*names, "", ADDED]] * len(added),
            coloraxis="coloraxis",
            hoverongaps=False,
            hovertemplate=f"{name}, layer %{{y}}<br>%{{customdata}}: %{{z:+.1f}} %<extra></extra>",
            row=row,
            col=1,
        )
        figure.update_yaxes(title=f"{name} layer", dtick=2, showgrid=False, zeroline=False, row=row, col=1)
    shown = [*names, ADDED] if count <= MOST_LABELS else [ADDED]
    ticks = [*range(count), count + 1][-len(shown) :]
    figure.update_xaxes(
        tickmode="array", tickvals=ticks, ticktext=shown, tickangle=-60, automargin=True, showgrid=False
    )
    bar = {"title": f"% of<br>{whole}", "thickness": 12}
    figure.update_layout(coloraxis={"colorscale": SIGNED, "cmin": -largest, "cmax": largest, "colorbar": bar})
    return figure.update_layout(margin={"l": 8, "r": 8, "t": 8, "b": 8}, height=160 + 22 * sum(heights))


def erasure_curves(curves: Erasure) -> go.Figure:
    """The score as words go (left) and as they alone are left (right), by method, with the band of random orders."""
    figure = make_subplots(cols=2, shared_yaxes=True, subplot_titles=("Without them", "With only them"))
    shares = 100 * curves.shares
    sides = ((curves.removed, curves.random_removed), (curves.kept, curves.random_kept))
    for column, (named, random) in enumerate(sides, start=1):
        low, high = np.percentile(random, (5, 95), axis=0)
        figure.add_scatter(
            name="orders at random",
            x=[*shares, *shares[::-1]],
            y=[*low, *high[::-1]],
            mode="lines",
            fill="toself",
            fillcolor=BAND,
            line={"width": 0},
            hoverinfo="skip",
            showlegend=column == 1,
            row=1,
            col=column,
        )
        for name, values, colour, dash in zip(curves.names, named, LINES, DASHES, strict=False):
            figure.add_scatter(
                name=name,
                x=shares,
                y=values,
                mode="lines",
                line={"color": colour, "dash": dash},
                legendgroup=name,
                showlegend=column == 1,
                hovertemplate=f"{name}<br>%{{x:.0f}} % of the words: %{{y:.3f}} logits<extra></extra>",
                row=1,
                col=column,
            )
    figure.update_xaxes(title="Words gone (%)", col=1).update_xaxes(title="Words left (%)", col=2)
    figure.update_yaxes(title="Score (logits)", col=1)
    legend = {"orientation": "h", "y": -0.32, "yanchor": "top", "x": 0}
    return figure.update_layout(margin={"l": 8, "r": 8, "t": 36, "b": 8}, height=440, legend=legend)


def _name(place: int, text: str) -> str:
    """A name for the axis that no other word has: they are counted through."""
    return f"{place}\u2002{html.escape(text)}"


def _edit(word: Word, place: tuple[Word, ...]) -> str:
    return f"{word.text} → {' '.join(one.text for one in place) or DROPPED}"
