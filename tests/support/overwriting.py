"""A process that writes the same few keys over and over, and says what is in: `python -m tests.support.overwriting`."""

from __future__ import annotations

import sys
from itertools import count
from pathlib import Path

from cache.store import SqliteStore

KEYS = 40


def key_of(writer: int, number: int) -> str:
    return f"{writer}: {number % KEYS}"


def value_of(writer: int, number: int) -> bytes:
    """Of a few bytes up to 600 kB: within a page of the file, and over many."""
    return f"{writer} {number} ".encode() * (1 + number * 37 % 89 * (number * 41 % 611))


def is_whole(data: bytes) -> bool:
    """Whether the bytes are one of these values, all of it."""
    writer, number = map(int, data.split(maxsplit=2)[:2])
    return data == value_of(writer, number)


def write_for_ever(path: Path, writer: int, first: int) -> None:
    store = SqliteStore(path, 10**9)
    for number in count(first):
        assert store.put(key_of(writer, number), value_of(writer, number))
        print(number, flush=True)


if __name__ == "__main__":
    write_for_ever(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
