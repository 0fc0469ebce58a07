"""What a server takes in memory while it is asked: 300 different texts on all pages, in all tasks and nearly all tabs.

    python -m benchmarks.rss                # starts a server of its own, with an empty store
    python -m benchmarks.rss --texts 600 --idle 40

First every page is asked in every task, so that all models of the embedded pair are loaded. Then sessions come over the
real websocket and go, one after the other: each asks one view a text of every task, of one sentence to three. Printed
is the resident memory of the server's process; the highest is that of looks every 0.1 s.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass

import psutil

from analysis.inputs.tasks import TASKS
from benchmarks.load import Answer, own_server, question, sentence, session
from benchmarks.running import options_of
from dashboard.address_keys import TABS
from dashboard.page_list import PAGES

AIM_MB = 150
MOST_SENTENCES = 3
LOOK_S = 0.1
TAKE_MINUTES = ("layers", "faithfulness", "baselines")  # for a text, in passes of the same bound as the others'
TABS_OF = {
    "attention": TABS["attention_tab"],
    "similarity": TABS["similarity_tab"],
    "attributions": [tab for tab in TABS["attribution_tab"] if tab not in TAKE_MINUTES],
    "latency": TABS["latency_tab"],
}
VIEWS = [(page.path, tab) for page in PAGES for tab in TABS_OF.get(page.path, (None,))]


@dataclass(slots=True)
class Resident:
    """The resident memory of a process in MB: now, and the highest since it was last forgotten."""

    process: psutil.Process
    highest: float = 0.0

    def now(self) -> float:
        mb = float(self.process.memory_info().rss / 1e6)
        self.highest = max(self.highest, mb)
        return mb

    async def watch(self) -> None:
        while True:
            self.now()
            await asyncio.sleep(LOOK_S)


def main() -> None:
    options = arguments()
    with own_server() as (url, pid):
        asyncio.run(measure(url, Resident(psutil.Process(pid)), options.texts, options.idle))


def arguments() -> argparse.Namespace:
    parser = options_of(__doc__)
    parser.add_argument("--texts", type=int, default=300)
    parser.add_argument("--idle", type=float, default=150.0, help="seconds without a reader at the end")
    return parser.parse_args()


async def measure(url: str, resident: Resident, texts: int, idle: float) -> None:
    print(f"{'ready':>24}: {resident.now():6.0f} MB", flush=True)
    generator, began, errors = random.Random(0), time.monotonic(), 0
    for page in PAGES:
        errors += await ask(url, page.path, list(one_of_each_task(generator, None)))
    warm = resident.now()
    print(f"{'after warm-up':>24}: {warm:6.0f} MB, {time.monotonic() - began:.0f} s", flush=True)
    resident.highest = 0.0
    watching = asyncio.create_task(resident.watch())
    for number in range(texts // len(TASKS)):
        path, tab = VIEWS[number % len(VIEWS)]
        errors += await ask(url, path, list(one_of_each_task(generator, tab)))
        say(f"{path or 'predictions'} {tab or ''}", resident.now() - warm, number, began)
    watching.cancel()
    print(f"{'highest':>24}: {resident.highest - warm:+6.0f} MB (aim: at most +{AIM_MB})")
    print(f"{'at the end':>24}: {resident.now() - warm:+6.0f} MB")
    await asyncio.sleep(idle)
    print(f"{f'after {idle:.0f} s idle':>24}: {resident.now() - warm:+6.0f} MB")
    print(f"{'exceptions and refusals':>24}: {errors}")


def say(view: str, mb: float, number: int, began: float) -> None:
    texts = (number + 1) * len(TASKS)
    print(f"{f'{texts} texts':>24}: {mb:+6.0f} MB, {time.monotonic() - began:4.0f} s, {view}", flush=True)


async def ask(url: str, page: str, asked: list[dict[str, str]]) -> int:
    """A session that asks a page one text after the other and leaves; how many answers went wrong."""
    answers: list[Answer] = await session(url, page, asked, 0.0, random.Random(0))
    return sum(bool(answer.refused or answer.exceptions) for answer in answers)


def one_of_each_task(generator: random.Random, tab: str | None) -> Iterator[dict[str, str]]:
    """A new text for each task, as the address of a tab, or of the first one."""
    for task in TASKS:
        text = " ".join(sentence(generator) for _ in range(generator.randint(1, MOST_SENTENCES)))
        yield question(task, text, sentence(generator)) | ({"tab": tab} if tab else {})


if __name__ == "__main__":
    main()
