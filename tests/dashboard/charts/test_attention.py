"""Pictures of attention carry the weights they are drawn from; BertViz's page is whole, escaped and offline."""

from __future__ import annotations

import base64
import io
import json
import re

import numpy as np
import pytest
from PIL import Image

from analysis.attention.answer_flow import AnswerFlow
from analysis.attention.maps import AttentionMap
from analysis.attention.view import brightest, pooled
from analysis.models.pairs import Sides
from analysis.predictions.resolve import AnswerPositions
from dashboard.charts import attention as charts
from dashboard.charts.attention import ScaleEnd
from dashboard.ui import bertviz_html as bertviz_view
from dashboard.ui.bertviz_html import bertviz_html
from dashboard.ui.theme import OPPOSES, SUPPORTS

WHOLE = ScaleEnd(1.0, 1.0)
HOSTILE = ("[CLS]", "</script><img", "src=x", "onerror=alert(1)>", "a&b", "[SEP]")


def attentions(layers: int, heads: int, tokens: int, seed: int = 0) -> np.ndarray:
    generator = np.random.default_rng(seed)
    return generator.dirichlet(np.full(tokens, 0.2), size=(layers, heads, tokens)).astype(np.float32)


def decoded(uri: str) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(uri.removeprefix("data:image/png;base64,"))))


@pytest.mark.parametrize("tokens", [3, 64, 65, 200])
def test_a_thumbnail_keeps_the_largest_weight_under_each_pixel(tokens: int) -> None:
    maps = attentions(2, 3, tokens)
    small = pooled(maps, pixels=64)
    assert small.shape == (2, 3, min(tokens, 64), min(tokens, 64))
    assert small.max(axis=(2, 3)) == pytest.approx(maps.max(axis=(2, 3)))
    if tokens <= 64:
        np.testing.assert_array_equal(small, maps)


def test_the_mosaic_has_every_head_in_its_place() -> None:
    maps = np.zeros((3, 4, 5, 5), dtype=np.float32)
    maps[2, 1, 4, 0] = 1.0  # layer 3, head 2: the last token reads the first
    picture = np.asarray(decoded(charts.mosaic_image(maps, largest=1.0)))
    side = 5 + charts.GAP
    assert picture.shape == (3 * side, 4 * side)
    assert np.argwhere(picture == 254).tolist() == [[2 * side + 4, 1 * side + 0]]


def test_the_mosaic_of_144_heads_stays_under_a_megabyte_at_512_tokens() -> None:
    figure = charts.mosaic("teacher", pooled(attentions(12, 12, 512)), 0.1, chosen=(0, 0))
    assert len(figure.to_json()) < 1_000_000


def test_the_mosaic_covers_the_places_of_its_heads_layers_downwards() -> None:
    figure = charts.mosaic("teacher", attentions(2, 3, 4), 1.0, chosen=(1, 2))
    (image,), (frame,) = figure.layout.images, figure.layout.shapes
    assert (image.x, image.y, image.sizex, image.sizey) == (0.5, 0.5, 3, 2)
    assert (figure.layout.xaxis.range, figure.layout.yaxis.range) == ((0.5, 3.5), (2.5, 0.5))
    assert (frame.x0, frame.x1, frame.y0, frame.y1) == (2.5, 3.5, 1.5, 2.5)


def test_a_click_tells_the_head() -> None:
    grids = (
        charts.mosaic("teacher", attentions(2, 3, 4), 1.0, chosen=None).data[0],
        charts.importance_grid("teacher", np.zeros((2, 3)), 1.0).data[1],
    )
    for points in grids:
        told = {(int(y), int(x)): tuple(head) for x, y, head in zip(points.x, points.y, points.customdata, strict=True)}
        assert told == {
            (layer + 1, head + 1): ("teacher", layer, head, f"{layer + 1}.{head + 1}")
            for layer in range(2)
            for head in range(3)
        }


def one_head(seed: int = 0, fields: tuple[int, ...] = (-1, 0, 0, 0, 0, -1)) -> AttentionMap:
    return AttentionMap(attentions(1, 1, 6, seed), HOSTILE, np.array(fields), np.arange(6))


def test_a_head_map_holds_the_exact_weights_on_the_shared_scale() -> None:
    map_ = one_head()
    heat = charts.head_map(map_, ScaleEnd(0.9, 0.9)).data[0]
    np.testing.assert_array_equal(np.asarray(heat.z, dtype=np.float32), map_.weights[0, 0])
    assert (heat.zmin, heat.zmax) == (0.0, 0.9)


