"""What everything that reads bytes from outside makes of damaged ones: an answer or one sentence, and nothing else.

    python -m benchmarks.fuzzing --minutes 20
    python -m benchmarks.fuzzing --minutes 2 --seed 1000 --only config.json tokenizer.json

Each reader is tried in a process of its own, with equal time: what ends the process, or goes on for a minute, is a
finding too. Prints a table in Markdown, then every finding with the shortest input that causes it; ends with 1 if there
is one.
"""

from __future__ import annotations

import faulthandler
import multiprocessing
import os
import signal
import sys
import tempfile
from collections.abc import Iterable
from multiprocessing.connection import Connection
from pathlib import Path

from analysis.models.libraries import import_libraries
from benchmarks.running import options_of
from tests.fuzzing.fuzzer import Finding, Report, fuzz
from tests.fuzzing.targets import TARGETS

EXAMPLES = 25  # of one seed, then the next one follows
PATIENCE_S = 60  # of the processor, for one input
SHOWN = 2_000  # characters of an input
LAST = "last input"


def report_of(name: str, seconds: float, seed: int) -> Report:
    """What became of a target's inputs, in about so many seconds."""
    context = multiprocessing.get_context("fork")  # the libraries are there, and no thread has begun yet
    with tempfile.TemporaryDirectory() as folder:
        receiving, sending = context.Pipe(duplex=False)
        child = context.Process(target=_fuzz, args=(name, seconds, seed, Path(folder), sending))
        child.start()
        sending.close()
        try:
            report: Report = receiving.recv()
        except EOFError:  # the process ended before it had sent one
            report = Report(seconds=seconds)
        child.join()
        last = Path(folder, LAST)
        if child.exitcode and last.is_file():
            report.findings[f"ends the process with {child.exitcode}"] = Finding(1, last.read_text(encoding="utf-8"))
        return report


def _fuzz(name: str, seconds: float, seed: int, folder: Path, sending: Connection) -> None:
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # libraries print, and the table stands alone
    (folder / "own").mkdir()
    faulthandler.register(signal.SIGPROF, chain=True)  # says where it is, and ends the process

    def before_each(value: object) -> None:
        (folder / LAST).write_text(repr(value), encoding="utf-8")
        signal.setitimer(signal.ITIMER_PROF, PATIENCE_S)

    report = fuzz(TARGETS[name], folder / "own", examples=EXAMPLES, seed=seed, seconds=seconds, before_each=before_each)
    sending.send(report)


def row(name: str, report: Report) -> str:
    """A line of the table."""
    cells = (
        name,
        f"{report.tried:,}",
        f"{report.refused / max(report.tried, 1):.0%}",
        f"{report.seconds:.0f}",
        f"{report.slowest_seconds:.2f}",
        f"{report.most_bytes / 1e6:.0f}",
        str(len(report.findings)),
    )
    return f"| {' | '.join(cells)} |"


def total(reports: Iterable[Report]) -> Report:
    """All of them as one."""
    every = list(reports)
    return Report(
        sum(report.read for report in every),
        sum(report.refused for report in every),
        sum(report.seconds for report in every),
        max(report.slowest_seconds for report in every),
        max(report.most_bytes for report in every),
        {f"{place} {kind}": found for place, report in enumerate(every) for kind, found in report.findings.items()},
    )


def main() -> int:
    parser = options_of(__doc__)
    parser.add_argument("--minutes", type=float, default=12.0, help="for all of them together")
    parser.add_argument("--seed", type=int, default=0, help="other inputs: the first of the seeds that are tried")
    parser.add_argument("--only", nargs="+", choices=list(TARGETS), default=list(TARGETS))
    chosen = parser.parse_args()
    import_libraries()
    print("| what is read | inputs | refused | processor, s | slowest, s | most memory, MB | findings |")
    print("| --- |" + " ---: |" * 6, flush=True)
    reports = {}
    for name in chosen.only:
        reports[name] = report_of(name, 60 * chosen.minutes / len(chosen.only), chosen.seed)
        print(row(name, reports[name]), flush=True)
    print(row("together", total(reports.values())))
    for name, report in reports.items():
        for kind, finding in report.findings.items():
            print(f"\n{name}: {kind} ({finding.count} times)\n    {finding.shortest[:SHOWN]}")
    return int(any(report.findings for report in reports.values()))


if __name__ == "__main__":
    sys.exit(main())
