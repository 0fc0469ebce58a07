"""How long a saved finding takes and how large it is, part by part, and the report's size at a length of text.

    python -m benchmarks.report
    python -m benchmarks.report --tokens 64

The first pass is what the command line does, but for loading the libraries; the second what a ready server does with a
new text of the same length (aim: 20 s), the third with one that it has answered before. A report of 64 tokens is to
stay under 3 MB.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

from analysis.inputs.examples import Example
from analysis.inputs.tasks import TASKS
from analysis.models.pairs import PAIRS
from benchmarks.running import options_of

FILLER = "and the rest of it is as good as the first half was"  # words of one piece each
PARTS = {"figures/": "figures", "tables/": "tables"}


def main() -> None:
    parser = options_of(__doc__)
    parser.add_argument("--task", choices=TASKS, default="sentiment")
    parser.add_argument("--tokens", type=int, help="of the text, [CLS] and [SEP] counted; else the first example's")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["DISTILLENS_CACHE"] = folder
        began = time.perf_counter()
        from dashboard.report import sections  # noqa: F401 - loads what everything needs

        print(f"{'loading the libraries':28}{time.perf_counter() - began:8.2f} s")
        example = _example(arguments.task, arguments.tokens)
        passes = {
            "first": example,
            "a new text, on a ready server": replace(example, text=_turned(example.text)),
            "the same again": example,
        }
        for title, asked in passes.items():
            print(f"{title}:")
            files = timed_parts(asked)
        print_bytes(files)


def timed_parts(example: Example) -> Mapping[str, bytes]:
    """The files of a finding, each part of making them printed with its seconds."""
    from dashboard.frame import Question
    from dashboard.report.files import archive, files_of
    from dashboard.report.finding import FindingRequest
    from dashboard.report.pictures import pictures
    from dashboard.report.sections import SECTIONS, make_finding

    began = time.perf_counter()
    request = FindingRequest(Question(PAIRS["embedded"], example), {}, tuple(SECTIONS))
    for key in SECTIONS:
        with timed(key):
            make_finding(replace(request, sections=(key,)), "")
    finding = make_finding(request, "http://127.0.0.1:8501/")
    with timed("pictures"):
        drawn = pictures(finding.figures)
    with timed("files"):
        files = files_of(finding, drawn)
    with timed("zip"):
        archive(files)
    print(f"  {'all':26}{time.perf_counter() - began:8.2f} s")
    return files


def print_bytes(files: Mapping[str, bytes]) -> None:
    """The size of each kind of file."""
    sizes: dict[str, int] = {}
    for path, content in files.items():
        part = next((part for prefix, part in PARTS.items() if path.startswith(prefix)), path)
        sizes[part] = sizes.get(part, 0) + len(content)
    for part, size in sizes.items():
        print(f"  {part:26}{size / 1e6:8.3f} MB")


@contextmanager
def timed(part: str) -> Iterator[None]:
    began = time.perf_counter()
    yield
    print(f"  {part:26}{time.perf_counter() - began:8.2f} s", flush=True)


def _turned(text: str) -> str:
    """Another text of as many words: the last one comes first."""
    *words, last = text.split()
    return " ".join((last, *words))


def _example(task: str, tokens: int | None) -> Example:
    """The first example of a task, made as long as asked."""
    from cache.predictions import tokens as tokens_of

    sample = TASKS[task].samples[0]
    example = Example(task, sample.text, sample.text_pair)
    filler = FILLER.split()
    while tokens and len(tokens_of(PAIRS["embedded"].sides(task).teacher, example)[0]) < tokens:
        example = replace(example, text=f"{example.text} {filler[len(example.text.split()) % len(filler)]}")
    return example


if __name__ == "__main__":
    main()
