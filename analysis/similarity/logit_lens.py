"""The logit lens: what each layer would already answer if the model's own task head read it.

nostalgebraist 2020, https://www.lesswrong.com/posts/AcKRB8wDpdaN6v6ru/interpreting-gpt-the-logit-lens. The head was
trained on the last layer only, and does not quite fit early layers (Belrose et al. 2023,
https://arxiv.org/abs/2303.08112): a bad rank there says less than a good one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.arrays import Array, frozen, softmax
from analysis.errors import AnalysisError
from analysis.models.forward import Trace
from analysis.models.model import Model
from analysis.models.pairs import Sides
from analysis.models.tokens import mask_positions


@dataclass(frozen=True, slots=True)
class LogitLens:
    """At one mask, for each layer: its likeliest `pieces` [layer + 1] and their `probabilities`.

    `final` is the last layer's piece, the model's answer; `ranks` [layer + 1] and `final_probabilities` are its own in
    each layer; rank 1 is the likeliest of all pieces.
    """

    pieces: tuple[str, ...]
    probabilities: Array
    final: str
    ranks: Array
    final_probabilities: Array

    @property
    def settled(self) -> int:
        """The first layer from which on the answer is every layer's likeliest piece."""
        others = np.flatnonzero(self.ranks > 1)
        return int(others[-1]) + 1 if len(others) else 0


def finding(both: Sides[LogitLens]) -> str:
    """From which layer on each model has its answer."""
    teacher, student = (
        f"the {side} has its answer, “{one.final}”, from layer {one.settled} of {len(one.pieces) - 1} on"
        for side, one in both.items()
    )
    return f"{teacher[0].upper()}{teacher[1:]}, {student}."


def logit_lens(model: Model, trace: Trace, mask: int = 0) -> LogitLens:
    """What every layer would answer at the mask of that number, from a trace of a fill-mask model."""
    import torch

    masks = mask_positions(model, trace.tokens)
    if mask >= len(masks):
        raise AnalysisError(f"The text has {len(masks)} [MASK], so there is no number {mask + 1}.")
    with model.lock, torch.inference_mode():
        states = torch.tensor(trace.hidden_states[:, masks[mask]])  # [layer + 1, width]
        logits = model.family.mask_logits(model.network, states).numpy()  # [layer + 1, piece]
    probabilities = softmax(logits)
    best, final = logits.argmax(axis=1), int(logits[-1].argmax())
    return LogitLens(
        pieces=tuple(model.tokenizer.convert_ids_to_tokens(best.tolist())),
        probabilities=frozen(probabilities.max(axis=1)),
        final=str(model.tokenizer.convert_ids_to_tokens(final)),
        ranks=frozen(1 + (logits > logits[:, final : final + 1]).sum(axis=1)),
        final_probabilities=frozen(probabilities[:, final]),
    )
