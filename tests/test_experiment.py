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
from made_up_experiment import CURVES, EVALUATION, distilled_again, write_records
from streamlit.testing.v1 import AppTest

from analysis import pairs
from analysis.errors import AnalysisError
from analysis.experiment import ABLATION, Experiment, read_experiment
from analysis.findings import KAPPA, PERPLEXITY, SHARE, findings, in_words, kept_sentence, steps
from analysis.pairs import EMBEDDED
from analysis.published import GLUE, PUBLISHED
from dashboard.charts import experiment as charts

PAGE = str(Path(__file__).resolve().parent.parent / "pages" / "distillation.py")


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
    assert student is not None
    assert (student.value, student.low, student.high, student.n) == (0.8, 0.77, 0.83, 872)
    assert [row.value for row in experiment.kept] == [0.9, 0.971]
    assert [(row.task, row.metric) for row in experiment.together] == [
        ("fill-mask", "agreement"),
        ("fill-mask", "kappa"),
    ]
    assert [curve.stage for curve in experiment.curves] == ["teacher", "student", ABLATION, "sentiment-teacher"]
    teacher = experiment.curve("teacher")
    assert teacher is not None
    assert (teacher.steps, teacher.tokens, teacher.seconds) == (20, 2_000_000, 120)
    assert teacher.growth == ((3, 1_000_000), (12, 2_000_000))
    held_out = teacher.line("held_out_loss")
    assert held_out is not None
    assert (held_out.tokens.tolist(), held_out.values.tolist()) == ([2_000_000], [4.5])


def test_the_student_has_three_losses_in_panels_of_their_own(experiment: Experiment) -> None:
    student, alone, teacher = (experiment.curve(stage) for stage in ("student", ABLATION, "teacher"))
    assert student is not None
    figure = charts.student_losses(student, alone, teacher)
    panels = [trace for trace in figure.data if trace.name == "Student, training text"]
    assert [list(trace.y) for trace in panels] == [[3.0, 1.0], [4.0, 3.0], [0.3, 0.1]]
    assert all(list(trace.x) == [0.5, 1.0] for trace in panels)
    assert len({trace.yaxis for trace in panels}) == 3
    assert [title.text for title in figure.layout.annotations] == [loss.title for loss in charts.LOSSES.values()]
    masked = [trace for trace in figure.data if trace.yaxis == panels[1].yaxis]
    held_out = next(trace for trace in masked if trace.name == "Student, held-out documents")
    assert list(held_out.y) == [3.25]
    assert held_out.customdata[0] == pytest.approx(np.exp(3.25))
    assert list(trace_named(figure, "Student without its teacher").y) == [3.5]
    assert list(trace_named(figure, "Teacher at the end, held-out documents").y) == [4.5, 4.5]


def test_the_teacher_has_its_loss_its_held_out_points_and_its_growth(experiment: Experiment) -> None:
    teacher = experiment.curve("teacher")
    assert teacher is not None
    figure = charts.teacher_loss(teacher)
    assert list(trace_named(figure, "Training text").y) == [6.0, 4.0]
    assert list(trace_named(figure, "Held-out documents").y) == [4.5]
    assert [note.text for note in figure.layout.annotations] == ["12 layers"]


