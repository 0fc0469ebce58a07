"""One computation at a time, first come first served, and equal ones only once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest

from analysis.errors import AnalysisError
from cache.compute_queue import ComputeQueue, GivenUp, QueueFull, SingleFlight, places_announced


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, "nothing happened for 20 s"
        time.sleep(0.001)


def queue_up(
    queue: ComputeQueue, jobs: int, job: Callable[[int], None]
) -> tuple[ThreadPoolExecutor, list[Future[None]]]:
    """Threads that ask for a turn one after the other, each to run `job(number)`."""

    def take(number: int) -> None:
        with queue.acquire():
            job(number)

    pool, before, asked = ThreadPoolExecutor(jobs), queue.waiting, []
    for number in range(jobs):
        asked.append(pool.submit(take, number))
        wait_until(lambda expected=before + number + 1: queue.waiting == expected)
    return pool, asked


def test_one_at_a_time_in_the_order_of_asking() -> None:
    queue, inside, seen = ComputeQueue(max_waiting=8), [], []

    def job(number: int) -> None:
        inside.append(number)
        time.sleep(0.002)
        seen.append(tuple(inside))
        inside.remove(number)

    with queue.acquire():
        pool, asked = queue_up(queue, 8, job)
    for future in asked:
        future.result(20)
    pool.shutdown()
    assert seen == [(number,) for number in range(8)]
    assert queue.waiting == 0


def test_a_full_queue_says_its_length_and_nobody_loses_a_place() -> None:
    queue = ComputeQueue(max_waiting=2)
    done: list[Any] = []
    with queue.acquire():
        pool, asked = queue_up(queue, 2, done.append)
        with ThreadPoolExecutor(1) as late, pytest.raises(QueueFull) as refusal:
            late.submit(lambda: queue.acquire().__enter__()).result(20)
    for future in asked:
        future.result(20)
    pool.shutdown()
    assert done == [0, 1]
    assert str(refusal.value).endswith("2 requests are waiting, and 2 is the limit. Try again in a moment.")
    assert "1 request is waiting, and 1 is the limit" in str(QueueFull(1, 1))


def test_who_has_the_turn_may_take_it_again() -> None:
    queue = ComputeQueue(max_waiting=1)
    done: list[Any] = []
    with queue.acquire():
        with queue.acquire(), queue.acquire():
            pool, asked = queue_up(queue, 1, done.append)
        assert not done  # leaving an inner turn lets nobody in
    asked[0].result(20)
    pool.shutdown()


def test_a_failure_passes_the_turn_on() -> None:
    queue = ComputeQueue(max_waiting=3)

    def fail(number: int) -> None:
        raise ZeroDivisionError

    with queue.acquire():
        pool, asked = queue_up(queue, 3, fail)
    assert all(isinstance(future.exception(20), ZeroDivisionError) for future in asked)
    pool.shutdown()


class Computation:
    """Counts how often it runs, and does not end before it is told to."""

    def __init__(self, outcome: object) -> None:
        self.outcome, self.runs, self.go = outcome, 0, threading.Event()

    def __call__(self) -> object:
        self.runs += 1
        assert self.go.wait(20)
        if isinstance(self.outcome, BaseException):
            raise self.outcome
        return self.outcome


def ask(once: SingleFlight, computation: Computation, askers: int) -> list[Future[object]]:
    """The answers to askers of one key, of whom all but one had to wait."""
    with ThreadPoolExecutor(askers) as pool:
        futures = [pool.submit(once.run, "key", computation) for _ in range(askers)]
        wait_until(lambda: computation.runs == 1)
        time.sleep(0.05)  # the others arrive
        computation.go.set()
    return futures


def test_equal_keys_at_the_same_time_are_computed_once_and_not_remembered() -> None:
    once, computation = SingleFlight(), Computation(object())
    assert all(future.result() is computation.outcome for future in ask(once, computation, 8))
    assert computation.runs == 1
    assert once.run("key", lambda: "new") == "new"


def test_an_exception_reaches_every_waiter_and_is_not_remembered() -> None:
    once, computation = SingleFlight(), Computation(AnalysisError("No."))
    assert all(future.exception() is computation.outcome for future in ask(once, computation, 8))
    assert computation.runs == 1
    assert once.run("key", lambda: "new") == "new"


def test_a_computation_may_ask_for_others_but_not_for_itself() -> None:
    once = SingleFlight()
    assert once.run("key", lambda: once.run("other", lambda: "inner")) == "inner"
    with pytest.raises(ValueError, match="asks for its own result"):
        once.run("key", lambda: once.run("key", lambda: None))


def test_calling_off_one_computation_does_not_call_off_those_who_wait() -> None:
    class CalledOff(BaseException):
        """As KeyboardInterrupt or Streamlit's rerun."""

    once, first = SingleFlight(), Computation(CalledOff())
    with ThreadPoolExecutor(4) as pool:
        leader = pool.submit(once.run, "key", first)
        wait_until(lambda: first.runs == 1)
        followers = [pool.submit(once.run, "key", lambda: "computed") for _ in range(3)]
        time.sleep(0.05)
        first.go.set()
    assert isinstance(leader.exception(), CalledOff)
    assert [future.result() for future in followers] == ["computed"] * 3


