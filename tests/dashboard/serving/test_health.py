"""`/livez` and `/readyz`: what they say, and when."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from cache.turns import compute_queue, turn
from dashboard.serving import health
from dashboard.serving.health import Probe

pytestmark = pytest.mark.usefixtures("nothing_remembered")


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """A server that is warm and answers."""
    monkeypatch.setattr(health, "PROBE", Probe(lambda: None))
    health.WARM.set()
    with TestClient(Starlette(routes=health.ROUTES)) as client:
        yield client
    health.WARM.clear()


class Impatient(Probe):
    """Gives up soon."""

    async def answers(self, patience_s: float = 0.05) -> bool:
        return await super().answers(patience_s)


def said(client: TestClient, path: str = "/readyz") -> tuple[int, str]:
    response = client.get(path)
    body: dict[str, Any] = json.loads(response.content)
    assert body.keys() == {"status", "version", "commit"}
    return response.status_code, body["status"]


def test_a_warm_server_that_answers_is_ready(client: TestClient) -> None:
    assert said(client) == (200, "ready")
    assert said(client, "/livez") == (200, "live")


def test_a_server_that_loads_lives_and_is_not_ready(client: TestClient) -> None:
    health.WARM.clear()
    assert said(client) == (503, "loading")
    assert said(client, "/livez") == (200, "live")


def test_a_turn_that_is_held_for_good_makes_it_unready(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISTILLENS_PATIENCE_S", "0.000001")
    with turn("test"):
        assert said(client) == (503, "stuck")
    assert said(client) == (200, "ready")


def test_a_server_that_stops_is_not_ready(client: TestClient) -> None:
    compute_queue().close()
    assert said(client) == (503, "stopping")


def test_no_answer_in_time_makes_it_unready(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    hangs = threading.Event()
    monkeypatch.setattr(health, "PROBE", Impatient(hangs.wait))
    assert said(client) == (503, "slow")
    hangs.set()


def test_what_hangs_is_asked_once_and_an_answer_counts_for_a_while() -> None:
    now, asked, go = 0.0, [], threading.Event()

    def ask() -> None:
        asked.append(now)
        assert go.wait(20)

    probe = Probe(ask, clock=lambda: now)
    assert not asyncio.run(probe.answers(patience_s=0))
    assert not asyncio.run(probe.answers(patience_s=0))
    assert asked == [0]
    go.set()
    assert asyncio.run(probe.answers())
    now = health.FRESH_S - 1
    assert asyncio.run(probe.answers())
    assert asked == [0]
    now = health.FRESH_S + 1
    assert asyncio.run(probe.answers())
    assert asked == [0, health.FRESH_S + 1]


def test_a_failure_is_no_answer() -> None:
    def fail() -> None:
        raise OSError("no such model")

    threading.excepthook, usual = lambda _: None, threading.excepthook
    try:
        assert not asyncio.run(Probe(fail).answers())
    finally:
        threading.excepthook = usual


def test_the_commit_is_the_one_that_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISTILLENS_COMMIT", "0123abc")
    assert health.commit() == "0123abc"
    monkeypatch.delenv("DISTILLENS_COMMIT")
    monkeypatch.setenv("PATH", "")
    assert health.commit() is None
