"""The machine that measures: its description, and how many threads torch uses on it."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

from analysis.latency.config import Machine

LIBRARIES = ("numpy", "tokenizers", "torch", "transformers")
CPU_INFO = Path("/proc/cpuinfo")  # Linux names the processor here, and `platform` only its kind


def machine() -> Machine:
    """The machine that this process runs on."""
    import torch

    return Machine(
        processor=_processor(),
        cores=cores(),
        memory_bytes=os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        system=f"{platform.system()} {platform.machine()}",
        instructions=torch.backends.cpu.get_cpu_capability(),
        accelerator=torch.cuda.get_device_name() if torch.cuda.is_available() else None,
        versions=(("python", platform.python_version()), *((name, version(name)) for name in LIBRARIES)),
    )


def cores() -> int:
    """How many processor cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def threads(count: int) -> Iterator[None]:
    """Lets torch compute with `count` threads, then restores the number. It is a setting of the whole process."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _processor() -> str:
    cpu_info = CPU_INFO.read_text(encoding="utf-8") if CPU_INFO.is_file() else ""
    named = re.search(r"^model name\s*:\s*(.+)$", cpu_info, re.MULTILINE)
    return named[1] if named else platform.processor() or platform.machine()
