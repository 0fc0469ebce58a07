"""Charts of similarity: layer maps, what each layer would answer, and how far fine-tuning moved each layer."""

from __future__ import annotations

import html
from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from analysis.arrays import Array
from analysis.models.pairs import Sides
from analysis.similarity.layer_maps import LayerMap
from analysis.similarity.logit_lens import LogitLens
from analysis.similarity.summary import short_name
from dashboard.charts.attention import SCALE, SYMBOLS
from dashboard.ui.theme import BLACK, CLEAR, COLOURS, NAMES, SHORT, SLATE, WHITE, WITH_LEGEND

DARK, LIGHT = BLACK, WHITE
BRIGHT = 0.6  # cells above it are too bright for light lines


def layer_map(
    layer_map: LayerMap, rows: str, columns: str, path: Sequence[int] | None = None, *, nearest: bool = True
) -> go.Figure:
    """Similarity of every row layer (upward) to every column layer (across), on one scale from 0 to 1.

    Cells whose interval is not above the null are hatched. White dots mark each column's nearest row, unless `nearest`
    is off; `path` [column layer] is the row layer (from 1) that each column layer was initialised from. A click carries
    (row, column).
    """
    height, width = layer_map.values.shape
    figure = go.Figure()
    figure.add_heatmap(
        z=layer_map.values,
        colorscale=SCALE,
        zmin=0.0,
        zmax=1.0,
        colorbar={"title": {"text": short_name(layer_map), "side": "right"}, "thickness": 12},  # some names are long
        hoverinfo="skip",
        hoverongaps=False,
    )
    _hatch(figure, layer_map)
    if path is not None:
        _path(figure, path)
    if nearest:
        _nearest(figure, layer_map.nearest)
    _cells(figure, layer_map, rows, columns, nearest)
    plain = {"dtick": 1, "showgrid": False, "zeroline": False, "fixedrange": True}
    figure.update_xaxes(title=f"{columns} layer", range=[-0.5, width - 0.5], **plain)
    figure.update_yaxes(title=f"{rows} layer", range=[-0.5, height - 0.5], **plain)
    return figure.update_layout(height=110 + 34 * height, barmode="overlay", clickmode="event+select", **WITH_LEGEND)


def _hatch(figure: go.Figure, layer_map: LayerMap) -> None:
    rows, columns = np.nonzero(~layer_map.above_null & ~np.isnan(layer_map.values))
    lines = np.where(layer_map.values[rows, columns] > BRIGHT, DARK, LIGHT)
    pattern = {"shape": "/", "fillmode": "overlay", "size": 7, "solidity": 0.2}
    figure.add_bar(
        x=columns,
        y=np.ones(len(rows)),
        base=rows - 0.5,
        width=1.0,
        marker={"color": CLEAR, "line": {"width": 0}, "pattern": {**pattern, "fgcolor": lines}},
        hoverinfo="skip",
        showlegend=False,
    )
    if len(rows):  # in the legend on a ground of its own: light lines are not seen on a light page
        key = {"color": SLATE, "line": {"width": 0}, "pattern": {**pattern, "fgcolor": LIGHT}}
        figure.add_bar(name="not above chance", x=[None], y=[None], marker=key, hoverinfo="skip")


def _nearest(figure: go.Figure, nearest: Array) -> None:
    kept = np.flatnonzero(nearest >= 0)
    ring = {"size": 10, "color": LIGHT, "line": {"width": 2, "color": DARK}}  # seen on both grounds
    figure.add_scatter(name="nearest", x=kept, y=nearest[kept], mode="markers", marker=ring, hoverinfo="skip")


def _path(figure: go.Figure, path: Sequence[int]) -> None:
    figure.add_scatter(
        name="initialised from",
        x=np.arange(len(path)) + 1,
        y=list(path),
        mode="lines+markers",
        line={"color": COLOURS.student, "width": 2, "dash": "dot"},
        marker={"symbol": "square-open", "size": 18, "color": COLOURS.student, "line": {"width": 2}},  # around a dot
        hoverinfo="skip",
    )


