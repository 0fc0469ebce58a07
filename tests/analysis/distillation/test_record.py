"""The experiment's records are read as they are, its figures carry their numbers, its sentences say them."""

from __future__ import annotations

import json
import shutil
from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import numpy as np
import plotly.graph_objects as go
import pytest
from streamlit.testing.v1 import AppTest

from analysis.distillation.metrics import KAPPA, PERPLEXITY, SHARE
from analysis.distillation.record import ABLATION, SHORT, TEACHERS, Experiment, read_experiment
from analysis.distillation.report import findings, lost_sentence, scores_sentence, seed_sentences, training_sentence
from analysis.distillation.steps import steps
from analysis.errors import AnalysisError
from analysis.literature import GLUE, PUBLISHED
from analysis.models import pairs
from analysis.models.pairs import EMBEDDED
from dashboard.charts import distillation as charts
from dashboard.distillation.tabs import TABS
from dashboard.ui.theme import COLOURS
from tests.support.made_up_experiment import CURVES, EVALUATION, write_records

PAGE = str(Path(__file__).resolve().parents[3] / "pages" / "distillation.py")


@pytest.fixture
def experiment(tmp_path: Path) -> Experiment:
    return read_experiment(write_records(tmp_path))


def points(trace: go.Scatter) -> dict[str, tuple[float, float, float]]:
    """(value, low, high) of each row of a chart of intervals."""
    ends = zip(trace.y, trace.x, trace.error_x.arrayminus, trace.error_x.array, strict=True)
    return {label: (x, x - below, x + above) for label, x, below, above in ends}


def trace_named(figure: go.Figure, name: str) -> go.Scatter:
    (trace,) = (trace for trace in figure.data if trace.name == name)
    return trace


def test_records_are_read_as_written(experiment: Experiment) -> None:
    student = experiment.measured("sentiment", "accuracy", "student")
    assert (student.value, student.low, student.high, student.n) == (0.8, 0.77, 0.83, 872)
    assert [row.value for row in experiment.kept] == [0.9, 0.971]
    assert [row.value for row in experiment.differences] == [-0.04, -0.02]
    assert [(row.task, row.metric, row.side) for row in experiment.together] == [
        ("fill-mask", "agreement", None),
        ("fill-mask", "kappa", None),
        ("sentiment", "agreement", None),
        ("sentiment", "agreement", TEACHERS),
    ]
    assert [curve.stage for curve in experiment.curves] == ["teacher", "student", SHORT, ABLATION, "sentiment-teacher"]
    teacher = experiment.curve("teacher")
    assert (teacher.steps, teacher.tokens, teacher.seconds) == (20, 2_000_000, 120)
    held_out = teacher.line("held_out_loss")
    assert (held_out.tokens.tolist(), held_out.values.tolist()) == ([2_000_000], [4.5])


def test_the_student_has_three_losses_in_panels_of_their_own(experiment: Experiment) -> None:
    student, teacher = (experiment.curve(stage) for stage in ("student", "teacher"))
    figure = charts.student_losses(student, teacher)
    panels = [trace for trace in figure.data if trace.name == "Student, training text"]
    assert [list(trace.y) for trace in panels] == [[3.0, 1.0], [4.0, 3.0], [0.3, 0.1]]
    assert all(list(trace.x) == [0.5, 1.0] for trace in panels)
    assert len({trace.yaxis for trace in panels}) == 3
    assert [title.text for title in figure.layout.annotations] == [loss.title for loss in charts.LOSSES.values()]
    masked = [trace for trace in figure.data if trace.yaxis == panels[1].yaxis]
    held_out = next(trace for trace in masked if trace.name == "Student, held-out documents")
    assert list(held_out.y) == [3.25]
    assert held_out.customdata[0] == pytest.approx(np.exp(3.25))
    assert list(trace_named(figure, "Teacher at the end, held-out documents").y) == [4.5, 4.5]


def test_the_teacher_has_its_loss_and_its_held_out_points(experiment: Experiment) -> None:
    teacher = experiment.curve("teacher")
    figure = charts.teacher_loss(teacher)
    assert list(trace_named(figure, "Training text").y) == [6.0, 4.0]
    assert list(trace_named(figure, "Held-out documents").y) == [4.5]


def test_the_short_runs_are_drawn_on_one_pair_of_axes(experiment: Experiment) -> None:
    curves = {curve.stage: curve for curve in experiment.curves if curve.stage in (SHORT, ABLATION)}
    figure = charts.ablation_losses(curves)
    assert list(trace_named(figure, "With its teacher").y) == [3.2]
    assert list(trace_named(figure, "Without its teacher").y) == [3.5]


