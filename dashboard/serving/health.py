"""Whether the server lives, and whether it can be asked.

`/livez` answers as long as the process does. `/readyz` says 200 if the embedded pair is loaded and answers a short text
within `PATIENCE_S`, and no computation holds the turn for good; else 503. What supervises a server restarts it if it
is not ready for long.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from subprocess import DEVNULL, CalledProcessError, check_output

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from analysis.inputs.examples import Example
from analysis.models.pairs import PAIRS
from analysis.predictions.heads import predict
from analysis.settings import settings
from cache.loaded_models import model
from cache.turns import compute_queue

PATIENCE_S = 10.0
FRESH_S = 5.0  # for which an answer counts, so that being asked often costs nothing
POLL_S = 0.02
ROOT = Path(__file__).resolve().parents[2]


class Probe:
    """Asks again and again, in a thread of its own, and never twice at once: the last one may hang.

    `ask` returns when there was an answer. What it raises means that there is none.
    """

    def __init__(self, ask: Callable[[], object], clock: Callable[[], float] = time.monotonic) -> None:
        self._ask, self._clock = ask, clock
        self._running: threading.Thread | None = None
        self._answered: float | None = None

    async def answers(self, patience_s: float = PATIENCE_S) -> bool:
        """Whether there was an answer lately, or is one within `patience_s`."""
        asked = self._clock()
        if self._answered is not None and asked - self._answered < FRESH_S:
            return True
        if self._running is None or not self._running.is_alive():
            self._running = threading.Thread(target=self._run, args=(asked,), daemon=True, name="probe")
            self._running.start()
        while self._running.is_alive() and self._clock() - asked < patience_s:
            await asyncio.sleep(POLL_S)
        return self._answered is not None and self._answered >= asked - FRESH_S

    def _run(self, asked: float) -> None:
        self._ask()
        self._answered = asked


def ask_first_pair() -> None:
    """Both models of the embedded pair on a short text, outside the queue: they have locks of their own."""
    task, sides = next(iter(PAIRS["embedded"].checkpoints.items()))
    example = Example(task, "Is anybody [MASK]?")
    sides.map(lambda checkpoint: predict(model(checkpoint, task), example))


WARM = threading.Event()  # set once the pair is loaded
PROBE = Probe(ask_first_pair)


async def status() -> str:
    """One word: `ready`, or why not."""
    if not WARM.is_set():
        return "loading"
    queue = compute_queue()
    if queue.is_closed:
        return "stopping"
    if queue.is_stuck:
        return "stuck"
    return "ready" if await PROBE.answers() else "slow"


async def live(_: Request) -> JSONResponse:
    return JSONResponse({"status": "live", **VERSION})


async def ready(_: Request) -> JSONResponse:
    word = await status()
    return JSONResponse({"status": word, **VERSION}, 200 if word == "ready" else 503)


def commit() -> str | None:
    """The commit that runs here: as the settings name it, or else as git does, if this is a clone."""
    named = settings().commit
    if named or not (ROOT / ".git").exists():
        return named
    try:
        return check_output(["git", "rev-parse", "HEAD"], cwd=ROOT, text=True, stderr=DEVNULL).strip()
    except (OSError, CalledProcessError):  # no git, or somebody else's folder
        return None


VERSION = {"version": metadata.version("distillens"), "commit": commit()}
ROUTES = [Route("/livez", live), Route("/readyz", ready)]