class Clock:
    """Stands still until it is moved."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_who_takes_too_long_is_given_up_at_the_next_step_and_others_go_on() -> None:
    clock, done = Clock(), list[int]()
    queue = ComputeQueue(max_waiting=1, patience_s=10, clock=clock)
    with pytest.raises(GivenUp, match="more than 10 s"), queue.acquire():
        queue.check()
        pool, asked = queue_up(queue, 1, done.append)
        clock.now = 10.5
        queue.check()
    asked[0].result(20)
    pool.shutdown()
    assert done == [0]
    clock.now = 1_000
    queue.check()  # whose turn it is not, is not concerned


def test_who_never_comes_to_a_step_holds_the_turn_and_those_who_wait_are_told() -> None:
    clock = Clock()
    queue = ComputeQueue(max_waiting=1, patience_s=10, clock=clock)
    assert not queue.is_stuck
    with queue.acquire():
        pool, asked = queue_up(queue, 1, lambda number: None)
        clock.now = 10.5
        assert not queue.is_stuck  # it may be about to come to one
        clock.now = 12
        assert queue.is_stuck
        assert isinstance(asked[0].exception(20), GivenUp)
        assert "more than 12 s" in str(asked[0].exception())
        assert queue.waiting == 0
    pool.shutdown()
    assert not queue.is_stuck


def test_a_closed_queue_lets_nobody_in_and_ends_what_runs() -> None:
    queue = ComputeQueue(max_waiting=1)
    with pytest.raises(GivenUp, match="is stopping"), queue.acquire():
        pool, asked = queue_up(queue, 1, lambda number: None)
        queue.close()
        assert isinstance(asked[0].exception(20), GivenUp)
        queue.check()
    pool.shutdown()
    with pytest.raises(GivenUp, match="is stopping"), queue.acquire():
        pass


def test_those_who_wait_hear_their_place_until_it_is_their_turn() -> None:
    queue = ComputeQueue(max_waiting=2)
    heard: list[tuple[int, int | None]] = []

    def wait(number: int) -> None:
        with places_announced(lambda place: heard.append((number, place))), queue.acquire():
            pass

    with ThreadPoolExecutor(2) as pool, queue.acquire():
        for number in range(2):
            pool.submit(wait, number)
            wait_until(lambda expected=number + 1: queue.waiting == expected)
        wait_until(lambda: {(0, 1), (1, 2)} <= set(heard))
    assert [place for number, place in heard if number == 0][-1] == 0
    assert [place for number, place in heard if number == 1][-1] == 0


def test_a_thread_that_is_called_away_while_it_waits_leaves_the_queue() -> None:
    queue = ComputeQueue(max_waiting=1)

    def called_away(place: int | None) -> None:
        raise KeyboardInterrupt

    def wait() -> None:
        with places_announced(called_away), queue.acquire():
            pass

    with queue.acquire(), ThreadPoolExecutor(1) as pool:
        assert isinstance(pool.submit(wait).exception(20), KeyboardInterrupt)
        assert queue.waiting == 0


def test_those_who_wait_for_the_same_are_told_so() -> None:
    once, computation, heard = SingleFlight(), Computation("answer"), list[int | None]()

    def wait() -> object:
        with places_announced(heard.append):
            return once.run("key", computation)

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(once.run, "key", computation)
        wait_until(lambda: computation.runs == 1)
        second = pool.submit(wait)
        wait_until(lambda: None in heard)
        computation.go.set()
        assert first.result(20) is second.result(20)
    assert heard[-1] == 0
