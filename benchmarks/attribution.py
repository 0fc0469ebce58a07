"""The cost of integrated gradients compared with Captum's `LayerIntegratedGradients` and with a lower bound.

    python -m benchmarks.attribution [--pair architecture] [--tokens 16 64 128 256] [--rounds 3]

Both attribute the same label of the same text from the same [PAD] baseline, in turns. Ours adds steps until the delta
is below 1%; Captum takes 50 whatever its delta, so both deltas are printed. If 50 are too few, Captum is timed again
with twice as many, and so on, until its delta is as small. It is also timed with as many steps as ours. The floor is
the arithmetic of our steps (forward, and backward to the embeddings alone, which is as much again) at the speed of a
large matrix product, measured here. Memory is the largest growth of the process, which includes what PyTorch's
allocator holds back.
"""

from __future__ import annotations

import ctypes
import gc
import io
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path as File
from typing import TypeVar

import numpy as np
from torch import Tensor

from analysis.attribution.baselines import BASELINES, baseline_embeddings
from analysis.attribution.integrated_gradients import MIN_CHANGE, RELATIVE_TOLERANCE, Path, integrate, path_to
from analysis.attribution.score_function import PASS_BYTES, ScoreFunction, score_function_of
from analysis.inputs.examples import Example
from analysis.models.forward import inputs
from analysis.models.model import Model, load
from analysis.models.pairs import PAIRS
from analysis.predictions.targets import Target, Term
from analysis.progress import silent
from benchmarks.running import options_of

T = TypeVar("T")

MATRIX = 1_536  # rows and columns: large enough that a product runs at its peak
PRODUCTS = 5
DEFAULT_STEPS = 50  # Captum's
MOST_CAPTUM_STEPS = 800


def main() -> None:
    import torch

    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)
    parser = options_of(__doc__)
    parser.add_argument("--pair", default="architecture", choices=list(PAIRS))
    parser.add_argument("--tokens", type=int, nargs="+", default=[16, 64, 128, 256])
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    speed = matrix_speed()
    print(
        f"{torch.get_num_threads()} threads, matrix products at {speed / 1e9:.0f} GFLOP/s, passes of {PASS_BYTES:,} B"
    )
    for side, checkpoint in PAIRS[options.pair].sides("sentiment").items():
        model = load(checkpoint, "sentiment")
        for length in options.tokens:
            print(f"{side}, {length} tokens")
            measure(score_function_for(model, length), options.rounds, speed)


def measure(score_function: ScoreFunction, rounds: int, speed: float) -> None:
    start, captum = baseline_embeddings(score_function, BASELINES["[PAD]"]), captums(score_function)
    path = evaluated(score_function, start)
    ours_s, theirs_s, equal_s, grown, their_grown = [], [], [], [], []
    for _ in range(rounds):
        (_, ours), seconds, memory = timed(lambda: integrate(path_to(score_function, start)))
        ours_s.append(seconds)
        grown.append(memory)
        delta, seconds, memory = timed(lambda: captum(DEFAULT_STEPS))
        theirs_s.append(seconds)
        their_grown.append(memory)
        equal_s.append(timed(partial(captum, ours.n_steps))[1])
    own, theirs = statistics.median(ours_s), statistics.median(theirs_s)
    floor_s = ours.n_steps * step_flops(score_function.model, len(score_function.tokens)) / speed
    print(f"  ours    {own:7.2f} s, {ours.n_steps:4} steps, delta {relative(ours.delta, path)}")
    print(f"  Captum  {theirs:7.2f} s, {DEFAULT_STEPS:4} steps, delta {relative(delta, path)}")
    accurate_s, accurate = until_accurate(captum, delta, theirs, path)
    print(f"  Captum's default call takes {median_ratio(theirs_s, ours_s):.2f} times as long as ours")
    least = "" if accurate else "more than "
    print(f"  as accurate as ours, it takes {least}{accurate_s / own:.2f} times as long (aim: at least 2.5)")
    print(f"  with as many steps as ours, it takes {median_ratio(equal_s, ours_s):.2f} times as long")
    print(f"  floor   {floor_s:7.2f} s; ours takes {own / floor_s:.2f} times as long (aim: at most 1.5)")
    print(f"  memory  {max(grown) / 1e6:.0f} MB, Captum {max(their_grown) / 1e6:.0f} MB", flush=True)


