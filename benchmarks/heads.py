"""What the heads of a pair do: those that give most of their attention to one thing, over sentences of the corpus.

    python -m benchmarks.heads [--sentences 60] [--threads 1]

prints the table of docs/pair.md: for the embedded pair's fill-mask models, the share of attention that each head
gives to the previous, the next and the same token, to [CLS], to [SEP] and to punctuation, and how widely it spreads
(entropy as a share of the largest), each the mean over the sentences.
"""

from __future__ import annotations

import string

import numpy as np

from analysis.arrays import Array
from analysis.attention.maps import head_summary
from analysis.inputs.probe_corpus import probe_sentences
from analysis.models.forward import Trace, traces_of
from analysis.models.model import Model, load
from analysis.models.pairs import PAIRS
from benchmarks.running import options_of

SHOWN = 3  # heads in each cell of the table
ROWS = {
    "previous word": "to_previous",
    "next word": "to_next",
    "the same word": "to_same",
    "[CLS]": "to_cls",
    "[SEP]": "to_sep",
    "punctuation": "",
    "spread widely": "entropy_share",
}


def main() -> None:
    import torch

    parser = options_of(__doc__)
    parser.add_argument("--sentences", type=int, default=60)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    sides = PAIRS["embedded"].sides("fill-mask").map(lambda checkpoint: load(checkpoint, "fill-mask"))
    shares = sides.map(lambda model: shares_of(model, probe_sentences()[: options.sentences]))
    print("| what it attends to | teacher's heads (layer.head) | student's heads |\n|---|---|---|")
    for row in ROWS:
        print(f"| {row} | {most(shares.teacher[row])} | {most(shares.student[row])} |")


def shares_of(model: Model, sentences: tuple[str, ...]) -> dict[str, Array]:
    """For each row of the table the mean over the sentences, [layer, head]."""
    each = [of_sentence(trace) for trace in traces_of(model, sentences)]
    return {row: np.mean([shares[row] for shares in each], axis=0) for row in ROWS}


def of_sentence(trace: Trace) -> dict[str, Array]:
    """The same of one sentence."""
    summary = head_summary(trace.attentions, trace.tokens)
    marks = [piece in string.punctuation for piece in trace.tokens.pieces]
    punctuation = trace.attentions[..., marks].sum(axis=-1).mean(axis=-1)
    return {row: getattr(summary, name) if name else punctuation for row, name in ROWS.items()}


def most(shares: Array) -> str:
    """The heads with the largest shares, layers and heads counted from 1."""
    order = np.argsort(-shares, axis=None)[:SHOWN]
    places = [np.unravel_index(place, shares.shape) for place in order]
    return ", ".join(f"{layer + 1}.{head + 1} ({100 * shares[layer, head]:.0f}%)" for layer, head in places)


if __name__ == "__main__":
    main()
