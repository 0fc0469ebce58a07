"""Figures show the numbers of the predictions, on one axis, in the colour of each side."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.arrays import frozen, softmax
from analysis.inputs.words import Word
from analysis.models.pairs import Sides
from analysis.predictions.classification import Classification
from analysis.predictions.fill_mask import MaskPredictions
from dashboard.charts.probabilities import CANDIDATES, candidate_bars, label_bars
from dashboard.ui.theme import COLOURS, NAMES


def classification(labels: tuple[str, ...], logits: list[float]) -> Classification:
    return Classification(labels, frozen(logits), frozen(softmax(np.array(logits))))


@pytest.fixture
def classifications() -> Sides[Classification]:
    """The two checkpoints number their labels differently."""
    return Sides(
        classification(("no", "yes", "<b>"), [1.0, 2.0, 0.0]), classification(("yes", "<b>", "no"), [3.0, -1.0, 0.5])
    )


@pytest.mark.parametrize("logits", [False, True])
def test_bars_show_each_label_of_each_side(classifications: Sides[Classification], logits: bool) -> None:
    figure = label_bars(classifications, logits=logits)
    for trace, name, colour, side in zip(figure.data, NAMES, COLOURS, classifications, strict=True):
        values = side.logits if logits else side.probabilities
        expected = {
            label.replace("<", "&lt;").replace(">", "&gt;"): v for label, v in zip(side.labels, values, strict=True)
        }
        assert dict(zip(trace.y, trace.x, strict=True)) == pytest.approx(expected)
        assert (trace.name, trace.marker.color) == (name, colour)
    low, high = figure.layout.xaxis.range
    assert low <= min(min(trace.x) for trace in figure.data)
    assert high >= max(max(trace.x) for trace in figure.data)
    assert figure.layout.xaxis.title.text


def test_candidates_are_the_best_of_both_with_their_ranks() -> None:
    generator = np.random.default_rng(0)
    vocabulary = tuple(f"piece{i}" for i in range(50))
    fills = Sides(
        *(
            MaskPredictions((Word("[MASK]", 0, 6),), vocabulary, frozen(generator.dirichlet(np.ones(50), size=1)))
            for _ in range(2)
        )
    )
    figure = candidate_bars(fills, 0)
    best = {vocabulary[i] for side in fills for i in np.argsort(-side.probabilities[0])[:CANDIDATES]}
    for trace, side in zip(figure.data, fills, strict=True):
        assert set(trace.y) == best
        for piece, value, text in zip(trace.y, trace.x, trace.text, strict=True):
            probability = side.probabilities[0, vocabulary.index(piece)]
            assert value == pytest.approx(probability)
            assert text.endswith(f"#{1 + int((side.probabilities[0] > probability).sum())}")
