"""Measurements that links lead to: in the store of results, each under a hash of what it holds.

    identity = keep(measured)  # "1f3b9c…", which stands in the address
    recall(identity)           # the measurement, or None

Other results are found by what is asked, since they follow from it. Times do not: two measurements of the same models
differ, so a link names the one that it shows. What is asked is kept with it, so that it is shown for nothing else.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from analysis.claims.evidence import Speed
from analysis.latency.config import BenchmarkConfig, Machine
from analysis.latency.energy import Energy
from analysis.latency.machine import machine
from analysis.latency.measure import now
from analysis.latency.profile import LatencyProfile, StageProfile, Sweep
from analysis.latency.roofline import Peaks
from analysis.models.pairs import Checkpoint, Sides
from analysis.settings import settings
from cache import metrics
from cache.codec import CorruptResult, decode, encode
from cache.remember import fingerprint, store

Value: TypeAlias = LatencyProfile | Sweep | StageProfile | Peaks | Sides[Energy] | Speed

KINDS: Mapping[str, type] = {  # what can be asked -> what is measured
    "text": LatencyProfile,
    "sweep": Sweep,
    "stages": StageProfile,
    "quality": LatencyProfile,
    "peaks": Peaks,
    "energy": Sides,
    "speed": Speed,
}
HASH_DIGITS = 16  # 64 bits: nobody finds a measurement without having been given its link
ID = re.compile(rf"[0-9a-f]{{{HASH_DIGITS}}}")
TABLE = "measurement"  # before the keys, which no result's can be mistaken for


@dataclass(frozen=True, slots=True)
class Asked:
    """What is measured: equal questions have interchangeable answers.

    `kind` is a key of `KINDS`. `checkpoints` are fingerprints; None where it is the machine alone that is measured.
    `texts` are the reader's; () where random tokens are read. `axis` is that of a sweep.
    """

    kind: str
    checkpoints: Sides[str] | None = None
    task: str = ""
    texts: tuple[str, ...] = ()
    config: BenchmarkConfig = BenchmarkConfig()  # noqa: RUF009 - frozen
    axis: str = ""

    @property
    def place(self) -> tuple[str, str]:
        """Where it is shown: there is one measurement at a time in each place."""
        return self.kind, self.task if self.kind == "quality" else self.axis


@dataclass(frozen=True, slots=True)
class Measured:
    """A measurement with what was asked, the machine, and when it began: UTC, ISO 8601."""

    asked: Asked
    value: Value
    machine: Machine
    started: str

    def __post_init__(self) -> None:
        if not isinstance(self.value, KINDS[self.asked.kind]):
            raise ValueError(f"{type(self.value).__name__} is no measurement of the kind {self.asked.kind}.")


def asked(
    kind: str,
    sides: Sides[Checkpoint],
    task: str,
    *,
    texts: tuple[str, ...] = (),
    config: BenchmarkConfig = BenchmarkConfig(),  # noqa: B008 - frozen
    axis: str = "",
) -> Asked:
    """What is asked of two checkpoints, wherever their files are."""
    return Asked(kind, sides.map(lambda checkpoint: fingerprint(checkpoint, task)), task, texts, config, axis)


def measured(asked: Asked, value: Value, started: str = "") -> Measured:
    """A measurement that this machine has made, begun at `started` or now unless the value itself says when."""
    first = value.profiles[0] if isinstance(value, Sweep) and value.profiles else value
    if isinstance(first, LatencyProfile | StageProfile):
        return Measured(asked, value, first.machine, first.started)
    return Measured(asked, value, machine(), started or now())


def keep(measured: Measured) -> str | None:
    """The id that recalls the measurement, as long as the store keeps it; None where there is no room for it."""
    data = encode(measured)
    identity = _hash(data)
    if not store().put(_key(identity), data):
        return None
    metrics.STORED_BYTES.labels("put").inc(len(data))
    return identity


def recall(identity: str) -> Measured | None:
    """The measurement; None if it was not kept here, its days are over, or its bytes are not those of the id."""
    data = store().get(_key(identity)) if ID.fullmatch(identity) else None
    if data is None or _hash(data) != identity:
        return None
    metrics.STORED_BYTES.labels("got").inc(len(data))
    try:
        return decode(Measured, data)
    except CorruptResult:  # of a version that measured something else
        return None


def how_long() -> str:
    """For how long a measurement is kept, in words."""
    days = settings().keep_days
    return f"for {days} days" if days else "as long as it has room for them"


def _key(identity: str) -> str:
    return f"{TABLE} {identity}"


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:HASH_DIGITS]
