"""Stores give back what was put, or nothing: over crashes and damage."""

from __future__ import annotations

import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.errors import AnalysisError
from cache import redis_store, store
from cache.store import ResultStore, SqliteStore, open_store
from tests.support.servers import REDIS, free_port, redis_server

STORES = ["sqlite", "redis"] if REDIS else ["sqlite"]
WRITER = """
import sys; from pathlib import Path; from cache.store import SqliteStore
store = SqliteStore(Path(sys.argv[1]), 10**9)
for number in range(int(sys.argv[2]), int(sys.argv[3])):
    store.put(f"key {number}", f"{number} ".encode() * (number * 37 % int(sys.argv[4])))
    print(number, flush=True)
"""


def written(number: int, size: int = 5000) -> bytes:
    return f"{number} ".encode() * (number * 37 % size)


def writer(path: Path, first: int, last: int, size: int = 5000) -> subprocess.Popen[str]:
    """A process that puts the results from `first` to before `last`, and says each number when it is in."""
    command = [sys.executable, "-c", WRITER, str(path), str(first), str(last), str(size)]
    return subprocess.Popen(command, cwd=Path(__file__).resolve().parents[2], stdout=subprocess.PIPE, text=True)


@pytest.fixture(params=STORES)
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], ResultStore]]:
    """Opens the same store again and again, as one process after the other would."""
    if request.param == "sqlite":
        yield lambda: open_store(None, tmp_path / "new" / "folder", 10**7)
    else:
        with redis_server(free_port()) as url:
            yield lambda: open_store(url, tmp_path, 10**7)


def test_what_was_put_is_there_for_the_next_process(opened: Callable[[], ResultStore]) -> None:
    values = {"": b"", "a": b"\0\xff", "b": bytes(range(256)) * 4000, "a" * 64: b"again"}
    first = opened()
    for key, data in values.items():
        first.put(key, b"older")
        first.put(key, data)
    for opening in (first, opened()):
        assert {key: opening.get(key) for key in values} == values
        assert opening.get("unknown") is None


def test_tables_are_apart_and_forget_what_is_older_than_their_days(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    day = 20_000
    monkeypatch.setattr(store, "_today", lambda: day)
    one, other = open_store(None, tmp_path, 10**7), open_store(None, tmp_path, 10**7, "others", days=2)
    for key in ("a", "b", "c"):
        one.put(key, b"one")
        other.put(key, b"other")
        day += 1
    assert [other.get(key) for key in "abc"] == [None, b"other", b"other"]  # of 3, 2 and 1 days ago
    day -= 100  # a clock that is turned back costs nothing
    assert [other.get(key) for key in "abc"] == [None, b"other", b"other"]
    day += 101
    assert [other.get(key) for key in "abc"] == [None, None, b"other"]
    assert [one.get(key) for key in "abc"] == [b"one"] * 3


def test_threads_see_whole_values(opened: Callable[[], ResultStore]) -> None:
    shared = opened()

    def work(number: int) -> bool:
        key = str(number % 5)
        shared.put(key, bytes([number % 251]) * 100_000)
        data = shared.get(key)
        return data is not None and len(data) == 100_000 and len(set(data)) == 1

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(200)))


@pytest.mark.parametrize("kind", ["sqlite", "redis"])
def test_a_store_that_cannot_be_used_remembers_nothing(
    kind: str, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redis_store, "PAUSE_SECONDS", 0)
    (tmp_path / "file").touch()
    broken = open_store(f"redis://127.0.0.1:{free_port()}/0" if kind == "redis" else None, tmp_path / "file", 10**6)

    def is_kept(number: int) -> bool:
        return broken.put(str(number), b"data") or broken.get(str(number)) is not None

    with ThreadPoolExecutor(8) as pool:
        assert not any(pool.map(is_kept, range(20)))
    assert [record.message[:25] for record in caplog.records] == ["Nothing new is remembered"]


@settings(max_examples=40)
@given(st.integers(0, 30), st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(0, 15) | st.none()), max_size=30))
def test_the_bound_holds_and_the_most_recent_stay(max_bytes: int, requests: list[tuple[str, int | None]]) -> None:
    model: dict[str, bytes] = {}  # least recently used first
    with tempfile.TemporaryDirectory() as folder, closing(SqliteStore(Path(folder) / "results", max_bytes)) as bounded:
        for key, size in requests:
            if size is None:
                assert bounded.get(key) == model.get(key)
                model |= {key: model.pop(key)} if key in model else {}
                continue
            bounded.put(key, bytes(size))
            model.pop(key, None)
            while size <= max_bytes < size + sum(map(len, model.values())):
                del model[next(iter(model))]
            model |= {key: bytes(size)} if size <= max_bytes else {}
        assert {key: bounded.get(key) for key in "abcdef"} == {key: model.get(key) for key in "abcdef"}


