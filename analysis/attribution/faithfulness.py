"""Erasure curves: how faithful attributions are, by what happens without the words that they name.

    curves = erasure(model, example, target, [told, other], "[MASK]")
    curves.comprehensiveness[curves.names.index("Occlusion")]

DeYoung et al. 2020 (ERASER, https://aclanthology.org/2020.acl-main.408), on the target's score in logits: a faithful
order makes it fall fast as its first words are taken away (comprehensiveness), and few of them hold it up
(sufficiency). Beside it, orders at random, and the one by what each word does when it alone is taken away.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.arrays import Array, frozen
from analysis.attention.maps import units_of
from analysis.attribution.integrated_gradients import Progress, part_of
from analysis.attribution.methods import Attribution, row_of
from analysis.attribution.occlusion import WAYS, Way, drops_alone, erasable, scores_without
from analysis.attribution.score_function import Asked, ask
from analysis.errors import AnalysisError
from analysis.inputs.examples import Example
from analysis.models.model import Model
from analysis.predictions.targets import Target

LEAVE_ONE_OUT = "Leave one out"
POINTS = 10  # stretches of a curve
DRAWS = 20  # orders at random
SEED = 0


@dataclass(frozen=True, slots=True)
class Erasure:
    """The target's score, in logits, as words go (`removed`) and as they alone are left (`kept`), most important first.

    `shares` [point]: of the words, 0 to 1. `removed`, `kept` [order, point], in the order of `names`: methods, and
    leave-one-out last. `random_removed`, `random_kept` [draw, point]. `score`: of the whole text.
    """

    way: str
    names: tuple[str, ...]
    shares: Array
    score: float
    removed: Array
    kept: Array
    random_removed: Array
    random_kept: Array

    @property
    def comprehensiveness(self) -> Array:
        """[order]: by how many logits the score falls, the mean over the curve. Higher is more faithful."""
        return np.asarray(self.score - self.removed.mean(axis=1))

    @property
    def sufficiency(self) -> Array:
        """[order]: how many logits are missing while only the first words are there. Lower is more faithful."""
        return np.asarray(self.score - self.kept.mean(axis=1))

    @property
    def random_comprehensiveness(self) -> Array:
        """[3]: the 5th percentile, the mean and the 95th percentile of orders at random."""
        return spread(self.score - self.random_removed.mean(axis=1))

    @property
    def random_sufficiency(self) -> Array:
        """[3]: the same for sufficiency."""
        return spread(self.score - self.random_kept.mean(axis=1))


def spread(draws: Array) -> Array:
    """The 5th percentile, the mean and the 95th percentile along the first axis: [3, …]."""
    low, high = np.percentile(draws, (5, 95), axis=0)
    return np.stack([low, draws.mean(axis=0), high])


def erasure(
    model: Model,
    example: Example,
    target: Target,
    attributions: Sequence[Attribution],
    way: str = "[MASK]",
    progress: Progress = lambda share: None,
    draws: int = DRAWS,
    seed: int = SEED,
) -> Erasure:
    """The curves of all these attributions of one target, words taken away by a key of `WAYS`.

    Beside them `draws` orders at random (at least 1). `progress` is told the share that is done, outside the model's
    lock; whatever it raises stops. Raises `AnalysisError` for an unknown key, or where no word can be taken away.
    """
    asked, chosen = ask(model, example, target), row_of(WAYS, way, "way to take words away")
    units = erasable(asked, chosen)
    if not len(units):
        raise AnalysisError("No word can be taken away without the target itself: ask about another, or add words.")
    drops, score = drops_alone(asked, chosen, part_of(progress, 0, 1 / 4))
    orders = _orders(units, [*(_by_unit(asked, told) for told in attributions), drops], draws, seed)
    counts = np.unique(np.linspace(0, len(units), POINTS + 1).round().astype(int))
    gone = np.zeros((len(orders), len(counts), len(drops)), dtype=bool)  # [order, point, unit]
    for order, point in np.ndindex(gone.shape[:2]):
        gone[order, point, orders[order][: counts[point]]] = True
    rest = ~gone & np.isin(np.arange(len(drops)), units)
    removed, kept = _scores(asked, np.stack([gone, rest]), chosen, part_of(progress, 1 / 4, 1))
    known = len(attributions) + 1
    names = (*(told.method for told in attributions), LEAVE_ONE_OUT)
    return Erasure(
        way,
        names,
        frozen(counts / len(units)),
        score,
        removed=frozen(removed[:known]),
        kept=frozen(kept[:known]),
        random_removed=frozen(removed[known:]),
        random_kept=frozen(kept[known:]),
    )


def most_faithful(curves: Erasure) -> str:
    """Which method's order is the most faithful on this text, beside what orders at random reach, in two sentences."""
    methods = len(curves.names) - 1
    best = int(curves.comprehensiveness[:methods].argmax())
    least = int(curves.sufficiency[:methods].argmin())
    low, _, high = curves.random_comprehensiveness
    from_, _, to = curves.random_sufficiency
    return (
        f"Without its first words the score falls most by the order of “{curves.names[best]}”, by "
        f"{curves.comprehensiveness[best]:.2f} logits on average (orders at random: {low:.2f} to {high:.2f}). With "
        f"only its first words least is missing by “{curves.names[least]}”, {curves.sufficiency[least]:.2f} logits "
        f"({from_:.2f} to {to:.2f})."
    )


def _orders(units: Array, named: Sequence[Array], draws: int, seed: int) -> list[Array]:
    """The units by each of these values [unit], highest first, and then in `draws` orders at random."""
    generator = np.random.default_rng(seed)
    ranked = [units[np.argsort(-values[units], kind="stable")] for values in named]
    return ranked + [generator.permutation(units) for _ in range(draws)]


def _scores(asked: Asked, gone: Array, way: Way, progress: Progress) -> Array:
    """The score for each set of units that are gone, [..., unit]: [...]. Every distinct set is read once."""
    sets, place = np.unique(gone.reshape(-1, gone.shape[-1]), axis=0, return_inverse=True)
    return np.asarray(scores_without(asked, sets, way, progress)[place].reshape(gone.shape[:-1]))


def _by_unit(asked: Asked, told: Attribution) -> Array:
    """An attribution's scores by units, [unit], 0 for [CLS] and [SEP]."""
    if told.target != asked.target:
        raise ValueError(f"{told.method} attributes “{told.target.name}”, not “{asked.target.name}”")
    scores = dict(zip(told.words, told.scores, strict=True))
    words = asked.tokens.word_ids[[unit[0] for unit in units_of(asked.tokens)]]
    return np.array([scores[asked.tokens.words[word]] if word >= 0 else 0.0 for word in words])
