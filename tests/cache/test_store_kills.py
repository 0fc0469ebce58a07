"""Killed a hundred times while four processes write, the store has lost nothing that was in, and shows nothing else."""

from __future__ import annotations

import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from cache.store import SqliteStore
from tests.support.overwriting import KEYS, is_whole, key_of, value_of

ROOT = Path(__file__).resolve().parents[2]
WRITERS, ROUNDS = 4, 25


@dataclass(slots=True)
class Writer:
    """One of those who write, over all its lives, and what it said to be in."""

    name: int
    path: Path
    next: int = 0
    stored: dict[str, int] = field(default_factory=dict)  # the last number under each key

    def start(self, ends: ExitStack) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "tests.support.overwriting", str(self.path), str(self.name), str(self.next)]
        process = ends.enter_context(subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True))
        ends.callback(process.kill)
        return process

    def said(self, text: str) -> None:
        for number in map(int, text.split()):
            self.stored[key_of(self.name, number)] = number
            self.next = number + 1

    def check(self, store: SqliteStore) -> None:
        """Under each key is what was put last; under the next one also what was being put when the kill came."""
        for number in range(self.next, self.next + KEYS):
            key = key_of(self.name, number)
            last = value_of(self.name, self.stored[key]) if key in self.stored else None
            also = value_of(self.name, number) if number == self.next else last
            assert store.get(key) in (last, also), f"{key} is not what it was after number {self.next - 1}"


def watch(path: Path, seconds: float, chance: random.Random) -> None:
    """Reads for so long what the others write."""
    end = time.monotonic() + seconds
    with closing(SqliteStore(path, 10**9)) as store:
        while time.monotonic() < end:
            data = store.get(key_of(chance.randrange(WRITERS), chance.randrange(KEYS)))
            assert data is None or is_whole(data)


@pytest.mark.long
def test_nothing_is_lost_or_damaged_by_a_hundred_kills(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path, chance = tmp_path / "results", random.Random(0)
    writers = [Writer(name, path) for name in range(WRITERS)]
    kills, while_writing = 0, 0
    for turn in range(ROUNDS):
        with ExitStack() as ends:
            running = [(writer, writer.start(ends)) for writer in chance.sample(writers, WRITERS)]
            if turn % 5:  # else they are killed while they start, and mend what the last round left
                for writer, process in running:
                    writer.said(process.stdout.readline())
            for writer, process in running:
                watch(path, chance.uniform(0, 0.25), chance)
                process.kill()
                before = writer.next
                writer.said(process.stdout.read())
                assert process.wait() == -signal.SIGKILL
                kills, while_writing = kills + 1, while_writing + (writer.next > before)
        with closing(SqliteStore(path, 10**9)) as store:  # which finds what four dead processes left
            for writer in writers:
                writer.check(store)
        with closing(sqlite3.connect(path)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert kills == 100 and while_writing >= 50
    assert sum(writer.next for writer in writers) > 1000
    assert not list(tmp_path.glob("*.damaged"))
    assert not caplog.records
