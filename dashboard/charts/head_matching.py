"""Charts of matched heads: all distances as a matrix, matches as links between the layers, origins by layer.

A head is written "layer.head", both from 1. What can be clicked carries `[teacher head, student head, …]` as its
`customdata`, "" where there is none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

from analysis.arrays import Array
from analysis.attention.head_distances import HeadDistances, Matches
from analysis.attention.head_origins import HeadOrigins
from analysis.models.pairs import Sides
from dashboard.ui.theme import CLEAR, COLOURS, GREY, LEGEND_ON_TOP, MARGIN, OCHRE, RED, VIOLET, WHITE

SCALE = "Cividis"  # even steps for the eye, also for the colour-blind
COLOUR_BAR = {  # below: beside the plot it would take a third of a phone's width
    "title": {"text": "distance", "side": "right"},
    "orientation": "h",
    "thickness": 12,
    "yref": "container",
    "y": 0,
    "yanchor": "bottom",
}
BETWEEN = "rgba(255,255,255,0.4)"  # on the colours of the matrix
# Off by this much, a tick is on no head, whose hover would show the layer's number, and is none by name (head 5.5).
BESIDE = 1 / 16
LAYER_GAP = 0.25  # between two layers of the links, as a share of a layer
ENDS = Sides(0.0, 1.0)  # where the links begin and end, across

Head = tuple[int, int]  # layer, head, both from 0


@dataclass(frozen=True, slots=True)
class Style:
    """How an origin is drawn: by its own colour, symbol, dashes of a line and pattern of a bar."""

    colour: str
    symbol: str
    dash: str
    pattern: str


STYLES = {
    "inherited": Style(VIOLET, "circle", "solid", ""),
    "drifted": Style(OCHRE, "diamond", "dash", "/"),
    "matched": Style(VIOLET, "square", "solid", ""),
    "new": Style(GREY, "x", "dot", "x"),
    "undecided": Style(GREY, "circle-open", "dot", "."),
}


def distance_matrix(
    distances: HeadDistances, matches: Matches, origins: HeadOrigins, chosen: Sides[Head] | None = None
) -> go.Figure:
    """All student heads (downward) by all teacher heads (across), the matches on top; initial layers are outlined.

    The cell of the two compared heads (`chosen`) is framed.
    """
    layers, heads, teacher_layers, teacher_heads = distances.values.shape
    rows, columns = layers * heads, teacher_layers * teacher_heads
    students, teachers = _names(layers, heads), _names(teacher_layers, teacher_heads)
    figure = go.Figure(
        go.Heatmap(
            z=distances.values.reshape(rows, columns).astype(np.float32),
            x=teachers,
            y=students,
            colorscale=SCALE,
            reversescale=True,
            zmin=0.0,
            colorbar=COLOUR_BAR,
            hovertemplate="student %{y} – teacher %{x}, distance %{z:.2f}<extra></extra>",
        )
    )
    shapes = [*_blocks(distances, origins.initialised_from)]
    for key, places in _by_origin(origins):
        points = _points(key, places[matches.layers.ravel()[places] >= 0], matches)
        teacher, student = ([hover[side] for hover in points["customdata"]] for side in (0, 1))
        figure.add_scatter(x=teacher, y=student, **points)
    if chosen:
        x, y = chosen.teacher[0] * teacher_heads + chosen.teacher[1], chosen.student[0] * heads + chosen.student[1]
        shapes.append(_rectangle(x - 1.5, x + 1.5, y - 1.5, y + 1.5, RED, 3))
    across, down = (
        {"type": "category", **_layer_ticks(np.arange(count) + BESIDE, of)}
        for count, of in ((columns, teacher_layers), (rows, layers))
    )
    figure.update_xaxes(title="Teacher layer (heads from left to right)", range=[-0.5, columns - 0.5], **across)
    figure.update_yaxes(title="Student layer (heads downward)", range=[rows - 0.5, -0.5], **down)
    return _arranged(figure, 220 + min(6 * rows, 700)).update_layout(margin_b=110, shapes=shapes)


def links(
    matches: Matches, origins: HeadOrigins, shape: tuple[int, ...], chosen: Sides[Head] | None = None
) -> go.Figure:
    """The teacher's heads on the left, the student's on the right, layer 1 on top, and a line for each match.

    `shape` is that of the distances. Faint lines lead to what each head was initialised from; `chosen` are ringed.
    """
    layers, heads, teacher_layers, teacher_heads = shape
    depths = Sides(_depths(teacher_layers, teacher_heads), _depths(layers, heads))
    figure = go.Figure()
    _add_lines(figure, matches, origins, depths, teacher_heads)
    figure.add_trace(_teacher_dots(depths.teacher, _names(teacher_layers, teacher_heads)))
    for key, places in _by_origin(origins):
        points = _points(key, places, matches)
        figure.add_scatter(x=np.full(len(places), ENDS.student), y=depths.student[places], yaxis="y2", **points)
    for end, depth, head, count in zip(ENDS, depths, chosen or (), (teacher_heads, heads), strict=False):
        figure.add_trace(_ring(end, depth[head[0] * count + head[1]]))
    figure.update_xaxes(range=[-0.06, 1.06], visible=False)
    down = {"range": [1.01, -0.01], "showgrid": False, "zeroline": False}
    left, right = _layer_ticks(depths.teacher, teacher_layers), _layer_ticks(depths.student, layers)
    right |= {"title": "Student layer", "overlaying": "y", "side": "right"}
    figure.update_layout(yaxis=down | left | {"title": "Teacher layer"}, yaxis2=down | right)
    return _arranged(figure, 120 + min(4 * teacher_layers * teacher_heads, 700))


def _add_lines(
    figure: go.Figure, matches: Matches, origins: HeadOrigins, depths: Sides[Array], teacher_heads: int
) -> None:
    """A faint line to what each student head was initialised from, and one to its match."""
    if origins.initialised_from is not None:
        initial = np.array(origins.initialised_from)[:, None] * teacher_heads + np.arange(matches.heads.shape[1])
        lines = _lines(depths.teacher[initial.ravel()], depths.student)
        figure.add_scatter(name="initialised from", line={"color": GREY, "width": 1}, opacity=0.45, **lines)
    for key, places in _by_origin(origins):
        held = places[matches.layers.ravel()[places] >= 0]
        lines = _lines(depths.teacher[_teachers(matches, teacher_heads)[held]], depths.student[held])
        line = {"color": STYLES[key].colour, "dash": STYLES[key].dash, "width": 1.5}
        figure.add_scatter(legendgroup=key, showlegend=False, line=line, **lines)


def _teacher_dots(depths: Array, names: list[str]) -> go.Scatter:
    """The teacher's heads, from which the lines begin."""
    return go.Scatter(
        x=np.full(len(depths), ENDS.teacher),
        y=depths,
        mode="markers",
        showlegend=False,
        marker={"color": COLOURS.teacher, "symbol": "circle", "size": 5},
        customdata=[[name, ""] for name in names],
        hovertemplate="teacher %{customdata[0]}<extra></extra>",
        **_never_faded(1.0),
    )


