"""Who computes when: one computation at a time (`ComputeQueue`), and equal ones only once (`SingleFlight`).

Take them in this order, or two threads can wait for each other: first `once.run`, and the turn inside of its `compute`.
Whoever holds a turn must not wait for a computation that still needs one.
"""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeAlias, TypeVar, cast

from analysis.errors import AnalysisError

Value = TypeVar("Value")

Announce: TypeAlias = Callable[[int | None], None]

POLL_S = 0.5  # how often somebody who waits looks up: to say which place it is, and whether to go on
GRACE = 1.1  # of the patience: steps come a little after their time

_announce: ContextVar[Announce] = ContextVar("announce", default=lambda place: None)


class QueueFull(AnalysisError):
    """The queue is full; its text says how long it is."""

    def __init__(self, waiting: int, limit: int) -> None:
        requests = "1 request is" if waiting == 1 else f"{waiting} requests are"
        super().__init__(
            f"The server is computing for others: {requests} waiting, and {limit} is the limit. Try again in a moment."
        )


class GivenUp(AnalysisError):
    """A computation has taken too long, or the server is stopping."""


STOPPING = "The server is stopping. What you asked is in the address: ask again in a moment."


class ComputeQueue:
    """A bounded queue in front of the processor: `with queue.acquire(): …` lets one thread in at a time, in order.

    A thread that is in may acquire it again. With `max_waiting` threads in the queue, the next one gets `QueueFull`.
    Whoever is in calls `check` at every step, and is given up after `patience_s`. Who never comes to a step holds the
    turn for good (`is_stuck`): then those who wait are told, and nothing helps but a new process.
    """

    def __init__(
        self, max_waiting: int, patience_s: float | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.max_waiting, self.patience_s = max_waiting, patience_s
        self._clock = clock
        self._lock = threading.Lock()
        self._queue: deque[_Ticket] = deque()
        self._holder: int | None = None
        self._since = 0.0
        self._closed = False

    @property
    def waiting(self) -> int:
        """The length of the queue, without the one whose turn it is."""
        return len(self._queue)

    @property
    def is_stuck(self) -> bool:
        """Whether the turn has been held for much longer than `patience_s`, so that no step will give it up."""
        return self._holder is not None and self._has_held_for() > GRACE * (self.patience_s or math.inf)

    @property
    def is_busy(self) -> bool:
        """Whether somebody has the turn."""
        return self._holder is not None

    @property
    def is_closed(self) -> bool:
        """Whether nobody is let in any more."""
        return self._closed

    def holds(self) -> bool:
        """Whether it is the turn of the thread that asks."""
        return self._holder == threading.get_ident()

    def check(self) -> None:
        """Raises `GivenUp` in a thread whose turn has to end; others are not concerned."""
        if not self.holds():
            return
        if self._closed:
            raise GivenUp(STOPPING)
        if self._has_held_for() > (self.patience_s or math.inf):
            raise GivenUp(
                f"This took more than {self.patience_s:g} s, the longest that a computation may take here, and was "
                "given up. Ask for less, such as a shorter text."
            )

    def check_waiting(self) -> None:
        """Raises `GivenUp` where nobody who waits will be served any more."""
        if self._closed:
            raise GivenUp(STOPPING)
        if self.is_stuck:
            raise GivenUp(
                f"A computation has taken more than {self._has_held_for():.0f} s and cannot be ended: the server has "
                "to be started again. What you asked is in the address."
            )

    def close(self) -> None:
        """Lets nobody in any more, and ends the turn of whoever is in at the next step."""
        self._closed = True

    @contextmanager
    def acquire(self) -> Iterator[None]:
        """Waits for the turn and holds it. Raises `QueueFull` at once where the queue is full."""
        if self.holds():
            yield
            return
        self._wait()
        try:
            yield
        finally:
            with self._lock:
                self._pass_on()

    def _wait(self) -> None:
        ticket = _Ticket()
        with self._lock:
            if self._closed:
                raise GivenUp(STOPPING)
            if self._holder is None:
                self._begin(ticket)
                return
            if len(self._queue) >= self.max_waiting:
                raise QueueFull(len(self._queue), self.max_waiting)
            self._queue.append(ticket)
        try:
            self._wait_for(ticket)
        except BaseException:  # the thread is interrupted: nobody may be left waiting for it
            with self._lock:
                if ticket in self._queue:
                    self._queue.remove(ticket)
                else:
                    self._pass_on()
            raise

    def _wait_for(self, ticket: _Ticket) -> None:
        announce = _announce.get()
        while not ticket.called.wait(POLL_S):
            self.check_waiting()
            announce(self._place(ticket))
        announce(0)

    def _place(self, ticket: _Ticket) -> int:
        """1 for the next in the queue; 0 for the one who was called since."""
        with self._lock:
            return self._queue.index(ticket) + 1 if ticket in self._queue else 0

    def _pass_on(self) -> None:
        """Hands the turn to the first in the queue. The caller holds the lock."""
        self._holder = None
        if self._queue:
            ticket = self._queue.popleft()
            self._begin(ticket)
            ticket.called.set()

    def _begin(self, ticket: _Ticket) -> None:
        self._holder, self._since = ticket.thread, self._clock()

    def _has_held_for(self) -> float:
        return self._clock() - self._since


@contextmanager
def places_announced(announce: Announce) -> Iterator[None]:
    """Tells `announce`, again and again, what this thread waits for; whatever it raises ends the waiting.

    Its place in the queue, 1 for the next; None while another thread computes the same; and 0 when it waits no longer.
    """
    token = _announce.set(announce)
    try:
        yield
    finally:
        _announce.reset(token)


class _Ticket:
    def __init__(self) -> None:
        self.thread = threading.get_ident()
        self.called = threading.Event()


class SingleFlight:
    """Equal keys asked for at the same time are computed once. Nothing is remembered afterwards."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: dict[Hashable, _Run] = {}

    def run(self, key: Hashable, compute: Callable[[], Value]) -> Value:
        """What `compute` returns, or raises: the very same object for all who ask while it runs.

        A computation that is called off (KeyboardInterrupt, Streamlit's rerun and stop: no `Exception`) is called off
        for its own thread alone; one of those who wait for it then computes.
        """
        while True:
            with self._lock:
                run = self._running.get(key)
                if run is None:
                    run = self._running[key] = _Run()
                    break
            if run.thread == threading.get_ident():
                raise ValueError(f"The computation of {key!r} asks for its own result.")
            _wait_for_the_same(run)
            if not run.called_off:
                return cast(Value, run.outcome())
        return self._lead(key, run, compute)

    def _lead(self, key: Hashable, run: _Run, compute: Callable[[], Value]) -> Value:
        try:
            run.value = value = compute()
            return value
        except BaseException as error:
            run.error = error
            raise
        finally:
            with self._lock:
                del self._running[key]
            run.finished.set()


def _wait_for_the_same(run: _Run) -> None:
    announce = _announce.get()
    while not run.finished.wait(POLL_S):
        announce(None)
    announce(0)


class _Run:
    def __init__(self) -> None:
        self.thread = threading.get_ident()
        self.finished = threading.Event()
        self.value: Any = None
        self.error: BaseException | None = None

    @property
    def called_off(self) -> bool:
        return self.error is not None and not isinstance(self.error, Exception)

    def outcome(self) -> Any:
        if self.error is not None:
            raise self.error
        return self.value