def evaluated(score_function: ScoreFunction, start: Tensor) -> Path:
    """The path with both its ends evaluated, so that the model has computed once before anything is timed."""
    path = path_to(score_function, start)
    path.evaluate(np.array([0.0, 1.0]), silent)
    return path


def until_accurate(captum: Callable[[int], float], delta: float, seconds: float, path: Path) -> tuple[float, bool]:
    """Seconds of the first call whose delta is under 1%, each with twice the steps of the one before, if any is."""
    steps, tolerance = DEFAULT_STEPS, RELATIVE_TOLERANCE * max(abs(path.change), MIN_CHANGE)
    while abs(delta) > tolerance and steps < MOST_CAPTUM_STEPS:
        steps *= 2
        delta, seconds, _ = timed(partial(captum, steps))
        print(f"  Captum  {seconds:7.2f} s, {steps:4} steps, delta {relative(delta, path)}")
    return seconds, abs(delta) <= tolerance


def median_ratio(one: Sequence[float], other: Sequence[float]) -> float:
    return statistics.median(a / b for a, b in zip(one, other, strict=True))


def relative(delta: float, path: Path) -> str:
    return f"{abs(delta / path.change):.2%} of {path.change:+.3f} logits"


def score_function_for(model: Model, length: int) -> ScoreFunction:
    """A text of that many tokens, [CLS] and [SEP] included, and its first label."""
    words = ("the", "film", "was", "not", "good", "and", "he", "did", "not", "like", "it", "at", "all")
    text = " ".join(words[place % len(words)] for place in range(length - 2))
    target = Target((Term(model.labels[0]),), model.labels[0])
    score_function = score_function_of(model, Example("sentiment", text), target)
    if len(score_function.tokens) != length:
        raise ValueError(f"the text has {len(score_function.tokens)} tokens, not {length}")
    return score_function


def captums(score_function: ScoreFunction) -> Callable[[int], float]:
    """The call as a user writes it, by the number of steps: it gives its delta in logits."""
    import torch
    from captum.attr import LayerIntegratedGradients

    columns = inputs(score_function.model, score_function.tokens)
    ids = columns.pop("input_ids")
    without = torch.where(torch.tensor(score_function.protected), ids, score_function.model.tokenizer.pad_token_id)
    segments = tuple(columns.values())
    network, (label,) = score_function.model.network, score_function.target.logit_indices[0]

    def logits(ids: torch.Tensor, *segments: torch.Tensor) -> torch.Tensor:
        answered: torch.Tensor = network(ids, **dict(zip(columns, segments, strict=True))).logits
        return answered

    method = LayerIntegratedGradients(logits, network.get_input_embeddings())

    def call(n_steps: int) -> float:
        bound = None if n_steps == DEFAULT_STEPS else DEFAULT_STEPS  # rows a pass: as many as the default call takes
        with score_function.model.lock:
            _, delta = method.attribute(
                ids,
                without,
                target=label,
                additional_forward_args=segments or None,
                n_steps=n_steps,
                internal_batch_size=bound,
                return_convergence_delta=True,
            )
        return float(delta)

    return call


def step_flops(model: Model, length: int) -> float:
    """Of one row, forward and back to the embeddings: multiplications and additions of all matrix products."""
    config = model.network.config
    width, inner = config.hidden_size, getattr(config, "intermediate_size", None) or config.hidden_dim
    layer = 2 * length * (4 * width**2 + 2 * width * inner) + 4 * length**2 * width
    back = layer + 4 * length**2 * width  # attention has two inputs to give gradients to, and no weights
    return float(config.num_hidden_layers * (layer + back))


def matrix_speed() -> float:
    """Multiplications and additions per second in a large product, the best of several."""
    import torch

    one = torch.randn(MATRIX, MATRIX)
    seconds = [timed(lambda: one @ one)[1] for _ in range(PRODUCTS)]
    return 2 * MATRIX**3 / min(seconds)


def timed(work: Callable[[], T]) -> tuple[T, float, int]:
    """What it gives, its seconds, and the bytes by which the process grew meanwhile at most (on Linux with glibc)."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)  # else what the one before has freed would hide what this one takes
    File("/proc/self/clear_refs").write_text("5")  # the highest resident size is counted anew from here
    before = resident("VmHWM")
    start = time.perf_counter()
    value = work()
    return value, time.perf_counter() - start, resident("VmHWM") - before


def resident(line: str) -> int:
    status = File("/proc/self/status").read_text().split(line + ":")[1]
    return int(status.split()[0]) * 1_024


if __name__ == "__main__":
    main()
