"""Memory that a step gives back and the next one takes again."""

from __future__ import annotations

import ctypes

# Of malloc.h: parameters of mallopt(3), and the values that switch off what they control.
SWITCHED_OFF = {"M_MMAP_MAX": (-4, 0), "M_TRIM_THRESHOLD": (-1, -1)}


def keep_memory() -> bool:
    """Let this process keep what it frees; False where the C library is not glibc and nothing was changed.

    By default glibc hands large blocks back at once, and the kernel clears them page by page when they are asked for
    again. Training, which frees and takes gigabytes every step, spent half its time on that.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    return mallopt is not None and all(mallopt(*setting) == 1 for setting in SWITCHED_OFF.values())