def test_the_file_stays_near_the_bound(tmp_path: Path) -> None:
    with closing(SqliteStore(tmp_path / "results", 10**6)) as bounded:
        for number in range(400):
            bounded.put(str(number), bytes(1 + number * 7919 % 50_000))
    assert (tmp_path / "results").stat().st_size < 1.2 * 10**6


def test_killed_at_any_moment_the_store_is_whole(tmp_path: Path) -> None:
    path, size, said, chance = tmp_path / "results", 80_000, set(), random.Random(0)
    for first in range(0, 8000, 1000):
        with writer(path, first, first + 1000, size) as process:
            said.add(int(process.stdout.readline()))
            time.sleep(chance.uniform(0, 0.1))
            process.kill()
            said |= set(map(int, process.stdout.read().split()))
    with closing(SqliteStore(path, 10**9)) as survivor, closing(sqlite3.connect(path)) as connection:
        assert all(survivor.get(f"key {number}") == written(number, size) for number in said)
        assert all(survivor.get(f"key {number}") in (None, written(number, size)) for number in range(8000))
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert not path.with_suffix(".damaged").exists()


@pytest.mark.parametrize("before", [None, b"garbage" * 1000])
def test_four_processes_write_at_once(tmp_path: Path, before: bytes | None) -> None:
    path = tmp_path / "results"
    if before:
        path.write_bytes(before)
    processes = [writer(path, first, first + 100) for first in range(0, 400, 100)]
    assert [(process.communicate(), process.returncode)[1] for process in processes] == [0] * 4
    with closing(SqliteStore(path, 10**9)) as shared:
        found = [shared.get(f"key {number}") for number in range(400)]
    assert all(data in (written(number), None) for number, data in enumerate(found))
    if before is None:
        assert None not in found


def garbage(path: Path) -> None:
    path.write_bytes(random.Random(0).randbytes(path.stat().st_size))


def half(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def headless(path: Path) -> None:
    path.write_bytes(bytes(100) + path.read_bytes()[100:])


def filled(path: Path) -> Path:
    with closing(SqliteStore(path, 10**9)) as fresh:
        for number in range(50):
            fresh.put(f"key {number}", written(number))
    return path


@pytest.mark.parametrize("damage", [garbage, half, headless])
def test_a_damaged_file_is_begun_anew(
    damage: Callable[[Path], None], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    damage(filled(tmp_path / "results"))
    with closing(SqliteStore(tmp_path / "results", 10**9)) as anew:
        assert all(anew.get(f"key {number}") in (None, written(number)) for number in range(50))
        anew.put("key", b"data")
        assert anew.get("key") == b"data"
    assert [record.message.split(":")[0] for record in caplog.records] == ["The store of results is begun anew"]
    assert (tmp_path / "results.damaged").exists()


@pytest.mark.parametrize("seed", range(10))
def test_flipped_bytes_never_come_out_as_results(seed: int, tmp_path: Path) -> None:
    path, chance = filled(tmp_path / "results"), random.Random(seed)
    damaged = bytearray(path.read_bytes())
    for place in chance.sample(range(100, len(damaged)), 2 ** (seed + 1)):
        damaged[place] ^= chance.randrange(1, 256)
    path.write_bytes(damaged)
    with closing(SqliteStore(path, 10**9)) as flipped:
        assert all(flipped.get(f"key {number}") in (None, written(number)) for number in range(50))
        flipped.put("key", b"data")
        assert flipped.get("key") == b"data"


@pytest.mark.parametrize("change", ["data = x'00'", "data = NULL", "data = 'text'", "checksum = NULL"])
def test_a_damaged_row_is_forgotten(change: str, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with closing(SqliteStore(filled(tmp_path / "results"), 10**9)) as damaged:
        with closing(sqlite3.connect(tmp_path / "results")) as connection, connection:
            connection.execute(f"UPDATE results SET {change} WHERE key = 'key 7'")
        assert damaged.get("key 7") is None
        with closing(sqlite3.connect(tmp_path / "results")) as connection:
            assert connection.execute("SELECT count(*) FROM results").fetchone() == (49,)
        assert damaged.get("key 8") == written(8)
    assert "damaged result is forgotten" in caplog.text


def test_the_wrong_url_and_the_missing_package_are_said_plainly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for url in ("http://host", "redis://:pass/word@host", "redis://host:port"):
        with pytest.raises(AnalysisError, match="not the address of a Redis server") as refusal:
            open_store(url, tmp_path, 1)
        assert url not in str(refusal.value)
    monkeypatch.delitem(sys.modules, "cache.redis_store")
    monkeypatch.setitem(sys.modules, "redis", None)
    with pytest.raises(AnalysisError, match="pip install 'distillens"):
        open_store("redis://host", tmp_path, 1)
