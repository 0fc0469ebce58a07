"""How long a person waits for both answers: warm, and after a cold start.

    python -m benchmarks.first_answer            # warm: a rerun of the page against the bare two forward passes
    python -m benchmarks.first_answer --cold     # cold: first paint and first answer in Chromium
    python -m benchmarks.first_answer --cold --beside ../older    # and those of another checkout, in turns

Warm: the server's part of a submit (check, tokens, both models, figures, messages to the browser), a new text of 32
tokens each time, interleaved with the bare forward passes of both models on the same tokens.
"""

from __future__ import annotations

import logging
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from benchmarks.running import options_of, seconds_of
from tests.support.servers import free_port, is_answered

ROOT = Path(__file__).resolve().parent.parent
WORDS = ["the", "story", "of", "a", "small", "town", "where", "nothing", "happens", "until", "one", "arrives"]
TOKENS = 32
ROUNDS = 40


def warm() -> None:
    from streamlit.testing.v1 import AppTest

    from analysis.inputs.examples import Example
    from analysis.models.forward import forward
    from analysis.models.pairs import PAIRS
    from analysis.models.tokens import tokenize
    from cache.loaded_models import model

    models = PAIRS["embedded"].sides("sentiment").map(lambda checkpoint: model(checkpoint, "sentiment"))
    app = AppTest.from_file(str(ROOT / "dashboard" / "app.py"), default_timeout=120)
    app.query_params["task"] = "Sentiment"
    app.switch_page("../pages/predictions.py").run()

    def submit(text: str) -> None:
        app.text_area(key="text").set_value(text).run()
        assert not app.exception

    def bare(text: str) -> None:
        for side in models:
            with side.lock:
                forward(side, windows[side])

    page, passes = [], []
    for round_ in range(ROUNDS + 5):
        text = text_of(round_, lambda text: len(tokenize(models.teacher, Example("sentiment", text))[0]))
        windows = {side: tokenize(side, Example("sentiment", text))[0] for side in models}
        page.append(milliseconds(submit, text))
        passes.append(in_thread(milliseconds, bare, text))  # as the page's script has a thread of its own
    p50, floor = statistics.median(page[5:]), statistics.median(passes[5:])
    print(f"page, server's part, p50 of {ROUNDS}: {p50:7.1f} ms")
    print(f"two bare forward passes, p50:   {floor:7.1f} ms")
    target = 1.5 * floor + 50
    print(f"aim 1.5 x passes + 50 ms:       {target:7.1f} ms -> {'met' if p50 <= target else 'missed'}")


def text_of(seed: int, length: Callable[[str], int]) -> str:
    """A text of `TOKENS` tokens that no earlier round asked, so that no cache answers it."""
    words = [WORDS[(seed * 7 + i * (1 + seed % 3)) % len(WORDS)] for i in range(TOKENS)]
    text = f"{seed} " + " ".join(words)
    while length(text) > TOKENS:
        text = text.rsplit(" ", 1)[0]
    return text


def in_thread(work: Callable[..., float], *arguments: object) -> float:
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work, *arguments).result()


def milliseconds(work: Callable[[str], None], text: str) -> float:
    return 1000 * seconds_of(lambda: work(text))


def cold(task: str, beside: Path | None, rounds: int) -> None:
    from playwright.sync_api import sync_playwright

    roots = [ROOT, *([beside.resolve()] if beside else [])]
    seconds: dict[tuple[str, Path], list[float]] = {}
    with sync_playwright() as playwright:
        chromium = os.environ.get("CHROMIUM", "/usr/bin/chromium")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        for _ in range(rounds):
            for root in roots:
                with tempfile.TemporaryDirectory() as cache:
                    for start in ("nothing remembered", "results remembered"):
                        for event, after in started(browser, root, cache, task).items():
                            seconds.setdefault((f"{start}, {event}", root), []).append(after)
    print(f"{task}, median of {rounds} starts, in s" + (f"; ratio to {beside}" if beside else ""))
    for what in dict.fromkeys(what for what, _ in seconds):
        here, *other = (statistics.median(seconds[what, root]) for root in roots)
        print(f"  {what:40} {here:6.1f}" + "".join(f"  {other_s:6.1f}  {here / other_s:5.2f}" for other_s in other))


def started(browser: Any, root: Path, cache: str, task: str) -> dict[str, float]:
    """Seconds from the start of the server of this checkout to what a person sees."""
    page = browser.new_page()
    start = time.perf_counter()
    seconds = {}
    with server(root, cache) as address:
        seconds["server answers"] = time.perf_counter() - start
        page.goto(f"{address}/predictions?{urlencode({'task': task})}")
        page.wait_for_selector("h1.dl-page")
        seconds["first paint"] = time.perf_counter() - start
        page.wait_for_selector(".dl-answer", timeout=120_000)
        seconds["first answer"] = time.perf_counter() - start
    page.close()
    return seconds


@contextmanager
def server(root: Path, cache: str) -> Iterator[str]:
    """The address of the dashboard of this checkout, started by its command on a free port."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "dashboard", "serve", "--port", str(port)],
        cwd=root,  # whose packages come first on the path of -m
        env={**os.environ, "DISTILLENS_CACHE": cache},
        stdout=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        while not is_answered(f"{address}/_stcore/health"):
            time.sleep(0.02)
        yield address
    finally:
        process.terminate()
        process.wait()


if __name__ == "__main__":
    logging.disable(logging.WARNING)  # Streamlit warns that there is no server around AppTest
    parser = options_of(__doc__)
    parser.add_argument("--cold", action="store_true")
    parser.add_argument("--task", default="Sentiment", help="cold: by its title; fill-mask alone needs no adapter")
    parser.add_argument("--beside", type=Path, help="cold: another checkout to start in turns with this one")
    parser.add_argument("--rounds", type=int, default=3, help="cold: how many starts")
    arguments = parser.parse_args()
    cold(arguments.task, arguments.beside, arguments.rounds) if arguments.cold else warm()
