"""What the attention page costs, beside BertViz's model view and the naive loop on the same input in the same run.

    python -m benchmarks.attention                # 16, 64, 128, 256 and 512 tokens
    python -m benchmarks.attention --bertviz 512  # otherwise up to 128 tokens: at 512 BertViz takes gigabytes

The pictures are those of the teacher at full size with random weights (12 layers of 12 heads): bytes and seconds do
not depend on the weights' values. Bytes are what is sent to the browser, without plotly.js or d3, which it keeps.
"Drawn" is from opening the page in headless Chromium, these libraries included, to its second frame after all is drawn.
A click is the whole run of the page on the server that a click on a head of the embedded pair causes. Where other
processes are busy, run it with OMP_NUM_THREADS=1: threads that wait for each other would take minutes.
"""

from __future__ import annotations

import io
import re
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np
from playwright.sync_api import Browser, TimeoutError, sync_playwright

from analysis.attention.ablation import ablated, importance
from analysis.attention.maps import by_token
from analysis.attention.view import brightest, pooled
from analysis.inputs.examples import Example
from analysis.models.forward import Trace, forward, read, trace
from analysis.models.model import Model, load
from analysis.models.pairs import PAIRS
from analysis.models.tokens import Tokens, tokenize
from analysis.predictions.heads import predict
from analysis.predictions.resolve import resolve_prediction
from analysis.predictions.targets import ResolvedTarget
from benchmarks.running import options_of
from dashboard.attention.controls import name_of
from dashboard.charts.attention import ScaleEnd, head_map, mosaic
from dashboard.ui.bertviz_html import REQUIRE, library

T = TypeVar("T")

APP = Path(__file__).resolve().parent.parent / "dashboard" / "app.py"
PATIENCE_S = 60
DRAWN = """() => new Promise(done => {
    const figure = document.querySelector('.js-plotly-plot'), image = document.querySelector('.layer-below image, svg');
    const wait = () => !figure || figure._fullLayout && image ? requestAnimationFrame(() => requestAnimationFrame(done))
        : setTimeout(wait, 5);
    wait();
})"""

ROUNDS = 7


def measure(model: Model, length: int, browser: Browser, most_bertviz: int) -> None:
    example, tokens = text_of(model, length)
    inside = trace(model, example)
    map_ = by_token(inside.attentions, tokens)
    small = pooled(map_.weights)
    overview, overview_s = timed(lambda: mosaic("teacher", pooled(map_.weights), brightest(small), (0, 0)).to_json())
    exact, exact_s = timed(lambda: head_map(by_token(inside.attentions[:1, :1], tokens), ScaleEnd(1.0, 1.0)).to_json())
    page = mosaic("teacher", small, brightest(small), (0, 0)).to_html(include_plotlyjs=True)
    shown = drawn_s(browser, page)
    print(f"{length} tokens")
    print(
        f"  overview of 144 heads  {len(overview) / 1e6:9.2f} MB {overview_s:7.2f} s, drawn in {shown}  (aim: < 1 MB)"
    )
    print(f"  one head's exact map   {len(exact) / 1e6:9.2f} MB {exact_s:7.2f} s                    (aim: 1.5 MB)")
    print(
        f"  trace / bare forward   {trace_ratio(model, example, tokens):9.2f} x    (aim: at most 1.25 x at 128)",
        flush=True,
    )
    if length <= most_bertviz:
        html, bertviz_s = timed(lambda: bertviz(inside), rounds=1)
        theirs = drawn_s(browser, offline(str(html)))
        print(f"  BertViz's model_view   {len(html) / 1e6:9.2f} MB {bertviz_s:7.2f} s, drawn in {theirs}")
        print(
            f"  ratio BertViz / ours   {len(html) / len(overview):9.1f} x  {bertviz_s / overview_s:7.1f} x", flush=True
        )


def drawn_s(browser: Browser, html: str) -> str:
    """Seconds until a page is drawn, in words; a page that takes longer than `PATIENCE_S` is given up."""
    with tempfile.NamedTemporaryFile("w", suffix=".html", encoding="utf-8") as file:
        file.write(html)
        file.flush()
        page = browser.new_page()
        start = time.perf_counter()
        try:
            page.goto(f"file://{file.name}", timeout=PATIENCE_S * 1000)
            page.evaluate(DRAWN)
            return f"{time.perf_counter() - start:6.2f} s"
        except TimeoutError:
            return f"> {PATIENCE_S} s"
        finally:
            page.close()


