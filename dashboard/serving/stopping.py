"""A server that stops well: nothing new is computed, what runs ends at its next step, and its readers are told."""

from __future__ import annotations

import threading
import time
from types import FrameType

import uvicorn

from cache.turns import compute_queue

LONGEST_S = 5.0  # for what runs to come to a step
TO_TELL_S = 1.0  # for the sentence to reach the browser
POLL_S = 0.05


class Server(uvicorn.Server):
    """Uvicorn's, which waits before it closes the connections; at a second signal it does not."""

    _is_stopping = False

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Called for SIGTERM and SIGINT, in the main thread."""
        if self._is_stopping or not compute_queue().is_busy:
            compute_queue().close()
            super().handle_exit(sig, frame)
            return
        self._is_stopping = True
        compute_queue().close()
        threading.Thread(target=self._exit_when_told, args=(sig, frame), daemon=True, name="stopping").start()

    def _exit_when_told(self, sig: int, frame: FrameType | None) -> None:
        until = time.monotonic() + LONGEST_S
        while compute_queue().is_busy and time.monotonic() < until:
            time.sleep(POLL_S)
        time.sleep(TO_TELL_S)
        super().handle_exit(sig, frame)