def test_scores_show_each_value_with_its_interval(experiment: Experiment) -> None:
    figure = charts.scores(experiment.measurements, SHARE)
    shown = {trace.name: points(trace) for trace in figure.data}
    assert shown["Student (DistilBERT)"]["Sentiment<br>accuracy"] == pytest.approx((80, 77, 83))
    assert shown["Teacher (BERT)"]["Fill-mask<br>right at the first guess"] == pytest.approx((40, 39, 41))
    assert shown["Student, short run without its teacher"] == {
        "Fill-mask<br>right at the first guess": pytest.approx((30, 29, 31))
    }
    assert shown["Teacher (BERT)"]["juggling<br>balls caught"] == pytest.approx((50, 40, 60))
    assert tuple(figure.layout.xaxis.range) == (0, 102)


@pytest.mark.parametrize("unit", [SHARE, PERPLEXITY])
def test_each_unit_has_a_chart_of_its_own(experiment: Experiment, unit: str) -> None:
    figure = charts.scores(experiment.measurements, unit)
    drawn = sum(len(trace.x) for trace in figure.data)
    assert drawn == sum((row["metric"] == "perplexity") == (unit == PERPLEXITY) for row in EVALUATION["rows"])
    colours = {trace.name: trace.marker.color for trace in figure.data}
    assert colours["Teacher (BERT)"] == COLOURS.teacher
    assert colours["Student (DistilBERT)"] == COLOURS.student


def test_agreement_and_kappa_are_about_both_sides_or_both_teachers(experiment: Experiment) -> None:
    (trace,) = charts.scores(experiment.together, KAPPA).data
    assert points(trace) == {"Fill-mask<br>Cohen&#x27;s kappa": pytest.approx((0.65, 0.64, 0.66))}
    both = {trace.name: points(trace) for trace in charts.scores(experiment.together, SHARE).data}
    assert both["Teacher and student"]["Sentiment<br>same answer"] == pytest.approx((92, 90, 94))
    assert both["Two trainings of the teacher"] == {"Sentiment<br>same answer": pytest.approx((96, 95, 97))}


def test_what_is_kept_stands_beside_what_was_published(experiment: Experiment) -> None:
    figure = charts.kept(experiment.kept, PUBLISHED)
    assert points(trace_named(figure, "Student (DistilBERT)")) == {
        "Fill-mask<br>right at the first guess": pytest.approx((90, 88, 92)),
        "Sentiment<br>accuracy": pytest.approx((97.1, 95, 100.2)),
    }
    published = trace_named(figure, "Full-size pair, published")
    places = dict(zip(published.y, published.x, strict=True))
    assert places["Sentiment<br>accuracy"] == pytest.approx(100 * 91.3 / 92.7)
    assert len(places) == len(PUBLISHED)
    assert published.customdata[0][3] == GLUE.citation


def test_published_results_are_those_of_the_paper() -> None:
    """The percentages that its abstract and its critics quote."""
    kept = {result.title.split(" ")[0].rstrip(","): round(100 * result.kept, 1) for result in PUBLISHED}
    assert kept == {"SST-2": 98.5, "QNLI": 97.2, "SQuAD": 98.2, "GLUE": 96.9, "CoLA": 91.1, "RTE": 86.4, "IMDb": 99.3}


@pytest.mark.parametrize(
    ("value", "low", "high", "said"),
    [
        (-0.02, -0.035, -0.005, "On sentiment the student loses 2.0 points in accuracy (0.5 to 3.5): 80.0% where the"),
        (-0.02, -0.045, 0.005, "no loss in accuracy can be shown with 872 test examples: 80.0% where the teacher has"),
        (0.02, 0.005, 0.035, "the student is ahead of its teacher by 2.0 points in accuracy (0.5 to 3.5): 80.0%"),
    ],
)
def test_a_finding_claims_no_more_than_its_interval(
    experiment: Experiment, value: float, low: float, high: float, said: str
) -> None:
    row = replace(experiment.differences[-1], value=value, low=low, high=high)
    assert said in str(lost_sentence(experiment, row))


