"""The tab Profile: forward passes of both models, on the reader's text or along an axis."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from analysis.latency.config import BenchmarkConfig
from analysis.latency.profile import FEWEST_FOR_P99, LatencyProfile, Sweep
from analysis.latency.summary import inverse, place, profile_summary, sweep_summary, time_share
from analysis.latency.sweep import AXES
from analysis.wording import interval
from cache import latency as measuring
from cache.measurements import asked
from dashboard import address
from dashboard.charts import latency as charts
from dashboard.export.columns import Columns
from dashboard.latency.controls import MeasurementRequest
from dashboard.latency.downloads import save_buttons
from dashboard.latency.measure_button import measured
from dashboard.latency.wording import HOW_MEASURED, amount, but_for, circumstances, conditions, in_ms
from dashboard.ui import markup
from dashboard.ui.figures import chart, drawn, numbers
from dashboard.ui.theme import SHORT

TEXT = "My text"
AXIS_OF: dict[str, str | None] = {  # option -> its axis, None for the reader's own text
    TEXT: None,
    "Length": "tokens",
    "Batch": "batch",
    "Threads": "threads",
    "Attention": "attention",
    "Number format": "precision",
    "Device": "device",
}

TIMES = ("Time of a forward pass", *SHORT)  # header of the rows
BY = {axis: label.lower() for label, axis in AXIS_OF.items() if axis}


def profile(request: MeasurementRequest) -> None:
    """One profile of the text, or a sweep along an axis."""
    with request.row:
        option = address.Choice(AXIS_OF, "latency_what").draw(st.segmented_control, "Measure", required=True)
    axis = AXIS_OF[option]
    if axis is None:
        if measured_profile := profile_of_text(request, also_shipped=True):
            _profile(measured_profile)
    elif sweep := sweep_over(request, axis):
        _sweep(sweep)


def profile_of_text(request: MeasurementRequest, also_shipped: bool = False) -> LatencyProfile | None:
    """The button, and the profile on the reader's text if it was measured, or also shipped."""
    sides, example, config = request.question.sides, request.example, request.text_config
    return measured(
        asked("text", sides, example.task, texts=example.texts, config=config),
        "Measure this text",
        lambda report: measuring.latency_profile(sides, example.task, config, example, request.rounds, report),
        request.row,
        lambda: measuring.shipped_profile(sides, example.task, config, example) if also_shipped else None,
    )


def sweep_over(request: MeasurementRequest, axis: str) -> Sweep | None:
    """The button, and the sweep over an axis if it was measured."""
    sides, task = request.question.sides, request.example.task
    base = replace(request.config, **{axis: getattr(BenchmarkConfig(tokens=64), axis)})
    return measured(
        asked("sweep", sides, task, config=base, axis=axis),
        f"Measure by {BY[axis]}",
        lambda report: measuring.latency_sweep(sides, task, axis, base, request.rounds, report),
        request.row,
    )


def _profile(profile: LatencyProfile) -> None:
    st.html(markup.note(amount(profile) + profile_summary(profile)))
    chart(drawn(charts.samples, profile), "latency samples")
    far = charts.beyond(profile)
    st.caption(
        "One dot per forward pass; farther left is faster. The ring is the median (p50); 9 in 10 are faster than the "
        "diamond (p90)." + (f" Beyond the axis: {far:,} slower." if far else ""),
        help=HOW_MEASURED + (" Double-click to see the passes beyond the axis." if far else ""),
    )
    st.html(markup.table(TIMES, rows_of_times(profile), (1, 2)))
    lengths = " and ".join(dict.fromkeys(f"{count:,}" for count in profile.tokens))
    st.caption(
        f"In ms, with 95% CI over {profile.rounds:,} rounds.",
        help=f"{lengths} tokens, {conditions(profile.config)}. "
        + ("" if profile.p99 else f"p99 needs {FEWEST_FOR_P99:,} rounds: with fewer it depends on a few passes."),
    )
    st.html(markup.element("div", "dl-small", markup.escaped(circumstances(profile.machine, profile.started))))
    numbers("Data table", "latency samples", lambda: samples_table(profile))
    save_buttons(profile, "latency-of-text")


def rows_of_times(profile: LatencyProfile) -> list[tuple[str, ...]]:
    """One row per number, each (its title, the teacher's, the student's)."""
    shares = [("p50", profile.p50), ("p90", profile.p90), *((("p99", profile.p99),) if profile.p99 else ())]
    return [
        *((f"{name} (ms)", *map(in_ms, sides)) for name, sides in shares),
        ("Sequences/s, at p50", *(interval(side, 1) for side in profile.throughput)),
        (
            "Share of the teacher's time",
            f"{interval(inverse(profile.null))} (against itself)",
            interval(time_share(profile)),
        ),
    ]


def samples_table(profile: LatencyProfile) -> Columns:
    """Every drawn sample, in ms."""
    rows = {f"{name} (ms)": times.round(6).tolist() for name, times in charts.rows_of(profile).items()}
    return {"Round": list(range(1, profile.rounds + 1)), **rows}


def _sweep(sweep: Sweep) -> None:
    for point in sweep.unavailable:
        at = place(sweep.axis, getattr(point.config, sweep.axis))
        st.html(markup.note(f"Not measured at {at}: {point.reason}"))
    if not sweep.profiles:
        return
    first = sweep.profiles[0]
    fewest = min(profile.rounds for profile in sweep.profiles)
    stopped = (
        f"Stopped: some points have only {fewest:,} of {first.rounds_requested:,} rounds. "
        if fewest < first.rounds_requested
        else ""
    )
    st.html(markup.note(stopped + sweep_summary(sweep)))
    key = f"latency by {sweep.axis}"
    chart(drawn(charts.curves, sweep), key)
    grows = " on a logarithmic scale" if isinstance(AXES[sweep.axis][0], int) else ""
    st.caption(
        "Top: time of a forward pass. Bottom: the teacher's time over the student's (2 means twice as fast).",
        help=f"Times are drawn{grows or ' on an even scale'}, p50 with 95% CI and p90 with open symbols. Crosses show "
        f"the teacher over itself, which would be 1 without noise. {HOW_MEASURED} Measured on random tokens: "
        f"{but_for(sweep.axis, first.config)}.",
    )
    st.html(markup.element("div", "dl-small", markup.escaped(circumstances(first.machine, first.started))))
    numbers("Data table", key, lambda: sweep_table(sweep))
    save_buttons(sweep, f"latency-by-{sweep.axis}")


def sweep_table(sweep: Sweep) -> Columns:
    """Every drawn point with its interval, one row per value of the axis."""
    columns: Columns = {charts.TITLES[sweep.axis]: list(sweep.at)}
    for line in charts.LINES:
        points = [line.value(profile) for profile in sweep.profiles]
        title = f"{line.name} (ms)" if charts.UNITS[line.row] == "ms" else line.name
        columns[title] = [round(point.value, 6) for point in points]
        columns[f"{title}, low"] = [round(point.low, 6) for point in points]
        columns[f"{title}, high"] = [round(point.high, 6) for point in points]
    columns["Rounds"] = [profile.rounds for profile in sweep.profiles]
    columns["Conclusive"] = [profile.inconclusive_reason is None for profile in sweep.profiles]
    return columns
