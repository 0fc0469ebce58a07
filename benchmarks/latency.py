"""How far the measured speeds can be trusted, on the full-size pair with random weights.

    python -m benchmarks.latency                                     # ten profiles under a competing load: an hour
    python -m benchmarks.latency --profiles 3 --rounds 10 --lengths 20   # a few minutes, to see that it runs

Four questions, one after the other:

* repeatability: ten profiles at 64 tokens while other processes compute in bursts. What is the spread of our ten
  ratios, and what is the spread of ten ratios from measuring one model after the other with `timeit`, alternating with
  ours, in the same time and under the same load? Both usual figures of timeit are printed: the mean of all passes and
  the fastest.
* overhead: how much measuring adds to a forward pass.
* values: the same network with other weights against itself. All weights are equally fast, except denormal numbers,
  which some processors compute slowly.
* paper: Sanh et al. (2019), table 3, report 668 s and 410 s for the development set of STS-B at batch 1: 1.63x. The
  data set is not fetched; lengths are drawn to resemble pairs of sentences of a dozen words, and the ratio is nearly
  the same at all of them. The benchmark times forward passes alone, and whole answers with tokenizer and
  post-processing.

If other processes are busy, run it with OMP_NUM_THREADS=1.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import timeit
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from typing import Any

import numpy as np

from analysis.arrays import Array
from analysis.inputs.examples import Example
from analysis.latency.config import BenchmarkConfig
from analysis.latency.machine import cores, machine, threads
from analysis.latency.measure import interleaved, profile, random_batch, request_of, timed, warm_up
from analysis.latency.model_variants import copied, variant
from analysis.models.model import Model, load
from analysis.models.pairs import PAIRS, Sides
from analysis.predictions.heads import predict
from analysis.statistics import Estimate, bootstrapped
from benchmarks.running import options_of

TOKENS = 64
PAPER = 668 / 410
LOAD = """
import sys, time
import numpy as np
draw = np.random.default_rng(int(sys.argv[1]))
matrix = draw.normal(size=(400, 400))
while True:
    until = time.monotonic() + draw.exponential(3)
    while time.monotonic() < until:
        matrix @ matrix
    time.sleep(draw.exponential(3))
"""


def repeatability(models: Sides[Model], count: int, rounds: int, processes: int) -> None:
    config = BenchmarkConfig(tokens=TOKENS)
    ratios: dict[str, list[float]] = {"ours": [], "timeit, mean": [], "timeit, fastest": []}
    profiles = []
    with competing(processes):
        for _ in range(count):
            measured = profile(models, config, rounds=rounds)
            profiles.append(measured)
            ratios["ours"].append(measured.ratio.value)
            sides = [one_after_the_other(model, config, 3 * rounds // 2) for model in models]  # as many passes in all
            ratios["timeit, mean"].append(statistics.mean(sides[0]) / statistics.mean(sides[1]))
            ratios["timeit, fastest"].append(min(sides[0]) / min(sides[1]))
            print(f"  {', '.join(f'{name} {values[-1]:.3f}x' for name, values in ratios.items())}", flush=True)
    spreads = {name: float(np.std(np.log(values), ddof=1)) for name, values in ratios.items()}
    for name, values in ratios.items():
        times = "" if name == "ours" else f", {spreads[name] / spreads['ours']:.1f} times ours (aim: at least 4)"
        print(f"  {name:16} {min(values):.3f}x to {max(values):.3f}x, spread {100 * spreads[name]:.1f}%{times}")
    sure = sum(measured.inconclusive_reason is None for measured in profiles)
    print(f"  {sure} of {count} profiles are conclusive; nulls reach from", end=" ")
    nulls = [measured.null for measured in profiles]
    print(f"{min(null.low for null in nulls):.2f}x to {max(null.high for null in nulls):.2f}x")


@contextmanager
def competing(processes: int) -> Iterator[None]:
    """Processes that compute for some seconds, pause for some seconds, and so on."""
    quiet = {**os.environ, "OMP_NUM_THREADS": "1"}
    others = [subprocess.Popen([sys.executable, "-c", LOAD, str(seed)], env=quiet) for seed in range(processes)]
    try:
        yield
    finally:
        for other in others:
            other.terminate()
            other.wait()


def one_after_the_other(model: Model, config: BenchmarkConfig, passes: int) -> list[float]:
    """Seconds of each pass, as `timeit` takes them."""
    own = variant(model, config)
    request = request_of(own, [random_batch(own, config)])
    with threads(config.threads):
        request()
        return timeit.repeat(request, number=1, repeat=passes)


def overhead(models: Sides[Model], rounds: int) -> None:
    """The measuring loop around nothing and around an empty network, compared with the student's forward pass."""
    own = variant(models.student, BenchmarkConfig())
    bare = timed(lambda: None)
    nothing: Any = Nothing()
    empty = timed(request_of(replace(own, network=nothing), [random_batch(own, BenchmarkConfig(tokens=TOKENS))]))
    real = timed(request_of(own, [random_batch(own, BenchmarkConfig(tokens=TOKENS))]))
    rows = interleaved([bare, empty, real])
    with threads(1):
        warm_up(rows)
        loop, call, forward = np.median(list(islice(rows, rounds)), axis=0)
    print(f"  clock and loop           {1e3 * loop:8.1f} µs, {100 * loop / forward:.4f}% of a forward pass")
    print(f"  with the call of a model {1e3 * call:8.1f} µs, {100 * call / forward:.4f}% (aim: under 1%)")


