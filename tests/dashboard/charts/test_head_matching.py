"""Pictures and the table of matched heads hold the numbers they are drawn from, whatever the sizes of the models."""

import csv
import io
from typing import Any

import numpy as np
import pytest

from analysis.attention.head_distances import Matches, head_distances
from analysis.attention.head_matching import MATCHINGS, HeadMatching
from analysis.attention.head_origins import ORIGINS, head_origins
from analysis.models.pairs import Sides
from dashboard.charts import head_matching as charts
from dashboard.export.head_matching import match_table
from dashboard.ui.csv_table import as_csv
from tests.support.made_up_heads import copied, random_texts, within

INITIALISED_FROM = (0, 2, 4, 7, 9, 11)
SIZES = {"published": ((12, 4), (6, 4)), "odd": ((5, 3), (2, 7)), "fewer": ((1, 2), (2, 3)), "one": ((1, 1), (1, 1))}


@pytest.fixture(params=SIZES)
def found(request: pytest.FixtureRequest) -> HeadMatching:
    teacher, student = SIZES[request.param]
    texts = random_texts(teacher=teacher, student=student)
    if request.param == "published":  # half of the layers are copies
        texts = [
            Sides(maps.teacher, np.concatenate([copy.student[:3], maps.student[3:]]))
            for maps, copy in zip(texts, copied(texts, INITIALISED_FROM, amount=0.2), strict=True)
        ]
    distances = head_distances(texts)
    origins = head_origins(distances, within(texts), INITIALISED_FROM if request.param == "published" else None)
    return HeadMatching(distances, origins)


@pytest.fixture(params=MATCHINGS)
def matched(request: pytest.FixtureRequest, found: HeadMatching) -> Matches:
    return MATCHINGS[request.param](found.distances)


def numbers(head: str) -> tuple[int, int]:
    layer, number = head.split(".")
    return int(layer) - 1, int(number) - 1


def marked(figure: Any) -> dict[str, str]:
    """Student head -> teacher head of every symbol that can be clicked at a student's place."""
    return {told[1]: told[0] for trace in figure.data if trace.name in ORIGINS for told in (trace.customdata or ())}


def test_each_cell_of_the_matrix_is_named_and_has_its_distance(found: HeadMatching, matched: Matches) -> None:
    heat = charts.distance_matrix(found.distances, matched, found.origins).data[0]
    values = np.asarray(heat.z)
    for row, student in enumerate(heat.y):
        for column, teacher in enumerate(heat.x):
            assert values[row, column] == pytest.approx(found.distances.values[numbers(student) + numbers(teacher)])


def test_each_symbol_stands_on_the_cell_of_its_match(found: HeadMatching, matched: Matches) -> None:
    figure = charts.distance_matrix(found.distances, matched, found.origins)
    for trace in figure.data[1:]:
        for x, y, told in zip(trace.x, trace.y, trace.customdata, strict=True):
            assert [x, y] == list(told[:2])
            assert trace.name == found.origins.keys[numbers(y)[0]][numbers(y)[1]]
    has_one = {place for place in np.ndindex(matched.layers.shape) if matched.layers[place] >= 0}
    assert {numbers(student): numbers(teacher) for student, teacher in marked(figure).items()} == {
        place: (matched.layers[place], matched.heads[place]) for place in has_one
    }


def test_initial_layers_are_framed(found: HeadMatching, matched: Matches) -> None:
    figure = charts.distance_matrix(found.distances, matched, found.origins, Sides((0, 0), (0, 0)))
    frames = [shape for shape in figure.layout.shapes if shape.line.color == "#FFFFFF"]
    heads = found.distances.values.shape[1]
    places = [(round((f.x0 + 0.5) / heads), round((f.y0 + 0.5) / heads)) for f in frames]
    assert places == [(origin, layer) for layer, origin in enumerate(found.origins.initialised_from or ())]
    (chosen,) = [shape for shape in figure.layout.shapes if shape.line.width == 3]
    assert (chosen.x0 + chosen.x1, chosen.y0 + chosen.y1) == (0, 0)


