"""What a store gives back, and the records that ship with the embedded pair."""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock

import safetensors.numpy
from hypothesis import strategies
from hypothesis.strategies import DrawFn, composite

from analysis.attribution import measured
from analysis.distillation.record import CURVES, EVALUATION, read_experiment
from analysis.errors import AnalysisError
from analysis.inputs.tasks import TASKS
from analysis.models.model import load
from analysis.models.pairs import EMBEDDED, Checkpoint
from analysis.predictions.heads import predict
from analysis.predictions.values import Prediction
from cache import codec, long_texts, precomputed
from cache.codec import CorruptResult
from cache.store import SqliteStore
from tests.fuzzing.fuzzer import Prepared, Target
from tests.fuzzing.mutations import damaged, json_files, or_whole, safetensors_files
from tests.support.hostile import HOSTILE
from tests.support.tiny import EXAMPLES, tiny_checkpoint

RESULTS = {f"key {number}": bytes([number]) * 999 for number in range(20)}
SIZES = precomputed.FOLDER / "sizes.xz"
FAITHFULNESS = measured.FILE.name


def _results(folder: Path) -> Prepared:
    """Stored answers of every kind, forged by someone who knows the format, checksum and all."""
    checkpoints = {task: Checkpoint(str(tiny_checkpoint(folder / task, "bert", task)), "bert") for task in TASKS}
    answers = [predict(load(checkpoint, task), EXAMPLES[task]) for task, checkpoint in checkpoints.items()]
    return strategies.sampled_from(answers).flatmap(forged), lambda drawn: _decoded(*drawn)


@composite
def forged(draw: DrawFn, answer: Prediction) -> tuple[type[Any], bytes]:
    """The type of an answer, and bytes that are not quite the answer's."""
    valid = codec.encode(answer)
    end = codec.TREE + int.from_bytes(valid[codec.BODY : codec.TREE], "little")
    tree, arrays = valid[codec.TREE : end], valid[end:]
    known = ("array", "mapping", "class", "fields", *safetensors.numpy.load(arrays))
    part = draw(strategies.sampled_from(["none", "tree", "tree", "arrays"]))
    if part == "tree":
        tree = draw(json_files(tree, known))
    if part == "arrays":
        arrays = draw(safetensors_files(arrays))
    length = draw(strategies.integers(0, 2**64 - 1)) if draw(strategies.integers(0, 9)) == 0 else len(tree)
    body = length.to_bytes(8, "little") + tree + arrays
    return type(answer), codec.MAGIC + hashlib.sha256(body).digest() + body


def _decoded(kind: type[Any], data: bytes) -> None:
    try:
        codec.encode(codec.decode(kind, data))
    except CorruptResult as error:
        raise AnalysisError("It is computed again.") from error


def _store_files(folder: Path) -> Prepared:
    """A store's file that anything may have happened to: it gives back what was put, or nothing."""
    path = folder / "results.sqlite3"
    with closing(SqliteStore(path, 10**6)) as store:
        for key, data in RESULTS.items():
            store.put(key, data)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")  # all of it in one file

    def read(content: bytes) -> None:
        for suffix in ("-wal", "-shm", ".damaged", ".lock"):
            Path(f"{path}{suffix}").unlink(missing_ok=True)
        path.write_bytes(content)
        with closing(SqliteStore(path, 10**6)) as store:
            assert all(store.get(key) in (data, None) for key, data in RESULTS.items()), "another result"
            store.put("key 3", b"new")
            assert store.get("key 3") in (b"new", None), "an older result"

    return or_whole(damaged, path.read_bytes()), read


def _long_texts(folder: Path) -> Prepared:
    """What is under the key of a long text, which may be anything on a Redis server."""
    text = "\n".join(HOSTILE)
    key = f"{datetime.now(UTC):%Y%m%d}-{long_texts.hash_of(text)}"

    def read(content: bytes) -> None:
        store = mock.Mock(get=mock.Mock(return_value=content))
        kept = mock.patch.dict(os.environ, {"DISTILLENS_TEXTS_GB": "1"})
        with kept, mock.patch.object(long_texts, "_store", lambda: store):
            assert long_texts.recall(key) in (text, None), "another text"

    return or_whole(damaged, text.encode()), read


def _records(file: str, read: Callable[[Path], object], folder: Path) -> Prepared:
    """A record that ships with the embedded pair, beside the others."""
    for name in (EVALUATION, CURVES, file):
        (folder / name).write_bytes((EMBEDDED / name).read_bytes())

    def rewritten(content: bytes) -> None:
        (folder / file).write_bytes(content)
        read(folder)

    return or_whole(json_files, (folder / file).read_bytes()), rewritten


def _gains(folder: Path) -> None:
    for gain in measured._gains.__wrapped__(folder / FAITHFULNESS).values():
        gain.finding.encode()


def _precomputed(folder: Path) -> Prepared:
    """Results that ship with the embedded pair."""

    def read(content: bytes) -> None:
        file = folder / SIZES.name
        file.write_bytes(content)
        precomputed.read(file)

    return damaged(SIZES.read_bytes()), read


TARGETS: dict[str, Target] = {
    "stored results": Target(_results, 40),
    "the store's file": Target(_store_files, 10),
    "stored texts": Target(_long_texts, 40),
    EVALUATION: Target(partial(_records, EVALUATION, read_experiment), 10),
    CURVES: Target(partial(_records, CURVES, read_experiment), 10),
    FAITHFULNESS: Target(partial(_records, FAITHFULNESS, _gains), 10),
    "precomputed results": Target(_precomputed, 20),
}