def offline(html: str) -> str:
    """BertViz's page with d3 and jQuery inside, in place of the three scripts that it asks a network for."""
    libraries = library("mpld3", "js/d3.v5.min.js"), library("xstatic.pkg.jquery", "data/jquery.min.js"), REQUIRE
    scripts = "".join(f"<script>{text}</script>" for text in libraries)
    return scripts + re.sub(r"<script src=[^>]*></script>", "", html)


def measure_click(length: int) -> None:
    """Clicks on twelve heads in turn, as the page's script sees them."""
    from streamlit.testing.v1 import AppTest

    app = AppTest.from_file(str(APP), default_timeout=300)
    app.query_params.update({"task": "Sentiment", "text": "a " * (length - 2), "part": "What heads do"})
    app.run()
    app.switch_page("../pages/attention.py").run()
    seconds = []
    for number in range(12):
        app.selectbox(key="teacher_head").set_value(name_of((number, 11 - number)))
        seconds.append(timed(app.run, rounds=1)[1])
    print(
        f"a head click at {length:3} tokens {1000 * statistics.median(seconds):6.0f} ms   (aim: under 300 ms)",
        flush=True,
    )


def measure_sweep(example: Example) -> None:
    """Every head of both embedded models off in turn: ours, and one forward pass a head."""
    models = PAIRS["embedded"].sides(example.task).map(lambda checkpoint: load(checkpoint, example.task))
    asked = predict(models.teacher, example)
    ours, naive, apart = [], [], 0.0
    for _ in range(3):
        for model in models:
            (tokens,) = tokenize(model, example)
            target = resolve_prediction(asked, model, tokens)
            found, seconds = timed(partial(importance, model, example, target), rounds=1)
            ours.append(seconds)
            drops, seconds = timed(partial(one_by_one, model, example, target), rounds=1)
            naive.append(seconds)
            apart = max(apart, float(np.abs(found.drops - drops).max()))
    ratio = sum(naive) / sum(ours)
    print(f"importance of every head at {len(tokens):3} tokens: naive loop / ours {ratio:4.1f} x   (aim: at least 4 x)")
    print(f"  largest difference {apart:.1e} logits")


def one_by_one(model: Model, example: Example, target: ResolvedTarget) -> np.ndarray:
    """The same drops by one forward pass a head."""
    score = target.score(read(model, example)[0].logits)
    config = model.network.config
    drops = np.empty((config.num_hidden_layers, config.num_attention_heads))
    for head in np.ndindex(*drops.shape):
        with ablated(model, heads=[head]):
            drops[head] = score - target.score(read(model, example)[0].logits)
    return drops


def bertviz(inside: Trace) -> str:
    """BertViz's own page, as a user would ask for it."""
    import torch
    from bertviz import model_view

    attention = tuple(torch.tensor(layer)[None] for layer in inside.attentions)
    return str(model_view(attention, list(inside.tokens.pieces), html_action="return").data)


def trace_ratio(model: Model, example: Example, tokens: Tokens) -> float:
    """Attentions and hidden states captured, over a bare forward pass with sdpa; interleaved, medians."""
    captured, bare = [], []
    for _ in range(ROUNDS):
        captured.append(timed(lambda: trace(model, example), rounds=1)[1])
        with model.lock:
            bare.append(timed(lambda: forward(model, tokens), rounds=1)[1])
    return statistics.median(captured) / statistics.median(bare)


def text_of(model: Model, length: int) -> tuple[Example, Tokens]:
    """A text of that many tokens, [CLS] and [SEP] included."""
    example = Example("sentiment", "a " * (length - 2))
    (tokens,) = tokenize(model, example)
    if len(tokens) != length:
        raise ValueError(f"the text has {len(tokens)} tokens, not {length}")
    return example, tokens


def timed(work: Callable[[], T], rounds: int = 3) -> tuple[T, float]:
    seconds = []
    for _ in range(rounds):
        start = time.perf_counter()
        value = work()
        seconds.append(time.perf_counter() - start)
    return value, statistics.median(seconds)


def main() -> None:
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)
    parser = options_of(__doc__)
    parser.add_argument("--tokens", type=int, nargs="+", default=[16, 64, 128, 256, 512])
    parser.add_argument("--bertviz", type=int, default=128, help="the longest text that BertViz is asked to draw")
    arguments = parser.parse_args()
    for length in arguments.tokens:
        measure_click(length)
    for words in (14, 60, 120):
        measure_sweep(Example("sentiment", "a " * words))
    teacher = load(PAIRS["architecture"].sides("sentiment").teacher, "sentiment")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for length in arguments.tokens:
            measure(teacher, length, browser, arguments.bertviz)


if __name__ == "__main__":
    main()