def _cells(figure: go.Figure, layer_map: LayerMap, rows: str, columns: str, nearest: bool) -> None:
    """An invisible point on each cell to hover and click, since heat maps report no clicks."""
    cells = row, column = np.nonzero(~np.isnan(layer_map.values))
    numbers = [array[cells].tolist() for array in (layer_map.values, layer_map.low, layer_map.high, layer_map.null)]
    notes = [
        f"nearest in {100 * layer_map.nearest_share[across]:.0f}% of resamples<br>" if nearest and up == best else ""
        for up, across, best in zip(row, column, layer_map.nearest[column], strict=True)
    ]
    hover = [*zip(row.tolist(), column.tolist(), *numbers, notes, strict=True)]  # a typed array comes back as an object
    figure.add_scatter(
        x=column,
        y=row,
        mode="markers",
        marker={"size": 24, "symbol": "square", "opacity": 0},
        customdata=hover,
        hovertemplate=f"{rows} %{{y}}, {columns} %{{x}}<br>{short_name(layer_map)} %{{customdata[2]:.3f}} "
        "[%{customdata[3]:.3f}, %{customdata[4]:.3f}]<br>null %{customdata[5]:.3f}<br>%{customdata[6]}"
        f"n = {layer_map.amount}<extra></extra>",
        selected={"marker": {"opacity": 0}},
        unselected={"marker": {"opacity": 0}},
        showlegend=False,
    )


def logit_lens_ranks(logit_lenses: Sides[LogitLens]) -> go.Figure:
    """The rank of each model's final answer in each of its layers, on a logarithmic scale, best on top."""
    figure = go.Figure()
    for name, colour, symbol, logit_lens in zip(NAMES, COLOURS, SYMBOLS, logit_lenses, strict=True):
        layers = np.arange(len(logit_lens.ranks))
        pieces = [html.escape(piece) for piece in logit_lens.pieces]
        figure.add_scatter(
            name=f"{name}: “{html.escape(logit_lens.final)}”",
            x=layers / layers[-1],
            y=logit_lens.ranks,
            mode="lines+markers",
            line={"color": colour},
            marker={"symbol": symbol, "size": 8},
            customdata=list(zip(layers.tolist(), pieces, logit_lens.final_probabilities.tolist(), strict=True)),
            hovertemplate="layer %{customdata[0]}: rank %{y:,}, probability %{customdata[2]:.4f}<br>"
            "likeliest here: %{customdata[1]}<extra></extra>",
        )
    figure.update_xaxes(title="Depth (layer over number of layers)", tickformat=".0%")
    figure.update_yaxes(title="Rank of the final answer", type="log", autorange="reversed", dtick=1)
    return figure.update_layout(height=380, **WITH_LEGEND)


def fine_tuning_similarity(layer_maps: Sides[LayerMap]) -> go.Figure:
    """How similar each layer is before and after fine-tuning, with its interval, both models by depth."""
    figure = go.Figure()
    for name, colour, symbol, layer_map in zip(SHORT, COLOURS, SYMBOLS, layer_maps, strict=True):
        value, low, high = (np.diagonal(array) for array in (layer_map.values, layer_map.low, layer_map.high))
        layers = np.arange(len(value))
        figure.add_scatter(
            name=name,
            x=layers / layers[-1],
            y=value,
            error_y={"type": "data", "symmetric": False, "array": high - value, "arrayminus": value - low},
            mode="lines+markers",
            line={"color": colour},
            marker={"symbol": symbol, "size": 8},
            customdata=np.stack([layers, low, high, np.diagonal(layer_map.null)], axis=1).tolist(),
            hovertemplate=f"{name}, layer %{{customdata[0]}}<br>CKA %{{y:.3f}} "
            "[%{customdata[1]:.3f}, %{customdata[2]:.3f}]<br>null %{customdata[3]:.3f}<br>"
            f"n = {layer_map.amount}<extra></extra>",
        )
    figure.update_xaxes(title="Depth (layer over number of layers)", tickformat=".0%")
    figure.update_yaxes(title="CKA before ~ after fine-tuning", range=[0, 1.03])
    return figure.update_layout(height=380, **WITH_LEGEND)
