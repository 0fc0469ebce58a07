"""Several readers at once, over the real websocket: all are answered, and nobody sees an exception."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest

from benchmarks.load import Answer, together


@pytest.mark.parametrize("page", ["predictions", "attention", "similarity", "attributions"])
def test_readers_who_come_at_once_are_all_answered(dashboard: str, page: str) -> None:
    answers = asked(dashboard, page, count=4, texts=2, pause=0.0)
    assert len(answers) == 8
    assert [line for answer in answers for line in answer.exceptions] == []
    assert not any(answer.refused for answer in answers)


@pytest.mark.timeout(900)
def test_fifty_readers_see_no_exception(dashboard: str) -> None:
    answers = asked(dashboard, "predictions", count=50, texts=3, pause=5.0)
    assert [line for answer in answers for line in answer.exceptions] == []


def asked(url: str, page: str, count: int, texts: int, pause: float) -> list[Answer]:
    """All answers, from a thread of its own: Playwright has an event loop running in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, together(url, page, count, texts, pause)).result()