def test_scores_show_each_value_with_its_interval(experiment: Experiment) -> None:
    figure = charts.scores(experiment.measurements, SHARE)
    shown = {trace.name: points(trace) for trace in figure.data}
    assert shown["Student (DistilBERT)"]["Sentiment<br>accuracy"] == pytest.approx((80, 77, 83))
    assert shown["Teacher (BERT)"]["Fill-mask<br>right at the first guess"] == pytest.approx((40, 39, 41))
    assert shown["Student without its teacher"] == {
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
    assert colours["Teacher (BERT)"] == charts.COLOURS.teacher
    assert colours["Student (DistilBERT)"] == charts.COLOURS.student


def test_agreement_and_kappa_are_about_both(experiment: Experiment) -> None:
    (trace,) = charts.scores(experiment.together, KAPPA).data
    assert points(trace) == {"Fill-mask<br>Cohen&#x27;s kappa": pytest.approx((0.65, 0.64, 0.66))}


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
    assert published.customdata[0][3] == GLUE.words


def test_published_results_are_those_of_the_paper() -> None:
    """The percentages that its abstract and its critics quote."""
    kept = {result.title.split(" ")[0].rstrip(","): round(100 * result.kept, 1) for result in PUBLISHED}
    assert kept == {"SST-2": 98.5, "QNLI": 97.2, "SQuAD": 98.2, "GLUE": 96.9, "CoLA": 91.1, "RTE": 86.4, "IMDb": 99.3}


@pytest.mark.parametrize(
    ("low", "high", "end"),
    [
        (0.9, 0.99, "accuracy."),
        (0.9, 1.02, "may have lost nothing."),
        (1.01, 1.05, "longer training would likely change."),
    ],
)
def test_a_finding_claims_no_more_than_its_interval(experiment: Experiment, low: float, high: float, end: str) -> None:
    assert kept_sentence(replace(experiment.kept[-1], low=low, high=high)).endswith(end)


def test_findings_say_the_numbers_with_their_intervals(experiment: Experiment) -> None:
    assert findings(experiment) == (
        "On filling in words the student keeps 90.0 % [88.0, 92.0] of the teacher's right first guesses.",
        "On sentiment the student keeps 97.1 % [95.0, 100.2] of the teacher's accuracy; the interval reaches 100 %, so "
        "that it may have lost nothing.",
        "On filling in words the same student trained without its teacher reaches 30.0 % [29.0, 31.0] in right first "
        "guesses, the distilled one 36.0 % [35.0, 37.0]: on the same examples distillation adds +6.0 points [+5.0, "
        "+7.0].",
    )


@pytest.mark.parametrize(("low", "high", "chance"), [(-0.01, 0.02, True), (0.01, 0.02, False), (-0.02, -0.01, False)])
def test_what_distillation_adds_may_be_chance(experiment: Experiment, low: float, high: float, chance: bool) -> None:
    pairs = tuple(
        replace(row, low=low, high=high) if row.metric.startswith("distillation_adds") else row
        for row in experiment.pairs
    )
    assert findings(replace(experiment, pairs=pairs))[-1].endswith("may be chance.") == chance
    assert not any(row.metric.startswith("distillation_adds") for row in experiment.together)


def test_a_second_distillation_stands_beside_the_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    experiment = read_experiment(write_records(tmp_path, *distilled_again()))
    assert findings(experiment)[:3] == findings(read_experiment(write_records(tmp_path)))
    assert findings(experiment)[-1] == (
        "On sentiment the same student, taught the task by its teacher too, reaches 81.0 % [79.0, 84.0] in accuracy, "
        "the one that learned from the examples alone 80.0 % [77.0, 83.0]: on the same examples distillation adds "
        "+1.0 points [-1.0, +3.0], which may be chance."
    )
    figure = charts.kept(experiment.kept, PUBLISHED)
    again = trace_named(figure, "Student distilled again on the task")
    assert points(again) == {"Sentiment<br>accuracy": pytest.approx((98.8, 97, 101))}
    assert "Distil again, on a task, for comparison" in {step.title for step in steps(experiment)}
    page = page_in(write_records(tmp_path, *distilled_again()), monkeypatch)
    assert not page.exception
    assert any("as ours was where a triangle stands" in caption.value for caption in page.caption)
    assert "Student distilled again on the task" in " ".join(str(block.proto.body) for block in page.get("html"))


def test_the_steps_take_their_figures_from_the_records(experiment: Experiment) -> None:
    told = {step.title: step.text for step in steps(experiment)}
    assert "2 sources, 4.5 million tokens" in told["Gather text"]
    assert "BERT, 12 layers, 9.99 M parameters" in told["Train the teacher"]
    assert "2.0 million tokens in 2 minutes, 25 % of the text" in told["Train the teacher"]
    assert "38.8 % fewer parameters" in told["Make the student"]
    assert "5 · soft + 2 · MLM + 1 · cosine" in told["Distil"]
    assert told["Teach both the tasks"].endswith("Sentiment: 1 × all examples. The second objective was to juggle.")
    assert "sentiment (872)" in told["Measure"]
    assert len(told) == 7


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


def page_in(folder: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setattr(pairs, "EMBEDDED", folder)
    return AppTest.from_file(PAGE, default_timeout=60).run()


def test_the_page_draws_every_chart_with_a_line_on_reading_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = page_in(write_records(tmp_path), monkeypatch)
    assert not page.exception
    assert len(page.get("plotly_chart")) == 8
    assert sum(caption.value.startswith("How to read this:") for caption in page.caption) >= 7
    told = " ".join(str(block.proto.body) for block in page.get("html"))
    assert "On sentiment the student keeps 97.1 % [95.0, 100.2] of the teacher&#x27;s accuracy" in told
    assert "an abacus" in told
    assert told.count("dl-table") >= 6


@pytest.mark.parametrize("missing", ["rows", "pairs", "stages"])
def test_the_page_draws_what_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    evaluation = {**EVALUATION, missing: []} if missing in EVALUATION else EVALUATION
    curves = {**CURVES, "stages": {}} if missing == "stages" else CURVES
    page = page_in(write_records(tmp_path, evaluation, curves), monkeypatch)
    assert not page.exception
    assert 0 < len(page.get("plotly_chart")) < 8


def test_the_committed_records_agree_with_themselves() -> None:
    experiment = read_experiment(EMBEDDED)
    kept = [row for row in experiment.kept if row.side == "student"]
    assert kept
    for row in kept:
        teacher, student = (experiment.measured(row.task, row.metric, side) for side in ("teacher", "student"))
        assert teacher is not None
        assert student is not None
        assert row.value == pytest.approx(student.value / teacher.value, rel=1e-3)
        assert row.low <= row.value <= row.high
    assert experiment.curve("teacher") is not None
    student_curve = experiment.curve("student")
    assert student_curve is not None
    assert {"soft", "mlm", "cosine"} <= {line.name for line in student_curve.lines}
    assert len(steps(experiment)) >= 6
    assert all(in_words(row, SHARE) in " ".join(findings(experiment)) for row in kept if row.metric == "accuracy")


def test_the_committed_records_are_drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("evaluation.json", "curves.json"):
        shutil.copy(EMBEDDED / name, tmp_path / name)
    page = page_in(tmp_path, monkeypatch)
    assert not page.exception
    assert len(page.get("plotly_chart")) >= 6
    assert set(json.loads((tmp_path / "evaluation.json").read_text())) >= {"rows", "pairs"}
