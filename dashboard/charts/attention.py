"""Charts of attention: all heads of a model as one image, one head's exact map, statistics, flow and importance."""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
import plotly.graph_objects as go
from PIL import Image
from plotly.colors import get_colorscale, sample_colorscale

from analysis.arrays import Array
from analysis.attention.answer_flow import AnswerFlow
from analysis.attention.maps import AttentionMap
from analysis.attention.view import Head
from analysis.models.pairs import Sides
from analysis.predictions.targets import LOGITS
from dashboard.ui.theme import COLOURS, GREY, MARGIN, NAMES, OPPOSES, SUPPORTS, WITH_LEGEND, through_nothing

LAYER = 36  # pixels of a row of tiles
GAP = 2  # pixels between thumbnails
SCALE = "Cividis"  # even steps for the eye, also for the colour-blind, on light and dark grounds
MOST_LABELS = 64  # longer texts have no room for a name on each row: the hover shows places
MOST_BELOW_HALF = 28  # names below the columns of a map that is half a page wide; its rows have the same ones
MOST_BESIDE = 18  # names beside the rows of a map that stands beside an overview
ROW = 17  # pixels of a row with a name
FEW_LABELS = 16  # more than these would overlap aslant
SYMBOLS = Sides("circle", "diamond")
BORDER: dict[str, object] = {"type": "line", "line": {"color": GREY, "width": 2}}
# over what is dimmed
VEIL: dict[str, object] = {"type": "rect", "fillcolor": "rgba(138, 143, 152, 0.7)", "line": {"width": 0}}
WITHIN, FAR = 0.99, 4  # where this share of the weights ends is the end, if the largest is that many times as large
NAMED, UNNAMED = {"showticklabels": True}, {"showticklabels": False, "ticks": ""}
PLAIN_AXIS = {"automargin": True, "showgrid": False}
WEIGHT = "weight %{z:.6f}"
DIVERGING = through_nothing(COLOURS.student, COLOURS.teacher)
SIGNED = through_nothing(OPPOSES, SUPPORTS)


@dataclass(frozen=True, slots=True)
class ScaleEnd:
    """Where the colours of two maps end: at `weight`; what is above it, up to `largest`, has the last colour."""

    weight: float
    largest: float

    @property
    def is_cut(self) -> bool:
        return self.weight < self.largest

    @property
    def scale(self) -> dict[str, object]:
        return {"colorscale": SCALE, "zmin": 0.0, "zmax": self.weight, "colorbar": self.colourbar}

    @property
    def colourbar(self) -> dict[str, object]:
        bar: dict[str, object] = {"title": "weight", "thickness": 12}
        if not self.is_cut:
            return bar
        ticks = np.linspace(0, self.weight, 5)
        names = [f"{tick:.2g}" for tick in ticks[:-1]] + [f"≥ {self.weight:.2g}"]
        return bar | {"tickmode": "array", "tickvals": ticks, "ticktext": names}


def mosaic_image(small: Array, largest: float) -> str:
    """All heads as one PNG (a data URI), a row per layer, a column per head; brightness is the root of the weight.

    `small` [layer, head, row, column]; weights of `largest` and above have the brightest colour.
    """
    layers, heads, side, _ = small.shape
    shades = np.round(254 * np.sqrt((small / largest).clip(0, 1))).astype(np.uint8)
    cells = np.pad(shades, ((0, 0), (0, 0), (0, GAP), (0, GAP)), constant_values=255)
    canvas = cells.transpose(0, 2, 1, 3).reshape(layers * (side + GAP), heads * (side + GAP))
    picture = Image.fromarray(canvas, mode="P")
    picture.putpalette([channel for colour in _palette() for channel in colour])
    file = io.BytesIO()
    picture.save(file, "PNG", transparency=255)
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode("ascii")


def mosaic(side: str, small: Array, largest: float, chosen: Head | None) -> go.Figure:
    """The overview of one model: the image, with a point on each head that can be clicked and shows its number.

    `small` [layer, head, row, column]; `largest` ends the scale; `chosen` is framed.
    """
    layers, heads = small.shape[:2]
    place = {"xref": "x", "yref": "y", "x": 0.5, "y": 0.5, "sizex": heads, "sizey": layers, "sizing": "stretch"}
    layout = _head_layout((layers, heads), height=60 + LAYER * layers)
    layout["images"] = [{"source": mosaic_image(small, largest), "layer": "below", **place}]
    if chosen:
        corner = {"x0": chosen[1] + 0.5, "x1": chosen[1] + 1.5, "y0": chosen[0] + 0.5, "y1": chosen[0] + 1.5}
        layout["shapes"] = [{"type": "rect", "line": {"color": COLOURS[side], "width": 4}, **corner}]
    points = _heads(side, (layers, heads), hovertemplate="layer %{y}, head %{x}<extra></extra>")
    return go.Figure(points, layout)


