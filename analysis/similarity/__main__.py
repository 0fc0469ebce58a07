"""Computes the embedded pair's maps over the probe corpus and writes checkpoints/similarity.json.

python -m analysis.similarity
"""

from __future__ import annotations

from analysis.models import load
from analysis.pairs import PAIRS, Sides
from analysis.probe_corpus import probe_sentences
from analysis.similarity import precomputed
from analysis.similarity.findings import finding
from analysis.similarity.grid import LayerMaps, cka_maps
from analysis.similarity.units import Units

UNIT = "word"  # the page's first choice


def main() -> None:
    """For every task of the pair; takes a minute or two each."""
    sentences = probe_sentences()
    found: dict[str, LayerMaps] = {}
    for task, sides in PAIRS["embedded"].checkpoints.items():
        models = Sides(*(load(checkpoint, task) for checkpoint in sides))
        maps = cka_maps(Units(models, sentences, UNIT))
        found[precomputed.maps_key(models.map(lambda model: model.fingerprint), UNIT, sentences)] = maps
        print(f"{task}: {finding(maps.across)}")
    precomputed.write(found)


if __name__ == "__main__":
    main()
