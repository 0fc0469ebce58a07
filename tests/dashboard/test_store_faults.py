"""A page whose results cannot be remembered shows them all the same, and the log says so in one line."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from cache.remember import store
from tests.support.app import html_of, problems
from tests.support.faults import files_end_at, read_only
from tests.support.servers import free_port, redis_url

Fault = Callable[[Path], AbstractContextManager[None]]


@pytest.mark.usefixtures("app", "nothing_remembered")  # in this order: the latter's folder is the one in use
@pytest.mark.parametrize(
    ("fault", "redis"),
    [(read_only, False), (lambda _: files_end_at(40_000), False), (lambda _: nullcontext(), True)],
    ids=["read-only", "full", "no Redis"],
)
def test_the_page_works_without_a_store(
    fault: Fault,
    redis: bool,
    app: AppTest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    if redis:
        monkeypatch.setenv("CACHE_URL", redis_url(free_port()))
    with fault(tmp_path):
        app.run()
        for text in ("the film was [MASK].", "the [MASK] was old."):
            app.text_area(key="text").set_value(text)
            app.button[0].click().run()
            assert not problems(app)
            assert html_of(app).count("dl-answer") == 2
    lines = [record.message for record in caplog.records if record.levelno >= logging.WARNING]
    assert [line[:25] for line in lines] == ["Nothing new is remembered"], lines
    store().close()
