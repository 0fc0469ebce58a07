"""What matching all heads over the probe corpus costs, and the distances alone beside SciPy's.

    python -m benchmarks.matching [--task fill-mask] [--sentences 600]

SciPy (`scipy.spatial.distance.jensenshannon`) takes one pair of heads at a time, on the maps of a few sentences; the
two are interleaved, and the median ratio is printed. Both times are those of one thread.
"""

from __future__ import annotations

import statistics

import numpy as np

from analysis.arrays import Array
from analysis.attention.head_distances import between
from analysis.attention.head_matching import match_corpus
from analysis.attention.maps import by_word
from analysis.inputs.probe_corpus import probe_sentences
from analysis.models.forward import traces_of
from analysis.models.model import load
from analysis.models.pairs import PAIRS, Sides
from benchmarks.running import options_of, seconds_of

ROUNDS = 5


def main() -> None:
    import torch

    parser = options_of(__doc__)
    parser.add_argument("--task", default="fill-mask")
    parser.add_argument("--sentences", type=int, default=600)
    options = parser.parse_args()
    torch.set_num_threads(1)
    models = PAIRS["embedded"].sides(options.task).map(lambda checkpoint: load(checkpoint, options.task))
    sentences = probe_sentences()[: options.sentences]
    tracing_s = seconds_of(lambda: [sum(1 for _ in traces_of(model, sentences)) for model in models])
    matching_s = seconds_of(lambda: match_corpus(models, sentences))
    print(f"{len(sentences)} sentences: {matching_s:.1f} s for all, of which tracing takes {tracing_s:.1f} s alone")
    inside = models.map(lambda model: next(traces_of(model, sentences[:1])))
    compare(inside.map(lambda kept: by_word(kept.attentions, kept.tokens).weights))


def compare(maps: Sides[Array]) -> None:
    """One sentence, all pairs of heads: ours in float32 over SciPy's in float64."""
    ours, scipys = [], []
    for _ in range(ROUNDS):
        ours.append(seconds_of(lambda: between(maps)))
        scipys.append(seconds_of(lambda: by_scipy(maps)))
    difference = np.abs(between(maps).values.ravel() - by_scipy(maps)).max()
    ratio = statistics.median(scipy / own for scipy, own in zip(scipys, ours, strict=True))
    own_ms = statistics.median(ours) * 1e3
    print(f"one sentence of {maps.teacher.shape[2]} words: {own_ms:.1f} ms; SciPy takes {ratio:.0f} times as long")
    print(f"largest difference between the two: {difference:.1e}")


def by_scipy(maps: Sides[Array]) -> Array:
    from scipy.spatial.distance import jensenshannon

    teacher, student = maps.map(lambda weights: weights.reshape(-1, *weights.shape[2:]).astype(np.float64))
    return np.array([jensenshannon(head, other, base=2, axis=-1).mean() for head in student for other in teacher])


if __name__ == "__main__":
    main()
