"""Two models' forward passes, measured in turns.

    verdict(profile(models, Setting(tokens=64), rounds=200))

On a machine that does other things too, a model that is measured after the other meets another load. So both are
measured in every round, and the teacher a second time: the ratio within a round holds where the times do not, and the
teacher against itself shows how far it holds.
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
from analysis.latency.config import Setting
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
WARM_UP = 2  # rounds, not kept: libraries prepare themselves for a shape when they first meet it
SEED = 0

Row = TypeVar("Row")
Told = Callable[[Progress], None]
Clock = Callable[[], int]  # nanoseconds


def silent(progress: Progress) -> None:
    """For those who do not watch."""


def profile(
    models: Sides[Model],
    setting: Setting,
    example: Example | None = None,
    rounds: int = ROUNDS,
    seconds: float | None = None,
    progress: Told = silent,
    clock: Clock = perf_counter_ns,
) -> LatencyProfile:
    """Forward passes of both models: on a checked example, or on `setting.tokens` random tokens where there is none.

    Stops after `rounds`, or once `seconds` are over. `progress` is told after each round, outside of all that is
    measured; whatever it raises stops the measuring, and what it was told last is what was measured. Raises
    `AnalysisError` for a setting that cannot be or does not run here.
    """
    check(models, setting)
    check_rounds(rounds)
    own = models.map(lambda model: variant(model, setting))
    so_far, works = begun(own, setting, example, rounds, clock)
    rows = in_turns(works)
    with threads(setting.threads):
        warm_up(rows)
        for row, share, left in until_done(rows, rounds, seconds):
            so_far = longer(so_far, row)
            progress(Progress(so_far, share, left))
    return so_far


def begun(
    models: Sides[Model], setting: Setting, example: Example | None, rounds: int, clock: Clock = perf_counter_ns
) -> tuple[LatencyProfile, tuple[Callable[[], float], ...]]:
    """A profile without samples, and what is to be measured in each round: teacher, student, and the teacher again."""
    if (example is None) == (setting.tokens is None):
        raise ValueError("a profile is of an example or of a number of tokens")
    batches = models.map(lambda model: _batches(model, setting, example))
    tokens = batches.map(lambda passes: sum(batch["input_ids"].shape[1] for batch in passes))
    check_tokens(max(tokens) * setting.batch)
    requests = [request_of(model, passes) for model, passes in zip(models, batches, strict=True)]
    works = Sides(*(timed(request, clock) for request in requests))
    none = frozen(np.empty(0))
    blank = LatencyProfile(
        setting=setting,
        task=models.teacher.task,
        texts=example.texts if example else (),
        checkpoints=models.map(lambda model: model.checkpoint.name),
        tokens=tokens,
        samples=Sides(none, none),
        again=none,
        asked=rounds,
        started=now(),
        machine=machine(),
    )
    return blank, (works.teacher, works.student, works.teacher)


def longer(profile: LatencyProfile, row: Sequence[float]) -> LatencyProfile:
    """The profile with one more round: teacher, student, and the teacher again, in ms."""
    teacher, student, again = row
    samples = Sides(_with(profile.samples.teacher, teacher), _with(profile.samples.student, student))
    return replace(profile, samples=samples, again=_with(profile.again, again))


def timed(request: Callable[[], object], clock: Clock = perf_counter_ns) -> Callable[[], float]:
    """What answers a request and says how many ms it took."""

    def work() -> float:
        start = clock()
        request()
        return (clock() - start) / 1e6

    return work


def in_turns(works: Sequence[Callable[[], Row]]) -> Iterator[list[Row]]:
    """Endless rounds: what each of the works gave, in their order; they are done in another order in each round."""
    for order in cycle(balanced_orders(len(works))):
        given = {place: works[place]() for place in order}
        yield [given[place] for place in range(len(works))]


def balanced_orders(count: int) -> list[list[int]]:
    """Orders in which each of `count` comes at every place, and right after every other, equally often.

    A balanced Latin square (Williams 1949, https://doi.org/10.1071/CH9490149).

    >>> balanced_orders(3)
    [[0, 1, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0], [0, 2, 1], [1, 0, 2]]
    """
    first = [(-place // 2 if place % 2 == 0 else (place + 1) // 2) % count for place in range(count)]
    square = [[(place + shift) % count for place in first] for shift in range(count)]
    return square if count % 2 == 0 else square + [order[::-1] for order in square]


def warm_up(rows: Iterator[object]) -> None:
    """Rounds that are not kept."""
    for _ in islice(rows, WARM_UP):
        pass


def until_done(rows: Iterator[Row], rounds: int, seconds: float | None) -> Iterator[tuple[Row, float, float]]:
    """Rows, each with the share that is done then and the seconds that are left: `rounds`, or as many as fit."""
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


def _batches(model: Model, setting: Setting, example: Example | None) -> list[Batch]:
    """What the forward passes of one request read, [sequence, token] each: one pass, or one for each window."""
    if example is None:
        return [random_batch(model, setting)]
    windows = [inputs(model, tokens) for tokens in tokenize(model, example)]
    return [
        {name: row.repeat(setting.batch, 1).to(setting.device) for name, row in window.items()} for window in windows
    ]


def random_batch(model: Model, setting: Setting) -> Batch:
    """Random tokens of one length, so without padding and the mask that it takes: which they are changes no shape."""
    generator = np.random.default_rng(SEED)
    ids = generator.integers(model.network.config.vocab_size, size=(setting.batch, setting.tokens or 0))
    ids[:, 0], ids[:, -1] = model.tokenizer.cls_token_id, model.tokenizer.sep_token_id
    batch = columns(model, ids, np.zeros_like(ids))
    return {name: column.to(setting.device) for name, column in batch.items()}


def request_of(model: Model, batches: Sequence[Batch]) -> Callable[[], None]:
    """The forward passes of one request, without gradients, to the end: a GPU answers before it is done."""
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
