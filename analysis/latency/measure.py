"""Times the forward passes of two models, in interleaved rounds.

    profile_summary(profile(models, BenchmarkConfig(tokens=64), rounds=200))

If one model is measured after the other on a machine that does other things too, the two meet different loads. So
every round measures both, and the teacher a second time: the ratio within a round is stable even if the times are not,
and the teacher against itself (an A/A run) shows how stable.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import cycle, islice
from time import monotonic, perf_counter_ns
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from analysis.arrays import Array, frozen
from analysis.inputs.examples import Example
from analysis.latency.config import BenchmarkConfig
from analysis.latency.limits import check, check_rounds, check_tokens
from analysis.latency.machine import machine, threads
from analysis.latency.model_variants import variant
from analysis.latency.profile import LatencyProfile, Progress
from analysis.models.forward import columns, inputs
from analysis.models.model import Model
from analysis.models.pairs import Sides
from analysis.models.tokens import tokenize

if TYPE_CHECKING:
    from torch import Tensor

    Batch = dict[str, Tensor]  # what one forward pass reads

ROUNDS = 200
WARM_UP = 2  # rounds that are not kept: libraries adapt to a shape when they first meet it
SEED = 0

Row = TypeVar("Row")
ProgressCallback = Callable[[Progress], None]
Clock = Callable[[], int]  # nanoseconds


def silent(progress: Progress) -> None:
    """Ignores the progress."""


def profile(
    models: Sides[Model],
    config: BenchmarkConfig,
    example: Example | None = None,
    rounds: int = ROUNDS,
    seconds: float | None = None,
    progress: ProgressCallback = silent,
    clock: Clock = perf_counter_ns,
) -> LatencyProfile:
    """Forward passes of both models on a checked example, or on `config.tokens` random tokens if there is none.

    Stops after `rounds`, or once `seconds` are over. `progress` is called after each round, outside the timed part; an
    exception that it raises stops the measurement, and the last profile that it received is what was measured. Raises
    `AnalysisError` for a configuration that does not exist or does not run here.
    """
    check(models, config)
    check_rounds(rounds)
    own = models.map(lambda model: variant(model, config))
    so_far, works = prepared(own, config, example, rounds, clock)
    rows = interleaved(works)
    with threads(config.threads):
        warm_up(rows)
        for row, share, left in until_done(rows, rounds, seconds):
            so_far = with_round(so_far, row)
            progress(Progress(so_far, share, left))
    return so_far


def prepared(
    models: Sides[Model], config: BenchmarkConfig, example: Example | None, rounds: int, clock: Clock = perf_counter_ns
) -> tuple[LatencyProfile, tuple[Callable[[], float], ...]]:
    """A profile without samples, and the calls that each round times: teacher, student, and the teacher again."""
    if (example is None) == (config.tokens is None):
        raise ValueError("a profile is of an example or of a number of tokens")
    batches = models.map(lambda model: _batches(model, config, example))
    tokens = batches.map(lambda passes: sum(batch["input_ids"].shape[1] for batch in passes))
    check_tokens(max(tokens) * config.batch)
    requests = [request_of(model, passes) for model, passes in zip(models, batches, strict=True)]
    works = Sides(*(timed(request, clock) for request in requests))
    none = frozen(np.empty(0))
    blank = LatencyProfile(
        config=config,
        task=models.teacher.task,
        texts=example.texts if example else (),
        checkpoints=models.map(lambda model: model.checkpoint.name),
        tokens=tokens,
        samples=Sides(none, none),
        teacher_repeat=none,
        rounds_requested=rounds,
        started=now(),
        machine=machine(),
    )
    return blank, (works.teacher, works.student, works.teacher)


def with_round(profile: LatencyProfile, row: Sequence[float]) -> LatencyProfile:
    """The profile with one more round: teacher, student, and the teacher again, in ms."""
    teacher, student, teacher_repeat = row
    samples = Sides(_with(profile.samples.teacher, teacher), _with(profile.samples.student, student))
    return replace(profile, samples=samples, teacher_repeat=_with(profile.teacher_repeat, teacher_repeat))


def timed(request: Callable[[], object], clock: Clock = perf_counter_ns) -> Callable[[], float]:
    """A function that answers the request and returns how many ms it took."""

    def work() -> float:
        start = clock()
        request()
        return (clock() - start) / 1e6

    return work


def interleaved(works: Sequence[Callable[[], Row]]) -> Iterator[list[Row]]:
    """Endless rounds with the result of each of the works, in their order; each round runs them in another order."""
    for order in cycle(balanced_orders(len(works))):
        results = {place: works[place]() for place in order}
        yield [results[place] for place in range(len(works))]


def balanced_orders(count: int) -> list[list[int]]:
    """Orders in which each of `count` items is at every position, and right after every other item, equally often.

    A balanced Latin square (Williams 1949, https://doi.org/10.1071/CH9490149).

    >>> balanced_orders(3)
    [[0, 1, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0], [0, 2, 1], [1, 0, 2]]
    """
    first = [(-place // 2 if place % 2 == 0 else (place + 1) // 2) % count for place in range(count)]
    square = [[(place + shift) % count for place in first] for shift in range(count)]
    return square if count % 2 == 0 else square + [order[::-1] for order in square]


def warm_up(rows: Iterator[object]) -> None:
    """Runs rounds that are not kept."""
    for _ in islice(rows, WARM_UP):
        pass


def until_done(rows: Iterator[Row], rounds: int, seconds: float | None) -> Iterator[tuple[Row, float, float]]:
    """Rows, each with the share that is done by then and the seconds that are left: `rounds`, or as many as fit."""
    start = monotonic()
    for done, row in enumerate(islice(rows, rounds), start=1):
        spent = monotonic() - start
        share = min(max(done / rounds, spent / seconds if seconds else 0.0), 1.0)
        yield row, share, spent / share - spent
        if share == 1:
            return


def now() -> str:
    """The time, UTC, ISO 8601."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def _batches(model: Model, config: BenchmarkConfig, example: Example | None) -> list[Batch]:
    """The inputs of one request's forward passes, [sequence, token] each: one pass, or one per window."""
    if example is None:
        return [random_batch(model, config)]
    windows = [inputs(model, tokens) for tokens in tokenize(model, example)]
    return [{name: row.repeat(config.batch, 1).to(config.device) for name, row in window.items()} for window in windows]


def random_batch(model: Model, config: BenchmarkConfig) -> Batch:
    """Random tokens, all sequences of one length, so without padding; which tokens they are does not matter."""
    generator = np.random.default_rng(SEED)
    ids = generator.integers(model.network.config.vocab_size, size=(config.batch, config.tokens or 0))
    ids[:, 0], ids[:, -1] = model.tokenizer.cls_token_id, model.tokenizer.sep_token_id
    batch = columns(model, ids, np.zeros_like(ids))
    return {name: column.to(config.device) for name, column in batch.items()}


def request_of(model: Model, batches: Sequence[Batch]) -> Callable[[], None]:
    """The forward passes of one request, without gradients; waits for a GPU, which returns before it is done."""
    import torch

    on_gpu = model.network.device.type == "cuda"

    def request() -> None:
        with torch.inference_mode():
            for batch in batches:
                model.network(**batch)
        if on_gpu:
            torch.cuda.synchronize()

    return request


def _with(samples: Array, sample: float) -> Array:
    return frozen(np.append(samples, sample))