def _ring(end: float, depth: float) -> go.Scatter:
    """Around a head that is compared."""
    marker = {"color": CLEAR, "size": 14, "line": {"color": RED, "width": 3}}
    return go.Scatter(x=[end], y=[depth], mode="markers", marker=marker, hoverinfo="skip", showlegend=False)


def origin_counts(origins: HeadOrigins) -> go.Figure:
    """How many heads of each student layer have each origin, one bar per layer."""
    names = [f"{layer}" for layer in range(1, len(origins.keys) + 1)]
    figure = go.Figure()
    for key in origins.counts():
        figure.add_bar(
            name=key,
            orientation="h",
            y=names,
            x=[row.count(key) for row in origins.keys],
            marker={"color": STYLES[key].colour, "pattern": {"shape": STYLES[key].pattern, "solidity": 0.3}},
            hovertemplate=f"student layer %{{y}}: %{{x}} {key}<extra></extra>",
        )
    figure.update_layout(barmode="stack")
    figure.update_xaxes(title="Student heads", range=[0, origins.nearest_p.shape[1]])
    figure.update_yaxes(title="Student layer", type="category", autorange="reversed")
    return _arranged(figure, 140 + 34 * len(names))


def _by_origin(origins: HeadOrigins) -> Iterator[tuple[str, Array]]:
    """Each origin that some head has, with its student heads, counted through all layers."""
    keys = np.array(origins.keys).ravel()
    for key in origins.counts():
        yield key, np.flatnonzero(keys == key)


