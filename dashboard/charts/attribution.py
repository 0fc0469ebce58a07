"""Attributions as figures: shares by word, and erasure curves."""

from __future__ import annotations

import html

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from analysis.attribution.agreement import Agreement
from analysis.attribution.erasure import Erasure
from dashboard.charts.attention import LEGEND
from dashboard.palette import COLOURS, NAMES

# Okabe & Ito's, told apart without colour vision, with dashes beside.
LINES = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#8A8F98", "#00916A")
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot", "solid", "dash")
BAND = "rgba(138, 143, 152, 0.3)"


def word_bars(found: Agreement, whole: str) -> go.Figure:
    """Both models' shares by word, in reading order; `whole` says what they are shares of."""
    names = [f"{place}\u2002{html.escape(word.text)}" for place, word in enumerate(found.words, start=1)]
    figure = go.Figure()
    for name, colour, shares in zip(NAMES, COLOURS, found.shares, strict=True):
        figure.add_bar(
            name=name, x=names, y=100 * shares, marker_color=colour, hovertemplate="%{x}: %{y:+.2f} %<extra></extra>"
        )
    figure.update_layout(barmode="group", margin={"l": 8, "r": 8, "t": 36, "b": 8}, height=380, legend=LEGEND)
    figure.update_xaxes(type="category", tickangle=-60, automargin=True)
    return figure.update_yaxes(title=f"% of {whole}", zeroline=True)


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
    figure.update_xaxes(title="Words in order of importance (%)")
    figure.update_yaxes(title="Score (logits)", col=1)
    legend = {"orientation": "h", "y": -0.25, "x": 0}
    return figure.update_layout(margin={"l": 8, "r": 8, "t": 36, "b": 8}, height=440, legend=legend)
