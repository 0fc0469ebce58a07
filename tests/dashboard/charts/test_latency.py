"""Pictures of latency and the tables beside them hold what was measured, and the sentences what follows from it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from analysis.distillation.record import Experiment, MetricValue
from analysis.latency.config import BenchmarkConfig
from analysis.latency.profile import LatencyProfile, Stage, StageProfile, Sweep
from analysis.latency.quality_tradeoff import graded, tradeoffs
from analysis.latency.roofline import Achieved, Peaks
from analysis.latency.summary import place, profile_summary, sweep_summary, time_share
from analysis.models.pairs import Sides
from analysis.statistics import Estimate
from analysis.wording import interval
from dashboard.charts import cost as cost_charts
from dashboard.charts import latency as charts
from dashboard.charts import stages as stage_charts
from dashboard.latency.machine import roofline_table, throughput_table
from dashboard.latency.profile import samples_table, sweep_table
from dashboard.latency.quality import tradeoffs_table
from dashboard.latency.stages import stages_table
from dashboard.ui.theme import NAMES
from tests.support.timekeeping import MACHINE, profile_of

ROUNDS = 60


def measured(teacher: float, student: float, spread: float = 0.01, seed: int = 0, **changes: Any) -> LatencyProfile:
    """A profile around these times in ms; both sides and the second pass vary alike and independently."""
    generator = np.random.default_rng(seed)
    times = (mean * np.exp(spread * generator.standard_normal(ROUNDS)) for mean in (teacher, student, teacher))
    return profile_of(*times, **changes)


def by_length(*profiles: LatencyProfile) -> Sweep:
    lengths = (8, 16, 32, 64)
    configs = (replace(one.config, tokens=length) for one, length in zip(profiles, lengths, strict=False))
    return Sweep("tokens", tuple(replace(one, config=to) for one, to in zip(profiles, configs, strict=True)))


def named(figure: Any, name: str) -> Any:
    return next(trace for trace in figure.data if trace.name == name)


def test_the_summary_has_speed_interval_and_null() -> None:
    found = measured(10.0, 5.0)
    share = time_share(found)
    assert share.low <= 0.5 <= share.high
    assert share.value == pytest.approx(1 / np.median(found.samples.teacher / found.samples.student))
    summary = profile_summary(found)
    ratio = found.ratio
    assert summary.startswith(
        f"The student is {ratio.value:.2f} times as fast (95% CI {ratio.low:.2f}–{ratio.high:.2f}): "
    )
    assert "Noise check, teacher against teacher: 1.00 (" in summary
    assert "no difference" not in summary
    assert "no difference can be seen" in profile_summary(measured(10.0, 10.0))


def test_noise_and_too_few_rounds_get_no_number() -> None:
    noisy = measured(10.0, 5.0, spread=1.0)
    assert profile_summary(noisy).startswith("The spread is too large for a conclusion")
    few = profile_of([1.0] * 3, [1.0] * 3, [1.0] * 3)
    assert "too few" in profile_summary(few)
    assert "No point on this axis" in sweep_summary(by_length(noisy, few))
    told = sweep_summary(by_length(measured(10.0, 5.0), noisy, measured(30.0, 10.0)))
    assert "0.33 [" in told and "0.50 [" in told
    assert "At 16 tokens the spread is too large" in told


def test_places_read_as_a_person_says_them() -> None:
    told = [place(*at) for at in (("tokens", 8), ("threads", 1), ("threads", 2), ("batch", 4), ("precision", "int8"))]
    assert told == ["8 tokens", "1 thread", "2 threads", "batch 4", "int8"]


def test_every_sample_is_drawn_and_those_beyond_the_axis_are_counted() -> None:
    found = measured(10.0, 5.0)
    found.samples.teacher[7] = 500.0
    figure = charts.samples(found)
    for trace, times in zip(
        figure.data, (found.samples.teacher, found.teacher_repeat, found.samples.student), strict=False
    ):
        np.testing.assert_array_equal(trace.x, times)
        assert list(trace.customdata) == list(range(1, ROUNDS + 1))
    end = figure.layout.xaxis.range[1]
    assert charts.beyond(found) == 1
    assert sum((trace.x > end).sum() for trace in figure.data[:3]) == 1
    assert named(figure, "p50").x[2] == pytest.approx(np.median(found.samples.student))
    table = samples_table(found)
    assert table["Teacher (ms)"] == pytest.approx(figure.data[0].x, abs=1e-6)
    assert list(table) == ["Round", "Teacher (ms)", "Teacher again (ms)", "Student (ms)"]


def test_a_sweep_draws_p50_p90_ratio_and_null_and_its_table_holds_the_same() -> None:
    swept = by_length(measured(10.0, 5.0), measured(20.0, 11.0, seed=1), measured(41.0, 20.0, seed=2))
    figure, table = charts.curves(swept), sweep_table(swept)
    assert list(named(figure, "Teacher, p50").x) == ["8", "16", "32"]
    assert table["Length (tokens)"] == [8, 16, 32]
    for line in charts.LINES:
        trace = named(figure, line.name)
        title = line.name if line.row == 2 else f"{line.name} (ms)"
        assert table[title] == pytest.approx(trace.y, abs=1e-6)
        assert table[f"{title}, low"] == pytest.approx(np.subtract(trace.y, trace.error_y.arrayminus), abs=1e-6)
        assert table[f"{title}, high"] == pytest.approx(np.add(trace.y, trace.error_y.array), abs=1e-6)
    medians = [np.median(one.samples.student) for one in swept.profiles]
    assert named(figure, "Student, p50").y == pytest.approx(medians)
    assert figure.data[0].mode == "lines+markers"


def test_no_line_joins_what_has_no_order() -> None:
    profiles = [
        replace(measured(10.0, 5.0), config=BenchmarkConfig(64, precision=name)) for name in ("float32", "int8")
    ]
    figure = charts.curves(Sweep("precision", tuple(profiles)))
    assert {trace.mode for trace in figure.data} == {"markers"}
    assert figure.layout.scattermode == "group"


def stage_profile() -> StageProfile:
    teacher = (Stage("tokenizer"), *(Stage(kind, n) for n in (1, 2) for kind in ("attention", "feed-forward")))
    stages = Sides((*teacher, Stage("task head")), (*teacher[:3], Stage("task head")))
    generator = np.random.default_rng(0)
    samples = stages.map(lambda own: generator.uniform(1, 2, (9, len(own))))
    whole = samples.map(lambda times: times.sum(axis=1))
    return StageProfile("sentiment", ("x",), Sides("a", "b"), stages, samples, whole, 1, 9, "2026-01-01", MACHINE)


def test_stages_stack_to_their_sum_in_order_on_one_scale() -> None:
    found = stage_profile()
    figure = stage_charts.stage_bars(found)
    assert figure.layout.barmode == "stack"
    for name, stages, times in zip(NAMES, found.stages, found.typical, strict=True):
        bars = [trace for trace in figure.data if trace.type == "bar" and trace.y[0] == name]
        assert [bar.customdata[0][0] for bar in bars] == [stage.name for stage in stages]
        assert sum(bar.x[0] for bar in bars) == pytest.approx(times.sum())
    shown = [trace.name for trace in figure.data if trace.type == "bar" and trace.showlegend]
    assert len(shown) == len(set(shown)) == 4
    assert list(figure.data[-1].x) == pytest.approx(list(found.typical_whole))
    table = stages_table(found)
    teacher = [time for model, time in zip(table["Model"], table["Time (ms)"], strict=True) if model == "Teacher"]
    assert teacher == pytest.approx([*found.typical.teacher, found.typical_whole.teacher], abs=1e-6)
    layers = named(stage_charts.by_layer(found), "Teacher, feed-forward")
    assert list(layers.x) == [1, 2]
    assert list(layers.y) == pytest.approx([found.typical.teacher[2], found.typical.teacher[4]])


def test_throughput_is_sequences_over_median_time() -> None:
    profiles = (replace(measured(10.0 * batch, 5.0), config=BenchmarkConfig(64, batch=batch)) for batch in (1, 2))
    swept = Sweep("batch", tuple(profiles))
    figure = cost_charts.throughput(swept)
    expected = [
        1000 * batch / np.median(one.samples.student) for batch, one in zip((1, 2), swept.profiles, strict=True)
    ]
    assert list(figure.data[1].y) == pytest.approx(expected)
    assert throughput_table(swept)["Student (sequences/s)"] == pytest.approx(expected, abs=1e-6)


def test_the_roof_bends_where_memory_and_processor_balance() -> None:
    peaks = Peaks(1, gflops=100.0, gigabytes=10.0)
    side = Achieved(Estimate(20.0, 18.0, 22.0), Estimate(0.2, 0.18, 0.22), intensity=4.0, roof=40.0)
    found = [(measured(10.0, 5.0), Sides(side, side))]
    figure = cost_charts.roofline(peaks, found)
    roof = figure.data[0]
    assert all(y == pytest.approx(min(100.0, 10.0 * x)) for x, y in zip(roof.x, roof.y, strict=True))
    assert roof.x[0] < 4.0 < 10.0 < roof.x[-1]
    assert (figure.data[1].x[0], figure.data[1].y[0], figure.data[1].error_y.array[0]) == (4.0, 20.0, 2.0)
    assert roofline_table(found)["GFLOP/s"] == [20.0, 20.0]


def test_quality_stands_beside_time_only_where_both_were_measured() -> None:
    rows = tuple(
        MetricValue("sentiment", "accuracy", side, value, value - 0.02, value + 0.02, 800)
        for side, value in (("teacher", 0.82), ("student", 0.80))
    )
    kept = MetricValue("sentiment", "share_kept:accuracy", None, 0.98, 0.95, 1.0, 800)
    adds = replace(kept, metric="distillation_adds:accuracy", value=0.5)  # another student: not the one that was timed
    experiment = Experiment(rows, (adds, kept), (), (), (), 0, "")
    profiles = {task: measured(10.0, 5.0) for task in ("sentiment", "entities")}
    (tradeoff,) = tradeoffs(experiment, profiles)
    assert tradeoff.title == "Sentiment"
    share = interval(time_share(profiles["sentiment"]))
    assert tradeoff.finding == (
        f"Sentiment: the student keeps 98.0% [95.0, 100.0] of the teacher's accuracy in {share} of its time."
    )
    assert graded(experiment, profiles) == (["sentiment"], ["entities"])
    figure = cost_charts.quality([tradeoff])
    assert list(named(figure, "Student").y) == [80.0]
    assert named(figure, "Student").error_y.array[0] == pytest.approx(2.0)
    assert named(figure, "Teacher").x[0] == pytest.approx(np.median(profiles["sentiment"].samples.teacher))
    assert tradeoffs_table([tradeoff])["Quality (%)"] == [82.0, 80.0]
    lines = [
        replace(tradeoff, quality=tradeoff.quality.map(lambda it, by=by: replace(it, value=it.value - by)))
        for by in (0, 0.3, 0.32)
    ]
    places = [trace.textposition for trace in cost_charts.quality(lines).data[:3]]
    assert places == ["top center", "top center", "bottom center"]
