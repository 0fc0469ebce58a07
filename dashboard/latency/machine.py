"""What this machine makes of both models: throughput, requests a second, the roofline, energy. All on buttons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from analysis.latency.capacity import FEWEST, WITHIN_MS, capacity
from analysis.latency.config import Setting
from analysis.latency.energy import Energy
from analysis.latency.profile import LatencyProfile, Sweep
from analysis.latency.roofline import Achieved, Peaks, achieved
from analysis.latency.summary import place
from analysis.models.pairs import Sides
from analysis.wording import interval
from cache import latency as measuring
from cache.loaded_models import model
from dashboard.charts import cost as charts
from dashboard.latency.controls import Asked
from dashboard.latency.measure_button import at_once, derived
from dashboard.latency.profile import profile_of_text, sweep_over
from dashboard.latency.wording import but_for, conditions
from dashboard.ui import markup
from dashboard.ui.figures import chart, numbers
from dashboard.ui.theme import SHORT


def throughput(asked: Asked) -> None:
    """Sequences a second by batch."""
    swept = sweep_over(asked, "batch")
    if not swept or not swept.profiles:
        return
    chart(charts.throughput(swept), "latency throughput")
    st.caption(
        "How to read this: how many sequences go through in a second when several are read in one pass, at the "
        f"median, with 95 % intervals; {but_for('batch', swept.profiles[0].setting)}. Where the line is flat, a larger "
        "batch only makes everybody wait longer."
    )
    numbers("The throughput as a table", "latency throughput", lambda: throughput_table(swept))


def throughput_table(swept: Sweep) -> dict[str, Sequence[object]]:
    """Every drawn point, a row a batch."""
    columns: dict[str, Sequence[object]] = {"Batch": list(swept.at)}
    for side, name in SHORT.items():
        rates = [getattr(profile.throughput, side) for profile in swept.profiles]
        columns[f"{name} (sequences/s)"] = [round(rate.value, 6) for rate in rates]
        columns[f"{name}, low"] = [round(rate.low, 6) for rate in rates]
        columns[f"{name}, high"] = [round(rate.high, 6) for rate in rates]
    return columns


def holds(asked: Asked) -> None:
    """Requests a second while 99 in 100 are answered in time."""
    one = replace(asked, setting=replace(asked.setting, batch=1))
    found = profile_of_text(one)
    if found is None:
        return
    if found.rounds < FEWEST:
        st.html(markup.note(f"{found.rounds} passes are too few to say: choose {FEWEST} rounds or more, and measure."))
        return
    rates = derived(
        ("capacity", asked.question.sides, found.started, found.rounds), lambda: found.samples.map(capacity)
    )
    cells = [interval(side.rate, 1) for side in rates]
    st.html(markup.table(("Requests a second", *SHORT), [(f"p99 within {WITHIN_MS:.0f} ms", *cells)], (1, 2)))
    st.caption(
        "How to read this: requests with your text come at random times and are answered one after the other; so many "
        f"a second can come before more than 1 in 100 waits longer than {WITHIN_MS:.0f} ms in all, with 95 % intervals."
        f" Computed from {found.rounds:,} measured passes of each model, {conditions(found.setting)}; more rounds make "
        "it surer. 0 says that a single request takes longer already."
    )


def roofline(asked: Asked) -> None:
    """What the sweeps over length and batch reach, under the measured peaks."""
    threads = asked.setting.threads
    peaks = at_once(("peaks", threads), "Measure this machine's peaks", lambda: measuring.machine_peaks(threads))
    if peaks is None:
        return
    st.html(markup.element("p", "", markup.escaped(_peaks(peaks))))
    swept = sweep_over(asked, "tokens")
    profiles = [one for one in swept.profiles if _under_the_roof(one.setting)] if swept else []
    if not profiles:
        st.html(markup.note("Measure by length, in float32 on the CPU, to see what the two models reach of it."))
        return
    models = asked.question.sides.map(lambda checkpoint: model(checkpoint, asked.example.task))
    found = derived(
        ("achieved", asked.question.sides, peaks, profiles[0].started, profiles[0].rounds),
        lambda: [(profile, achieved(profile, models, peaks)) for profile in profiles],
    )
    chart(charts.roofline(peaks, found), "latency roofline")
    st.caption(
        "How to read this: the line is what is possible (roofline model, Williams et al. 2009): on the slope memory is "
        "too slow to bring the weights, on the level the processor computes as fast as in one large matrix product. "
        "Dots are what the measured passes reach, in billions of operations a second; a dot far below the line loses "
        "time to something else, such as many small operations. A dot above it re-uses weights that are still in the "
        "processor's own memory."
    )
    numbers("The roofline as a table", "latency roofline", lambda: roofline_table(found))


def watts(asked: Asked) -> None:
    """What the processor's own counter says, where it may be read; an error says where not."""
    sides, task, setting = asked.question.sides, asked.example.task, asked.setting
    found: Sides[Energy] | None = at_once(
        ("energy", sides, task, setting),
        "Measure energy",
        lambda: sides.map(lambda checkpoint: measuring.energy(checkpoint, task, setting)),
    )
    if found is None:
        return
    rows = [
        ("Power of the processor (W)", *(f"{side.watts:.1f}" for side in found)),
        ("Energy of a pass (J)", *(f"{side.joules_a_pass:.3f}" for side in found)),
        ("Tokens a joule (tokens a second for each watt)", *(f"{side.tokens_a_joule:,.1f}" for side in found)),
    ]
    st.html(markup.table((place("tokens", setting.tokens or 0), *SHORT), rows, (1, 2)))
    st.caption(
        "How to read this: from the processor's own counter (RAPL) while one model answers again and again "
        f"({conditions(setting)}); what other programs use meanwhile is counted too."
    )


def _peaks(peaks: Peaks) -> str:
    return (
        f"With {place('threads', peaks.threads)} this machine reaches {peaks.gflops:,.0f} GFLOP/s in a float32 matrix "
        f"product and moves {peaks.gigabytes:,.1f} GB/s of memory, both measured just now."
    )


def _under_the_roof(setting: Setting) -> bool:
    """Whether it was measured as the peaks are."""
    return (setting.precision, setting.device) == ("float32", "cpu")


def roofline_table(found: Sequence[tuple[LatencyProfile, Sides[Achieved]]]) -> dict[str, Sequence[object]]:
    """Every dot, a row a profile and model."""
    rows = [
        (
            name,
            profile.tokens.teacher,
            profile.setting.batch,
            round(side.intensity, 6),
            *(round(value, 6) for value in (side.gflops.value, side.gflops.low, side.gflops.high)),
            round(side.share.value, 6),
            round(side.roof, 6),
        )
        for profile, sides in found
        for name, side in zip(SHORT, sides, strict=True)
    ]
    header = (
        "Model",
        "Tokens",
        "Batch",
        "Operations a byte",
        "GFLOP/s",
        "low",
        "high",
        "Share of the product's",
        "Roof",
    )
    return dict(zip(header, map(list, zip(*rows, strict=True)), strict=True))
