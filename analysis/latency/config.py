"""Under which conditions models are measured, on which machine, and which conditions are not available on it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Setting:
    """Under what one forward pass is measured. `attention` and `precision` are keys of `ATTENTIONS` and `PRECISIONS`.

    `tokens`: each sequence's length, [CLS] and [SEP] included; None for the reader's own text. `batch`: sequences in a
    pass. `device`: "cpu" or "cuda".
    """

    tokens: int | None = None
    batch: int = 1
    threads: int = 1
    attention: str = "sdpa"
    precision: str = "float32"
    device: str = "cpu"


@dataclass(frozen=True, slots=True)
class Machine:
    """Where it was measured, in words. `versions` are (library, version); `memory_bytes` is the machine's whole."""

    processor: str
    cores: int
    memory_bytes: int
    system: str
    instructions: str  # the widest that torch uses: AVX2, AVX512
    accelerator: str | None
    versions: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Unavailable:
    """A setting that does not run here, and why, as a sentence."""

    setting: Setting
    reason: str
