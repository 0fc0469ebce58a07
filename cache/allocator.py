"""What the C library keeps of memory that was freed, where it is glibc; elsewhere nothing is done.

Sources: mallopt(3) and malloc_trim(3).
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

M_TRIM_THRESHOLD = -1
M_MMAP_THRESHOLD = -3
M_ARENA_MAX = -8
BLOCK_BYTES = 256 * 1024  # smaller ones take 5% longer for a page fault each
HEAP_BYTES = 32 * 1024 * 1024  # to where glibc itself raises the threshold, in a program that frees blocks of this size
ARENAS = 2  # one per core of a small server; by default there are eight per core, and each keeps what was freed in it


def share_arenas() -> None:
    """Let all threads take their memory from a few arenas; call it before they begin."""
    if "MALLOC_ARENA_MAX" not in os.environ and (mallopt := _of_glibc("mallopt")):
        mallopt(M_ARENA_MAX, ARENAS)


@contextmanager
def large_blocks_apart() -> Iterator[None]:
    """Meanwhile, each large block has pages of its own, which go back to the system when it is freed.

    In the heap, the blocks of passes with gradients leave holes that the next ones, of other sizes, do not fill: a pass
    that keeps 50 MB took 150. Passes without gradients are faster in the heap, so it is not for always. What earlier
    ones left there is given back first.
    """
    mallopt = _of_glibc("mallopt")
    if not mallopt:
        yield
        return
    give_back_memory()
    mallopt(M_MMAP_THRESHOLD, BLOCK_BYTES)
    try:
        yield
    finally:
        mallopt(M_MMAP_THRESHOLD, HEAP_BYTES)
        mallopt(M_TRIM_THRESHOLD, 2 * HEAP_BYTES)  # glibc's own ratio of the two


def give_back_memory() -> None:
    """Hand back to the system what was freed: reading five tasks left 120 MB in the heap."""
    if trim := _of_glibc("malloc_trim"):
        trim(0)


def _of_glibc(name: str) -> Callable[..., Any] | None:
    library = ctypes.CDLL(None) if os.name == "posix" else None
    return getattr(library, name) if hasattr(library, "gnu_get_libc_version") else None
