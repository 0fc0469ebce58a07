"""What layer maps of debiased CKA cost, beside two public implementations on the same layers in the same run.

    python -m benchmarks.similarity                 # n = 64, 256, 1,000, 5,000
    python -m benchmarks.similarity --examples 64 256
    python -m benchmarks.similarity --memory        # 100,000 tokens streamed at full size: minutes

13 and 7 layers of width 768 in float32, random values with something in common; sentences of four examples. torch_cka
(the package; unbiased) runs as its user would run it, on modules that hand out the layers. Ecco pins libraries that are
not to be had any more: its algorithm (biased CKA over features, pair by pair) is written out below. Where all pairs
would take minutes, some are timed and the rest counted: the line says so. The floor is the bare matrix products of the
way that is taken, without centring, contributions of sentences or anything else.
"""

from __future__ import annotations

import resource
import statistics
import warnings
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from analysis.arrays import Array
from analysis.similarity.cka_contributions import (
    KERNEL_BYTES,
    Layers,
    contributions_by_features,
    contributions_by_kernels,
)
from analysis.similarity.layer_maps import cosines, interval, resampled
from benchmarks.running import options_of, seconds_of

TEACHER, STUDENT, WIDTH = 13, 7, 768
SENTENCE = 4  # examples
PATIENCE_S = 20.0  # for all pairs of a peer; above that some are timed


