"""A button that measures, shows the time left and can be stopped; what it measured is kept.

Measuring runs in the thread of the reader's own page. Any interaction meanwhile, and also closing the page, ends it at
the next progress update; what was measured by then has been kept.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from time import monotonic
from typing import Any, TypeVar, cast

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from analysis.latency.energy import Energy
from analysis.latency.measure import ProgressCallback, now
from analysis.latency.profile import LatencyProfile, Progress, StageProfile, Sweep
from analysis.latency.roofline import Peaks
from analysis.models.pairs import Sides
from cache.measurements import Asked
from cache.turns import check_turn
from dashboard.latency.wording import elsewhere
from dashboard.measurements import Kept, keep, kept, labelled, show
from dashboard.ui import markup

DERIVED = "derived"  # in the session
BETWEEN_S = 0.4  # between progress updates: more frequent ones would disturb the measurement

Derived = TypeVar("Derived")
Quick = TypeVar("Quick", Peaks, Sides[Energy])
Timed = TypeVar("Timed", LatencyProfile, Sweep, StageProfile)


def measured(
    asked: Asked,
    label: str,
    measure: Callable[[ProgressCallback], Timed],
    shipped: Callable[[], Timed | None] = lambda: None,
    row: DeltaGenerator | None = None,
) -> Timed | None:
    """A button, and what it measured in this session or what the link leads to; until then the shipped result, if any.

    `measure` receives the function to report its progress to. Of a shipped result the page says where it was measured.
    The button stands in `row`, or else here.
    """

    def measure_and_keep(report: ProgressCallback) -> None:
        def keep_and_report(progress: Progress) -> None:
            keep(asked, progress.so_far)
            report(progress)

        keep(asked, measure(keep_and_report))

    on_request(label, [kept(asked)], measure_and_keep, row)
    own = _value(asked)
    return cast("Timed | None", own or said_to_be_shipped(shipped(), label))


def said_to_be_shipped(result: Any, label: str) -> Any:
    """The shipped result itself, after a sentence that says on which machine it was measured, and when."""
    if result is not None:
        st.html(markup.note(elsewhere(result.machine, result.started, label)))
    return result


def on_request(
    label: str,
    found: Sequence[Kept | None],
    measure: Callable[[ProgressCallback], None],
    row: DeltaGenerator | None = None,
) -> None:
    """A button that runs `measure` and then reruns the page; meanwhile a second button can stop it.

    `found` is what there is already of what it measures. The button stands in `row`, or else here.
    """
    key = f"start {label}"
    runs = bool(st.session_state.get(key))  # true only in the rerun caused by pressing the button
    place = st.empty() if row is None else row.empty()
    with place.container(horizontal=True):
        st.button(labelled(label, found), key=key, type="primary", disabled=runs)
        if runs:
            st.button("Stop and keep what is measured", key=f"stop {label}")
    if runs:
        try:
            with _bar() as report:
                measure(report)
        finally:
            place.empty()  # also if measuring fails: the stop button must go
        st.rerun()


def at_once(asked: Asked, label: str, measure: Callable[[], Quick]) -> Quick | None:
    """The same as `measured` for a measurement of a second or two, without progress and without stopping."""
    if st.button(labelled(label, [kept(asked)]), key=f"start {label}"):
        with st.spinner("Measuring …"):
            started = now()
            keep(asked, measure(), started)
        st.rerun()
    return cast("Quick | None", _value(asked))


def derived(key: Hashable, make: Callable[[], Derived]) -> Derived:
    """A value computed from a measurement, once in a session."""
    values: dict[Hashable, Derived] = st.session_state.setdefault(DERIVED, {})
    if key not in values:
        values[key] = make()
    return values[key]


def _value(asked: Asked) -> object:
    """What there is of what is asked, below the machine and the date of it; None if there is nothing."""
    found = show(asked)
    return found[0].measured.value if found else None


@contextmanager
def _bar() -> Iterator[ProgressCallback]:
    """A progress bar, as the function to report progress to; it disappears at the end."""
    bar = st.empty()
    last = monotonic()

    def report(progress: Progress) -> None:
        nonlocal last
        check_turn()
        if monotonic() - last >= BETWEEN_S:
            last = monotonic()
            bar.progress(progress.share, f"{100 * progress.share:.0f}% measured, {left(progress.seconds_left)} left")

    bar.progress(0.0, "Loading and warming up …")
    try:
        yield report
    finally:
        bar.empty()


def left(seconds: float) -> str:
    """A rounded duration.

    >>> left(7.2), left(100)
    ('about 7 s', 'about 2 min')
    """
    return f"about {seconds:.0f} s" if seconds < 90 else f"about {seconds / 60:.0f} min"
