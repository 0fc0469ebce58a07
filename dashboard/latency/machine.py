"""How this machine performs with both models: throughput, requests per second, roofline and energy, on buttons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from analysis.latency.capacity import FEWEST, WITHIN_MS, capacity
from analysis.latency.config import BenchmarkConfig
from analysis.latency.energy import Energy
from analysis.latency.profile import LatencyProfile, Sweep
from analysis.latency.roofline import Achieved, Peaks, achieved
from analysis.latency.summary import place
from analysis.models.pairs import Sides
from analysis.wording import interval
from cache import latency as measuring
from cache.loaded_models import model
from cache.measurements import Asked, asked
from dashboard.charts import cost as charts
from dashboard.export.columns import Columns, of_rows
from dashboard.latency.controls import MeasurementRequest
from dashboard.latency.measure_button import at_once, derived
from dashboard.latency.profile import profile_of_text, sweep_over
from dashboard.latency.wording import but_for, conditions
from dashboard.measurements import kept
from dashboard.ui import markup
from dashboard.ui.figures import chart, drawn, numbers
from dashboard.ui.theme import SHORT

ELSEWHERE = (
    "The peaks and the times by length are from different machines, or from different versions of the libraries, and "
    "cannot be compared: measure both again."
)


def throughput(request: MeasurementRequest) -> None:
    """Sequences per second by batch."""
    sweep = sweep_over(request, "batch")
    if not sweep or not sweep.profiles:
        return
    chart(drawn(charts.throughput, sweep), "latency throughput")
    st.caption(
        "Sequences per second by batch, with 95% CI. Where the line is flat, a larger batch only makes every request "
        "wait longer.",
        help=f"At the median time of a pass; {but_for('batch', sweep.profiles[0].config)}.",
    )
    numbers("Data table", "latency throughput", lambda: throughput_table(sweep))


def throughput_table(sweep: Sweep) -> Columns:
    """Every drawn point, one row per batch size."""
    columns: Columns = {"Batch": list(sweep.at)}
    for side, name in SHORT.items():
        rates = [profile.throughput[side] for profile in sweep.profiles]
        columns[f"{name} (sequences/s)"] = [round(rate.value, 6) for rate in rates]
        columns[f"{name}, low"] = [round(rate.low, 6) for rate in rates]
        columns[f"{name}, high"] = [round(rate.high, 6) for rate in rates]
    return columns


def requests_per_second(request: MeasurementRequest) -> None:
    """Requests per second while 99 in 100 are answered in time."""
    profile = profile_of_text(replace(request, config=replace(request.config, batch=1)))
    if profile is None:
        return
    if profile.rounds < FEWEST:
        st.html(markup.note(f"{profile.rounds} passes are too few: choose {FEWEST} rounds or more, and measure."))
        return
    rates = derived(
        ("capacity", request.question.sides, profile.started, profile.rounds), lambda: profile.samples.map(capacity)
    )
    cells = [interval(side.rate, 1) for side in rates]
    st.html(markup.table(("Requests per second", *SHORT), [(f"p99 within {WITHIN_MS:.0f} ms", *cells)], (1, 2)))
    st.caption(
        "How many requests per second can arrive before more than 1 in 100 takes longer than "
        f"{WITHIN_MS:.0f} ms including the wait; with 95% CI.",
        help="Requests with your text arrive at random times and are answered one after the other. Computed from "
        f"{profile.rounds:,} measured passes of each model, {conditions(profile.config)}; more rounds narrow the "
        "interval. 0 means that a single request already takes longer.",
    )


def roofline(request: MeasurementRequest) -> None:
    """What the sweep over length reaches, under the measured peaks."""
    threads = request.config.threads
    peaks_of = Asked("peaks", config=BenchmarkConfig(threads=threads))
    peaks = at_once(peaks_of, "Measure this machine's peaks", lambda: measuring.machine_peaks(threads))
    known = kept(peaks_of)
    if peaks is None or known is None:
        return
    st.html(markup.element("p", "", markup.escaped(_peaks(peaks))))
    sweep = sweep_over(request, "tokens")
    profiles = [profile for profile in sweep.profiles if _under_the_roof(profile.config)] if sweep else []
    if any(profile.machine != known.measured.machine for profile in profiles):
        st.html(markup.note(ELSEWHERE))
        return
    if not profiles:
        st.html(markup.note("Measure by length, in float32 on the CPU, to see how close the two models come to it."))
        return
    models = request.question.sides.map(lambda checkpoint: model(checkpoint, request.example.task))
    achieved_by_profile = derived(
        ("achieved", request.question.sides, peaks, profiles[0].started, profiles[0].rounds),
        lambda: [(profile, achieved(profile, models, peaks)) for profile in profiles],
    )
    chart(drawn(charts.roofline, peaks, achieved_by_profile), "latency roofline")
    st.caption(
        "The line is this machine's limit; dots are the measured passes, in billions of operations per second.",
        help="The limit is the roofline model's (Williams et al. 2009): on the slope, memory is too slow to deliver "
        "the weights; on the plateau, the processor computes as fast as in one large matrix product. A dot far below "
        "the line loses time to something else, such as many small operations; a dot above it reuses weights that are "
        "still in the processor's cache.",
    )
    numbers("Data table", "latency roofline", lambda: roofline_table(achieved_by_profile))


def watts(request: MeasurementRequest) -> None:
    """Energy by the processor's own counter, or an error that says why it cannot be read."""
    sides, task, config = request.question.sides, request.example.task, request.config
    energies: Sides[Energy] | None = at_once(
        asked("energy", sides, task, config=config),
        "Measure energy",
        lambda: sides.map(lambda checkpoint: measuring.energy(checkpoint, task, config)),
    )
    if energies is None:
        return
    rows = [
        ("Power of the processor (W)", *(f"{side.watts:.1f}" for side in energies)),
        ("Energy per pass (J)", *(f"{side.joules_per_pass:.3f}" for side in energies)),
        ("Tokens per joule (tokens per second per watt)", *(f"{side.tokens_per_joule:,.1f}" for side in energies)),
    ]
    st.html(markup.table((place("tokens", config.tokens or 0), *SHORT), rows, (1, 2)))
    st.caption(
        "Read from the processor's own counter (RAPL); the energy of other programs is included.",
        help=f"One model answers repeatedly meanwhile: {conditions(config)}.",
    )


def _peaks(peaks: Peaks) -> str:
    return (
        f"With {place('threads', peaks.threads)} the machine reaches {peaks.gflops:,.0f} GFLOP/s in a float32 matrix "
        f"product and moves {peaks.gigabytes:,.1f} GB/s of memory."
    )


def _under_the_roof(config: BenchmarkConfig) -> bool:
    """Whether the configuration is the one that the peaks are measured in."""
    return (config.precision, config.device) == ("float32", "cpu")


def roofline_table(
    achieved_by_profile: Sequence[tuple[LatencyProfile, Sides[Achieved]]],
) -> Columns:
    """Every dot, one row per profile and model."""
    rows = [
        (
            name,
            profile.tokens.teacher,
            profile.config.batch,
            round(side.intensity, 6),
            *(round(value, 6) for value in (side.gflops.value, side.gflops.low, side.gflops.high)),
            round(side.share.value, 6),
            round(side.roof, 6),
        )
        for profile, sides in achieved_by_profile
        for name, side in zip(SHORT, sides, strict=True)
    ]
    header = (
        "Model",
        "Tokens",
        "Batch",
        "Operations per byte",
        "GFLOP/s",
        "low",
        "high",
        "Share of the matrix product's",
        "Roof",
    )
    return of_rows(header, rows)
