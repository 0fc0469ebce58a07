"""What the log says of a store that fails: one line when it begins to, one when it works again."""

from __future__ import annotations

import logging
import threading
from time import monotonic

logger = logging.getLogger(__name__)

PAUSE_SECONDS = 30.0


class Outage:
    """Is told of every use of a store, and says the two lines however often and from however many threads it is used.

    `size` is how many bytes a use writes, 0 if it reads. A store that is full still answers, takes what is small, and
    now and then what it refused before: it works again once it takes as much as it refused at most, PAUSE_SECONDS or
    more after it last refused anything.
    """

    def __init__(self, place: str) -> None:
        self._place = place
        self._lock = threading.Lock()
        self._refused: int | None = None  # None while it works
        self._last = 0.0

    def failed(self, size: int, error: Exception) -> None:
        with self._lock:
            if self._refused is None:
                logger.warning("Nothing new is remembered in %s: %s.", self._place, str(error).rstrip("."))
            self._refused, self._last = max(size, self._refused or 0), monotonic()

    def worked(self, size: int) -> None:
        with self._lock:
            if self._refused is None or size < self._refused or monotonic() < self._last + PAUSE_SECONDS:
                return
            self._refused = None
            logger.warning("What is new is remembered in %s again.", self._place)  # a level that is shown
