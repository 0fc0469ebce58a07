"""Bars of both models' probabilities, side by side on one scale."""

from __future__ import annotations

import html

import plotly.graph_objects as go

from analysis.models.pairs import Sides
from analysis.predictions.classification import Classification
from analysis.predictions.fill_mask import MaskPredictions
from analysis.predictions.label_sets import LabelSet
from analysis.predictions.labels import keys_of
from analysis.wording import per_cent
from dashboard.ui.theme import COLOURS, LEGEND, MARGIN, NAMES

CANDIDATES = 8  # of each model; the picture shows both models' candidates together


def label_bars(predictions: Sides[Classification | LabelSet], logits: bool = False) -> go.Figure:
    """Grouped bars, one group a label in the teacher's order: probabilities, or the logits they come from."""
    names = [dict(zip(keys_of(side.labels), side.labels, strict=True)) for side in predictions]
    spelt = names[1] | names[0]  # one name for a label that both spell in two ways
    labels = [spelt[key] for key in dict.fromkeys([*names[0], *names[1]])]
    figure = go.Figure()
    for name, colour, prediction in zip(NAMES, COLOURS, predictions, strict=True):
        of = prediction.logits if logits else prediction.probabilities
        values = {spelt[key]: float(value) for key, value in zip(keys_of(prediction.labels), of, strict=True)}
        present = [label for label in labels if label in values]
        texts = [f"{values[label]:.2f}" if logits else per_cent(values[label]) for label in present]
        figure.add_bar(
            name=name,
            orientation="h",
            y=[html.escape(label) for label in present],  # Plotly reads tick labels as HTML
            x=[values[label] for label in present],
            text=texts,
            marker_color=colour,
            hovertemplate=f"{name}<br>%{{y}}: %{{x:.4f}}<extra></extra>",
        )
    return _arranged(figure, len(labels), "Logit" if logits else "Probability", bounded=not logits)


def candidate_bars(predictions: Sides[MaskPredictions], mask: int) -> go.Figure:
    """For one mask: the likeliest pieces of either model, each with its probability and rank in both."""
    best = [piece for fills in predictions for piece, _ in fills.best(mask, CANDIDATES)]
    pieces = list(dict.fromkeys(best))
    figure = go.Figure()
    for name, colour, fills in zip(NAMES, COLOURS, predictions, strict=True):
        ranks = fills.ranks(mask)
        known = [piece for piece in pieces if piece in ranks]
        place = {piece: index for index, piece in enumerate(fills.vocabulary)}
        values = [float(fills.probabilities[mask, place[piece]]) for piece in known]
        figure.add_bar(
            name=name,
            orientation="h",
            y=[html.escape(piece) for piece in known],
            x=values,
            text=[f"{per_cent(value)} · #{ranks[piece]:,}" for piece, value in zip(known, values, strict=True)],
            marker_color=colour,
            hovertemplate=f"{name}<br>%{{y}}: %{{x:.5f}}<extra></extra>",
        )
    return _arranged(figure, len(pieces), "Probability", bounded=False)


def _arranged(figure: go.Figure, groups: int, axis: str, bounded: bool) -> go.Figure:
    figure.update_layout(
        barmode="group",
        bargap=0.25,
        height=90 + 46 * groups,
        margin=MARGIN | {"t": 36, "b": 44},
        legend=LEGEND,
    )
    figure.update_traces(textposition="outside", cliponaxis=False, constraintext="none")
    # type="category": a candidate such as “1984” is a word, not a position on a number line
    # the range is said, from the first group down: found by the browser it has cut a bar off on a narrow screen
    figure.update_yaxes(range=[groups - 0.5, -0.5], type="category", title=None, automargin=True)
    largest = max((float(value) for trace in figure.data for value in trace.x), default=1.0)
    smallest = min((float(value) for trace in figure.data for value in trace.x), default=0.0)
    room = 0.35 * (largest - min(smallest, 0.0))  # for the texts outside the bars
    span = [0, 1.18] if bounded else [min(smallest, 0.0) - (room if smallest < 0 else 0), largest + room]
    figure.update_xaxes(title=axis, range=span, rangemode="tozero")
    return figure
