"""The property that all readers of foreign bytes have: an answer, or one sentence, in bounded time and memory.

    report = fuzz(TARGETS["config.json"], folder, examples=100)
    report.findings  # what became of the others, by its kind

Needs Linux, which tells how much memory a process took at most since it was last asked.
"""

from __future__ import annotations

import resource
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import hypothesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import SearchStrategy

from analysis.errors import AnalysisError
from analysis.inputs.words import half_pair
from analysis.models.libraries import import_libraries

ROOT = Path(__file__).resolve().parents[2]
OURS = ("analysis", "cache", "dashboard", "pages")
MOST_SECONDS = 10.0  # of the processor: a machine may have other work to do
MOST_BYTES = 500_000_000  # beyond what was resident before
GUARD_BYTES = 4_000_000_000  # of addresses, beyond those taken before
LONGEST_SENTENCE = 500  # characters
STATUS, CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")

Call = Callable[[Any], object]
Prepared = tuple[SearchStrategy[Any], Call]


@dataclass(frozen=True, slots=True)
class Target:
    """One reader of foreign bytes.

    `prepare(folder)` gives its inputs and the call that reads one of them, with an empty folder to do it in. `quick` is
    how many inputs are tried in every run of the tests.
    """

    prepare: Callable[[Path], Prepared]
    quick: int


@dataclass(frozen=True, slots=True)
class Finding:
    """How many inputs caused the same, and the shortest of them."""

    count: int
    shortest: str


@dataclass(slots=True)
class Report:
    """What became of the inputs: how many were read, refused in one sentence, or neither.

    `seconds` are the processor's. `findings` are what those that were neither caused, by its kind.
    """

    read: int = 0
    refused: int = 0
    seconds: float = 0.0
    slowest_seconds: float = 0.0
    most_bytes: int = 0
    findings: dict[str, Finding] = field(default_factory=dict)

    @property
    def tried(self) -> int:
        return self.read + self.refused + sum(finding.count for finding in self.findings.values())

    def note(self, kind: str, value: object) -> None:
        """Counts what an input caused, and keeps the shortest input that causes it."""
        shown = repr(value)
        known = self.findings.get(kind, Finding(0, shown))
        self.findings[kind] = Finding(known.count + 1, min(known.shortest, shown, key=len))


def fuzz(
    target: Target,
    folder: Path,
    *,
    examples: int,
    seed: int = 0,
    seconds: float = 0.0,
    before_each: Call = lambda value: None,
) -> Report:
    """Tries `examples` inputs, for equal seeds the same ones; then those of the next seeds until the time is over."""
    import_libraries()
    inputs, call = target.prepare(folder)
    report, begin, used = Report(), time.monotonic(), time.process_time()
    with guarded():
        while report.tried == 0 or time.monotonic() < begin + seconds:
            _try(inputs, lambda value: judge(report, call, value, before_each), examples, seed)
            seed += 1
    report.seconds = time.process_time() - used
    return report


def _try(inputs: SearchStrategy[Any], judged: Call, examples: int, seed: int) -> None:
    @hypothesis.seed(seed)
    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(inputs)
    def each(value: Any) -> None:
        judged(value)

    each()


def judge(report: Report, call: Call, value: object, before_each: Call) -> None:
    """Reads one input and notes what came of it: one finding at most."""
    before_each(value)
    before, begin = _forget_peak(), time.process_time()
    refused, flaw = _answer(call, value)
    taken, held = time.process_time() - begin, _bytes("VmHWM") - before
    report.slowest_seconds, report.most_bytes = max(report.slowest_seconds, taken), max(report.most_bytes, held)
    flaw = flaw or _excess(taken, held)
    if flaw:
        report.note(flaw, value)
    else:
        report.refused += refused
        report.read += not refused


def _answer(call: Call, value: object) -> tuple[bool, str | None]:
    """Whether the input was refused, and what is wrong with that or was raised instead."""
    try:
        call(value)
    except AnalysisError as error:
        return True, flaw_of(error)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # a panic in Rust is no Exception
        return False, kind_of(error)
    return False, None


def _excess(seconds: float, held: int) -> str | None:
    if seconds > MOST_SECONDS:
        return f"takes more than {MOST_SECONDS:.0f} s"
    return f"takes more than {MOST_BYTES / 1e6:.0f} MB" if held > MOST_BYTES else None


def kind_of(error: BaseException) -> str:
    """What was raised, and the last place in our code that it came through."""
    places = [frame for frame in traceback.extract_tb(error.__traceback__) if _is_ours(Path(frame.filename))]
    if not places:
        return f"{type(error).__name__}: {str(error)[:100]}"
    return f"{type(error).__name__} in {Path(places[-1].filename).relative_to(ROOT)}, {places[-1].name}"


def _is_ours(file: Path) -> bool:
    return file.is_relative_to(ROOT) and file.relative_to(ROOT).parts[0] in OURS


def flaw_of(error: AnalysisError) -> str | None:
    """What is wrong with a refusal: no sentence that can be shown, or no fault of the input's."""
    told, cause = str(error), error.__cause__
    if isinstance(cause, MemoryError) or "allocate memory" in str(cause):
        return f"asks for more memory than there is, in {kind_of(error)}"
    one_line = len(told.splitlines()) == 1 and not half_pair(told)
    fits = one_line and told.endswith(".") and len(told) <= LONGEST_SENTENCE
    return None if fits else f"is refused, but not in one sentence, by {kind_of(error)}"


@contextmanager
def guarded() -> Iterator[None]:
    """A bound on what this process may ask for, so that no finding takes the machine along."""
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (_bytes("VmSize") + GUARD_BYTES, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def _forget_peak() -> int:
    """The bytes that are resident now, from which the peak is counted anew."""
    CLEAR.write_text("5")  # https://docs.kernel.org/filesystems/proc.html
    return _bytes("VmRSS")


def _bytes(name: str) -> int:
    """One of the sizes that the kernel gives for this process."""
    line = next(line for line in STATUS.read_text().splitlines() if line.startswith(f"{name}:"))
    return int(line.split()[1]) * 1024
