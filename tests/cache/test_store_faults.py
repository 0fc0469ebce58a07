"""Disks may be full or read-only, files another version's or deleted: one line in the log, and it passes by itself."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Timer

import pytest

from cache import long_texts, outage, store
from cache.store import SqliteStore
from tests.support.faults import files_end_at, filled, read_only, small_disk

FAILS, AGAIN = "Nothing new is remembered", "What is new is remembered"
LARGE = bytes(100_000)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a folder while `holds()` is entered."""

    folder: Path
    holds: Callable[[], AbstractContextManager[None]]


@pytest.fixture(params=["read-only", "files end", "full"])
def fault(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Fault]:
    folder = tmp_path / "disk"
    if request.param == "full":
        with small_disk(folder, 2_000_000):
            yield Fault(folder, partial(filled, folder))
    else:
        folder.mkdir()
        holds = {"read-only": partial(read_only, folder), "files end": partial(files_end_at, 40_000)}
        yield Fault(folder, holds[request.param])


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A store that works again says so without waiting whether it goes on."""
    monkeypatch.setattr(outage, "PAUSE_SECONDS", 0.0)


def said(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.message.partition(" in ")[0] for record in caplog.records]


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("existing", [False, True])
def test_a_store_goes_on_without_its_disk_and_takes_it_up_again(
    fault: Fault, existing: bool, caplog: pytest.LogCaptureFixture
) -> None:
    with closing(SqliteStore(fault.folder / "results", 10**9)) as failing:
        if existing:
            assert failing.put("before", b"data")
            failing.close()
        with fault.holds():
            for _ in range(5):
                assert not failing.put("key", LARGE)
                assert failing.get("key") is None
            assert said(caplog) == [FAILS]
        assert failing.put("key", LARGE)
        assert failing.get("key") == LARGE
        assert failing.get("before") == (b"data" if existing else None)
    assert said(caplog) == [FAILS, AGAIN]


@pytest.mark.parametrize("fault", ["files end", "full"], indirect=True)
def test_a_disk_that_fills_up_in_use_keeps_what_is_there(fault: Fault, caplog: pytest.LogCaptureFixture) -> None:
    with closing(SqliteStore(fault.folder / "results", 10**9)) as full:
        assert full.put("small", b"small")
        with fault.holds():
            for number in range(3):
                assert full.get("small") == b"small"
                assert not full.put(str(number), LARGE)
        assert full.get("small") == b"small"
        assert full.put("large", LARGE)
    assert said(caplog) == [FAILS]


def test_a_disk_that_takes_every_other_result_is_one_line(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with closing(SqliteStore(tmp_path / "results", 10**9)) as wavering, files_end_at(40_000):
        kept = [wavering.put(str(number), bytes(5000)) for number in range(20)]
    assert set(kept[1:]) == {True, False}
    assert said(caplog) == [FAILS]


@pytest.mark.usefixtures("at_once")
def test_a_damaged_file_on_a_read_only_disk_waits_until_it_can_be_begun_anew(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "results"
    path.write_bytes(b"garbage" * 1000)
    with closing(SqliteStore(path, 10**9)) as damaged:
        with read_only(tmp_path):
            for _ in range(3):
                assert damaged.get("key") is None
                assert not damaged.put("key", b"data")
        assert path.read_bytes() == b"garbage" * 1000
        assert damaged.put("key", b"data")
        assert damaged.get("key") == b"data"
    assert said(caplog)[0] == FAILS
    assert [record.message[:18] for record in caplog.records[1:]] == ["The store of resul", AGAIN[:18]]


def column_more(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("ALTER TABLE results ADD COLUMN more")


def column_less(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript("ALTER TABLE results DROP COLUMN checksum")


def other_columns(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE results (something, different)")


def header(offset: int, value: int, path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[offset] = value
    path.write_bytes(data)


@pytest.mark.parametrize(
    "change",
    [
        column_more,
        column_less,
        other_columns,
        partial(header, 47, 5),  # the schema format, of which SQLite has four (https://sqlite.org/fileformat.html)
        partial(header, 19, 3),  # the version that one must know to read the file, of which it has two
    ],
)
def test_the_file_of_another_version_is_begun_anew(
    change: Callable[[Path], None], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "results"
    with closing(SqliteStore(path, 10**9)) as earlier:
        earlier.put("key", b"earlier")
    change(path)
    other = path.read_bytes()
    with closing(SqliteStore(path, 10**9)) as later:
        for _ in range(3):
            later.put("key", b"data")
            assert later.get("key") == b"data"
    assert [record.message[:18] for record in caplog.records] == ["The store of resul"]
    assert len((tmp_path / "results.damaged").read_bytes()) == len(other)


def test_a_file_that_only_a_newer_sqlite_may_write_is_left_alone(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "results"
    with closing(SqliteStore(path, 10**9)) as newer:
        newer.put("key", b"data")
    header(18, 3, path)
    with closing(SqliteStore(path, 10**9)) as older:
        for _ in range(3):
            assert not older.put("other", b"data")
            older.get("key")
    assert said(caplog) == [FAILS]
    assert not (tmp_path / "results.damaged").exists()


@pytest.mark.parametrize("moved", ["folder", "file"])
def test_a_store_whose_file_is_moved_away_begins_another(
    moved: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "folder" / "results"
    with closing(SqliteStore(path, 10**9)) as first, closing(SqliteStore(path, 10**9)) as second:
        assert first.put("before", b"data")
        assert second.get("before") == b"data"
        (path.parent if moved == "folder" else path).rename(tmp_path / "away")
        assert first.put("key", b"data")
        assert second.get("key") == b"data"
        assert second.get("before") is None
    assert not caplog.records


def test_a_process_that_stopped_while_it_wrote_holds_up_no_reader(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(store, "WAIT_MS", 10)
    path = tmp_path / "results"
    stopped = sqlite3.connect(path, check_same_thread=False)
    goes_on = Timer(20, stopped.rollback)
    with closing(SqliteStore(path, 10**9)) as waiting, closing(stopped):
        assert waiting.put("key", b"data")
        stopped.execute("BEGIN IMMEDIATE")
        assert not waiting.put("other", b"data")
        monkeypatch.setattr(store, "WAIT_MS", 60_000)
        goes_on.start()
        assert [waiting.get("key") for _ in range(12)] == [b"data"] * 12
        assert stopped.in_transaction
        goes_on.cancel()
        goes_on.join()
        stopped.rollback()
        assert waiting.put("other", b"data")
    assert said(caplog) == [FAILS]


def test_a_store_that_was_written_under_a_later_clock_forgets_the_old_first(tmp_path: Path) -> None:
    path = tmp_path / "results"
    with closing(SqliteStore(path, 250)) as bounded:
        bounded.put("old", bytes(100))
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute("UPDATE results SET last_used = 4102444800")  # the year 2100
        for key in ("new", "newer"):
            bounded.put(key, bytes(100))
        assert [bounded.get(key) is not None for key in ("old", "new", "newer")] == [False, True, True]


@pytest.mark.usefixtures("at_once")
def test_a_text_that_cannot_be_kept_has_no_key(
    fault: Fault, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("DISTILLENS_CACHE", str(fault.folder))
    monkeypatch.delenv("CACHE_URL", raising=False)
    long_texts._store.clear()
    text = "good " * 20_000
    with closing(long_texts._store()):
        with fault.holds():
            assert [long_texts.keep(text) for _ in range(3)] == [None] * 3
            assert said(caplog) == [FAILS]
            assert "texts.sqlite3" in caplog.text
        key = long_texts.keep(text)
        assert key and long_texts.recall(key) == text
    assert said(caplog) == [FAILS, AGAIN]
    long_texts._store.clear()
