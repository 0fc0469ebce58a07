"""What a server does once, before visitors come and while none are there.

Importing in threads of visitors is not safe: plotly looks into `sys.modules` and finds a pandas that is half imported.
And a full garbage collection holds every visitor up for as long as all of torch's objects take to be looked at.
"""

from __future__ import annotations

import gc
import importlib
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from streamlit import config

from analysis.models.libraries import import_libraries
from analysis.models.pairs import PAIRS
from cache.allocator import give_back_memory
from cache.loaded_models import model

PAINTS = ("numpy", "pandas", "PIL.Image", "plotly.graph_objects", "dashboard.frame")  # before the server listens
COMPUTES = (  # while the first page is painted
    "captum.attr",
    "scipy.stats",
    "dashboard.attention.tabs",
    "dashboard.attribution.tabs",
    "dashboard.claims.sections",
    "dashboard.distillation.tabs",
    "dashboard.latency.tabs",
    "dashboard.models.origin",
    "dashboard.predictions.heads",
    "dashboard.similarity.tabs",
)
QUIET_S = 20.0

_last_run = time.monotonic()  # when it ended
_runs = 0  # that have not ended
_counting = threading.Lock()


def import_all(names: Iterable[str]) -> None:
    """Imports these modules, in this order."""
    for name in names:
        importlib.import_module(name)


def load_first_pair() -> None:
    """Loads what the first visitor will ask of first; visitors who come earlier wait for the same load."""
    import_libraries()
    import_all(COMPUTES)
    task, sides = next(iter(PAIRS["embedded"].checkpoints.items()), (None, None))
    if task and sides:
        sides.map(lambda checkpoint: model(checkpoint, task))


def collect_when_quiet() -> None:
    """Leaves the garbage of reruns to when nobody waits; what is there by now is never looked at again.

    What is free without a collection is given back soon, also while readers come and go.

    Python's own collections, of what was made last, go on; Streamlit's full one after every rerun took 0.3 s.
    """
    config.set_option("runner.postScriptGC", False)
    gc.collect()
    gc.freeze()
    threading.Thread(target=_collect_for_ever, daemon=True, name="collector").start()


@contextmanager
def somebody_there() -> Iterator[None]:
    """For a run of the app, from its beginning to its end: the last of its memory is free only after it."""
    global _last_run, _runs
    with _counting:
        _runs += 1
    try:
        yield
    finally:
        with _counting:
            _runs -= 1
        _last_run = time.monotonic()


def _collect_for_ever(pause: Callable[[float], None] = time.sleep) -> None:
    collected = given_back = 0.0
    while True:
        pause(QUIET_S / 4)
        quiet = not _runs and collected < _last_run < time.monotonic() - QUIET_S
        if quiet:
            collected = _last_run
            gc.collect()
        if quiet or given_back < _last_run:
            given_back = time.monotonic()
            give_back_memory()
