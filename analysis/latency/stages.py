"""Where the time of an answer goes, stage by stage, from the text to the prediction.

Each stage begins where the previous one ends, at hooks on the model's parts, so that nothing is counted twice or left
out. The whole answer is also measured without hooks in the same rounds, which shows what the hooks themselves take.

* tokenizer: from the text to tokens;
* embeddings: from there to the first layer, building tensors and the attention mask included;
* attention of each layer: to the end of its layer norm, the residual connection included;
* feed-forward of each layer: the rest of the layer;
* task head: from the last layer to the logits, BERT's pooler included;
* post-processing: from the logits to the prediction, as `predict` does it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from time import perf_counter_ns

import numpy as np

from analysis.arrays import Array, frozen
from analysis.inputs.examples import Example
from analysis.latency.config import BenchmarkConfig
from analysis.latency.limits import check, check_rounds
from analysis.latency.machine import machine, threads
from analysis.latency.measure import Clock, ProgressCallback, interleaved, now, silent, timed, until_done, warm_up
from analysis.latency.model_variants import variant
from analysis.latency.profile import Progress, Stage, StageProfile
from analysis.models.forward import readings
from analysis.models.hooks import layers_of
from analysis.models.model import Model
from analysis.models.pairs import Sides
from analysis.models.tokens import tokenize
from analysis.predictions.heads import head_of_model, predict

ROUNDS = 100


def stages(
    models: Sides[Model],
    example: Example,
    threads_used: int = 1,
    rounds: int = ROUNDS,
    seconds: float | None = None,
    progress: ProgressCallback = silent,
    clock: Clock = perf_counter_ns,
) -> StageProfile:
    """The time of each stage of `predict(model, example)`, on the CPU in float32; the rest as in `profile`."""
    config = BenchmarkConfig(threads=threads_used)
    check(models, config)
    check_rounds(rounds)
    inside, outside = (models.map(lambda model: variant(model, config)) for _ in range(2))
    works = [
        *(_staged(model, example, clock) for model in inside),
        *(_whole(model, example, clock) for model in outside),
    ]
    so_far, rows = _blank(models, example, threads_used, rounds), interleaved(works)
    with threads(threads_used):
        warm_up(rows)
        for row, share, left in until_done(rows, rounds, seconds):
            so_far = _longer(so_far, row)
            progress(Progress(so_far, share, left))
    return so_far


def stages_of(model: Model) -> tuple[Stage, ...]:
    """The stages of a model's answer, in order."""
    layers = range(1, model.network.config.num_hidden_layers + 1)
    inside = [Stage(kind, layer) for layer in layers for kind in ("attention", "feed-forward")]
    return (Stage("tokenizer"), Stage("embeddings"), *inside, Stage("task head"), Stage("post-processing"))


def _staged(model: Model, example: Example, clock: Clock) -> Callable[[], Array]:
    """A function that answers and returns the ms of each stage, [stage]. Its hooks stay in `model`."""
    marks: list[int] = []
    decode = head_of_model(model).decode

    def mark(*_: object) -> None:
        marks.append(clock())

    for layer in layers_of(model):
        layer.register_forward_pre_hook(mark)
        layer.get_submodule(model.family.attention_norm).register_forward_hook(mark)
    layers_of(model)[-1].register_forward_hook(mark)
    model.network.register_forward_hook(mark)

    def work() -> Array:
        marks.clear()
        mark()
        windows = tokenize(model, example)
        mark()
        read = readings(model, windows)
        decode(model, read)
        mark()
        return _between(np.array(marks), len(windows))

    return work


def _between(marks: Array, windows: int) -> Array:
    """From marks in ns to ms, [stage]; the stages of several windows are added up."""
    tokenizer, *passes, after = np.diff(marks) / 1e6
    inside = np.reshape(passes, (windows, -1)).sum(axis=0)  # [embeddings, each layer's two, task head]
    return np.array([tokenizer, *inside, after])


def _whole(model: Model, example: Example, clock: Clock) -> Callable[[], Array]:
    work = timed(lambda: predict(model, example), clock)
    return lambda: np.array([work()])


def _blank(models: Sides[Model], example: Example, threads_used: int, rounds: int) -> StageProfile:
    names = models.map(stages_of)
    return StageProfile(
        task=example.task,
        texts=example.texts,
        checkpoints=models.map(lambda model: model.checkpoint.name),
        stages=names,
        samples=names.map(lambda stages: frozen(np.empty((0, len(stages))))),
        whole=names.map(lambda _: frozen(np.empty(0))),
        threads=threads_used,
        rounds_requested=rounds,
        started=now(),
        machine=machine(),
    )


def _longer(profile: StageProfile, row: list[Array]) -> StageProfile:
    teacher, student, *wholes = row
    samples = zip(profile.samples, (teacher, student), strict=True)
    whole = zip(profile.whole, wholes, strict=True)
    return replace(
        profile,
        samples=Sides(*(frozen(np.vstack([before, more])) for before, more in samples)),
        whole=Sides(*(frozen(np.append(before, more)) for before, more in whole)),
    )