def measure(count: int) -> None:
    layers = layers_of(count)
    sizes = np.full(count // SENTENCE, SENTENCE)
    rounds = max(2, min(20, 5_000 // count))
    ours, floor, draws = [], [], []
    peers: dict[str, list[float]] = {name: [] for name in PEERS}
    pairs = {name: pairs_in_time(run, layers) for name, run in PEERS.items()}
    found = contributions_by_kernels(layers, sizes)
    for _ in range(rounds):  # interleaved: whatever else the machine does meets all of them
        ours.append(seconds_of(lambda: cosines(contributions_by_kernels(layers, sizes).sums.sum(axis=0))))
        floor.append(seconds_of(lambda: products(layers)))
        draws.append(seconds_of(lambda: interval(resampled(found, slice(TEACHER), slice(TEACHER, None))[1])))
        for name, run in PEERS.items():
            share = pairs[name] / (TEACHER * STUDENT)
            peers[name].append(seconds_of(partial(run, layers, pairs[name])) / share)
    grid = statistics.median(ours)
    print(f"{count:,} examples")
    line("grid of all layers", grid, "")
    line("matrix-product floor", bare := statistics.median(floor), f"grid / floor {grid / bare:.2f} (aim: under 2)")
    for name, values in peers.items():
        some = "" if pairs[name] == TEACHER * STUDENT else f"; {pairs[name]} of {TEACHER * STUDENT} pairs timed"
        line(name, peer := statistics.median(values), f"{peer / grid:.1f} x the grid (aim: over 10{some})")
    line("1,000 resamples", again := statistics.median(draws), f"{again / grid:.2f} of the grid (aim: under 2)")
    print(f"  float32 less float64     {single_less_double(layers, sizes):9.1e}       (aim: under 1e-5)", flush=True)


def line(what: str, took: float, ratio: str) -> None:
    print(f"  {what:24} {took:9.4f} s     {ratio}")


def layers_of(count: int) -> list[Array]:
    generator = np.random.default_rng(0)
    signals = generator.normal(size=(count, 64)).astype(np.float32)
    return [
        signals @ generator.normal(size=(64, WIDTH)).astype(np.float32) / 8
        + generator.normal(size=(count, WIDTH)).astype(np.float32)
        for _ in range(TEACHER + STUDENT)
    ]


def products(layers: Layers) -> None:
    """Kernel rows of every layer, and of all pairs of layers the product: nothing else."""
    count = len(layers[0])
    step = max(1, min(count, KERNEL_BYTES // (4 * len(layers) * count)))
    held = np.empty((len(layers), step, count), np.float32)
    for begin in range(0, count, step):
        kernels = held[:, : min(step, count - begin)]
        for kernel, layer in zip(kernels, layers, strict=True):
            np.matmul(layer[begin : begin + step], layer.T, out=kernel)
        flat = kernels.reshape(len(layers), -1)
        flat @ flat.T


def torch_cka(layers: Layers, pairs: int) -> None:
    """The package, on two models whose modules hand out the layers: `pairs` of the student's, teacher by teacher."""
    import torch
    import torch_cka
    from torch.utils.data import DataLoader, TensorDataset

    class Stack(torch.nn.Module):
        def __init__(self, values: Layers) -> None:
            super().__init__()
            self.values = [torch.from_numpy(value) for value in values]
            self.taps = torch.nn.ModuleList(torch.nn.Identity() for _ in values)

        def forward(self, _: torch.Tensor) -> None:
            for tap, value in zip(self.taps, self.values, strict=True):
                tap(value)

    rows, columns = (-(-pairs // STUDENT), min(pairs, STUDENT))
    teacher, student = layers[:rows], layers[TEACHER : TEACHER + columns]
    data = DataLoader(TensorDataset(torch.zeros(len(layers[0]), 1)), batch_size=len(layers[0]))
    names = [[f"taps.{place}" for place in range(len(side))] for side in (teacher, student)]
    with warnings.catch_warnings(), torch.inference_mode():
        warnings.simplefilter("ignore")
        peer = torch_cka.CKA(Stack(teacher), Stack(student), "teacher", "student", *names)
        peer.compare(data, data)


def ecco(layers: Layers, pairs: int) -> None:
    """Ecco's analysis.cka, pair by pair: ‖XᵀY‖² / (‖XᵀX‖ ‖YᵀY‖) of centred features."""
    for place in range(pairs):
        x, y = layers[place // STUDENT], layers[TEACHER + place % STUDENT]
        x, y = x - x.mean(axis=0), y - y.mean(axis=0)
        np.linalg.norm(x.T @ y) ** 2 / (np.linalg.norm(x.T @ x) * np.linalg.norm(y.T @ y))


PEERS: dict[str, Callable[[Layers, int], None]] = {"torch_cka": torch_cka, "Ecco's algorithm": ecco}


def pairs_in_time(run: Callable[[Layers, int], None], layers: Layers) -> int:
    """All 91 pairs, or as many whole rows of seven, or single pairs, as PATIENCE_S allows."""
    run(layers, 1)  # imports
    one = seconds_of(lambda: run(layers, 1))
    possible = int(PATIENCE_S / one)
    return min(TEACHER * STUDENT, max(1, possible // STUDENT * STUDENT or possible))


def single_less_double(layers: Layers, sizes: Array) -> float:
    double = [layer.astype(np.float64) for layer in layers]
    one, other = (cosines(contributions_by_kernels(some, sizes).sums.sum(axis=0)) for some in (layers, double))
    return float(np.abs(one - other).max())


def memory(count: int) -> None:
    """The peak of the whole process when that many tokens of full-size models stream by."""

    class Stream:
        def __iter__(self) -> Iterator[Layers]:
            generator = np.random.default_rng(0)
            for _ in range(count // 20):
                yield [generator.normal(size=(20, WIDTH)).astype(np.float32) for _ in range(TEACHER + STUDENT)]

    taken = seconds_of(lambda: contributions_by_features(Stream()))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(f"{count:,} tokens streamed in {taken:.0f} s; peak of the process {peak / 1e9:.2f} GB (aim: under 1.5 GB)")


if __name__ == "__main__":
    parser = options_of(__doc__)
    parser.add_argument("--examples", type=int, nargs="+", default=[64, 256, 1_000, 5_000])
    parser.add_argument("--memory", type=int, nargs="?", const=100_000, metavar="TOKENS")
    arguments = parser.parse_args()
    if arguments.memory:
        memory(arguments.memory)
    else:
        for count in arguments.examples:
            measure(count)
