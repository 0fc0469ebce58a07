"""Maps of layers, remembered: computed ahead for the embedded pair, and for all others once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from analysis.models.forward import Trace
from analysis.models.pairs import Checkpoint, Sides
from analysis.similarity.jackknife import measured_map, measured_within
from analysis.similarity.layer_maps import LayerMaps, Progress, SimilarityMap, cka_maps, silent
from analysis.similarity.representations import Units, one_by_one, vectors_of
from cache import precomputed
from cache.keys import result_key
from cache.loaded_models import model
from cache.remember import Value, compute_queue, fingerprint, remembered


@dataclass(frozen=True, slots=True)
class Compared:
    """What is compared: two checkpoints, each loaded for a task, over units of some sentences; all strings."""

    checkpoints: Sides[Checkpoint]
    tasks: Sides[str]
    sentences: tuple[str, ...]
    unit: str
    added: bool = False

    @property
    def fingerprints(self) -> Sides[str]:
        return Sides(*(fingerprint(one, task) for one, task in zip(self.checkpoints, self.tasks, strict=True)))


def layer_maps(compared: Compared, progress: Progress = silent) -> LayerMaps:
    """Debiased CKA of all layers; `progress` hears the share of each pass through the sentences."""
    ahead = None
    if not compared.added:
        ahead = precomputed.find(precomputed.maps_key(compared.fingerprints, compared.unit, compared.sentences))
    return ahead or _remembered("layer maps", LayerMaps, compared, cka_maps, progress)


def layers_by(measure: str, compared: Compared, progress: Progress = silent) -> SimilarityMap:
    """All layers by another measure; `progress` hears the share that is done once the sentences are traced."""
    return _remembered(
        f"layers by {measure}", SimilarityMap, compared, lambda units: measured_map(measure, units, progress)
    )


def within_by(measure: str, compared: Compared, progress: Progress = silent) -> Sides[SimilarityMap]:
    """The layers of each model against one another by another measure."""
    return _remembered(
        f"within by {measure}", Sides[SimilarityMap], compared, lambda units: measured_within(measure, units, progress)
    )


def text_maps(traces: Sides[Trace], unit: str, added: bool) -> LayerMaps:
    """Debiased CKA over the units of one text alone. Quick enough not to be kept."""
    vectors = vectors_of(traces, unit, added)
    with compute_queue().acquire():
        return cka_maps(one_by_one(vectors))


def _remembered(
    analysis: str,
    value_type: type[Value],
    compared: Compared,
    compute: Callable[[Units], Value],
    progress: Progress = silent,
) -> Value:
    key = result_key(
        checkpoints=tuple(compared.fingerprints),
        task="",
        texts=compared.sentences,
        analysis=analysis,
        options={"unit": compared.unit, "added": compared.added},
    )

    def computed() -> Value:
        models = Sides(*(model(one, task) for one, task in zip(compared.checkpoints, compared.tasks, strict=True)))
        with compute_queue().acquire():
            return compute(Units(models, compared.sentences, compared.unit, compared.added, progress))

    return remembered(key, value_type, computed)