def test_a_tick_stands_in_the_middle_of_its_layer_and_is_no_head(found: HeadMatching, matched: Matches) -> None:
    """Plotly takes "5.5" for the head of that name, and shows the text of a tick in the hover of what is under it."""
    figure = charts.distance_matrix(found.distances, matched, found.origins)
    for axis, names in ((figure.layout.xaxis, figure.data[0].x), (figure.layout.yaxis, figure.data[0].y)):
        assert not {f"{place:g}" for place in axis.tickvals} & {*names, *map(str, range(len(names)))}
        layers = [numbers(name)[0] for name in names]
        for layer, place in enumerate(axis.tickvals):
            within_layer = [index for index, of in enumerate(layers) if of == layer]
            assert place == pytest.approx(np.mean(within_layer), abs=0.1)


def test_each_link_leads_from_a_student_head_to_its_match(found: HeadMatching, matched: Matches) -> None:
    figure = charts.links(matched, found.origins, found.distances.values.shape, Sides((0, 0), (0, 0)))
    (teachers,) = [trace for trace in figure.data if trace.customdata and trace.name is None]
    depth = {told[0]: y for told, y in zip(teachers.customdata, teachers.y, strict=True)}
    assert len(depth) == found.distances.values[0, 0].size
    students = {
        told[1]: y
        for trace in figure.data
        if trace.name in ORIGINS
        for told, y in zip(trace.customdata, trace.y, strict=True)
    }
    assert len(students) == matched.layers.size  # also those that have no match
    ends = {student: (depth[teacher], students[student]) for student, teacher in marked(figure).items() if teacher}
    lines = [trace for trace in figure.data if trace.mode == "lines" and trace.name is None]
    drawn = np.concatenate([np.asarray(line.y).reshape(-1, 3)[:, :2] for line in lines])
    assert sorted(map(tuple, drawn)) == sorted(ends.values())


def test_origins_differ_in_more_than_colour() -> None:
    for part in ("symbol", "dash", "pattern"):
        looks = {(getattr(charts.STYLES[key], part)) for key in ("inherited", "drifted", "new")}
        assert len(looks) == 3
    assert set(charts.STYLES) == set(ORIGINS)


def test_the_bars_count_every_head_once(found: HeadMatching) -> None:
    bars = charts.origin_counts(found.origins).data
    layers, heads = found.distances.values.shape[:2]
    assert np.sum([bar.x for bar in bars], axis=0).tolist() == [heads] * layers
    assert {bar.name: sum(bar.x) for bar in bars} == found.origins.counts()


def test_the_table_has_every_head_and_survives_as_csv(found: HeadMatching, matched: Matches) -> None:
    table = match_table(found, matched)
    rows = list(csv.DictReader(io.StringIO(as_csv(table))))
    assert [(int(row["Student layer"]) - 1, int(row["Student head"]) - 1) for row in rows] == list(
        np.ndindex(matched.layers.shape)
    )
    for place, row in zip(np.ndindex(matched.layers.shape), rows, strict=True):
        assert row["Origin"] == found.origins.keys[place[0]][place[1]]
        assert float(row["p (nearest)"]) == pytest.approx(found.origins.nearest_p[place], abs=1e-4)
        if matched.layers[place] < 0:
            assert row["Teacher layer"] == row["Teacher head"] == row["Distance"] == ""
            continue
        teacher = int(row["Teacher layer"]) - 1, int(row["Teacher head"]) - 1
        assert float(row["Distance"]) == pytest.approx(found.distances.values[place + teacher], abs=1e-4)
        if found.origins.initialised_from:
            origin = int(row["Initialised from layer"]) - 1, place[1]
            assert origin[0] == INITIALISED_FROM[place[0]]
            assert float(row["Distance to its origin"]) == pytest.approx(
                found.distances.values[place + origin], abs=1e-4
            )


def test_pictures_of_the_published_sizes_are_small() -> None:
    texts = random_texts(teacher=(12, 12), student=(6, 12), lengths=(5,))
    distances = head_distances(texts)
    origins = head_origins(distances, within(texts), INITIALISED_FROM)
    matrix = charts.distance_matrix(distances, origins.nearest, origins)
    links = charts.links(origins.nearest, origins, distances.values.shape)
    assert len(matrix.to_json()) < 150_000
    assert len(links.to_json()) < 50_000
