"""The store of finished results on a Redis server, shared by any number of machines (extra `redis`)."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as NoConnectionError
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as NoReplyError
from redis.retry import Retry

from analysis.errors import AnalysisError

logger = logging.getLogger(__name__)

PAUSE_SECONDS = 30.0


class RedisStore:
    """A table of results on the server at `url`; each is kept for `expire_seconds` where given.

    How much is kept is the server's choice (`maxmemory`, best with `maxmemory-policy allkeys-lru`). While the server
    cannot be reached nothing is remembered: logged once, and tried again after PAUSE_SECONDS, so that no visitor waits
    for a dead server twice. Raises AnalysisError for a URL that cannot be one of a Redis server.
    """

    def __init__(self, url: str, table: str = "results", expire_seconds: int | None = None) -> None:
        try:
            # one retry: a connection that was idle for long may have been closed by the server
            self._client: Redis = Redis.from_url(
                url, socket_connect_timeout=2, socket_timeout=5, retry=Retry(NoBackoff(), 1)
            )
        except ValueError as error:  # not quoted: the URL may hold a password
            raise AnalysisError(
                "CACHE_URL is not the address of a Redis server; one looks like redis://localhost:6379/0."
            ) from error
        self._prefix = f"distillens:{table}:"
        self._expire_seconds = expire_seconds
        self._paused_until = 0.0
        self._warned = False

    def get(self, key: str) -> bytes | None:
        data = self._try(lambda: self._client.get(self._prefix + key))
        return data if isinstance(data, bytes) else None

    def put(self, key: str, data: bytes) -> None:
        self._try(lambda: self._client.set(self._prefix + key, data, ex=self._expire_seconds))

    def forget_before(self, key: str) -> None:
        """Nothing to do: the server forgets what is older than `expire_seconds`."""

    def close(self) -> None:
        """Closes the connections; the next use opens new ones."""
        self._client.close()

    def _try(self, ask: Callable[[], Any]) -> Any:
        if time.monotonic() < self._paused_until:
            return None
        try:
            return ask()
        except RedisError as error:
            if isinstance(error, NoConnectionError | NoReplyError):
                self._paused_until = time.monotonic() + PAUSE_SECONDS
            if not self._warned:
                logger.warning("Results are not remembered: the Redis server does not serve (%s).", error)
                self._warned = True
            return None