def _points(key: str, places: Array, matches: Matches) -> dict[str, Any]:
    """Markers for student heads of one origin, with what each is matched with in the hover."""
    style = STYLES[key]
    return {
        "name": key,
        "legendgroup": key,
        "mode": "markers",
        "marker": {"color": style.colour, "symbol": style.symbol, "size": 8, "line": {"color": WHITE, "width": 1}},
        "customdata": [_hover_data(matches, place) for place in places.tolist()],
        "hovertemplate": f"student %{{customdata[1]}} – %{{customdata[2]}}<br>{key}<extra></extra>",
        **_never_faded(1.0),
    }


def _hover_data(matches: Matches, place: int) -> list[str]:
    """Teacher head, student head, and the match in words; `place` counts student heads through all layers."""
    layer, head, distance = (axis.flat[place] for axis in (matches.layers, matches.heads, matches.distances))
    student = _names(*matches.layers.shape)[place]
    if layer < 0:
        return ["", student, "no teacher head left for it"]
    teacher = f"{layer + 1}.{head + 1}"
    return [teacher, student, f"teacher {teacher}, distance {distance:.2f}"]


def _never_faded(opacity: float) -> dict[str, Any]:
    """A click on one point leaves the others as they are."""
    return {"selected": {"marker": {"opacity": opacity}}, "unselected": {"marker": {"opacity": opacity}}}


def _teachers(matches: Matches, teacher_heads: int) -> Array:
    """[student head]: the matched teacher head, both counted through all layers; negative for none."""
    return np.asarray((matches.layers * teacher_heads + matches.heads).ravel())


def _names(layers: int, heads: int) -> list[str]:
    return [f"{layer}.{head}" for layer in range(1, layers + 1) for head in range(1, heads + 1)]


def _depths(layers: int, heads: int) -> Array:
    """[head of all layers]: how far down it is drawn, 0 to 1, with a gap between layers."""
    layer, head = (axis.ravel() for axis in np.indices((layers, heads)))
    places = layer * (1 + LAYER_GAP) * heads + head
    return np.asarray(places / max(float(places.max()), 1.0))


def _lines(teachers: Array, students: Array) -> dict[str, Any]:
    """One line for each pair of depths."""
    gaps = np.full(len(teachers), np.nan)
    return {
        "mode": "lines",
        "x": np.tile([ENDS.teacher, ENDS.student, np.nan], len(teachers)),
        "y": np.stack([teachers, students, gaps], axis=1).ravel(),
        "hoverinfo": "skip",
    }


def _layer_ticks(places: Array, layers: int) -> dict[str, Any]:
    """The number of each layer in the middle of its heads."""
    middles = places.reshape(layers, -1).mean(axis=1)
    return {"tickmode": "array", "tickvals": middles, "ticktext": [f"{layer}" for layer in range(1, layers + 1)]}


def _blocks(distances: HeadDistances, initialised_from: tuple[int, ...] | None) -> Iterator[dict[str, Any]]:
    """Fine lines between layers, and a frame at each student layer and the teacher layer it was initialised from."""
    layers, heads, teacher_layers, teacher_heads = distances.values.shape
    bottom, right = layers * heads - 0.5, teacher_layers * teacher_heads - 0.5
    for layer in range(1, teacher_layers):
        yield _rectangle(layer * teacher_heads - 0.5, layer * teacher_heads - 0.5, -0.5, bottom, BETWEEN, 1)
    for layer in range(1, layers):
        yield _rectangle(-0.5, right, layer * heads - 0.5, layer * heads - 0.5, BETWEEN, 1)
    for layer, origin in enumerate(initialised_from or ()):
        x, y = origin * teacher_heads - 0.5, layer * heads - 0.5
        yield _rectangle(x, x + teacher_heads, y, y + heads, WHITE, 2)


def _rectangle(x0: float, x1: float, y0: float, y1: float, colour: str, width: int) -> dict[str, Any]:
    return {"type": "rect", "x0": x0, "x1": x1, "y0": y0, "y1": y1, "line": {"color": colour, "width": width}}


def _arranged(figure: go.Figure, height: int) -> go.Figure:
    figure.update_layout(height=height, margin=MARGIN | {"t": 40}, legend=LEGEND_ON_TOP, showlegend=True)
    return figure.update_xaxes(automargin=True).update_yaxes(automargin=True)