def test_scores_are_counted_by_what_their_intervals_show(experiment: Experiment) -> None:
    rows = [
        replace(experiment.pairs[0], metric="difference:accuracy", value=(low + high) / 2, low=low, high=high)
        for low, high in ((-0.03, -0.01), (-0.02, 0.0), (-0.02, 0.01), (0.01, 0.02))
    ]
    found = scores_sentence(replace(experiment, pairs=(*rows, replace(rows[0], metric="difference:perplexity"))))
    assert found == (
        "Of the student's 4 scores: on 1 it is lower than its teacher, on 1 it is higher, on 2 it cannot be shown to "
        "differ."
    )
    assert scores_sentence(replace(experiment, pairs=())) is None


def test_the_last_losses_on_held_out_documents_stand_beside_each_other(experiment: Experiment) -> None:
    assert training_sentence(experiment) == (
        "After 1.0 million tokens the student's loss on masked words of held-out documents is 3.25 nats, its teacher's "
        "4.50."
    )
    others = tuple(curve for curve in experiment.curves if curve.stage != "teacher")
    assert training_sentence(replace(experiment, curves=others)) is None


def test_a_finding_needs_the_scores_of_both_sides(experiment: Experiment) -> None:
    assert lost_sentence(experiment, replace(experiment.differences[-1], metric="f1")) is None


def test_findings_say_the_numbers_with_their_intervals(experiment: Experiment) -> None:
    assert findings(experiment) == (
        "On filling in words the student loses 4.0 points in right first guesses (3.0 to 5.0): 36.0% where the teacher "
        "has 40.0%.",
        "On sentiment no loss in accuracy can be shown with 872 test examples: 80.0% where the teacher has 82.0%, a "
        "difference of −2.0 points (−4.5 to +0.5).",
        "Of two short runs of the student (1.0 million tokens each), alike but for the teacher, the one with it "
        "reaches 34.0% [33.0, 35.0] in right first guesses, the one without it 30.0% [29.0, 31.0]: on the same texts "
        "distillation adds +4.0 points [+3.0, +5.0].",
    )


@pytest.mark.parametrize(("low", "high", "chance"), [(-0.01, 0.02, True), (0.01, 0.02, False), (-0.02, -0.01, False)])
def test_what_distillation_adds_may_be_chance(experiment: Experiment, low: float, high: float, chance: bool) -> None:
    pairs = tuple(
        replace(row, low=low, high=high) if row.metric.startswith("distillation_adds") else row
        for row in experiment.pairs
    )
    assert findings(replace(experiment, pairs=pairs))[-1].endswith("may be chance.") == chance
    assert not any(row.metric.startswith("distillation_adds") for row in experiment.together)


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (0.9, 0.94, "the student differs from its teacher by more than a second training of the teacher does."),
        (0.9, 0.955, "it cannot be shown that the student differs by more than a second training of the teacher does."),
        (0.98, 0.99, "the student differs from its teacher by less than a second training of the teacher does."),
    ],
)
def test_agreement_is_held_against_that_of_two_teachers(
    experiment: Experiment, low: float, high: float, verdict: str
) -> None:
    pairs = tuple(
        replace(row, low=low, high=high) if (row.task, row.metric) == ("sentiment", "agreement") else row
        for row in experiment.pairs
    )
    told, without = seed_sentences(replace(experiment, pairs=pairs))
    assert told.startswith(
        "On sentiment two trainings of the teacher with different seeds agree on 96.0% of the answers"
    )
    assert told.endswith(verdict)
    assert without == "A second training of the teacher was not made for filling in words."


def test_the_steps_take_their_figures_from_the_records(experiment: Experiment) -> None:
    told = {step.title: step.text for step in steps(experiment)}
    assert "2 sources, 4.5 million tokens" in told["Gather text"]
    teacher = "Train a published encoder further: the teacher"
    assert "BERT, 12 layers, 9.99 M parameters" in told[teacher]
    assert "2.0 million tokens in 2 minutes, which is 0.2 times the text" in told[teacher]
    assert "it started as a published juggler" in told[teacher]
    assert "38.8% fewer parameters" in told["Make the student"]
    assert "5 · soft + 2 · MLM + 1 · cosine" in told["Distil"]
    assert told["Teach both the tasks"].endswith("Sentiment: 1 × all examples.")
    assert told["Train a teacher twice, for comparison"].startswith("On sentiment the teacher was trained again")
    assert "sentiment (872)" in told["Measure"]
    assert len(told) == 8


def test_steps_that_the_records_know_nothing_of_are_left_out(tmp_path: Path) -> None:
    empty = read_experiment(write_records(tmp_path, {"rows": [], "pairs": []}, {"settings": {}, "stages": {}}))
    assert steps(empty) == ()
    assert findings(empty) == ()


