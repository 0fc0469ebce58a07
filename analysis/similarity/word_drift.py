"""Word drift: how near each word of a text is to itself in two matched layers, and all words in one plane."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.arrays import Array, frozen
from analysis.errors import AnalysisError
from analysis.models.pairs import Sides
from analysis.similarity.geometry import directions, in_own_span, rotated_overlap, shape

FEWEST_WORDS = 3
SHUFFLES = 50


@dataclass(frozen=True, slots=True)
class Drift:
    """`cosines` [student layer + 1, word] between each word in a student layer and in its matched teacher layer.

    `matched` [student layer + 1]: the teacher layers. About the mean of the text's words in each layer.
    """

    cosines: Array
    matched: tuple[int, ...]

    @property
    def farthest(self) -> tuple[int, int]:
        """The student layer and the word with the lowest cosine."""
        layer, word = np.unravel_index(int(self.cosines.argmin()), self.cosines.shape)
        return int(layer), int(word)


@dataclass(frozen=True, slots=True)
class Plane:
    """The words of two matched layers in one plane, [word, 2] each, the student's rotated onto the teacher's.

    `variance` is the share of both clouds' variance that the plane shows; `overlap` their cosine after rotation, and
    `chance` what the rotation reaches when the student's words are shuffled: with fewer words than neurons, much.
    """

    points: Sides[Array]
    variance: float
    overlap: float
    chance: float

    @property
    def distances(self) -> Array:
        """How far each word is from itself in the other model, [word]."""
        return np.asarray(np.linalg.norm(self.points.teacher - self.points.student, axis=1))


def drift(vectors: Sides[Array], matched: Sequence[int]) -> Drift:
    """From the words of one text, [layer + 1, word, width] each. Raises `AnalysisError` if the widths differ."""
    teacher, student = vectors
    if teacher.shape[2] != student.shape[2]:
        raise AnalysisError(
            f"The cosine of a word between two layers needs equal widths; these models have {teacher.shape[2]} and "
            f"{student.shape[2]}."
        )
    _check(teacher.shape[1])
    cosines = [
        (directions(teacher[teacher_layer]) * directions(student[layer])).sum(axis=1)
        for layer, teacher_layer in enumerate(matched)
    ]
    return Drift(frozen(np.stack(cosines)), tuple(matched))


def plane(x: Array, y: Array, seed: int = 0) -> Plane:
    """The words x [word, width] of a teacher layer and y [word, width] of a student layer, in their common plane."""
    _check(len(x))
    x_shape, y_shape = shape(x), shape(y)
    if np.isnan(x_shape).any() or np.isnan(y_shape).any():
        raise AnalysisError("All words are alike in one of these layers; choose another one.")
    left, _, right = np.linalg.svd(y_shape.T @ x_shape, full_matrices=False)
    turned = y_shape @ left @ right  # [word, width of x]
    both = np.concatenate([x_shape, turned])
    _, strengths, axes = np.linalg.svd(both, full_matrices=False)
    generator = np.random.default_rng(seed)
    x_few, y_few = in_own_span(x_shape), in_own_span(y_shape)  # a text has far fewer words than a layer has neurons
    chance = [rotated_overlap(x_few, y_few[generator.permutation(len(y_few))]) for _ in range(SHUFFLES)]
    return Plane(
        points=Sides(frozen(x_shape @ axes[:2].T), frozen(turned @ axes[:2].T)),
        variance=float(np.square(strengths[:2]).sum() / np.square(strengths).sum()),
        overlap=rotated_overlap(x_few, y_few),
        chance=float(np.mean(chance)),
    )


def _check(words: int) -> None:
    if words < FEWEST_WORDS:
        raise AnalysisError(f"The text has {words} words that both models read; at least {FEWEST_WORDS} are needed.")
