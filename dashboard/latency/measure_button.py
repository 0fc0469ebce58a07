"""A button that measures, shows the time left and can be stopped; results are kept in the session.

Measuring runs in the thread of the reader's own page. Any interaction meanwhile, and also closing the page, ends it at
the next progress update; what was measured by then has been kept.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any, TypeVar, cast

import streamlit as st

from analysis.latency.measure import ProgressCallback
from analysis.latency.profile import Progress
from cache.turns import check_turn

KEPT = "latency kept"  # in the session
MOST_KEPT = 50  # in a session, of some kilobytes each
BETWEEN_S = 0.4  # between progress updates: more frequent ones would disturb the measurement

Measured = TypeVar("Measured")


def kept(key: Hashable) -> Any:
    """The result that was kept under `key` in this session, or None."""
    return st.session_state.setdefault(KEPT, {}).get(key)


def keep(key: Hashable, value: object) -> None:
    """Keeps a result under `key`, in place of an earlier one, and the last `MOST_KEPT` of all."""
    everything = st.session_state.setdefault(KEPT, {})
    everything.pop(key, None)
    everything[key] = value
    for oldest in list(everything)[:-MOST_KEPT]:
        del everything[oldest]


def measured(key: Hashable, label: str, measure: Callable[[ProgressCallback], Measured]) -> Measured | None:
    """A button, and the result that it measured in this session; None if there is none yet.

    `measure` receives the function to report its progress to.
    """

    def measure_and_keep(report: ProgressCallback) -> None:
        def keep_and_report(progress: Progress) -> None:
            keep(key, progress.so_far)
            report(progress)

        keep(key, measure(keep_and_report))

    on_request(label, kept(key) is not None, measure_and_keep)
    return cast("Measured | None", kept(key))


def on_request(label: str, has_result: bool, measure: Callable[[ProgressCallback], None]) -> None:
    """A button that runs `measure` and then reruns the page; meanwhile a second button can stop it."""
    key = f"start {label}"
    runs = bool(st.session_state.get(key))  # true only in the rerun caused by pressing the button
    place = st.empty()
    with place.container(horizontal=True):
        shown = f"{label} again" if has_result else label
        st.button(shown, key=key, type="primary", disabled=runs)
        if runs:
            st.button("Stop and keep what is measured", key=f"stop {label}")
    if runs:
        try:
            with _bar() as report:
                measure(report)
        finally:
            place.empty()  # also if measuring fails: the stop button must go
        st.rerun()


def at_once(key: Hashable, label: str, measure: Callable[[], Measured]) -> Measured | None:
    """The same for a measurement of a second or two, without progress and without stopping."""
    if st.button(label, key=f"start {label}"):
        with st.spinner("Measuring …"):
            keep(key, measure())
    return cast("Measured | None", kept(key))


def derived(key: Hashable, make: Callable[[], Measured]) -> Measured:
    """A value computed from a measurement, once in a session."""
    if kept(key) is None:
        keep(key, make())
    return cast(Measured, kept(key))


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
