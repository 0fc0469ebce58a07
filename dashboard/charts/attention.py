"""Attention as pictures: all heads of a model as one image, and one head's exact map."""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from PIL import Image
from plotly.colors import get_colorscale, sample_colorscale

from analysis.arrays import Array
from analysis.pairs import Sides
from dashboard.palette import COLOURS, NAMES

PIXELS = 64  # of a thumbnail at most: longer texts are pooled, keeping the largest weight under each pixel
GAP = 2  # pixels between thumbnails
SCALE = "Cividis"  # even steps for the eye, also for the colour-blind, on light and dark grounds
MOST_LABELS = 64  # longer texts have no room for a name on each row: the hover tells places
SYMBOLS = Sides("circle", "diamond")
LEGEND = {"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0}
DIVERGING = [[0.0, COLOURS.student], [0.5, "#F4F4F4"], [1.0, COLOURS.teacher]]


def thumbnails(attentions: Array, pixels: int = PIXELS) -> Array:
    """Every head's map [layer, head, query, key] max-pooled to at most `pixels` a side, [layer, head, row, column]."""
    starts = np.unique(np.arange(pixels) * attentions.shape[-1] // pixels)
    return np.asarray(np.maximum.reduceat(np.maximum.reduceat(attentions, starts, axis=2), starts, axis=3))


def brightest(attentions: Array) -> float:
    """The weight at which a mosaic is brightest: all but one in a hundred of its pixels are at most that."""
    return float(np.quantile(thumbnails(attentions), 0.99))


def mosaic_image(attentions: Array, largest: float) -> str:
    """All heads as one PNG (a data URI), a row a layer, a column a head; brightness is the square root of the weight.

    Weights of `largest` and above have the brightest colour.
    """
    small = thumbnails(attentions)
    layers, heads, side, _ = small.shape
    shades = np.round(254 * np.sqrt((small / largest).clip(0, 1))).astype(np.uint8)
    cells = np.pad(shades, ((0, 0), (0, 0), (0, GAP), (0, GAP)), constant_values=255)
    canvas = cells.transpose(0, 2, 1, 3).reshape(layers * (side + GAP), heads * (side + GAP))
    picture = Image.fromarray(canvas, mode="P")
    picture.putpalette([channel for colour in _palette() for channel in colour])
    file = io.BytesIO()
    picture.save(file, "PNG", optimize=True, transparency=255)
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode("ascii")


def mosaic(attentions: Array, largest: float, chosen: tuple[int, int] | None, colour: str) -> go.Figure:
    """The overview of one model: the image, with a point on each head that can be clicked and tells its number.

    `attentions` [layer, head, query, key]; `largest` ends the scale; `chosen` (layer, head from 0) is framed.
    """
    layers, heads = attentions.shape[:2]
    figure = go.Figure()
    place = {"xref": "x", "yref": "y", "x": 0.5, "y": 0.5, "sizex": heads, "sizey": layers, "sizing": "stretch"}
    figure.add_layout_image(source=mosaic_image(attentions, largest), layer="below", **place)
    layer, head = (axis.ravel() + 1 for axis in np.indices((layers, heads)))
    figure.add_scatter(
        x=head,
        y=layer,
        mode="markers",
        marker={"size": 24, "symbol": "square", "opacity": 0},
        customdata=np.stack([layer - 1, head - 1], axis=1).tolist(),  # a typed array would come back as an object
        hovertemplate="layer %{y}, head %{x}<extra></extra>",
        selected={"marker": {"opacity": 0}},
        unselected={"marker": {"opacity": 0}},
    )
    if chosen:
        corner = {"x0": chosen[1] + 0.5, "x1": chosen[1] + 1.5, "y0": chosen[0] + 0.5, "y1": chosen[0] + 1.5}
        figure.add_shape(type="rect", line={"color": colour, "width": 4}, **corner)
    figure.update_xaxes(
        title="Head", range=[0.5, heads + 0.5], dtick=1, showgrid=False, zeroline=False, fixedrange=True
    )
    figure.update_yaxes(
        title="Layer", range=[layers + 0.5, 0.5], dtick=1, showgrid=False, zeroline=False, fixedrange=True
    )
    figure.update_layout(margin={"l": 8, "r": 8, "t": 8, "b": 8}, height=60 + 42 * layers, clickmode="event+select")
    return figure


def head_map(weights: Array, labels: Sequence[str], largest: float) -> go.Figure:
    """One head's exact weights [query, key]; `largest` ends the colour scale, so that two maps can share it."""
    scale = {"colorscale": SCALE, "zmin": 0.0, "zmax": largest, "colorbar": {"title": "weight", "thickness": 12}}
    return _heatmap(weights, labels, "weight %{z:.6f}", scale)


def difference_map(weights: Array, labels: Sequence[str]) -> go.Figure:
    """Teacher's weights less the student's [query, key], blue where the teacher attends more."""
    largest = max(float(np.abs(weights).max()), 1e-9)
    bar = {"title": "difference", "thickness": 12}
    scale = {"colorscale": DIVERGING, "zmin": -largest, "zmax": largest, "colorbar": bar}
    return _heatmap(weights, labels, "teacher − student %{z:+.6f}", scale)


def scatter(points: Sides[Sides[Array]], across: str, upward: str) -> go.Figure:
    """Every head of both models by two of its figures; `points` holds (across, upward), each [layer, head]."""
    figure = go.Figure()
    for name, colour, symbol, (x, y) in zip(NAMES, COLOURS, SYMBOLS, points, strict=True):
        layer, head = (axis.ravel() + 1 for axis in np.indices(x.shape))
        figure.add_scatter(
            name=name,
            x=x.ravel(),
            y=y.ravel(),
            mode="markers",
            marker={"color": colour, "symbol": symbol, "size": 9, "opacity": 0.75},
            customdata=np.stack([layer, head], axis=1),
            hovertemplate=f"{name}<br>layer %{{customdata[0]}}, head %{{customdata[1]}}<br>"
            f"{across} %{{x:.3f}}<br>{upward} %{{y:.3f}}<extra></extra>",
        )
    figure.update_layout(margin={"l": 8, "r": 8, "t": 36, "b": 8}, height=420, legend=LEGEND)
    return figure.update_xaxes(title=across).update_yaxes(title=upward)


def bars(shares: Sides[tuple[Sequence[str], Array]]) -> go.Figure:
    """Shares of both models by unit: (labels, values [unit]) of each side, in reading order."""
    figure = go.Figure()
    for name, colour, (labels, values) in zip(NAMES, COLOURS, shares, strict=True):
        places = [f"{place}\u2002{html.escape(label)}" for place, label in enumerate(labels)]  # words may come twice
        figure.add_bar(
            name=name, x=places, y=values, marker_color=colour, hovertemplate="%{x}: %{y:.4f}<extra></extra>"
        )
    figure.update_layout(barmode="group", margin={"l": 8, "r": 8, "t": 36, "b": 8}, height=360, legend=LEGEND)
    return figure.update_xaxes(type="category", tickangle=-60, automargin=True).update_yaxes(title="Share")


def importance_grid(drops: Array, largest: float) -> go.Figure:
    """What each head does for an answer [layer, head], in logits, on a scale that both models share."""
    layer, head = (np.arange(count) + 1 for count in drops.shape)
    bar = {"title": "drop (logit)", "thickness": 12}
    figure = go.Figure(
        go.Heatmap(z=drops, x=head, y=layer, colorscale=DIVERGING, zmin=-largest, zmax=largest, colorbar=bar)
    )
    figure.update_traces(hovertemplate="layer %{y}, head %{x}<br>drop %{z:+.4f} logits<extra></extra>")
    figure.update_xaxes(title="Head", dtick=1)
    figure.update_yaxes(title="Layer", dtick=1, autorange="reversed")
    return figure.update_layout(margin={"l": 8, "r": 8, "t": 8, "b": 8}, height=90 + 26 * len(layer))


def _heatmap(weights: Array, labels: Sequence[str], value: str, scale: dict[str, object]) -> go.Figure:
    places = np.arange(len(labels))
    names = [html.escape(label) for label in labels]  # Plotly reads its texts as HTML
    figure = go.Figure(go.Heatmap(z=weights.astype(np.float32), x=places, y=places, **scale))
    figure.update_traces(
        customdata=None, hovertemplate=f"from %{{y}}<br>to %{{x}}<br>{value}<extra></extra>", hoverongaps=False
    )
    ticks = {"tickmode": "array", "tickvals": places, "ticktext": names} if len(names) <= MOST_LABELS else {}
    figure.update_xaxes(title="to (key)", side="bottom", tickangle=-60, automargin=True, **ticks)
    figure.update_yaxes(title="from (query)", autorange="reversed", automargin=True, **ticks)
    figure.update_layout(margin={"l": 8, "r": 8, "t": 8, "b": 8}, height=int(min(900, 220 + 16 * len(names))))
    return figure


def _palette() -> list[tuple[int, int, int]]:
    """256 colours: the scale in 255 steps, and the gap, which is transparent."""
    colours = sample_colorscale(get_colorscale(SCALE), np.linspace(0, 1, 255), colortype="tuple")
    return [(round(255 * red), round(255 * green), round(255 * blue)) for red, green, blue in colours] + [(0, 0, 0)]
