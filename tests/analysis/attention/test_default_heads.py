"""The heads to look at first, against the distances of all heads and against maps made by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from analysis.attention.default_heads import as_deep, most_attentive, most_different
from analysis.attention.head_distances import head_distances
from analysis.attention.view import EVERYTHING, View
from analysis.inputs.examples import Example, checked
from analysis.models.forward import Trace, trace
from analysis.models.model import Model
from analysis.models.pairs import Sides


@pytest.fixture
def traces(tiny_pairs: dict[str, Sides[Model]]) -> Sides[Trace]:
    example = checked(Example("sentiment", "Mary lives in Paris, and the film was good."))
    return tiny_pairs["sentiment"].map(lambda model: trace(model, example))


def test_the_heads_that_differ_most_are_those_at_the_largest_distance(traces: Sides[Trace]) -> None:
    chosen = most_different(traces)
    weights = View().of(traces, Sides(EVERYTHING, EVERYTHING)).map(lambda map_: map_.weights)
    values = head_distances([weights]).values
    origins = as_deep(len(weights.student), len(weights.teacher))
    own = np.array(
        [
            [values[layer, head, origins[layer], head] for head in range(values.shape[1])]
            for layer in range(len(origins))
        ]
    )
    assert own[chosen.student] == pytest.approx(own.max(), abs=1e-3)
    assert chosen.teacher == (origins[chosen.student[0]], chosen.student[1])


@pytest.mark.parametrize("word", [0, 3, 10])
def test_the_head_that_looks_most_at_a_word_is_found(traces: Sides[Trace], word: int) -> None:

    def looking(trace: Trace) -> Trace:
        """The last head but one alone looks at the word, from everywhere but the word itself."""
        attentions = np.full_like(trace.attentions, 0.0)
        attentions[..., 0] = 1.0
        tokens = np.flatnonzero(trace.tokens.word_ids == word)
        rows = np.setdiff1d(np.arange(len(trace.tokens)), tokens)
        attentions[-1, -2, rows] = 0.0
        attentions[-1, -2, rows, tokens[0]] = 1.0
        return replace(trace, attentions=attentions)

    made = traces.map(looking)
    assert most_attentive(made, word) == made.map(lambda it: (len(it.attentions) - 1, it.attentions.shape[1] - 2))


def test_a_word_that_is_not_there_is_an_error(traces: Sides[Trace]) -> None:
    with pytest.raises(ValueError):
        most_attentive(traces, 11)


@pytest.mark.parametrize(
    ("layers", "teacher_layers", "origins"),
    [(6, 12, (1, 3, 5, 7, 9, 11)), (3, 6, (1, 3, 5)), (4, 4, (0, 1, 2, 3)), (2, 1, (0, 0))],
)
def test_a_layer_of_unknown_origin_is_compared_with_the_one_that_is_as_deep(
    layers: int, teacher_layers: int, origins: tuple[int, ...]
) -> None:
    assert as_deep(layers, teacher_layers) == origins
