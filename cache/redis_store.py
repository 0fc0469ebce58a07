"""The store of finished results on a Redis server, shared by any number of machines (extra `redis`)."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import Any

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as NoConnectionError
from redis.exceptions import RedisError, ResponseError
from redis.retry import Retry

from analysis.errors import AnalysisError
from cache.outage import PAUSE_SECONDS, Outage

# A server that works answers in milliseconds; one that takes longer than this is no help, as most results are computed
# in less. It bounds each wait for a part of an answer, so a large result may take longer.
TIMEOUT_SECONDS = 1.0
FAULTS = (RedisError, ValueError, RecursionError)  # the latter two where what answers is not Redis


class RedisStore:
    """A table of results on the server at `url`; each is kept for `expire_seconds` where given.

    How much is kept is the server's choice (`maxmemory`, best with `maxmemory-policy allkeys-lru`). While it does not
    answer within TIMEOUT_SECONDS nothing is remembered: logged once, and tried again after PAUSE_SECONDS, so that no
    visitor waits for a dead server twice. Raises AnalysisError for a URL that cannot be one of a Redis server.
    """

    def __init__(self, url: str, table: str = "results", expire_seconds: int | None = None) -> None:
        try:
            self._client: Redis = Redis.from_url(
                url,
                socket_connect_timeout=TIMEOUT_SECONDS,
                socket_timeout=TIMEOUT_SECONDS,
                # one retry, not of what was waited for: a connection that was idle may have been closed by the server
                retry=Retry(NoBackoff(), 1, (NoConnectionError,)),
                protocol=2,  # the one that every server speaks, and the shorter greeting
            )
        except ValueError as error:  # not quoted: the URL may hold a password
            raise AnalysisError(
                "CACHE_URL is not the address of a Redis server; one looks like redis://localhost:6379/0."
            ) from error
        self._prefix = f"distillens:{table}:"
        self._expire_seconds = expire_seconds
        self._paused_until = 0.0
        self._outage = Outage(f"the Redis server's table “{table}”")

    def get(self, key: str) -> bytes | None:
        data = self._try(0, lambda: self._client.get(self._prefix + key))
        return data if isinstance(data, bytes) else None

    def put(self, key: str, data: bytes) -> bool:
        size = len(key) + len(data)
        return self._try(size, lambda: self._client.set(self._prefix + key, data, ex=self._expire_seconds)) is True

    def close(self) -> None:
        self._client.close()

    def _try(self, size: int, ask: Callable[[], Any]) -> Any:
        if monotonic() < self._paused_until:
            return None
        try:
            answer = ask()
        except FAULTS as error:
            self._outage.failed(size, error)
            if not isinstance(error, ResponseError):  # else it does answer, and may take the next one
                self._paused_until = monotonic() + PAUSE_SECONDS
            return None
        self._outage.worked(size)
        return answer
