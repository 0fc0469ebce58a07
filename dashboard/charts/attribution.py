"""Attributions as figures: shares by word, before and after an edit, and by layer, and faithfulness curves."""

from __future__ import annotations

import html

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from analysis.arrays import Array
from analysis.attribution.agreement import Agreement
from analysis.attribution.edit_effect import EditEffect
from analysis.attribution.faithfulness import FaithfulnessCurves
from analysis.attribution.layers import LayerFlow
from analysis.attribution.shared_scale import UNIT
from analysis.inputs.words import Word
from analysis.predictions.targets import LOGITS
from dashboard.charts.attention import MOST_LABELS, SIGNED
from dashboard.ui.theme import COLOURS, GREY, MARGIN, NAMES, SERIES, SHORT, WITH_LEGEND

# Told apart without colour vision, with dashes beside.
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot", "solid", "dash")
BAND = "rgba(138, 143, 152, 0.3)"
SPECIAL_TOKENS, DELETED = "[CLS], [SEP]", "deleted"


def word_bars(agreement: Agreement) -> go.Figure:
    """Both models' shares by word, in reading order."""
    names = [_name(place, word.text) for place, word in enumerate(agreement.words, start=1)]
    figure = go.Figure()
    for name, colour, shares in zip(NAMES, COLOURS, agreement.shares, strict=True):
        figure.add_bar(
            name=name, x=names, y=100 * shares, marker_color=colour, hovertemplate="%{x}: %{y:+.2f}%<extra></extra>"
        )
    figure.update_layout(barmode="group", height=340, **WITH_LEGEND)
    figure.update_xaxes(type="category", tickangle=-60, automargin=True)
    return figure.update_yaxes(title=UNIT, zeroline=True)


def edit_effect_bars(effect: EditEffect) -> go.Figure:
    """Shares by place before (grey) and after an edit (in the model's colour), the teacher above the student."""
    texts = [
        _edit(word, replacement) if is_edited else word.text
        for word, replacement, is_edited in zip(effect.words, effect.replacements, effect.edited, strict=True)
    ]
    names = [_name(at, text) for at, text in enumerate(texts, start=1)]
    figure = make_subplots(rows=2, shared_xaxes=True, vertical_spacing=0.06)
    sides = zip(SHORT, COLOURS, effect.before, effect.after, strict=True)
    for row, (name, colour, before, after) in enumerate(sides, start=1):
        for bars, shares, fill in (("before", before, GREY), (f"{name}, after", after, colour)):
            figure.add_bar(
                name=bars,
                x=names,
                y=100 * shares,
                marker_color=fill,
                legendgroup=bars,
                showlegend=row == 1 or bars != "before",
                hovertemplate=f"{name}, %{{x}}: %{{y:+.2f}}%<extra></extra>",
                row=row,
                col=1,
            )
        figure.update_yaxes(title=f"{name}<br>{UNIT}", zeroline=True, row=row, col=1)
    figure.update_layout(barmode="group", height=520, **WITH_LEGEND)
    figure.update_yaxes(matches="y")
    return figure.update_xaxes(type="category", tickangle=-60, automargin=True)


def layer_map(flow: LayerFlow) -> go.Figure:
    """The flow through each word (across) after each layer (upward), the teacher above the student, on one scale.

    [CLS] and [SEP] stand apart on the right; the scale ends at the largest share of a word, which they can exceed.
    """
    count = len(flow.words)
    largest = 100 * max(float(abs(shares).max()) for shares in flow.shares) or 1.0
    heights = [len(special_tokens) for special_tokens in flow.special_tokens]
    figure = make_subplots(rows=2, shared_xaxes=True, vertical_spacing=0.04, row_heights=heights)
    names = [html.escape(word.text) for word in flow.words]
    for row, (name, shares, special_tokens) in enumerate(
        zip(SHORT, flow.shares, flow.special_tokens, strict=True), start=1
    ):
        figure.add_heatmap(
            z=100 * np.column_stack([shares, np.full(len(special_tokens), np.nan), special_tokens]),
            x=np.arange(count + 2),
            y=np.arange(len(special_tokens)),
            customdata=[[*names, "", SPECIAL_TOKENS]] * len(special_tokens),
            coloraxis="coloraxis",
            hoverongaps=False,
            hovertemplate=f"{name}, layer %{{y}}<br>%{{customdata}}: %{{z:+.1f}}%<extra></extra>",
            row=row,
            col=1,
        )
        figure.update_yaxes(title=f"{name} layer", dtick=2, showgrid=False, zeroline=False, row=row, col=1)
    shown = [*names, SPECIAL_TOKENS] if count <= MOST_LABELS else [SPECIAL_TOKENS]
    ticks = [*range(count), count + 1][-len(shown) :]
    figure.update_xaxes(
        tickmode="array", tickvals=ticks, ticktext=shown, tickangle=-60, automargin=True, showgrid=False
    )
    bar = {"title": UNIT.replace(" all ", " all<br>"), "thickness": 12}
    figure.update_layout(coloraxis={"colorscale": SIGNED, "cmin": -largest, "cmax": largest, "colorbar": bar})
    return figure.update_layout(margin=MARGIN, height=160 + 22 * sum(heights))


def faithfulness_lines(curves: FaithfulnessCurves, unit: str = LOGITS) -> go.Figure:
    """The score without the top words (left) and with them alone (right), by method, with the band of random orders.

    `unit` is what the score is in.
    """
    figure = make_subplots(cols=2, shared_yaxes=True, subplot_titles=("Without top words", "Top words alone"))
    shares = 100 * curves.shares
    sides = ((curves.removed, curves.random_removed), (curves.kept, curves.random_kept))
    for column, (named, random) in enumerate(sides, start=1):
        figure.add_trace(_random_band(shares, random, shown=column == 1), 1, column)
        for name, values, colour, dash in zip(curves.names, named, SERIES, DASHES, strict=False):
            figure.add_scatter(
                name=name,
                x=shares,
                y=values,
                mode="lines",
                line={"color": colour, "dash": dash},
                legendgroup=name,
                showlegend=column == 1,
                hovertemplate=f"{name}<br>%{{x:.0f}}% of the words: %{{y:.3f}} {unit}<extra></extra>",
                row=1,
                col=column,
            )
    figure.update_xaxes(title="Words removed (%)", col=1).update_xaxes(title="Words kept (%)", col=2)
    figure.update_yaxes(title=f"Score ({unit})", col=1)
    # from the lower edge up: however many lines it takes, it stays below the titles of the axes
    legend = {"orientation": "h", "yref": "container", "y": 0, "yanchor": "bottom", "x": 0}
    return figure.update_layout(margin=MARGIN | {"t": 36, "b": 44}, height=470, legend=legend)


def _random_band(shares: Array, random: Array, shown: bool) -> go.Scatter:
    """Where nine in ten random orders are; `shown` in the legend."""
    low, high = np.percentile(random, (5, 95), axis=0)
    return go.Scatter(
        name="random orders",
        x=[*shares, *shares[::-1]],
        y=[*low, *high[::-1]],
        mode="lines",
        fill="toself",
        fillcolor=BAND,
        line={"width": 0},
        hoverinfo="skip",
        showlegend=shown,
    )


def _name(place: int, text: str) -> str:
    """A unique name for the axis: words are numbered."""
    return f"{place}\u2002{html.escape(text)}"


def _edit(word: Word, place: tuple[Word, ...]) -> str:
    return f"{word.text} → {' '.join(new.text for new in place) or DELETED}"
