"""What a server does once: imports in order, and garbage collected when nobody waits."""

from __future__ import annotations

import gc
import importlib
import sys
import time
from collections.abc import Callable
from contextlib import suppress

import pytest
from streamlit import config

from dashboard.serving import warm_up


def test_all_that_is_imported_ahead_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    imported: list[str] = []
    monkeypatch.setattr(importlib, "import_module", imported.append)
    warm_up.import_all(("one", "other"))
    assert imported == ["one", "other"]
    monkeypatch.undo()
    warm_up.import_all((*warm_up.PAINTS, *warm_up.COMPUTES))
    assert set(warm_up.PAINTS) | set(warm_up.COMPUTES) <= set(sys.modules)


def test_streamlits_collection_is_off_and_the_first_objects_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warm_up, "_collect_for_ever", lambda: None)
    try:
        warm_up.collect_when_quiet()
        assert config.get_option("runner.postScriptGC") is False
        assert gc.get_freeze_count() > 10_000
    finally:
        gc.unfreeze()
        config.set_option("runner.postScriptGC", True)


def test_garbage_is_collected_once_after_the_last_visitor(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock shows a second more at every look; visitors come at 10 and at 100, and looks go on to 200."""
    collections: list[float] = []
    given_back: list[float] = []
    clock = iter(range(1, 1_000))
    now = 0.0

    def look(_: float) -> None:
        nonlocal now
        now = float(next(clock))
        if now > 200:
            raise StopIteration
        if now in (10, 100):
            monkeypatch.setattr(warm_up, "_last_run", now)

    monkeypatch.setattr(warm_up, "_last_run", 0.5)
    monkeypatch.setattr(time, "monotonic", lambda: now)
    monkeypatch.setattr(gc, "collect", lambda: collections.append(now))
    monkeypatch.setattr(warm_up, "give_back_memory", lambda: given_back.append(now))
    with pytest.raises(StopIteration):
        warm_up._collect_for_ever(pause=look)
    assert collections == [10 + warm_up.QUIET_S + 1, 100 + warm_up.QUIET_S + 1]
    assert given_back == [1, 10, collections[0], 100, collections[1]]


def test_nothing_is_collected_during_a_long_run_but_after_it_even_if_it_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock shows a second more at every look. A run begins at 10 and ends at 100, another one meanwhile."""
    collections: list[float] = []
    long, short = warm_up.somebody_there(), warm_up.somebody_there()
    events: dict[float, Callable[[], object]] = {
        10: long.__enter__,
        40: short.__enter__,
        41: lambda: short.__exit__(None, None, None),
        100: lambda: long.__exit__(KeyboardInterrupt, KeyboardInterrupt(), None),
    }
    now = 0.0

    def look(_: float) -> None:
        nonlocal now
        now += 1
        if now > 200:
            raise StopIteration
        with suppress(KeyboardInterrupt):
            events.get(now, lambda: None)()

    monkeypatch.setattr(warm_up, "_last_run", 0.0)
    monkeypatch.setattr(time, "monotonic", lambda: now)
    monkeypatch.setattr(gc, "collect", lambda: collections.append(now))
    with pytest.raises(StopIteration):
        warm_up._collect_for_ever(pause=look)
    assert collections == [100 + warm_up.QUIET_S + 1]
