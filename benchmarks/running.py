"""What scripts that measure have in common: their options, and the time that something takes."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable


def options_of(about: str | None) -> argparse.ArgumentParser:
    """A parser whose help is what a script says of itself."""
    return argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)


def seconds_of(work: Callable[[], object]) -> float:
    """How long it takes, once."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
