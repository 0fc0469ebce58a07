"""Every part of a page that a step can point at has something to show in a deck, also with choices of its own."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from analysis.distillation.record import read_experiment
from analysis.inputs.examples import checked
from analysis.models.pairs import EMBEDDED, PAIRS, Pair
from cache.predictions import examples_of
from cache.traces import trace
from dashboard.deck.parts import PARTS, section_of
from dashboard.frame import Question
from dashboard.present.points import POINTS
from dashboard.report.finding import FindingRequest, Section
from tests.support.tiny import EXAMPLES

SHIPPED = {"times": "was not measured", "stages": "ships with this pair", "quality": "ships with this pair"}
SHIPPING = PAIRS["embedded"]  # before the tiny one takes its place
MASKED = ("logit-lens",)
MakePart = Callable[..., Section]


@pytest.fixture
def part(pair: Pair) -> MakePart:
    """A function that makes a part for a tiny pair: `part("all-heads", "sentiment", unit="tokens")`."""

    def made(point: str, task: str = "sentiment", **chosen: str) -> Section:
        return section_of(point, FindingRequest(Question(pair, checked(EXAMPLES[task])), chosen, ()))

    return made


def test_there_is_a_part_for_every_point() -> None:
    assert PARTS.keys() == POINTS.keys()


@pytest.mark.parametrize("point", [point for point in POINTS if point not in SHIPPED])
def test_a_part_shows_a_figure_or_what_is_said_in_its_place(part: MakePart, point: str) -> None:
    section = part(point, "fill-mask" if point in MASKED else "sentiment")
    if point in ("disagreements", "cards") and section.problem:
        assert "alike" in section.problem  # as tiny models may answer
        return
    assert section.problem == ""
    assert section.figures or section.body or section.tables
    assert section.reading
    for figure in section.figures:
        assert figure.figure.to_dict()["data"]
    for table in section.tables:
        assert table.length > 0
        assert len({len(column) for column in table.columns.values()}) == 1


@pytest.mark.parametrize("point", SHIPPED)
def test_what_was_measured_ships_with_the_embedded_pair_alone(part: MakePart, point: str) -> None:
    assert SHIPPED[point] in part(point).problem


@pytest.mark.parametrize("point", SHIPPED)
def test_it_is_shown_for_the_embedded_pair(point: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PAIRS, "embedded", SHIPPING)
    request = FindingRequest(Question(SHIPPING, examples_of("sentiment")[0]), {}, ())
    section = section_of(point, request)
    assert (section.problem, len(section.figures)) == ("", 1)
    assert section.finding


def test_what_a_task_lacks_is_said(part: MakePart) -> None:
    assert "Fill-mask" in part("logit-lens", "sentiment").problem
    assert "fine-tuned" in part("fine-tuning", "fill-mask").problem


def test_parts_follow_the_choices_of_the_address(part: MakePart) -> None:
    assert part("head-behaviour", across="distance-tokens").figures[0].title.endswith("and Distance (tokens)")
    assert part("attention-flow", way="flow").figures[0].title.endswith("by flow")
    plane = part("word-plane", teacher_layer="1", student_layer="2").figures[0]
    assert plane.title.endswith("layer 1 and student layer 2")
    assert "“nothing”" in part("attention-flow", way="nothing").problem


def test_the_mosaic_has_a_tile_for_each_head(part: MakePart, pair: Pair) -> None:
    section, example = part("all-heads"), EXAMPLES["sentiment"]
    for figure, checkpoint in zip(section.figures, pair.sides("sentiment"), strict=True):
        layers, heads = trace(checkpoint, example).attentions.shape[:2]
        assert len(figure.figure.to_dict()["data"][0]["customdata"]) == layers * heads


def test_what_was_kept_is_what_the_record_says(part: MakePart) -> None:
    kept = read_experiment(EMBEDDED).kept
    said = part("kept").figures[0].table.columns["Kept [95% CI]"]
    assert list(said) == [f"{100 * row.value:.1f}% [{100 * row.low:.1f}, {100 * row.high:.1f}]" for row in kept]
