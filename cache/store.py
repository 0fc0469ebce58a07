"""The store of finished results that survives a restart: one SQLite file, or a Redis server where one is given.

A store is a convenience: whatever happens to it, results are computed again, never wrong and never an error page.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
import zlib
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Protocol, TypeVar

from analysis.errors import AnalysisError
from cache.outage import Outage

logger = logging.getLogger(__name__)
Outcome = TypeVar("Outcome")

WAIT_MS = 10_000  # for other processes that write

SETUP = (
    "PRAGMA journal_mode = WAL",  # readers and one writer at once; a killed process leaves a whole database behind
    "PRAGMA synchronous = NORMAL",  # a power cut may cost the last results, not the file
    "PRAGMA journal_size_limit = 4000000",
    "CREATE TABLE IF NOT EXISTS results (key TEXT PRIMARY KEY, last_used, day, bytes, checksum, data)",
    "CREATE INDEX IF NOT EXISTS recency ON results (last_used, bytes)",
)
NEXT = "(SELECT coalesce(max(last_used), 0) + 1 FROM results)"  # a count, not a clock: clocks jump
SELECT = "SELECT CAST(data AS BLOB), checksum FROM results WHERE key = ?"
TOUCH = f"UPDATE results SET last_used = {NEXT} WHERE key = ?"
DELETE = "DELETE FROM results WHERE key = ?"
DELETE_OLD = "DELETE FROM results WHERE day < ?"
EVICT = """DELETE FROM results WHERE rowid IN (SELECT rowid FROM (
    SELECT rowid, sum(bytes) OVER (ORDER BY last_used DESC, rowid) AS so_far FROM results) WHERE so_far > ?)"""
INSERT = f"INSERT INTO results VALUES (?, {NEXT}, ?, ?, ?, ?)"
# Errors that may pass (https://sqlite.org/rescode.html). All others, even of syntax, mean broken or foreign tables.
PASSING = (3, 5, 6, 7, 8, 9, 10, 13, 14, 15, 18)  # PERM BUSY LOCKED NOMEM READONLY … IOERR FULL CANTOPEN … TOOBIG


class ResultStore(Protocol):
    """Bytes under a key. No method raises for a store that does not work: then nothing is remembered."""

    def get(self, key: str) -> bytes | None:
        """What was last put under the key, or None."""

    def put(self, key: str, data: bytes) -> bool:
        """Remembers the bytes under the key, in place of what was there, for as long as there is room.

        Says whether it does.
        """

    def close(self) -> None:
        """Lets go of the file or of the server until the next use."""


def open_store(
    url: str | None, folder: Path, max_bytes: int, table: str = "results", days: int | None = None
) -> ResultStore:
    """A table on the Redis server at `url` (CACHE_URL), or else in a file of its own of `max_bytes` in `folder`.

    What was put more than `days` ago is forgotten. A Redis server has a bound of its own.
    """
    if not url:
        return SqliteStore(folder / f"{table}.sqlite3", max_bytes, days)
    try:
        from cache.redis_store import RedisStore
    except ModuleNotFoundError as error:
        raise AnalysisError("CACHE_URL is set, but Redis' package is not: pip install 'distillens[redis]'.") from error
    return RedisStore(url, table, days and days * 86_400)


class SqliteStore:
    """Results in one file, at most `max_bytes` of them, least recently used out first, and none older than `days`.

    For any number of threads and processes. A damaged row is forgotten; a damaged file is moved aside (`….damaged`) and
    begun anew; while a file cannot be used (read-only or full disk) nothing new is remembered. Each is logged once.
    """

    def __init__(self, path: Path, max_bytes: int, days: int | None = None) -> None:
        self._path, self._max_bytes, self._days = path, max_bytes, days
        self._swept: int | None = None  # the day on which what was too old was last forgotten
        self._outage = Outage(str(path))
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None

    def get(self, key: str) -> bytes | None:
        return self._try(0, lambda connection: _read(connection, key))

    def put(self, key: str, data: bytes) -> bool:
        return bool(self._try(len(key) + len(data), lambda connection: _write(connection, key, data, self._max_bytes)))

    def close(self) -> None:
        with self._lock:
            if self._connection is not None:
                self._connection.close()
            self._connection = None

    def _try(self, size: int, work: Callable[[sqlite3.Connection], Outcome]) -> Outcome | None:
        with self._lock:
            try:
                self._sweep()
                outcome = self._work(work)
            except (sqlite3.Error, OSError) as error:
                self.close()
                self._outage.failed(size, error)
                return None
            self._outage.worked(size)
            return outcome

    def _sweep(self) -> None:
        """Forgets what is too old, once a day."""
        today = _today()
        if self._days is not None and self._swept != today:
            oldest = today - self._days
            self._work(lambda connection: connection.execute(DELETE_OLD, (oldest,)))
            self._swept = today

    def _work(self, work: Callable[[sqlite3.Connection], Outcome]) -> Outcome:
        try:
            return work(self._connect())
        except (sqlite3.DatabaseError, UnicodeDecodeError) as error:  # the latter: broken names in SQLite's message
            if getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF in PASSING:
                raise
            self._begin_anew(error)
            return work(self._connect())

    def _connect(self) -> sqlite3.Connection:
        if self._connection is not None and not self._is_in_place():  # it was deleted, or begun anew by another process
            self.close()
        if self._connection is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
            self._inode = self._path.stat().st_ino
            for statement in (f"PRAGMA busy_timeout = {WAIT_MS}", *SETUP):
                self._connection.execute(statement)
        return self._connection

    def _is_in_place(self) -> bool:
        with suppress(FileNotFoundError):
            return self._path.stat().st_ino == self._inode
        return False

    def _begin_anew(self, error: Exception) -> None:
        with closing(sqlite3.connect(f"{self._path}.lock", timeout=10)) as one_process:
            one_process.execute("BEGIN EXCLUSIVE")
            ours = self._is_in_place()  # else another process was first
            self.close()
            if ours:
                for suffix in ("-wal", "-shm"):
                    Path(f"{self._path}{suffix}").unlink(missing_ok=True)
                self._path.replace(f"{self._path}.damaged")
                logger.warning("The store of results is begun anew: %s was damaged (%s).", self._path, error)


def _read(connection: sqlite3.Connection, key: str) -> bytes | None:
    row: tuple[bytes, int] | None = connection.execute(SELECT, (key,)).fetchone()
    if row is None:
        return None
    if _checksum(key, row[0]) != row[1]:
        connection.execute(DELETE, (key,))
        logger.warning("A damaged result is forgotten; it will be computed again.")
        return None
    _touch(connection, key)
    return row[0]


def _touch(connection: sqlite3.Connection, key: str) -> None:
    """Notes that a result was used, unless that is not to be had at once: recency is a courtesy."""
    connection.execute("PRAGMA busy_timeout = 0")
    with suppress(sqlite3.OperationalError):
        connection.execute(TOUCH, (key,))
    connection.execute(f"PRAGMA busy_timeout = {WAIT_MS}")


def _write(connection: sqlite3.Connection, key: str, data: bytes, max_bytes: int) -> bool:
    fits = len(data) <= max_bytes
    connection.execute("BEGIN IMMEDIATE")
    with connection:  # commits, or rolls back
        connection.execute(DELETE, (key,))
        if fits:
            connection.execute(EVICT, (max_bytes - len(data),))
            connection.execute(INSERT, (key, _today(), len(data), _checksum(key, data), data))
    return fits


def _today() -> int:
    """The day by UTC, counted from 1970."""
    return int(time.time() // 86_400)


def _checksum(key: str, data: bytes | None) -> int:
    return zlib.crc32(data or b"", zlib.crc32(key.encode()))
