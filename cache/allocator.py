"""What the C library keeps of memory that was freed, where it is glibc; elsewhere nothing is done.

Sources: mallopt(3) and malloc_trim(3).
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable
from typing import Any

M_ARENA_MAX = -8
ARENAS = 2  # one per core of a small server; by default there are eight per core, and each keeps what was freed in it


def share_arenas() -> None:
    """Let all threads take their memory from a few arenas; call it before they begin."""
    if "MALLOC_ARENA_MAX" not in os.environ and (mallopt := _of_glibc("mallopt")):
        mallopt(M_ARENA_MAX, ARENAS)


def give_back_memory() -> None:
    """Hand back to the system what was freed: reading five tasks left 120 MB in the heap."""
    if trim := _of_glibc("malloc_trim"):
        trim(0)


def _of_glibc(name: str) -> Callable[..., Any] | None:
    library = ctypes.CDLL(None) if os.name == "posix" else None
    return getattr(library, name) if hasattr(library, "gnu_get_libc_version") else None
