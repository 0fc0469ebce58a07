"""Texts that links lead to: for 30 days, in bounded room, and not at all where a server does not want them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from analysis.settings import settings
from cache import long_texts

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)


class Clock(datetime):
    moment = NOW

    @classmethod
    def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
        return cls.moment


@pytest.fixture(autouse=True)
def kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """A store of 10 kB of its own, and a clock that the test moves."""
    monkeypatch.setenv("DISTILLENS_CACHE", str(tmp_path))
    monkeypatch.setenv("DISTILLENS_TEXTS_GB", "0.00001")
    monkeypatch.delenv("CACHE_URL", raising=False)
    monkeypatch.setattr(long_texts, "datetime", Clock)
    monkeypatch.setattr(time, "time", lambda: Clock.moment.timestamp())
    monkeypatch.setattr(Clock, "moment", NOW)
    long_texts._store.clear()
    yield
    long_texts._store.clear()


@pytest.mark.parametrize("text", ["", "good", "für \ud800 " * 500])
def test_a_kept_text_is_recalled_until_its_days_are_over(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    key = long_texts.keep(text)
    assert key == f"20261128-{long_texts.hash_of(text)}"
    assert long_texts.recall(key) == text
    monkeypatch.setattr(Clock, "moment", NOW + timedelta(days=long_texts.DAYS))
    assert long_texts.recall(key) == text
    monkeypatch.setattr(Clock, "moment", NOW + timedelta(days=long_texts.DAYS + 1))
    assert long_texts.recall(key) is None


def test_what_is_over_leaves_the_disk_with_the_next_text(monkeypatch: pytest.MonkeyPatch) -> None:
    older = long_texts.keep("older")
    monkeypatch.setattr(Clock, "moment", NOW + timedelta(days=long_texts.DAYS + 1))
    long_texts.keep("newer")
    monkeypatch.setattr(Clock, "moment", NOW)
    assert older and long_texts.recall(older) is None


def test_a_clock_that_is_turned_back_and_right_again_costs_no_text(monkeypatch: pytest.MonkeyPatch) -> None:
    before = long_texts.keep("before")
    monkeypatch.setattr(Clock, "moment", NOW - timedelta(days=365))
    meanwhile = long_texts.keep("meanwhile")
    assert before and long_texts.recall(before) == "before"
    assert meanwhile and long_texts.recall(meanwhile) == "meanwhile"
    monkeypatch.setattr(Clock, "moment", NOW)
    assert long_texts.keep("after")
    assert long_texts.recall(before) == "before"


def test_a_text_without_room_has_no_key() -> None:
    assert long_texts.keep("good " * 2_001) is None


def test_the_room_is_bounded() -> None:
    keys = [long_texts.keep(str(number) * 3_000) for number in range(5)]
    assert [long_texts.recall(key) is not None for key in keys if key] == [False, False, True, True, True]


@pytest.mark.parametrize("key", ["", "unknown", "20261128-", "99999999-0", "../../etc/passwd", "20261128-\ud800"])
def test_an_unknown_key_recalls_nothing(key: str) -> None:
    assert long_texts.recall(key) is None


@pytest.mark.parametrize("found", [b"another text", b"\xff", b""])
def test_what_a_store_holds_instead_of_the_text_is_not_recalled(monkeypatch: pytest.MonkeyPatch, found: bytes) -> None:
    """A Redis server checks nothing, and others may write to it."""
    key = long_texts.keep("the text")
    monkeypatch.setattr(type(long_texts._store()), "get", lambda store, key: found)
    assert key and long_texts.recall(key) is None


def test_a_hosted_server_keeps_nothing_unless_it_is_told_to(monkeypatch: pytest.MonkeyPatch) -> None:
    key = long_texts.keep("kept before")
    monkeypatch.delenv("DISTILLENS_TEXTS_GB")
    assert settings().text_bytes == 10_000_000
    monkeypatch.setenv("DISTILLENS_HOSTED", "1")
    assert settings().text_bytes == 0
    assert key and long_texts.recall(key) is None
    assert long_texts.keep("good") is None
