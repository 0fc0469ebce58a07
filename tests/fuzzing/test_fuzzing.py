"""Whatever the bytes, their reader answers or says in one sentence why not, in bounded time and memory."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import strategies

from analysis.errors import AnalysisError
from tests.fuzzing.fuzzer import MOST_BYTES, ROOT, Call, Target, fuzz
from tests.fuzzing.targets import TARGETS

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Linux alone tells how much memory an input took.")


@pytest.mark.parametrize("name", TARGETS)
def test_a_reader_of_foreign_bytes_answers_or_says_why_not(name: str, tmp_path: Path) -> None:
    report = fuzz(TARGETS[name], tmp_path, examples=TARGETS[name].quick)
    assert not report.findings
    assert report.read > 0, "only refusals: the valid one is not read"


@pytest.mark.long
@pytest.mark.timeout(600)
def test_so_it_does_for_a_minute(capfd: pytest.CaptureFixture[str]) -> None:
    with capfd.disabled():
        ended = subprocess.run([sys.executable, "-m", "benchmarks.fuzzing", "--minutes", "1"], cwd=ROOT, check=False)
    assert ended.returncode == 0, "the table above names findings"


class Panic(BaseException):
    """As Rust's, no Exception."""


def raising(error: BaseException) -> None:
    raise error


@pytest.mark.parametrize(
    ("call", "finding"),
    [
        (lambda value: raising(ValueError("no sentence")), "ValueError"),
        (lambda value: raising(Panic()), "Panic"),
        (lambda value: raising(AnalysisError("not finished")), "not in one sentence"),
        (lambda value: raising(AnalysisError("two\nlines.")), "not in one sentence"),
        (lambda value: raising(AnalysisError("Half of a pair: \ud800.")), "not in one sentence"),
        (lambda value: bytearray(MOST_BYTES + 10**6), "takes more than 500 MB"),
        (lambda value: bytearray(10**11), "MemoryError"),
    ],
)
def test_everything_else_is_a_finding(call: Call, finding: str, tmp_path: Path) -> None:
    report = fuzz(Target(lambda folder: (strategies.just("the input"), call), 1), tmp_path, examples=1)
    (kind,) = report.findings
    assert finding in kind
    assert report.findings[kind].shortest == "'the input'"
    assert (report.read, report.refused) == (0, 0)


def test_answers_and_refusals_are_counted(tmp_path: Path) -> None:
    def call(value: bool) -> None:
        if value:
            raise AnalysisError("This is refused.")

    report = fuzz(Target(lambda folder: (strategies.booleans(), call), 1), tmp_path, examples=50)
    assert report.read > 0
    assert report.refused > 0
    assert report.tried == report.read + report.refused
    assert not report.findings
