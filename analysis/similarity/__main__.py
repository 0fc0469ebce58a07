"""Computes the embedded pair's maps over the probe corpus and writes checkpoints/similarity.json.

python -m analysis.similarity
"""

from __future__ import annotations

from analysis.models import Model, load
from analysis.pairs import PAIRS, Sides
from analysis.probe_corpus import probe_sentences
from analysis.similarity import precomputed
from analysis.similarity.findings import finding
from analysis.similarity.grid import LayerMaps, cka_maps
from analysis.similarity.units import Units

UNIT = "word"  # the page's first choice
PRETRAINED = "fill-mask"


def main() -> None:
    """For every task of the pair: teacher with student, and each with its pre-trained self. A minute or two each."""
    checkpoints = PAIRS["embedded"].checkpoints
    models = {task: Sides(*(load(checkpoint, task) for checkpoint in sides)) for task, sides in checkpoints.items()}
    found: dict[str, LayerMaps] = {}
    for task, pair in models.items():
        maps = _maps(pair)
        found |= maps
        print(f"{task}: {finding(next(iter(maps.values())).across)}", flush=True)
        if task != PRETRAINED and PRETRAINED in models:
            for before, after in zip(models[PRETRAINED], pair, strict=True):
                found |= _maps(Sides(before, after))
    precomputed.write(found)


def _maps(models: Sides[Model]) -> dict[str, LayerMaps]:
    """The maps of two models, under their key."""
    sentences = probe_sentences()
    key = precomputed.maps_key(models.map(lambda model: model.fingerprint), UNIT, sentences)
    return {key: cka_maps(Units(models, sentences, UNIT))}


if __name__ == "__main__":
    main()