class Nothing:
    """A network that does nothing."""

    class device:  # noqa: N801 - named as a network's
        type = "cpu"

    def __call__(self, **_: Any) -> None:
        return None


def weight_values(model: Model, rounds: int) -> None:
    """The model against itself with other weights."""
    import torch

    kinds: dict[str, Callable[[Any], Any]] = {
        "the same weights": lambda tensor: tensor,
        "other random weights": lambda tensor: torch.empty_like(tensor).normal_(0, 0.02),
        "all weights 0": torch.zeros_like,
        "all weights denormal": lambda tensor: torch.full_like(tensor, 1e-40),
    }
    for name, kind in kinds.items():
        other = copied(model, of_numbers(kind))
        measured = profile(Sides(model, replace(model, network=other)), BenchmarkConfig(tokens=TOKENS), rounds=rounds)
        print(
            f"  {name:22} {with_interval(measured.ratio)}; the first against itself {with_interval(measured.null)}",
            flush=True,
        )


def of_numbers(kind: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The same for a weight that is a number; whole numbers, such as positions, stay."""
    return lambda tensor: kind(tensor) if tensor.is_floating_point() else tensor


def paper(models: Sides[Model], count: int) -> None:
    lengths = np.clip(np.random.default_rng(0).lognormal(np.log(28), 0.45, count), 8, 128).round().astype(int).tolist()
    print(f"  {count} lengths of {min(lengths)} to {max(lengths)} tokens, {statistics.mean(lengths):.0f} on average")
    own = models.map(lambda model: variant(model, BenchmarkConfig()))
    passes, answers = [passes_of(own, n) for n in lengths], [answers_of(own, n) for n in lengths]
    outside("paper", PAPER, "")
    for name, requests in (("forward passes alone", passes), ("whole answers", answers)):
        ratio = total_ratio(requests)
        within = "within the interval" if ratio.low <= PAPER <= ratio.high else "not within the interval"
        outside(name, ratio.value, f" [{ratio.low:.3f}, {ratio.high:.3f}], the paper's {within}")
    for tokens in (16, 32, 64):
        measured = profile(models, BenchmarkConfig(tokens=tokens), rounds=max(count // 5, 10))
        print(f"  at {tokens} tokens           {with_interval(measured.ratio)}", flush=True)


def passes_of(models: Sides[Model], tokens: int) -> Sides[Callable[[], object]]:
    return models.map(lambda model: request_of(model, [random_batch(model, BenchmarkConfig(tokens))]))


def answers_of(models: Sides[Model], tokens: int) -> Sides[Callable[[], object]]:
    return models.map(lambda model: lambda: predict(model, text_of(tokens)))


def outside(name: str, ratio: float, more: str) -> None:
    """Prints the share of the teacher's time outside the layers, if all layers take equally long."""
    print(f"  {name:22} {ratio:.3f}x{more}; outside of the layers {100 * (2 / ratio - 1):.0f}%", flush=True)


def text_of(tokens: int) -> Example:
    return Example("sentiment", "a " * (tokens - 2))


def total_ratio(requests: list[Sides[Callable[[], object]]]) -> Estimate:
    """The teacher's total time over all texts over the student's; both read each text, alternating who is first."""
    taken = np.empty((len(requests), 2))  # [text, side]
    with threads(1):
        for place, sides in enumerate([*requests[:3], *requests]):
            for side, request in sorted(enumerate(sides), reverse=place % 2 == 1):
                taken[place - 3, side] = timed(request)()  # the first three, which warm up, are overwritten
    teacher, student = taken.T

    def ratio(rounds: Array) -> Array:
        return np.asarray(teacher[rounds].sum(axis=1) / student[rounds].sum(axis=1))

    return bootstrapped(len(requests), ratio)


def with_interval(ratio: Estimate) -> str:
    return f"{ratio.value:.3f}x [{ratio.low:.3f}, {ratio.high:.3f}]"


def main() -> None:
    parser = options_of(__doc__)
    parser.add_argument("--pair", default="architecture", help="embedded for a quick look")
    parser.add_argument("--profiles", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=200, help="of each profile")
    parser.add_argument("--lengths", type=int, default=300, help="texts for the paper's figure")
    parser.add_argument("--load", type=int, default=cores(), help="competing processes; 0 for none")
    options = parser.parse_args()
    models = PAIRS[options.pair].sides("sentiment").map(lambda checkpoint: load(checkpoint, "sentiment"))
    print(machine())
    print(f"repeatability at {TOKENS} tokens, {options.load} competing processes, {options.rounds} rounds per profile")
    repeatability(models, options.profiles, options.rounds, options.load)
    print("overhead")
    overhead(models, options.rounds)
    print("values of the weights, teacher")
    weight_values(models.teacher, options.rounds)
    print("the paper's figure: teacher's time over student's at batch 1")
    paper(models, options.lengths)


if __name__ == "__main__":
    main()
