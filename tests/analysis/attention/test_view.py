"""A view shows the weights it says, of the heads it is asked for, in the order and with the tokens that were chosen."""

from dataclasses import replace

import numpy as np
import pytest

from analysis.attention.maps import by_token, by_word, on_shared_words
from analysis.attention.view import (
    DIMMED,
    EVERYTHING,
    MAPS,
    ORDERS,
    SPECIAL_TOKENS,
    View,
    one_head,
    one_layer,
    thumbnails,
)
from analysis.inputs.examples import Example
from analysis.models.forward import Trace, trace
from analysis.models.model import Model
from analysis.models.pairs import Sides

PAIR = Example("sentence-pair", "unforgettable films", "a bad film in london was good")
ALL = Sides(EVERYTHING, EVERYTHING)
VIEWS = [View(over, special, order) for over in MAPS for special in SPECIAL_TOKENS for order in ORDERS]


@pytest.fixture(scope="module")
def traces(tiny_pairs: dict[str, Sides[Model]]) -> Sides[Trace]:
    return tiny_pairs["sentence-pair"].map(lambda model: trace(model, PAIR))


@pytest.mark.parametrize("view", VIEWS, ids=str)
def test_one_head_in_a_view_is_that_head_of_the_whole(traces: Sides[Trace], view: View) -> None:
    whole = view.of(traces, ALL)
    heads, layers = (
        view.of(traces, Sides(one_head((1, 0)), one_head((0, 1)))),
        view.of(traces, ALL.map(lambda _: one_layer(1))),
    )
    assert np.array_equal(heads.teacher.weights, whole.teacher.weights[1:, :1])
    assert np.array_equal(heads.student.weights, whole.student.weights[:1, 1:])
    for layer, map_ in zip(layers, whole, strict=True):
        assert np.array_equal(layer.weights, map_.weights[1:2])
        assert (layer.labels, layer.fields.tolist()) == (map_.labels, map_.fields.tolist())


@pytest.mark.parametrize("over", MAPS)
def test_the_plain_view_is_the_map_as_it_is(traces: Sides[Trace], over: str) -> None:
    maps = View(over).of(traces, ALL)
    plain = traces.map(lambda inside: {"Words": by_word, "Tokens": by_token}[over](inside.attentions, inside.tokens))
    for found, expected in zip(maps, on_shared_words(plain) if over == "Words" else plain, strict=True):
        assert np.array_equal(found.weights, expected.weights)


@pytest.mark.parametrize("over", MAPS)
@pytest.mark.parametrize("special", SPECIAL_TOKENS)
def test_by_text_moves_rows_together_with_their_weights(traces: Sides[Trace], over: str, special: str) -> None:
    read, grouped = (View(over, special, order).of(traces, ALL).teacher for order in ORDERS)
    assert grouped.fields.tolist() == sorted(read.fields.tolist(), key=lambda field: field if field >= 0 else 2)
    assert sorted(grouped.labels) == sorted(read.labels)
    np.testing.assert_allclose(grouped.weights.sum(axis=-1), read.weights.sum(axis=-1), atol=1e-6)
    first, last = read.labels.index("unforgettable" if over == "Words" else read.labels[1]), len(read.labels) - 2
    moved = [grouped.labels.index(read.labels[place]) for place in (first, last)]
    assert np.array_equal(grouped.weights[..., moved[0], moved[1]], read.weights[..., first, last])
    assert [word for word in grouped.words if word >= 0] == [word for word in read.words if word >= 0]


def test_left_out_rows_add_up_to_one_again(traces: Sides[Trace]) -> None:
    for map_ in View("Tokens", "Left out").of(traces, ALL):
        assert (map_.fields >= 0).all()
        np.testing.assert_allclose(map_.weights.sum(axis=-1), 1, atol=1e-6)


@pytest.mark.parametrize("view", VIEWS, ids=str)
def test_thumbnails_of_short_texts_are_the_maps_with_what_is_dimmed_paler(traces: Sides[Trace], view: View) -> None:
    for small, map_ in zip(thumbnails(traces, view), view.of(traces, ALL), strict=True):
        kept = np.where(map_.fields < 0, DIMMED, 1) if view.dimmed else np.ones(len(map_.labels))
        np.testing.assert_allclose(small, map_.weights * np.minimum.outer(kept, kept), rtol=1e-6)


def test_thumbnails_of_models_of_different_depth_have_their_own_layers(traces: Sides[Trace]) -> None:
    """The student's two layers beside a teacher's four, which are its two twice over."""
    teacher = traces.teacher
    doubled = replace(teacher, attentions=np.concatenate([teacher.attentions] * 2))
    small = thumbnails(Sides(doubled, traces.student), View())
    assert [len(side) for side in small] == [4, 2]
    assert np.array_equal(small.teacher[:2], small.teacher[2:])
    assert np.array_equal(small.student, thumbnails(traces, View()).student)
