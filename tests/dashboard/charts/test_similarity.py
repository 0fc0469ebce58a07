"""Pictures of similarity hold the numbers they are drawn from, and no text of the reader's as markup."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from analysis.models.pairs import Sides
from analysis.similarity.layer_maps import LayerMap
from analysis.similarity.logit_lens import LogitLens
from analysis.similarity.word_drift import Drift, Plane
from dashboard.charts import similarity as charts
from dashboard.charts import word_drift as words_charts
from dashboard.export import similarity as tables

WORDS = ("<b>bold</b>", "a&b", "film")


def map_of(rows: int, columns: int) -> LayerMap:
    values = np.random.default_rng(0).uniform(0.2, 0.9, (rows, columns))
    null = np.full_like(values, 0.1)
    null[1, 2] = 0.95  # one cell that is not above chance
    values[0, 0] = np.nan
    return LayerMap("cka", values, values - 0.05, values + 0.05, null, np.ones(columns), 1_234, 56, 500)


def named(figure: Any, name: str) -> Any:
    return next(trace for trace in figure.data if trace.name == name)


def test_a_map_of_layers_shows_every_value_on_one_scale() -> None:
    found = map_of(5, 4)
    figure = charts.layer_map(found, "Teacher", "Student", (1, 3, 4))
    np.testing.assert_array_equal(figure.data[0].z, found.values)
    assert (figure.data[0].zmin, figure.data[0].zmax) == (0.0, 1.0)
    dots = named(figure, "nearest")
    assert list(dots.y) == list(np.nanargmax(found.values, axis=0))
    path = named(figure, "initialised from")
    assert list(zip(path.x, path.y, strict=True)) == [(1, 1), (2, 3), (3, 4)]


def test_only_cells_that_are_not_above_chance_are_hatched() -> None:
    figure = charts.layer_map(map_of(5, 4), "Teacher", "Student")
    hatch, key = (trace for trace in figure.data if trace.type == "bar")
    assert (list(hatch.x), list(hatch.base), list(hatch.y)) == ([2], [0.5], [1])
    assert hatch.marker.pattern.shape == key.marker.pattern.shape == "/"
    assert key.name == "not above chance"
    assert key.marker.color != hatch.marker.color  # in the legend it lies on no cell


def test_lines_over_a_cell_are_light_on_dark_and_dark_on_bright() -> None:
    values = np.array([[0.1, 0.9]])
    found = LayerMap("cka", values, values - 1, values, np.zeros((1, 2)), np.ones(2), 40, 10, 40)
    hatch = charts.layer_map(found, "Teacher", "Student").data[1]
    np.testing.assert_array_equal(hatch.marker.pattern.fgcolor, [charts.LIGHT, charts.DARK])


def test_a_hover_has_value_interval_null_and_n_and_a_click_tells_the_cell() -> None:
    found = map_of(5, 4)
    cells = charts.layer_map(found, "Teacher", "Student").data[-1]
    assert len(cells.x) == 5 * 4 - 1  # nothing to say about the layer that does not vary
    for x, y, (row, column, value, low, high, null, note) in zip(cells.x, cells.y, cells.customdata, strict=True):
        at = (int(row), int(column))
        assert at == (y, x)
        assert (value, low, high, null) == (found.values[at], found.low[at], found.high[at], found.null[at])
        assert note == ("nearest in 100% of resamples<br>" if found.nearest[column] == row else "")
    assert "n = 1,234 examples of 56 sentences" in cells.hovertemplate


def test_a_drift_map_is_centred_on_zero_and_names_words_as_text() -> None:
    found = Drift(np.random.default_rng(0).uniform(-1, 1, (2, 3)), (0, 4))
    figure = words_charts.drift_map(found, WORDS)
    np.testing.assert_array_equal(figure.data[0].z, found.cosines)
    assert (figure.data[0].zmin, figure.data[0].zmax) == (-1, 1)
    assert list(figure.layout.xaxis.ticktext) == ["&lt;b&gt;bold&lt;/b&gt;", "a&amp;b", "film"]
    assert list(figure.layout.yaxis.ticktext) == ["0 ~ 0", "1 ~ 4"]


def test_a_plane_joins_each_word_with_itself() -> None:
    points = Sides(*np.random.default_rng(0).normal(size=(2, 3, 2)))
    figure = words_charts.plane_map(Plane(points, 0.8, 0.9, 0.5), WORDS)
    line, teacher, student = figure.data
    for word in range(3):
        assert list(line.x[3 * word : 3 * word + 2]) == [points.teacher[word, 0], points.student[word, 0]]
    np.testing.assert_array_equal(teacher.y, points.teacher[:, 1])
    np.testing.assert_array_equal(student.x, points.student[:, 0])
    apart = [np.hypot(*(one - other)) for one, other in zip(points.teacher, points.student, strict=True)]
    for trace, other in ((teacher, points.student), (student, points.teacher)):
        np.testing.assert_allclose(trace.customdata, np.column_stack([other, apart]))  # where a hover puts the ring
    assert not any("<b>" in text for text in teacher.hovertext)


def test_no_name_in_the_plane_covers_another() -> None:
    words = ("first", "second", "third")
    near = Sides(np.array([[0.0, 0.0], [0.01, 0.0], [1.0, 1.0]]), np.zeros((3, 2)))
    teacher = words_charts.plane_map(Plane(near, 0.8, 0.9, 0.5), words).data[1]
    assert tuple(teacher.text) == ("first", "", "third")
    assert tuple(teacher.hovertext) == words


@pytest.mark.parametrize("layers", [Sides(13, 7), Sides(3, 3)])
def test_logit_lens_and_fine_tuning_end_at_full_depth(layers: Sides[int]) -> None:
    logit_lenses = layers.map(
        lambda n: LogitLens(("<i>",) * n, np.full(n, 0.5), "<i>", np.arange(n, 0, -1), np.full(n, 0.5))
    )
    for trace, logit_lens in zip(charts.logit_lens_ranks(logit_lenses).data, logit_lenses, strict=True):
        assert (trace.x[0], trace.x[-1]) == (0, 1)
        np.testing.assert_array_equal(trace.y, logit_lens.ranks)
        assert "<i>" not in trace.name
    maps = layers.map(lambda n: map_of(n, n))
    for trace, map_ in zip(charts.fine_tuning_similarity(maps).data, maps, strict=True):
        np.testing.assert_array_equal(trace.y, np.diagonal(map_.values))
        np.testing.assert_allclose(trace.error_y.array[1:], 0.05)


def test_tables_hold_every_number_of_the_figures_once() -> None:
    found = map_of(5, 4)
    cells = tables.map_table(found, "Teacher layer", "Student layer")
    assert cells["Similarity"][0] is None  # a layer that does not vary
    for row, column, value, above in zip(*list(cells.values())[:3], cells["Above chance"], strict=True):
        assert value is None or value == pytest.approx(found.values[row, column], abs=1e-5)
        assert above == found.above_null[row, column]
    assert set(cells["Examples"]) == {1_234}
    maps = Sides(map_of(4, 4), map_of(3, 3))
    within = tables.within_table(maps)
    assert within["Model"] == ["Teacher"] * 6 + ["Student"] * 3
    assert within["Similarity"][-1] == pytest.approx(maps.student.values[1, 2], abs=1e-5)
    fine_tuning_similarity = tables.fine_tuning_table(maps)
    assert fine_tuning_similarity["Low"][1] == pytest.approx(maps.teacher.low[1, 1], abs=1e-5)
    assert fine_tuning_similarity["Layer"] == [0, 1, 2, 3, 0, 1, 2]


def test_tables_name_each_word_and_layer() -> None:
    cosines = np.random.default_rng(0).uniform(-1, 1, (2, 3))
    drift = tables.drift_table(Drift(cosines, (0, 4)), WORDS)
    at = drift["Word"].index("film", 3)
    row = {title: column[at] for title, column in drift.items()}
    assert row == {
        "Student layer": 1,
        "Teacher layer": 4,
        "Place": 3,
        "Word": "film",
        "Cosine": round(cosines[1, 2], 5),
    }
    plane = Plane(Sides(*np.random.default_rng(0).normal(size=(2, 3, 2))), 0.8, 0.9, 0.5)
    places = tables.plane_table(plane, WORDS)
    np.testing.assert_allclose(places["Student second direction"], plane.points.student[:, 1], atol=1e-5)
    np.testing.assert_allclose(places["Distance"], plane.distances, atol=1e-5)
    logit_lens = LogitLens(("a", "b"), np.array([0.2, 0.6]), "b", np.array([3, 1]), np.array([0.1, 0.6]))
    answers = tables.logit_lens_table(Sides(logit_lens, logit_lens))
    assert (answers["Would answer"], answers["Rank of it"]) == (["a", "b"] * 2, [3, 1] * 2)