def head_map(map_: AttentionMap, end: ScaleEnd, dimmed: bool = False) -> go.Figure:
    """The exact weights of the map's first head; `end` ends the colour scale, so that two maps can share it."""
    return _heatmap(map_.weights[0, 0], map_, WEIGHT, end.scale, dimmed, below=len(map_.labels) <= MOST_BELOW_HALF)


def small_head_map(map_: AttentionMap, end: ScaleEnd, dimmed: bool = False) -> go.Figure:
    """The same beside an overview, where there is no room for the scale and for the names below."""
    count, scale = len(map_.labels), {**end.scale, "showscale": False}
    fits = count <= MOST_BESIDE
    figure = _heatmap(map_.weights[0, 0], map_, WEIGHT, scale, dimmed, below=False, beside=fits)
    figure.layout.height = max(230, 60 + ROW * count) if fits else 260
    return figure


def difference_map(weights: Array, map_: AttentionMap, dimmed: bool = False) -> go.Figure:
    """Teacher's weights less the student's [query, key], blue where the teacher attends more; units as in `map_`."""
    largest = max(float(np.abs(weights[_counted(map_, dimmed)]).max(initial=0)), 1e-9)
    bar = {"title": "difference", "thickness": 12, "exponentformat": "e"}
    scale = {"colorscale": DIVERGING, "zmin": -largest, "zmax": largest, "colorbar": bar}
    return _heatmap(weights, map_, "teacher − student %{z:+.6f}", scale, dimmed)


def end_of_scale(maps: Sides[AttentionMap], dimmed: bool) -> ScaleEnd:
    """Where the scale ends that both maps' first heads share; what is dimmed does not count.

    At the largest weight. Where that stands far above the rest, as in a long text with a sharp head beside a diffuse
    one, the diffuse one would be all dark: then at what nearly all weights of both stay below. Not where that leaves
    out most of the attention of both: of two sharp heads, the few large weights are what there is to see.
    """
    parts = [part for map_ in maps if (part := map_.weights[0, 0][_counted(map_, dimmed)]).size]
    largest = max([float(part.max()) for part in parts], default=1e-9)
    most = max([float(np.quantile(part, WITHIN)) for part in parts], default=largest)
    seen = any(part[part <= most].sum() > part.sum() / 2 for part in parts)  # most of a head's attention
    return ScaleEnd(most if seen and largest > FAR * most else largest, largest)


def scatter(points: Sides[Sides[Array]], across: str, upward: str) -> go.Figure:
    """Every head of both models by two statistics; `points` holds (across, upward), each [layer, head]."""
    figure = go.Figure()
    for (side, name), colour, symbol, (x, y) in zip(NAMES.items(), COLOURS, SYMBOLS, points, strict=True):
        figure.add_scatter(
            name=name,
            x=x.ravel(),
            y=y.ravel(),
            mode="markers",
            marker={"color": colour, "symbol": symbol, "size": 9, "opacity": 0.75},
            customdata=_named(side, x.shape),
            hovertemplate=f"{name}<br>head %{{customdata[3]}}<br>"
            f"{across} %{{x:.3f}}<br>{upward} %{{y:.3f}}<extra></extra>",
        )
    figure.update_layout(height=420, clickmode="event+select", **WITH_LEGEND)
    return figure.update_xaxes(title=across).update_yaxes(title=upward)


def bars(flows: Sides[AnswerFlow], left_out: bool) -> go.Figure:
    """How much of each word reaches the answer in both models, in reading order; `left_out` hides special tokens."""
    figure = go.Figure()
    for name, colour, side in zip(NAMES, COLOURS, flows, strict=True):
        kept = [place for place, word in enumerate(side.words) if word >= 0 or not left_out]
        figure.add_bar(
            name=name,
            x=[_axis_name(side, place) for place in kept],
            y=side.shares[kept],
            marker_color=colour,
            hovertemplate="%{x}: %{y:.4f}<extra></extra>",
        )
    figure.update_layout(barmode="group", height=360, **WITH_LEGEND)
    return figure.update_xaxes(type="category", tickangle=-60, automargin=True).update_yaxes(title="Share")


def importance_grid(side: str, drops: Array, largest: float, unit: str = LOGITS) -> go.Figure:
    """How much each head matters for an answer [layer, head], in `unit`, on a scale that both models share."""
    layer, head = (np.arange(count) + 1 for count in drops.shape)
    bar = {"title": f"drop ({unit})", "thickness": 12}
    cells = go.Heatmap(
        z=drops, x=head, y=layer, colorscale=SIGNED, zmin=-largest, zmax=largest, colorbar=bar, hoverinfo="skip"
    )
    told = f"layer %{{y}}, head %{{x}}<br>drop %{{text:+.4f}} {unit}<extra></extra>"
    points = _heads(side, drops.shape, text=drops.ravel(), hovertemplate=told)
    return go.Figure([cells, points], _head_layout(drops.shape, height=90 + 26 * len(layer)))


