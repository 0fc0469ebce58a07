"""What the attention page costs, beside BertViz's model view on the same input in the same run.

    python benchmarks/attention.py               # 16, 64 and 128 tokens
    python benchmarks/attention.py --tokens 512  # BertViz needs minutes and gigabytes there

The teacher at full size with random weights (12 layers of 12 heads): bytes and seconds do not depend on the weights'
values. Bytes are what is sent to the browser; seconds are the server's.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

from analysis.attention import by_token
from analysis.examples import Example
from analysis.models import Model, load
from analysis.pairs import PAIRS
from analysis.tokens import Tokens, tokenize
from analysis.trace import Trace, forward, trace
from dashboard.charts.attention import brightest, head_map, mosaic

ROUNDS = 7


def measure(model: Model, length: int) -> None:
    example, tokens = text_of(model, length)
    inside = trace(model, example)
    map_ = by_token(inside.attentions, tokens)
    overview, overview_s = timed(lambda: mosaic(map_.weights, brightest(map_.weights), (0, 0), "#000").to_json())
    exact, exact_s = timed(lambda: head_map(map_.weights[0, 0], map_.labels, 1.0).to_json())
    print(f"{length} tokens")
    print(f"  overview of 144 heads   {len(overview) / 1e6:9.2f} MB  {overview_s:7.2f} s   (aim: under 1 MB)")
    print(f"  one head's exact map    {len(exact) / 1e6:9.2f} MB  {exact_s:7.2f} s   (aim: under 1.5 MB)")
    html, bertviz_s = timed(lambda: bertviz(inside), rounds=1)
    print(f"  BertViz's model_view    {len(html) / 1e6:9.2f} MB  {bertviz_s:7.2f} s")
    print(f"  ratio BertViz / overview{len(html) / len(overview):9.1f} x   {bertviz_s / overview_s:7.1f} x")
    print(f"  trace / bare forward    {trace_ratio(model, example, tokens):9.2f} x   (aim: at most 1.25 x at 128)")


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


def timed(work: Callable[[], object], rounds: int = 3) -> tuple[object, float]:
    seconds = []
    for _ in range(rounds):
        start = time.perf_counter()
        value = work()
        seconds.append(time.perf_counter() - start)
    return value, statistics.median(seconds)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tokens", type=int, nargs="+", default=[16, 64, 128])
    teacher = load(PAIRS["architecture"].sides("sentiment").teacher, "sentiment")
    for length in parser.parse_args().tokens:
        measure(teacher, length)
