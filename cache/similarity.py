"""Layer maps and what else compares representations, remembered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from analysis.inputs.examples import Example
from analysis.models.forward import Trace
from analysis.models.pairs import Checkpoint, Sides
from analysis.progress import Progress, silent
from analysis.similarity import word_drift
from analysis.similarity.jackknife import measured_map, measured_within
from analysis.similarity.layer_maps import LayerMap, LayerMaps, cka_maps
from analysis.similarity.logit_lens import LogitLens, logit_lens
from analysis.similarity.representations import Representations, one_by_one, vectors_of
from analysis.similarity.word_drift import Drift, Plane
from cache.loaded_models import model
from cache.remember import Value, derive, remember
from cache.traces import from_traces, trace


@dataclass(frozen=True, slots=True)
class LayerComparison:
    """What is compared: two checkpoints, each loaded for a task, on the examples of some sentences; all strings."""

    checkpoints: Sides[Checkpoint]
    tasks: Sides[str]
    sentences: tuple[str, ...]
    granularity: str
    with_special_tokens: bool = False


def layer_maps(comparison: LayerComparison, progress: Progress = silent) -> LayerMaps:
    """Debiased CKA of all layers; `progress` gets the share of each pass through the sentences."""
    return _remember("layer maps", LayerMaps, comparison, cka_maps, progress)


def layer_map_by(measure: str, comparison: LayerComparison, progress: Progress = silent) -> LayerMap:
    """All layers by another measure; `progress` gets the share that is done once the sentences are traced."""
    return _remember(
        f"layers by {measure}", LayerMap, comparison, lambda sentences: measured_map(measure, sentences, progress)
    )


def within_maps_by(measure: str, comparison: LayerComparison, progress: Progress = silent) -> Sides[LayerMap]:
    """The layers of each model against one another by another measure."""
    return _remember(
        f"within by {measure}",
        Sides[LayerMap],
        comparison,
        lambda sentences: measured_within(measure, sentences, progress),
    )


def text_maps(sides: Sides[Checkpoint], example: Example, granularity: str, with_special_tokens: bool) -> LayerMaps:
    """Debiased CKA over the examples of one text alone."""
    return from_traces(
        "layer maps of a text",
        sides,
        example,
        lambda traces: cka_maps(one_by_one(vectors_of(traces, granularity, with_special_tokens))),
        granularity,
        with_special_tokens,
    )


def drift(sides: Sides[Checkpoint], example: Example, matched: tuple[int, ...]) -> Drift:
    """How far each word moved between each student layer and the teacher layer that it is matched with."""
    return from_traces(
        "drift", sides, example, lambda traces: word_drift.drift(vectors_of(traces, "word"), matched), matched
    )


def plane(sides: Sides[Checkpoint], example: Example, layers: Sides[int]) -> Plane:
    """Both models' words, of one layer of each, in their common plane."""

    def compute(traces: Sides[Trace]) -> Plane:
        teacher, student = vectors_of(traces, "word")
        return word_drift.plane(teacher[layers.teacher], student[layers.student])

    return from_traces("plane", sides, example, compute, layers)


def logit_lenses(sides: Sides[Checkpoint], example: Example, mask: int) -> Sides[LogitLens]:
    """What each layer of each model would already answer at a mask, counted from 0."""
    return derive(
        "logit lens",
        (sides, example, mask),
        lambda: sides.map(lambda checkpoint: (model(checkpoint, example.task), trace(checkpoint, example))),
        lambda parts: parts.map(lambda part: logit_lens(*part, mask)),
    )


def _remember(
    analysis: str,
    value_type: Any,
    comparison: LayerComparison,
    compute: Callable[[Representations], Value],
    progress: Progress = silent,
) -> Value:
    return remember(
        analysis,
        value_type,
        tuple(zip(comparison.checkpoints, comparison.tasks, strict=True)),
        lambda teacher, student: compute(
            Representations(
                Sides(teacher, student),
                comparison.sentences,
                comparison.granularity,
                comparison.with_special_tokens,
                progress,
            )
        ),
        texts=comparison.sentences,
        options={"granularity": comparison.granularity, "special tokens": comparison.with_special_tokens},
    )