@pytest.mark.parametrize("name", ["evaluation.json", "curves.json"])
def test_a_missing_record_is_one_sentence(tmp_path: Path, name: str) -> None:
    (write_records(tmp_path) / name).unlink()
    with pytest.raises(AnalysisError, match=f"The record {name} of the embedded pair is not there: .*\\.$"):
        read_experiment(tmp_path)


@pytest.mark.parametrize("name", ["evaluation.json", "curves.json"])
@pytest.mark.parametrize(
    "content", ["", "{", "[]", "null", '{"rows": 1, "pairs": 2, "stages": 3, "settings": 4}', "\xff"]
)
def test_a_damaged_record_is_one_sentence(tmp_path: Path, name: str, content: str) -> None:
    (write_records(tmp_path) / name).write_bytes(content.encode("latin-1"))
    with pytest.raises(AnalysisError, match=f"The record {name} of the embedded pair is damaged: .*\\.$"):
        read_experiment(tmp_path)


@pytest.mark.parametrize("field", ["task", "metric", "value", "low", "high", "n"])
def test_a_row_without_a_field_is_damage(tmp_path: Path, field: str) -> None:
    evaluation = deepcopy(EVALUATION)
    del evaluation["rows"][0][field]
    with pytest.raises(AnalysisError, match="evaluation.json of the embedded pair is damaged"):
        read_experiment(write_records(tmp_path, evaluation))


def tabs_in(folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[AppTest]:
    """The page with each of its tabs open, and all that is folded there."""
    monkeypatch.setattr(pairs, "EMBEDDED", folder)
    pages = []
    for tab in TABS:
        page = AppTest.from_file(PAGE, default_timeout=60)
        page.session_state["distillation_tab"] = tab
        page.run()
        for block in page.expander:
            if block.proto.id:  # what is drawn only when it is opened
                page.session_state[block.proto.id.rpartition("-")[2]] = True
        pages.append(page.run())
    assert not any(page.exception for page in pages)
    return pages


def charts_of(pages: list[AppTest]) -> int:
    return sum(len(page.get("plotly_chart")) for page in pages)


def test_the_page_draws_every_chart_with_a_line_on_reading_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pages = tabs_in(write_records(tmp_path), monkeypatch)
    assert charts_of(pages) == 9
    assert sum(len(page.caption) for page in pages) >= 7
    told = " ".join(str(block.proto.body) for page in pages for block in page.get("html"))
    assert "On filling in words the student loses 4.0 points in right first guesses (3.0 to 5.0)" in told
    assert "two trainings of the teacher with different seeds agree on 96.0%" in told
    assert "−2.0 points [−4.5, +0.5]" in told
    assert "an abacus" in told
    assert told.count("dl-table") >= 6


@pytest.mark.parametrize("missing", ["rows", "pairs", "stages"])
def test_the_page_draws_what_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    evaluation = {**EVALUATION, missing: []} if missing in EVALUATION else EVALUATION
    curves = {**CURVES, "stages": {}} if missing == "stages" else CURVES
    assert 0 < charts_of(tabs_in(write_records(tmp_path, evaluation, curves), monkeypatch)) < 9


def test_the_committed_records_agree_with_themselves() -> None:
    experiment = read_experiment(EMBEDDED)
    assert {row.metric for row in experiment.kept} >= {"top1", "accuracy", "f1"}
    for row, of in [(row, "share") for row in experiment.kept] + [(row, "less") for row in experiment.differences]:
        teacher, student = (experiment.measured(row.task, row.metric, side) for side in ("teacher", "student"))
        value = student.value / teacher.value if of == "share" else student.value - teacher.value
        assert row.value == pytest.approx(value, rel=1e-3, abs=2e-5)
        assert row.low <= row.value <= row.high
    assert len(experiment.curve("teacher").line("held_out_loss").values) > 1
    assert {"soft", "mlm", "cosine"} <= {line.name for line in experiment.curve("student").lines}
    assert len(steps(experiment)) >= 6


def test_the_committed_records_are_drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("evaluation.json", "curves.json"):
        shutil.copy(EMBEDDED / name, tmp_path / name)
    assert charts_of(tabs_in(tmp_path, monkeypatch)) >= 6
    assert set(json.loads((tmp_path / "evaluation.json").read_text())) >= {"rows", "pairs"}