def test_what_is_dimmed_is_veiled_and_does_not_set_the_scale() -> None:
    maps = Sides(one_head(), one_head(seed=1))
    inner = max(map_.weights[0, 0, 1:5, 1:5].max() for map_ in maps)
    assert charts.end_of_scale(maps, dimmed=True).largest == pytest.approx(inner)
    assert charts.end_of_scale(maps, dimmed=False).largest == max(map_.weights.max() for map_ in maps)
    veils = [shape for shape in charts.head_map(maps.teacher, WHOLE, dimmed=True).layout.shapes if shape.fillcolor]
    assert sorted((shape.x0, shape.y0) for shape in veils) == [(-0.5, 0), (0, -0.5), (0, 4.5), (4.5, 0)]
    assert not charts.head_map(maps.teacher, WHOLE).layout.shapes


def sharp(count: int) -> np.ndarray:
    """Nearly all attention on the word before."""
    weights = np.full((count, count), 0.1 / count)
    weights[np.arange(count), np.arange(count) - 1] += 0.9
    return weights


def diffuse(count: int, first: float = 0.1) -> np.ndarray:
    """Everywhere alike but for chance, and somewhat more on the first word."""
    weights = np.random.default_rng(0).dirichlet(np.full(count, 5.0), size=count) * (1 - first)
    weights[:, 0] += first
    return weights


def pair_of(*weights: np.ndarray) -> Sides[AttentionMap]:
    count = len(weights[0])
    maps = (AttentionMap(each[None, None], ("w",) * count, np.zeros(count), np.arange(count)) for each in weights)
    return Sides(*maps)


@pytest.mark.parametrize("side", ["teacher", "student"])
def test_a_diffuse_head_of_a_long_text_is_not_dark_beside_a_sharp_one(side: str) -> None:
    maps = pair_of(sharp(300), diffuse(300)) if side == "teacher" else pair_of(diffuse(300), sharp(300))
    end = charts.end_of_scale(maps, dimmed=False)
    assert end.is_cut
    assert end.largest == pytest.approx(0.9 + 0.1 / 300)
    for map_ in maps:
        assert (map_.weights > end.weight).mean() <= 0.01
    assert np.median(diffuse(300)) > end.weight / 4
    bar = charts.head_map(maps.teacher, end).data[0].colorbar
    assert (bar.ticktext[-1], bar.tickvals[-1]) == (f"≥ {end.weight:.2g}", end.weight)


@pytest.mark.parametrize(
    "maps",
    [pair_of(sharp(300), sharp(300)), pair_of(diffuse(300, 0), diffuse(300, 0)[::-1]), pair_of(sharp(8), diffuse(8))],
    ids=["two sharp heads", "two diffuse heads", "a short text"],
)
def test_elsewhere_the_scale_ends_at_the_largest_weight(maps: Sides[AttentionMap]) -> None:
    end = charts.end_of_scale(maps, dimmed=False)
    assert not end.is_cut
    assert end.weight == max(map_.weights.max() for map_ in maps)
    assert charts.head_map(maps.teacher, end).data[0].colorbar.ticktext is None


def test_a_line_stands_where_another_text_begins() -> None:
    figure = charts.head_map(one_head(fields=(-1, 0, 0, -1, 1, -1)), WHOLE)
    assert sorted({shape.y0 for shape in figure.layout.shapes if shape.x0 == 0}) == [0.5, 2.5, 3.5, 4.5]


def test_long_texts_keep_their_names_in_the_hover() -> None:
    count = charts.MOST_LABELS + 1
    map_ = AttentionMap(attentions(1, 1, count), ("word",) * count, np.zeros(count), np.arange(count))
    axis = charts.head_map(map_, WHOLE).layout.xaxis
    assert (axis.showticklabels, len(axis.ticktext)) == (False, count)


@pytest.mark.parametrize(
    ("count", "angle", "below", "beside"),
    [(charts.FEW_LABELS, -60, True, True), (charts.MOST_BELOW_HALF, -90, True, True), (40, -90, False, True)],
)
def test_names_below_a_map_of_half_a_page_never_overlap(count: int, angle: int, below: bool, beside: bool) -> None:
    map_ = AttentionMap(attentions(1, 1, count), ("word",) * count, np.zeros(count), np.arange(count))
    half, whole = charts.head_map(map_, WHOLE).layout, charts.difference_map(map_.weights[0, 0], map_).layout
    assert (half.xaxis.tickangle, half.xaxis.showticklabels, half.yaxis.showticklabels) == (angle, below, beside)
    assert (whole.xaxis.tickangle, whole.xaxis.showticklabels) == (angle, True)


