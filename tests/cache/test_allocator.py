"""What a process holds after it has freed memory, in a process of its own."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

SCRIPT = """
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


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="elsewhere nothing is done")
def test_what_was_freed_is_given_back() -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)
    before, after = map(int, done.stdout.split())
    assert after < before - 10_000_000
