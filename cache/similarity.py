"""Layer maps, remembered: precomputed for the embedded pair, computed once for all others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from analysis.models.forward import Trace
from analysis.models.pairs import Checkpoint, Sides
from analysis.progress import Progress, silent
from analysis.similarity.jackknife import measured_map, measured_within
from analysis.similarity.layer_maps import LayerMap, LayerMaps, cka_maps
from analysis.similarity.representations import Representations, one_by_one, vectors_of
from cache import precomputed
from cache.keys import result_key
from cache.loaded_models import model
from cache.remember import Value, compute_queue, fingerprint, remembered


@dataclass(frozen=True, slots=True)
class LayerComparison:
    """What is compared: two checkpoints, each loaded for a task, on the examples of some sentences; all strings."""

    checkpoints: Sides[Checkpoint]
    tasks: Sides[str]
    sentences: tuple[str, ...]
    granularity: str
    with_special_tokens: bool = False

    @property
    def fingerprints(self) -> Sides[str]:
        return Sides(
            *(fingerprint(checkpoint, task) for checkpoint, task in zip(self.checkpoints, self.tasks, strict=True))
        )


def layer_maps(comparison: LayerComparison, progress: Progress = silent) -> LayerMaps:
    """Debiased CKA of all layers; `progress` gets the share of each pass through the sentences."""
    ahead = None
    if not comparison.with_special_tokens:
        ahead = precomputed.find(
            precomputed.maps_key(comparison.fingerprints, comparison.granularity, comparison.sentences)
        )
    return ahead or _remembered("layer maps", LayerMaps, comparison, cka_maps, progress)


def layer_map_by(measure: str, comparison: LayerComparison, progress: Progress = silent) -> LayerMap:
    """All layers by another measure; `progress` gets the share that is done once the sentences are traced."""
    return _remembered(
        f"layers by {measure}", LayerMap, comparison, lambda sentences: measured_map(measure, sentences, progress)
    )


def within_maps_by(measure: str, comparison: LayerComparison, progress: Progress = silent) -> Sides[LayerMap]:
    """The layers of each model against one another by another measure."""
    return _remembered(
        f"within by {measure}",
        Sides[LayerMap],
        comparison,
        lambda sentences: measured_within(measure, sentences, progress),
    )


def text_maps(traces: Sides[Trace], granularity: str, with_special_tokens: bool) -> LayerMaps:
    """Debiased CKA over the examples of one text alone. Quick enough not to be kept."""
    vectors = vectors_of(traces, granularity, with_special_tokens)
    with compute_queue().acquire():
        return cka_maps(one_by_one(vectors))


def _remembered(
    analysis: str,
    value_type: type[Value],
    comparison: LayerComparison,
    compute: Callable[[Representations], Value],
    progress: Progress = silent,
) -> Value:
    key = result_key(
        checkpoints=tuple(comparison.fingerprints),
        task="",
        texts=comparison.sentences,
        analysis=analysis,
        options={"granularity": comparison.granularity, "special tokens": comparison.with_special_tokens},
    )

    def computed() -> Value:
        models = Sides(
            *(
                model(checkpoint, task)
                for checkpoint, task in zip(comparison.checkpoints, comparison.tasks, strict=True)
            )
        )
        with compute_queue().acquire():
            return compute(
                Representations(
                    models, comparison.sentences, comparison.granularity, comparison.with_special_tokens, progress
                )
            )

    return remembered(key, value_type, computed)
