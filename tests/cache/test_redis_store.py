"""A Redis server may be gone, slow, full, locked, or none at all: each is one line in the log, and passes by itself."""

from __future__ import annotations

import math
import signal
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from socketserver import BaseRequestHandler, ThreadingTCPServer
from threading import Thread

import pytest
from redis import Redis

from cache import long_texts, outage, redis_store
from cache.outage import PAUSE_SECONDS
from cache.redis_store import RedisStore
from tests.support.servers import free_port, needs_redis, redis_process, redis_server, redis_url

FAILS, AGAIN = "Nothing new is remembered", "What is new is remembered"


class HandMoved:
    """A clock in seconds that the test moves."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> HandMoved:
    moved = HandMoved()
    for module in (outage, redis_store):
        monkeypatch.setattr(module, "monotonic", moved)
    return moved


def said(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.message.partition(" in ")[0] for record in caplog.records]


@needs_redis
def test_redis_forgets_what_has_expired() -> None:
    with redis_server(free_port()) as url, closing(RedisStore(url, expire_seconds=1)) as store:
        store.put("key", b"data")
        assert store.get("key") == b"data"
        time.sleep(1.1)
        assert store.get("key") is None


@needs_redis
def test_redis_may_go_and_come_back(clock: HandMoved, caplog: pytest.LogCaptureFixture) -> None:
    port = free_port()
    with redis_server(port) as url:
        store = RedisStore(url)
        assert store.put("key", b"data")
    for _ in range(3):
        assert store.get("key") is None
        assert not store.put("key", b"data")
    with redis_server(port), closing(store):
        clock.now += PAUSE_SECONDS - 0.01
        assert not store.put("key", b"not sent: the store still pauses")
        clock.now += 0.01
        assert store.get("key") is None
        assert store.put("key", b"data")
        assert store.get("key") == b"data"
    assert said(caplog) == [FAILS, AGAIN]


@needs_redis
def test_a_restart_between_two_uses_is_not_noticed(caplog: pytest.LogCaptureFixture) -> None:
    port = free_port()
    with redis_server(port) as url:
        store = RedisStore(url)
        assert store.put("key", b"data")
    with redis_server(port), closing(store):
        assert store.put("key", b"data")
    assert not caplog.records


@needs_redis
def test_a_server_that_hangs_is_asked_once(
    clock: HandMoved, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(redis_store, "TIMEOUT_SECONDS", 0.2)
    port = free_port()
    with redis_process(port) as server, closing(RedisStore(redis_url(port))) as store, Redis(port=port) as watching:
        assert store.put("key", b"data")
        watching.config_resetstat()
        connections = watching.info("stats")["total_connections_received"]
        server.send_signal(signal.SIGSTOP)
        for _ in range(3):
            assert store.get("key") is None
            assert not store.put("key", b"other")
        server.send_signal(signal.SIGCONT)
        commands = watching.info("commandstats")
        assert commands["cmdstat_get"]["calls"] == 1
        assert "cmdstat_set" not in commands
        assert watching.info("stats")["total_connections_received"] == connections
        clock.now += PAUSE_SECONDS
        assert store.get("key") == b"data"
    assert said(caplog) == [FAILS, AGAIN]


@needs_redis
def test_a_late_answer_is_not_taken_for_the_next_one(clock: HandMoved, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_store, "TIMEOUT_SECONDS", 0.2)
    port = free_port()
    with redis_server(port) as url, closing(RedisStore(url)) as store, Redis(port=port) as watching:
        for key in "ab":
            assert store.put(key, key.encode())
        watching.client_pause(400)
        assert store.get("a") is None
        watching.get("a")  # waits as long as the server pauses
        clock.now += PAUSE_SECONDS
        assert [store.get(key) for key in "bab"] == [b"b", b"a", b"b"]


@needs_redis
def test_a_full_server_is_read_and_written_when_it_has_room(clock: HandMoved, caplog: pytest.LogCaptureFixture) -> None:
    port = free_port()
    with (
        redis_server(port, "--maxmemory-policy", "noeviction") as url,
        closing(RedisStore(url)) as store,
        Redis(port=port) as watching,
    ):
        assert store.put("before", b"data")
        watching.config_set("maxmemory", 1)
        for _ in range(3):
            assert not store.put("key", b"data")
            assert store.get("before") == b"data"
            assert store.get("key") is None
            clock.now += PAUSE_SECONDS
        watching.config_set("maxmemory", 0)
        assert store.put("key", b"data")
        assert store.get("key") == b"data"
    assert said(caplog) == [FAILS, AGAIN]


@needs_redis
def test_a_wrong_password_is_one_line_without_it(clock: HandMoved, caplog: pytest.LogCaptureFixture) -> None:
    port = free_port()
    with (
        redis_server(port, "--requirepass", "right"),
        closing(RedisStore(f"redis://:mistyped@127.0.0.1:{port}/0")) as store,
        Redis(port=port, password="right") as watching,
    ):
        for _ in range(3):
            assert not store.put("key", b"data")
            assert store.get("key") is None
            clock.now += PAUSE_SECONDS
        watching.config_set("requirepass", "mistyped")
        assert store.put("key", b"data")
    assert said(caplog) == [FAILS, AGAIN]
    assert "mistyped" not in caplog.text


@contextmanager
def answering(reply: bytes, times: float = math.inf) -> Iterator[str]:
    """The address of something that gives one answer to whatever it hears; asked for more than `times`, it hangs up."""

    class Handler(BaseRequestHandler):
        def handle(self) -> None:
            asked = 0
            while (request := self.request.recv(65_536)) and asked < times:
                asked += b"SETINFO" not in request  # with which the client introduces itself
                self.request.sendall(reply)

    with ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
        try:
            yield redis_url(server.server_address[1])
        finally:
            server.shutdown()


@pytest.mark.parametrize(
    "reply",
    [
        b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        bytes(range(128, 256)) + b"\r\n",
        b":many\r\n",
        b"$" + b"9" * 5000 + b"\r\n",
        b"%1\r\n*0\r\n+a\r\n",
        b"*1\r\n" * 3000,
        b"$99999999\r\nthe rest never comes",
    ],
)
def test_what_is_no_redis_server_remembers_nothing(
    reply: bytes, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(redis_store, "TIMEOUT_SECONDS", 0.2)
    with answering(reply) as url, closing(RedisStore(url)) as store:
        for _ in range(3):
            assert store.get("key") is None
            assert not store.put("key", b"data")
    assert said(caplog) == [FAILS]


def test_what_hangs_up_at_once_remembers_nothing(caplog: pytest.LogCaptureFixture) -> None:
    with answering(b"", times=0) as url, closing(RedisStore(url)) as store:
        for _ in range(3):
            assert not store.put("key", b"data")
    assert said(caplog) == [FAILS]


def test_a_connection_that_ends_when_it_is_used_again_is_not_noticed(caplog: pytest.LogCaptureFixture) -> None:
    with answering(b"+OK\r\n", times=1) as url, closing(RedisStore(url)) as store:
        for _ in range(5):
            assert store.put("key", b"data")
    assert not caplog.records


def test_a_text_that_redis_does_not_take_has_no_key(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("CACHE_URL", redis_url(free_port()))
    long_texts._store.clear()
    assert [long_texts.keep("good " * 5_000) for _ in range(3)] == [None] * 3
    long_texts._store.clear()
    assert said(caplog) == [FAILS]
    assert "texts" in caplog.text


@needs_redis
@pytest.mark.long
def test_a_dozen_results_wait_for_a_hanging_server_no_longer_than_one() -> None:
    port = free_port()
    with redis_process(port) as server, closing(RedisStore(redis_url(port))) as store:
        store.put("key", b"data")
        server.send_signal(signal.SIGSTOP)
        start = time.perf_counter()
        assert [store.get("key") for _ in range(12)] == [None] * 12
        assert 1 <= time.perf_counter() - start < 2
