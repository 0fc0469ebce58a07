"""Turns to compute: one at a time, counted, and paid from what a session may use.

with turn("prediction"):
    …
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from analysis.errors import AnalysisError
from analysis.settings import settings
from cache import metrics
from cache.compute_queue import Announce, ComputeQueue, GivenUp, QueueFull, places_announced

SECONDS_FOR_ONE = 4.0  # that pass until a session gets one second of computing back


class Spent(AnalysisError):
    """A session has used what it may use for now."""


class Budget:
    """The seconds of computing that a session has left: a token bucket.

    What a computation takes is known only at its end, so the last one may take more than there is left.
    """

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._most, self._left, self._clock, self._then = seconds, seconds, clock, clock()

    def check(self) -> None:
        """Raises `Spent`, with how long it will take to have a second again, if there is nothing left."""
        now = self._clock()
        self._left = min(self._most, self._left + (now - self._then) / SECONDS_FOR_ONE)
        self._then = now
        if self._left <= 0:
            wait = math.ceil((1 - self._left) * SECONDS_FOR_ONE)
            raise Spent(
                f"You have used the {self._most:g} s of computing that everybody has here: ask again in {wait} s. "
                "What was computed before is still there."
            )

    def spend(self, seconds: float) -> None:
        """Takes away what a computation took."""
        self._left -= seconds


@contextmanager
def turn(kind: str) -> Iterator[None]:
    """Waits for the turn and holds it; within a turn there is no other. `kind` is what it is counted as.

    Raises `AnalysisError` where the queue is full, the session has used what it may use, or the server is stopping.
    """
    queue, budget, asked = compute_queue(), _budget(), time.monotonic()
    if queue.holds():
        yield
        return
    try:
        budget.check()
        with queue.acquire():
            metrics.WAITED.observe(time.monotonic() - asked)
            with _counted(kind, budget):
                yield
    except (QueueFull, GivenUp, Spent) as error:
        metrics.REFUSED.labels(type(error).__name__).inc()
        raise


def check_turn() -> None:
    """To be called at every step of what takes long. Raises `GivenUp` if it has taken too long or the server stops."""
    compute_queue().check()


@contextmanager
def waiting_announced(announce: Announce) -> Iterator[None]:
    """Tells `announce` what this thread waits for (`places_announced`), and ends the waiting where it is in vain."""

    def hear(place: int | None) -> None:
        compute_queue().check_waiting()
        announce(place)

    with places_announced(hear):
        yield


@st.cache_resource(show_spinner=False)
def compute_queue() -> ComputeQueue:
    chosen = settings()
    queue = ComputeQueue(chosen.waiting, chosen.patience_s)
    metrics.WAITING.set_function(lambda: queue.waiting)
    metrics.STUCK.set_function(lambda: queue.is_stuck)
    return queue


def _budget() -> Budget:
    """The one of the session; without a bound where nobody asks, or there is none."""
    seconds = settings().session_s
    if seconds is None or get_script_run_ctx() is None:
        return Budget(math.inf)
    budget: Budget = st.session_state.setdefault("budget", Budget(seconds))
    return budget


@contextmanager
def _counted(kind: str, budget: Budget) -> Iterator[None]:
    began, outcome = time.monotonic(), "called off"  # by the reader, who went on
    try:
        yield
        outcome = "done"
    except Exception as error:
        outcome = "refused" if isinstance(error, AnalysisError) else "failed"
        raise
    finally:
        took = time.monotonic() - began
        budget.spend(took)
        metrics.COMPUTATIONS.labels(kind, outcome).inc()
        metrics.SECONDS.labels(kind).observe(took)