def _named(side: str, shape: tuple[int, ...]) -> list[list[object]]:
    """The data of each head's point for clicks: side, layer and head from 0, and its number as people write it."""
    return [[side, layer, head, f"{layer + 1}.{head + 1}"] for layer, head in np.ndindex(*shape)]


def _heads(side: str, shape: tuple[int, ...], **more: object) -> go.Scatter:
    """An invisible point on each head [layer, head], since Streamlit reports no clicks on images and heat maps."""
    layer, head = (axis.ravel() + 1 for axis in np.indices(shape))
    unseen = {"marker": {"opacity": 0}}
    return go.Scatter(
        x=head,
        y=layer,
        mode="markers",
        marker={"size": 24, "symbol": "square", "opacity": 0},
        customdata=_named(side, shape),
        selected=unseen,
        unselected=unseen,
        showlegend=False,
        **more,
    )


def _head_layout(shape: tuple[int, ...], height: int) -> dict[str, object]:
    """Layers downwards and heads across, each with its number."""
    layers, heads = shape
    plain = {"dtick": 1, "showgrid": False, "zeroline": False, "fixedrange": True}
    return {
        "xaxis": {"title": {"text": "Head"}, "range": [0.5, heads + 0.5], **plain},
        "yaxis": {"title": {"text": "Layer"}, "range": [layers + 0.5, 0.5], **plain},
        "margin": MARGIN,
        "clickmode": "event+select",
        "height": height,
    }


def _heatmap(
    weights: Array,
    map_: AttentionMap,
    value: str,
    scale: dict[str, object],
    dimmed: bool,
    below: bool = True,
    beside: bool = True,
) -> go.Figure:
    """Weights [query, key], with the units' names where they are few enough: `below` the columns, `beside` the rows."""
    places = np.arange(len(map_.labels))
    names = [html.escape(label) for label in map_.labels]  # Plotly reads its texts as HTML
    told = f"from %{{y}}<br>to %{{x}}<br>{value}<extra></extra>"
    cells = go.Heatmap(z=weights.astype(np.float32), x=places, y=places, hovertemplate=told, hoverongaps=False, **scale)
    few, axis = len(names) <= MOST_LABELS, {"tickmode": "array", "tickvals": places, "ticktext": names, **PLAIN_AXIS}
    across, down = (axis | (NAMED if few and named else UNNAMED) for named in (below, beside))
    angle = -60 if len(names) <= FEW_LABELS else -90
    veiled = np.flatnonzero(map_.fields < 0) if dimmed else ()
    layout = {
        "xaxis": {"title": {"text": "to (key)"}, "side": "bottom", "tickangle": angle, **across},
        "yaxis": {"title": {"text": "from (query)"}, "autorange": "reversed", **down},
        "margin": MARGIN,
        "height": min(1300, 220 + ROW * len(names)),
        "shapes": [*_strips(_borders(map_), -0.5, BORDER), *_strips(veiled, 0.5, VEIL)],
    }
    return go.Figure(cells, layout)  # at once: Plotly takes ten times as long to update a layout


def _strips(places: Iterable[int], until: float, look: dict[str, object]) -> Iterator[dict[str, object]]:
    """A shape over all of the map from before each of these rows and columns to `until`, in their units."""
    for place in places:
        for across, along in (("x", "y"), ("y", "x")):
            here = {f"{across}0": place - 0.5, f"{across}1": place + until}
            yield look | here | {f"{along}0": 0, f"{along}1": 1, f"{along}ref": f"{along} domain"}


def _borders(map_: AttentionMap) -> Array:
    """The places where another text begins or ends; none if there is only one text."""
    return np.flatnonzero(np.diff(map_.fields)) + 1 if (map_.fields == 1).any() else np.array([], dtype=int)


def _counted(map_: AttentionMap, dimmed: bool) -> Array:
    """[query, key]: the cells that count for the end of a scale, which are those that are not dimmed."""
    counted = (map_.fields >= 0) | (not dimmed)
    return np.logical_and.outer(counted, counted)


def _axis_name(side: AnswerFlow, place: int) -> str:
    """A name for the axis that no other bar has: a word may come twice, so words are numbered."""
    word, label = int(side.words[place]), html.escape(side.labels[place])
    return f"{word + 1}\u2002{label}" if word >= 0 else f"{label}\u2002{list(side.words[: place + 1]).count(-1)}"


@cache
def _palette() -> list[tuple[int, int, int]]:
    """256 colours: the scale in 255 steps, and the gap, which is transparent."""
    colours = sample_colorscale(get_colorscale(SCALE), np.linspace(0, 1, 255), colortype="tuple")
    return [(round(255 * red), round(255 * green), round(255 * blue)) for red, green, blue in colours] + [(0, 0, 0)]
