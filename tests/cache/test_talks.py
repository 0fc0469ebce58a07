"""The cue of a talk: in the process, and on a Redis server for the others that share it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import streamlit as st
from redis import Redis

from cache import talks
from cache.talks import Cue
from tests.support.servers import free_port, needs_redis, redis_server

CUE = Cue("Is it faster?", "Half the layers", "Pause here.", "What it costs", 2, 7)


def another_process() -> None:
    """Leaves of this one what another one would not have."""
    st.cache_resource.clear()


@pytest.fixture
def shared(nothing_remembered: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with redis_server(free_port()) as url:
        monkeypatch.setenv("CACHE_URL", url)
        yield url


@needs_redis
def test_the_notes_follow_a_talk_on_another_server(shared: str) -> None:
    room = talks.new_room()
    talks.tell(room, CUE)
    another_process()
    assert talks.last_cue(room) == CUE
    assert talks.last_cue(talks.new_room()) is None
    (key,) = Redis.from_url(shared).scan_iter()
    assert 0 < Redis.from_url(shared).ttl(key) <= 86_400


@needs_redis
def test_what_no_talk_told_is_nobodys_cue(shared: str) -> None:
    talks.tell("room", CUE)
    (key,) = Redis.from_url(shared).scan_iter()
    Redis.from_url(shared).set(key, b"anything")
    assert talks.last_cue("room") is None


@needs_redis
def test_without_the_server_the_notes_follow_in_the_same_process(
    nothing_remembered: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with redis_server(free_port()) as url:
        monkeypatch.setenv("CACHE_URL", url)
        talks.tell("room", CUE)
    talks.tell("room", CUE)
    assert talks.last_cue("room") == CUE


@pytest.mark.usefixtures("nothing_remembered")
def test_a_talk_on_one_server_leaves_nothing_behind() -> None:
    talks.tell("room", CUE)
    assert talks.last_cue("room") == CUE
    another_process()
    assert talks.last_cue("room") is None
