"""Panel: both models' forward passes, on the reader's text or along an axis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from analysis.latency.config import Setting
from analysis.latency.profile import FEWEST_FOR_P99, LatencyProfile, Sweep
from analysis.latency.summary import inverse, place, sweep_verdict, time_share, verdict
from analysis.latency.sweep import AXES
from analysis.wording import interval
from cache import latency as measuring
from dashboard.charts import latency as charts
from dashboard.latency.controls import Asked
from dashboard.latency.downloads import save_buttons
from dashboard.latency.measure_button import measured
from dashboard.latency.wording import HOW_MEASURED, amount, but_for, circumstances, conditions, in_ms
from dashboard.ui import markup
from dashboard.ui.figures import chart, numbers
from dashboard.ui.theme import SHORT

TEXT = "My text"
WHAT: dict[str, str | None] = {  # what is measured -> its axis, None for the reader's own text
    TEXT: None,
    "Length": "tokens",
    "Batch": "batch",
    "Threads": "threads",
    "Attention": "attention",
    "Number format": "precision",
    "Device": "device",
}

BY = {axis: label.lower() for label, axis in WHAT.items() if axis}


def profile(asked: Asked) -> None:
    """One profile of the text, or a sweep."""
    chosen = st.segmented_control(
        "Measure", list(WHAT), default=TEXT, required=True, key="latency_what", bind="query-params"
    )
    axis = WHAT[str(chosen)]
    if axis is None:
        found = profile_of_text(asked)
        if found:
            _profile(found)
        return
    swept = sweep_over(asked, axis)
    if swept:
        _sweep(swept)


def profile_of_text(asked: Asked) -> LatencyProfile | None:
    """The button, and the profile on the reader's text where there is one."""
    sides, example, setting = asked.question.sides, asked.example, asked.of_text
    return measured(
        ("text", sides, example, setting),
        "Measure this text",
        lambda told: measuring.latency_profile(sides, example.task, setting, example, asked.rounds, told),
    )


def sweep_over(asked: Asked, axis: str) -> Sweep | None:
    """The button, and the sweep over an axis where there is one."""
    sides, task = asked.question.sides, asked.example.task
    base = replace(asked.setting, **{axis: getattr(Setting(tokens=64), axis)})
    return measured(
        ("sweep", axis, sides, task, base),
        f"Measure by {BY[axis]}",
        lambda told: measuring.latency_sweep(sides, task, axis, base, asked.rounds, told),
    )


def _profile(found: LatencyProfile) -> None:
    st.html(markup.note(amount(found) + verdict(found)))
    chart(charts.samples(found), "latency samples")
    far = charts.beyond(found)
    st.caption(
        "How to read this: a dot is one forward pass, farther left is faster; the ring is p50 (half of the passes took "
        f"at most so long), the diamond p90. {HOW_MEASURED}"
        + (f" Slower passes that lie beyond the axis: {far:,}; double-click it to see them." if far else "")
    )
    st.html(markup.table(("Time of a forward pass", *SHORT), _rows(found), (1, 2)))
    lengths = " and ".join(dict.fromkeys(f"{count:,}" for count in found.tokens))
    st.caption(
        f"In ms, with 95 % intervals over {found.rounds:,} rounds. {lengths} tokens, {conditions(found.setting)}. "
        + ("" if found.p99 else f"p99 needs {FEWEST_FOR_P99:,} rounds: with fewer it is the luck of a few passes.")
    )
    st.html(markup.element("div", "dl-small", markup.escaped(circumstances(found.machine, found.started))))
    numbers("The drawn samples as a table", "latency samples", lambda: samples_table(found))
    save_buttons(found, "latency-of-text")


def _rows(found: LatencyProfile) -> list[tuple[str, ...]]:
    shares = [("p50", found.p50), ("p90", found.p90), *((("p99", found.p99),) if found.p99 else ())]
    return [
        *((f"{name} (ms)", *map(in_ms, sides)) for name, sides in shares),
        ("Sequences/s, at p50", *(interval(side, 1) for side in found.throughput)),
        ("Share of the teacher's time", f"{interval(inverse(found.null))} (null)", interval(time_share(found))),
    ]


def samples_table(found: LatencyProfile) -> dict[str, Sequence[object]]:
    """Every drawn sample, in ms."""
    rows = {f"{name} (ms)": times.round(6).tolist() for name, times in charts.rows_of(found).items()}
    return {"Round": list(range(1, found.rounds + 1)), **rows}


def _sweep(found: Sweep) -> None:
    for one in found.unavailable:
        at = place(found.axis, getattr(one.setting, found.axis))
        st.html(markup.note(f"Not measured at {at}: {one.reason}"))
    if not found.profiles:
        return
    first = found.profiles[0]
    fewest = min(one.rounds for one in found.profiles)
    stopped = f"Stopped: a point has as few as {fewest:,} of {first.asked:,} rounds. " if fewest < first.asked else ""
    st.html(markup.note(stopped + sweep_verdict(found)))
    key = f"latency by {found.axis}"
    chart(charts.curves(found), key)
    grows = " on a logarithmic scale" if isinstance(AXES[found.axis][0], int) else ""
    st.caption(
        f"How to read this: above, the time of a forward pass{grows}: p50 with its 95 % interval, and p90 with open "
        "symbols. Below, the teacher's time over the student's: 2 is twice as fast; the crosses are the teacher over "
        f"itself, which would be 1 without noise. {HOW_MEASURED} Measured on random tokens: "
        f"{but_for(found.axis, first.setting)}."
    )
    st.html(markup.element("div", "dl-small", markup.escaped(circumstances(first.machine, first.started))))
    numbers("The numbers as a table", key, lambda: sweep_table(found))
    save_buttons(found, f"latency-by-{found.axis}")


def sweep_table(found: Sweep) -> dict[str, Sequence[object]]:
    """Every drawn point with its interval, a row a place."""
    columns: dict[str, Sequence[object]] = {charts.TITLES[found.axis]: list(found.at)}
    for line in charts.LINES:
        points = [line.value(profile) for profile in found.profiles]
        title = f"{line.name} (ms)" if charts.UNITS[line.row] == "ms" else line.name
        columns[title] = [round(point.value, 6) for point in points]
        columns[f"{title}, low"] = [round(point.low, 6) for point in points]
        columns[f"{title}, high"] = [round(point.high, 6) for point in points]
    columns["Rounds"] = [profile.rounds for profile in found.profiles]
    columns["Conclusive"] = [profile.trouble is None for profile in found.profiles]
    return columns
