"""Measuring on a button, with the time that is left and a way to stop; what was measured stays in the session.

Measuring runs in the thread of the reader's own page. Whatever the reader does meanwhile, and also closing the page,
ends it at the next word on its progress, and what was measured by then has been put away.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any, TypeVar, cast

import streamlit as st

from analysis.latency.measure import Told
from analysis.latency.profile import Progress

KEPT = "latency kept"  # in the session
BETWEEN_S = 0.4  # words on progress: more often they would disturb what is measured

Measured = TypeVar("Measured")


def kept(what: Hashable) -> Any:
    """What was measured of it in this session, or None."""
    return st.session_state.setdefault(KEPT, {}).get(what)


def keep(what: Hashable, value: object) -> None:
    """Puts away what was measured, in place of what was measured of it before."""
    st.session_state.setdefault(KEPT, {})[what] = value


def measured(what: Hashable, label: str, measure: Callable[[Told], Measured]) -> Measured | None:
    """A button, and what was measured of `what` in this session; None where nothing was yet.

    `measure` is handed what it must tell of its progress.
    """

    def put_away(told: Told) -> None:
        def tell(progress: Progress) -> None:
            keep(what, progress.so_far)
            told(progress)

        keep(what, measure(tell))

    on_request(label, kept(what) is not None, put_away)
    return cast("Measured | None", kept(what))


def on_request(label: str, again: bool, measure: Callable[[Told], None]) -> None:
    """A button that runs `measure` and then draws the page anew; meanwhile there is another one that stops it."""
    key = f"start {label}"
    runs = bool(st.session_state.get(key))  # true in the one run that a press of the button makes
    place = st.empty()
    with place.container(horizontal=True):
        shown = f"{label} again" if again else label
        st.button(shown, key=key, type="primary", disabled=runs)
        if runs:
            st.button("Stop and keep what is measured", key=f"stop {label}")
    if runs:
        try:
            with _bar() as told:
                measure(told)
        finally:
            place.empty()  # what cannot be measured leaves no button to stop it
        st.rerun()


def at_once(what: Hashable, label: str, measure: Callable[[], Measured]) -> Measured | None:
    """The same for what is measured in a second or two and has no halves to keep."""
    if st.button(label, key=f"start {label}"):
        with st.spinner("Measuring …"):
            keep(what, measure())
    return cast("Measured | None", kept(what))


def derived(what: Hashable, make: Callable[[], Measured]) -> Measured:
    """What follows from something that was measured, made once in a session."""
    if kept(what) is None:
        keep(what, make())
    return cast(Measured, kept(what))


@contextmanager
def _bar() -> Iterator[Told]:
    """What is to be told of the progress, which it shows until the end."""
    bar = st.empty()
    last = monotonic()

    def told(progress: Progress) -> None:
        nonlocal last
        if monotonic() - last >= BETWEEN_S:
            last = monotonic()
            bar.progress(progress.share, f"{100 * progress.share:.0f} % measured, {left(progress.seconds_left)} left")

    bar.progress(0.0, "Waiting for the turn, loading, warming up …")
    try:
        yield told
    finally:
        bar.empty()


def left(seconds: float) -> str:
    """A time as a person says it.

    >>> left(7.2), left(100)
    ('about 7 s', 'about 2 min')
    """
    return f"about {seconds:.0f} s" if seconds < 90 else f"about {seconds / 60:.0f} min"
