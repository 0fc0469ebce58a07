"""What a process holds after it has freed memory, in a process of its own."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

GLIBC = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="elsewhere nothing is done")
FREED = """
import threading
import psutil
from cache.allocator import give_back_memory

kept = []
def work():
    kept.append([bytes(50_000) for _ in range(400)][::20])  # 20 MB, of which 1 MB stays and keeps the holes open
threads = [threading.Thread(target=work) for _ in range(12)]
for thread in threads: thread.start()
for thread in threads: thread.join()
before = psutil.Process().memory_info().rss
give_back_memory()
print(before, psutil.Process().memory_info().rss)
"""

# Blocks of 1 MB, each followed by a small one that stays: in the heap, freed ones between them go on being held.
HOLES = """
import contextlib
import psutil
from cache.allocator import large_blocks_apart

def held(how):
    before = psutil.Process().memory_info().rss
    with how:
        large, small = [], []
        for _ in range(40):
            large.append(bytes(1_000_000).replace(b"\\0", b"x"))
            small.append(bytearray(b"x" * 100_000))
        del large
        return psutil.Process().memory_info().rss - before

with large_blocks_apart():
    pass
print(held(large_blocks_apart()), held(contextlib.nullcontext()))
"""


def printed(script: str) -> list[int]:
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return [int(number) for number in done.stdout.split()]


@GLIBC
def test_what_was_freed_is_given_back() -> None:
    before, after = printed(FREED)
    assert after < before - 10_000_000


@GLIBC
def test_large_blocks_leave_no_holes() -> None:
    """What stays are the small ones, of 4 MB; outside of it the holes stay as well, of 40 MB."""
    apart, in_the_heap = printed(HOLES)
    assert apart < 10_000_000 < 30_000_000 < in_the_heap
