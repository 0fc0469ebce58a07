"""Computes the embedded pair's layer maps over the probe corpus and writes checkpoints/similarity.json.

    python -m cache.precompute

For every task: teacher with student, and each of them with its pre-trained self. A minute or two for each map
that the file does not have yet.
"""

from __future__ import annotations

from collections.abc import Iterator

from analysis.inputs.probe_corpus import probe_sentences
from analysis.models.model import fingerprint_of, load
from analysis.models.pairs import PAIRS, Checkpoint, Sides
from analysis.similarity.layer_maps import LayerMaps, cka_maps
from analysis.similarity.representations import Representations
from cache import precomputed

GRANULARITY = "word"  # the page's first choice
PRETRAINED = "fill-mask"

Loaded = tuple[Checkpoint, str]  # a checkpoint, and the task that it is loaded for


def comparisons() -> Iterator[tuple[str, Sides[Loaded]]]:
    """What the page compares at first for the embedded pair, each with a title."""
    known = PAIRS["embedded"].checkpoints
    for task, pair in known.items():
        yield f"{task}, teacher with student", Sides((pair.teacher, task), (pair.student, task))
        if task != PRETRAINED and PRETRAINED in known:
            for (side, before), after in zip(known[PRETRAINED].items(), pair, strict=True):
                yield f"{task}, {side} before with after fine-tuning", Sides((before, PRETRAINED), (after, task))


def key_of(sides: Sides[Loaded]) -> str:
    """The key under which the page looks for their maps."""
    fingerprints = sides.map(lambda loaded: fingerprint_of(loaded[0]) or "")
    return precomputed.maps_key(fingerprints, GRANULARITY, probe_sentences())


def main() -> None:
    maps_by_key: dict[str, LayerMaps] = {}
    for title, sides in comparisons():
        key = key_of(sides)
        maps = precomputed.find(key) or cka_maps(
            Representations(sides.map(lambda loaded: load(*loaded)), probe_sentences(), GRANULARITY)
        )
        maps_by_key[key] = maps
        print(f"{title}: last layers {maps.across.values[-1, -1]:.2f}", flush=True)
    precomputed.write(maps_by_key)


if __name__ == "__main__":
    main()