def test_a_difference_map_is_centred_on_zero() -> None:
    heat = charts.difference_map((one_head().weights - one_head(seed=1).weights)[0, 0], one_head()).data[0]
    assert heat.zmin == -heat.zmax
    assert heat.zmax == pytest.approx(np.abs(np.asarray(heat.z)).max())


def test_labels_of_a_map_are_not_markup() -> None:
    names = charts.head_map(one_head(), WHOLE).layout.xaxis.ticktext
    assert not any("<" in name for name in names)


@pytest.fixture
def map_() -> AttentionMap:
    return AttentionMap(attentions(1, 3, 6), HOSTILE, np.zeros(6), np.zeros(6))


@pytest.mark.parametrize("view", bertviz_view.VIEWS)
def test_bertviz_gets_one_layer_rounded_and_escaped(view: str, map_: AttentionMap) -> None:
    page = bertviz_html(view, map_, layer=2, head=1)
    assert "<img" not in page
    assert page.count("</script>") == 3  # d3, jQuery, BertViz: no token closes one
    match = re.search(r"const params = (\{.*?\});", page)
    assert match
    parameters = json.loads(match[1])
    assert parameters["include_layers"] == [3]  # counted from 1, as everywhere else
    assert parameters == {**parameters, **({"layer": 3} if view == "head" else {"include_heads": [1, 2, 3]})}
    assert parameters["attention"][0]["left_text"] == list(HOSTILE)
    np.testing.assert_allclose(parameters["attention"][0]["attn"][0], map_.weights[0], atol=5e-5)


@pytest.mark.parametrize("view", bertviz_view.VIEWS)
def test_bertviz_at_128_words_stays_under_two_megabytes(view: str) -> None:
    labels = tuple(f"word{i}" for i in range(128))
    page = bertviz_html(view, AttentionMap(attentions(1, 12, 128), labels, np.zeros(128), np.zeros(128)), 0, 0)
    assert len(page) < 2_100_000


def test_bertviz_is_refused_more_than_it_can_draw() -> None:
    labels = ("a",) * (bertviz_view.MOST_UNITS + 1)
    empty = np.zeros((1, 1, len(labels), len(labels)))
    with pytest.raises(ValueError, match="at most"):
        bertviz_html("head", AttentionMap(empty, labels, np.zeros(1), np.zeros(1)), 0, 0)


def test_bars_and_dots_show_their_numbers() -> None:
    labels, words = ("[CLS]", "a", "b", "a", "[SEP]"), np.array([-1, 0, 1, 2, -1])
    found = Sides(
        *(
            AnswerFlow(labels, words, np.array(values), AnswerPositions((0,), ""))
            for values in ([0.1, 0.2, 0.3, 0.4, 0], [0.2] * 5)
        )
    )
    for trace, side in zip(charts.bars(found, left_out=False).data, found, strict=True):
        np.testing.assert_array_equal(trace.y, side.shares)
        assert len(set(trace.x)) == 5  # a word that comes twice has two bars
    for trace, side in zip(charts.bars(found, left_out=True).data, found, strict=True):
        np.testing.assert_array_equal(trace.y, side.shares[1:4])
    points = Sides(Sides(np.eye(2), np.ones((2, 2))), Sides(np.zeros((1, 2)), np.eye(2)[:1]))
    for trace, (x, y) in zip(charts.scatter(points, "x", "y").data, points, strict=True):
        np.testing.assert_array_equal(trace.x, x.ravel())
        np.testing.assert_array_equal(trace.y, y.ravel())


def test_one_pixel_in_a_hundred_is_brighter_than_the_scale() -> None:
    maps = attentions(2, 2, 50)
    assert np.mean(maps > brightest(maps)) == pytest.approx(0.01, abs=0.002)


def test_bertviz_is_dark_on_a_dark_page(map_: AttentionMap) -> None:
    light, dark = (bertviz_html("head", map_, 2, 1, dark) for dark in (False, True))
    assert dark.replace(bertviz_view.DARK, "") == light


@pytest.mark.parametrize("scale", [charts.DIVERGING, charts.SIGNED], ids=["models", "for and against"])
def test_where_a_scale_has_no_sign_the_page_shows_through(scale: list[list[object]]) -> None:
    middle = [colour for place, colour in scale if place == 0.5]
    assert len(middle) == 2
    assert all(str(colour).endswith(",0)") for colour in middle)


def test_what_heads_do_for_an_answer_is_in_the_colours_of_for_and_against() -> None:
    (low, against), *_, (high, supporting) = charts.importance_grid("teacher", np.ones((2, 3)), 1.0).data[0].colorscale
    assert (low, against, high, supporting) == (0.0, OPPOSES, 1.0, SUPPORTS)
