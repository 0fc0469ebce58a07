"""The memory of the process stays within its bytes; and the keys of results tell different results apart."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cache.lru_memory import BoundedMemory

REQUESTS = st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(0, 12)), max_size=40)


@given(st.integers(0, 20), REQUESTS)
def test_the_bound_holds_and_the_most_recent_stay(max_bytes: int, requests: list[tuple[str, int]]) -> None:
    memory = BoundedMemory(max_bytes, size=len)
    model: list[tuple[str, str]] = []  # key and value, least recently used first
    for key, size in requests:
        remembered = dict(model).get(key)
        value = memory.get_or_make(key, lambda: "x" * size)  # noqa: B023 - called at once
        assert value == ("x" * size if remembered is None else remembered)
        model = [*(entry for entry in model if entry[0] != key), (key, value)]
        while len(model) > 1 and sum(len(kept) for _, kept in model) > max_bytes:
            del model[0]
        assert memory.keys() == tuple(kept for kept, _ in model)
        assert memory.used_bytes == sum(len(kept) for _, kept in model)
        assert memory.used_bytes <= max_bytes or len(memory.keys()) == 1


def test_a_value_over_the_bound_stays_alone_until_the_next() -> None:
    memory = BoundedMemory(4, size=len)
    for key, size, kept in [("a", 2, ("a",)), ("b", 2, ("a", "b")), ("large", 9, ("large",)), ("c", 1, ("c",))]:
        memory.get_or_make(key, lambda: "x" * size)  # noqa: B023 - called at once
        assert memory.keys() == kept


@contextmanager
def often_switching() -> Iterator[None]:
    """Lets threads take turns as often as they can, so that they meet in the narrow places."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


def test_eight_threads_make_a_value_once_and_share_it() -> None:
    memory: BoundedMemory[Any] = BoundedMemory(10**6, size=lambda value: 1)
    made: list[Any] = []
    start = threading.Barrier(8)

    def make() -> object:
        time.sleep(len(made) % 2 * 0.001)  # slow and fast ones: the others come during it, or just after it
        made.append(object())
        return made[-1]

    def ask(round_number: int) -> object:
        start.wait(20)
        return memory.get_or_make(str(round_number), make)

    with ThreadPoolExecutor(8) as pool, often_switching():
        for round_number in range(200):
            values = list(pool.map(ask, [round_number] * 8))
            assert {id(value) for value in values} == {id(made[-1])}
    assert len(made) == memory.used_bytes == 200


def test_threads_at_random_leave_the_count_right() -> None:
    memory = BoundedMemory(50, size=len)

    def ask(number: int) -> bool:
        return memory.get_or_make(str(number % 13), lambda: "x" * (number % 13)) == "x" * (number % 13)

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(ask, range(0, 7 * 600, 7)))
    assert memory.used_bytes == sum(map(int, memory.keys())) <= 50


def test_an_exception_is_not_remembered_and_disturbs_nothing() -> None:
    memory = BoundedMemory(4, size=len)
    memory.get_or_make("a", lambda: "xx")
    with pytest.raises(ZeroDivisionError):
        memory.get_or_make("b", lambda: str(1 // 0))
    assert (memory.keys(), memory.used_bytes) == (("a",), 2)
    assert memory.get_or_make("b", lambda: "yy") == "yy"
