"""Who computes when: one computation at a time (`ComputeQueue`), and equal ones only once (`SingleFlight`).

Take them in this order, or two threads can wait for each other: first `once.run`, and the turn inside of its `compute`.
Whoever holds a turn must not wait for a computation that still needs one.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar, cast

from analysis.errors import AnalysisError

Value = TypeVar("Value")


class QueueFull(AnalysisError):
    """The queue is full; its text says how long it is."""

    def __init__(self, waiting: int, limit: int) -> None:
        requests = "1 request is" if waiting == 1 else f"{waiting} requests are"
        super().__init__(
            f"The server is computing for others: {requests} waiting, and {limit} is the limit. Try again in a moment."
        )


class ComputeQueue:
    """A bounded queue in front of the processor: `with queue.acquire(): …` lets one thread in at a time, in order.

    A thread that is in may acquire it again. With `max_waiting` threads in the queue, the next one gets `QueueFull`.
    """

    def __init__(self, max_waiting: int) -> None:
        self.max_waiting = max_waiting
        self._lock = threading.Lock()
        self._queue: deque[_Ticket] = deque()
        self._holder: int | None = None

    @property
    def waiting(self) -> int:
        """The length of the queue, without the one whose turn it is."""
        return len(self._queue)

    @contextmanager
    def acquire(self) -> Iterator[None]:
        """Waits for the turn and holds it. Raises `QueueFull` at once where the queue is full."""
        if self._holder == threading.get_ident():
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
            if self._holder is None:
                self._holder = ticket.thread
                return
            if len(self._queue) >= self.max_waiting:
                raise QueueFull(len(self._queue), self.max_waiting)
            self._queue.append(ticket)
        try:
            ticket.called.wait()
        except BaseException:  # the thread is interrupted: nobody may be left waiting for it
            with self._lock:
                if ticket in self._queue:
                    self._queue.remove(ticket)
                else:
                    self._pass_on()
            raise

    def _pass_on(self) -> None:
        """Hands the turn to the first in the queue. The caller holds the lock."""
        self._holder = None
        if self._queue:
            ticket = self._queue.popleft()
            self._holder = ticket.thread
            ticket.called.set()


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
            run.finished.wait()
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
