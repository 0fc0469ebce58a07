"""How many threads to compute with on a machine that other work shares."""

from __future__ import annotations

import os
import time
from pathlib import Path

import torch

CPU_TIMES = Path("/proc/stat")


class SharedCores:
    """Sets torch's threads to the cores that other processes leave free.

    Two threads that meet at a barrier after every operation are as slow as the one that waits for its core:
    beside one busy process, one thread trained up to twice as fast as two. What runs at a positive niceness gives way
    to a training that does not, and does not count.
    """

    def __init__(self) -> None:
        self.cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1)
        self.before = self.times() if CPU_TIMES.exists() else None

    def times(self) -> tuple[float, float]:
        """Wall-clock seconds, and processor seconds that other processes have used since the machine started."""
        user, nice, system, *_ = map(int, CPU_TIMES.read_text().split(maxsplit=8)[1:8])
        own = os.times()
        counted = user + system + (nice if os.nice(0) > 0 else 0)
        return time.monotonic(), counted / os.sysconf("SC_CLK_TCK") - own.user - own.system

    def adapt(self) -> int:
        """Choose the threads for the next steps by what others used since the last call; unchanged off Linux."""
        if self.before is not None:
            (earlier, used_earlier), (now, used) = self.before, self.times()
            self.before = now, used
            busy = (used - used_earlier) / max(now - earlier, 1e-3)
            torch.set_num_threads(max(1, round(self.cores - busy)))
        return torch.get_num_threads()
