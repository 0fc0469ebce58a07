"""How a long computation says how far it is: to whoever watches, outside every lock."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

# Called with the share that is done, 0 to 1; whatever it raises stops the computation.
Progress: TypeAlias = Callable[[float], None]


def silent(share: float) -> None:
    """For those who do not watch."""
