"""Faithfulness: how the score changes as words are removed in the order of an attribution (erasure curves).

    curves = faithfulness_curves(model, example, target, [attribution, other_attribution], "[MASK]")
    curves.comprehensiveness[curves.names.index("Occlusion")]

DeYoung et al. 2020 (ERASER, https://aclanthology.org/2020.acl-main.408), on the target's score in logits: a faithful
order makes it fall fast as the top words are removed (comprehensiveness), and a few of them alone keep it up
(sufficiency). For comparison: random orders, and the order by each word's effect if it alone is removed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.arrays import Array, frozen
from analysis.attention.maps import units_of
from analysis.attribution.methods import Attribution
from analysis.attribution.occlusion import (
    PERTURBATIONS,
    Perturbation,
    leave_one_out_drops,
    removable_units,
    scores_without,
)
from analysis.attribution.score_function import ScoreFunction, score_function_of
from analysis.attribution.unit_scores import part_of
from analysis.errors import AnalysisError
from analysis.inputs.examples import Example
from analysis.models.model import Model
from analysis.models.pairs import Sides
from analysis.predictions.targets import LOGITS, Target
from analysis.progress import Progress, silent
from analysis.tables import row_of

LEAVE_ONE_OUT = "Leave one out"
POINTS = 10  # of a curve, besides its start
DRAWS = 20  # random orders
SEED = 0
SECONDS = 0.07  # to grade all methods, per token and million parameters of an encoder; measured on one core


@dataclass(frozen=True, slots=True)
class FaithfulnessCurves:
    """The target's score, in logits, without the top words (`removed`) and with them alone (`kept`).

    `shares` [point]: the share of words removed or kept, 0 to 1. `removed`, `kept` [order, point], in the order of
    `names`: the methods, with leave-one-out last. `random_removed`, `random_kept` [draw, point]. `score`: of the whole
    text.
    """

    perturbation: str
    names: tuple[str, ...]
    shares: Array
    score: float
    removed: Array
    kept: Array
    random_removed: Array
    random_kept: Array

    @property
    def comprehensiveness(self) -> Array:
        """[order]: how many logits the score falls, the mean over the curve. Higher is more faithful."""
        return np.asarray(self.score - self.removed.mean(axis=1))

    @property
    def sufficiency(self) -> Array:
        """[order]: how many logits are missing with the top words alone. Lower is more faithful."""
        return np.asarray(self.score - self.kept.mean(axis=1))

    @property
    def random_comprehensiveness(self) -> Array:
        """[3]: the 5th percentile, the mean and the 95th percentile of random orders."""
        return spread(self.score - self.random_removed.mean(axis=1))

    @property
    def random_sufficiency(self) -> Array:
        """[3]: the same for sufficiency."""
        return spread(self.score - self.random_kept.mean(axis=1))


def spread(draws: Array) -> Array:
    """The 5th percentile, the mean and the 95th percentile along the first axis: [3, …]."""
    low, high = np.percentile(draws, (5, 95), axis=0)
    return np.stack([low, draws.mean(axis=0), high])


def faithfulness_curves(
    model: Model,
    example: Example,
    target: Target,
    attributions: Sequence[Attribution],
    perturbation: str = "[MASK]",
    progress: Progress = silent,
    draws: int = DRAWS,
    seed: int = SEED,
) -> FaithfulnessCurves:
    """The curves of all these attributions of one target, words removed by a key of `PERTURBATIONS`.

    They come with `draws` random orders (at least 1). `progress` is called with the share done, outside the model's
    lock; whatever it raises stops the computation. Raises `AnalysisError` for an unknown key, or if no word can be
    removed.
    """
    score_function = score_function_of(model, example, target)
    chosen = row_of(PERTURBATIONS, perturbation, "perturbation")
    units = removable_units(score_function, chosen)
    if not len(units):
        raise AnalysisError("No word can be removed without the target itself: choose another target, or add words.")
    drops, score = leave_one_out_drops(score_function, chosen, part_of(progress, 0, 1 / 4))
    named = [*(_by_unit(score_function, attribution) for attribution in attributions), drops]
    orders = _orders(units, named, draws, seed)
    counts = np.unique(np.linspace(0, len(units), POINTS + 1).round().astype(int))
    top = np.zeros((len(orders), len(counts), len(drops)), dtype=bool)  # [order, point, unit]
    for order, point in np.ndindex(top.shape[:2]):
        top[order, point, orders[order][: counts[point]]] = True
    rest = ~top & np.isin(np.arange(len(drops)), units)
    removed, kept = _scores(score_function, np.stack([top, rest]), chosen, part_of(progress, 1 / 4, 1))
    known = len(attributions) + 1
    names = (*(attribution.method for attribution in attributions), LEAVE_ONE_OUT)
    return FaithfulnessCurves(
        perturbation,
        names,
        frozen(counts / len(units)),
        score,
        removed=frozen(removed[:known]),
        kept=frozen(kept[:known]),
        random_removed=frozen(removed[known:]),
        random_kept=frozen(kept[known:]),
    )


def most_faithful(both: Sides[FaithfulnessCurves]) -> str:
    """The most faithful method of each model on this text, by comprehensiveness."""
    teacher, student = (curves.names[_most_comprehensive(curves)] for curves in both)
    if teacher == student:
        return f"Most faithful here, in both models: {teacher}."
    return f"Most faithful here: {teacher} in the teacher, {student} in the student."


def most_faithful_with_numbers(curves: FaithfulnessCurves, unit: str = LOGITS) -> str:
    """The most faithful method of a model by either measure, with the range of random orders; `unit` of its score."""
    best = _most_comprehensive(curves)
    least = int(curves.sufficiency[:-1].argmin())
    low, _, high = curves.random_comprehensiveness
    from_, _, to = curves.random_sufficiency
    return (
        f"{curves.names[best]}: removing its top words lowers the score by "
        f"{curves.comprehensiveness[best]:.2f} {unit} on average (random order: {low:.2f} to {high:.2f}). By "
        f"sufficiency: {curves.names[least]}. With its top words alone, {curves.sufficiency[least]:.2f} {unit} are "
        f"missing (random order: {from_:.2f} to {to:.2f})."
    )


def _most_comprehensive(curves: FaithfulnessCurves) -> int:
    """The number of that method; leave-one-out, the last order, is none."""
    return int(curves.comprehensiveness[:-1].argmax())


def seconds_to_grade(tokens: int, encoder_parameters: int) -> float:
    """About how long it takes to grade all methods on a text of so many tokens, to one significant digit."""
    return float(f"{SECONDS * tokens * encoder_parameters / 1e6:.0e}")


def _orders(units: Array, named: Sequence[Array], draws: int, seed: int) -> list[Array]:
    """The units by each of these values [unit], highest first, and then in `draws` random orders."""
    generator = np.random.default_rng(seed)
    ranked = [units[np.argsort(-values[units], kind="stable")] for values in named]
    return ranked + [generator.permutation(units) for _ in range(draws)]


def _scores(score_function: ScoreFunction, removed: Array, perturbation: Perturbation, progress: Progress) -> Array:
    """The score without each of these sets of units, [..., unit]: [...]. Every distinct set is read once."""
    sets, place = np.unique(removed.reshape(-1, removed.shape[-1]), axis=0, return_inverse=True)
    return np.asarray(scores_without(score_function, sets, perturbation, progress)[place].reshape(removed.shape[:-1]))


def _by_unit(score_function: ScoreFunction, attribution: Attribution) -> Array:
    """An attribution's scores by units, [unit], 0 for [CLS] and [SEP]."""
    if attribution.target != score_function.target:
        names = attribution.target.name, score_function.target.name
        raise ValueError("{} attributes “{}”, not “{}”".format(attribution.method, *names))
    scores = dict(zip(attribution.words, attribution.scores, strict=True))
    tokens = score_function.tokens
    word_ids = tokens.word_ids[[unit[0] for unit in units_of(tokens)]]
    return np.array([scores[tokens.words[word]] if word >= 0 else 0.0 for word in word_ids])
