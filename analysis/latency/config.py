"""Under which conditions models are measured, on which machine, and which conditions are not available on it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BenchmarkConfig:
    """The conditions under which a forward pass is measured.

    `tokens`: each sequence's length, [CLS] and [SEP] included; None for the reader's own text. `batch`: sequences per
    pass. `attention` is one of `ATTENTIONS`, `precision` a key of `PRECISIONS`, `device` "cpu" or "cuda".
    """

    tokens: int | None = None
    batch: int = 1
    threads: int = 1
    attention: str = "sdpa"
    precision: str = "float32"
    device: str = "cpu"


@dataclass(frozen=True, slots=True)
class Machine:
    """The machine that measured. `versions` are (library, version); `memory_bytes` is all the memory it has."""

    processor: str
    cores: int
    memory_bytes: int
    system: str
    instructions: str  # the widest that torch uses: AVX2, AVX512
    accelerator: str | None
    versions: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Unavailable:
    """A configuration that does not run here, and the reason as a sentence."""

    config: BenchmarkConfig
    reason: str
