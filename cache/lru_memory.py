"""What is remembered in the process: values as they are, bounded by their bytes."""

from __future__ import annotations

import gc
import sys
import threading
from collections import OrderedDict
from collections.abc import Callable
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import Any, Generic, TypeVar

import numpy as np

from cache.compute_queue import SingleFlight

Value = TypeVar("Value")

OF_THE_PROGRAM = (type, ModuleType, FunctionType, BuiltinFunctionType)  # what values lead to but do not own


def bytes_of(value: Any) -> int:
    """The bytes of a value and of all that it leads to, each object once; an array that is a view counts as a whole.

    What a value shares with others is counted with each of them: the sum is an upper bound.
    """
    seen: set[int] = set()
    waiting, total = [value], 0
    while waiting:
        one = waiting.pop()
        if id(one) not in seen and not isinstance(one, OF_THE_PROGRAM):
            seen.add(id(one))
            total += sys.getsizeof(one)
            waiting += [one.base] if isinstance(one, np.ndarray) else gc.get_referents(one)
    return total


class BoundedMemory(Generic[Value]):
    """Values by key, at most `max_bytes` of them, least recently used out first. For any number of threads.

        models = BoundedMemory(2_000_000_000, size=weights_in_bytes)
        model = models.get_or_make("folder", lambda: load("folder"))

    The newest value always stays, even where it alone is over the bound: whoever asked for it holds it anyway, and
    making it again for the next one would cost more. All others have left by then. `size` is asked once a value.
    """

    def __init__(self, max_bytes: int, size: Callable[[Value], int]) -> None:
        self.max_bytes = max_bytes
        self._size = size
        self._lock = threading.Lock()
        self._once = SingleFlight()
        self._entries: OrderedDict[str, tuple[Value, int]] = OrderedDict()
        self._used_bytes = 0

    @property
    def used_bytes(self) -> int:
        return self._used_bytes

    def keys(self) -> tuple[str, ...]:
        """What is remembered, least recently used first."""
        with self._lock:
            return tuple(self._entries)

    def get_or_make(self, key: str, make: Callable[[], Value]) -> Value:
        """The remembered value, or the one that `make` returns, made once however many threads ask for it.

        What `make` raises reaches all of them, and is not remembered.
        """
        entry = self._recall(key)
        return entry[0] if entry else self._once.run(key, lambda: self._make(key, make))

    def _make(self, key: str, make: Callable[[], Value]) -> Value:
        entry = self._recall(key)  # another thread may have finished it since the first look
        if entry:
            return entry[0]
        value = make()
        self._remember(key, value, self._size(value))
        return value

    def _recall(self, key: str) -> tuple[Value, int] | None:
        with self._lock:
            if key not in self._entries:
                return None
            self._entries.move_to_end(key)
            return self._entries[key]

    def _remember(self, key: str, value: Value, size: int) -> None:
        with self._lock:
            self._entries[key] = value, size
            self._used_bytes += size
            while self._used_bytes > self.max_bytes and len(self._entries) > 1:
                _, (_, freed) = self._entries.popitem(last=False)
                self._used_bytes -= freed
