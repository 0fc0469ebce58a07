from collections.abc import Callable
from itertools import permutations

import numpy as np
import pytest

from analysis.arrays import Array
from analysis.attention.head_distances import (
    HeadDistances,
    Matches,
    across_and_within,
    between,
    closest,
    head_distances,
    nearest,
    nearest_other_distances,
    one_to_one,
)
from analysis.attention.maps import by_word
from analysis.inputs.examples import Example
from analysis.inputs.probe_corpus import probe_sentences
from analysis.models.forward import trace, traces_of
from analysis.models.model import Model, load
from analysis.models.pairs import PAIRS, Sides
from analysis.statistics import jensen_shannon
from tests.support.made_up_heads import copied, random_map, random_texts, within


def test_distances_are_those_of_a_loop_over_texts_heads_and_rows() -> None:
    texts = random_texts()
    found = head_distances(texts)
    for place in np.ndindex(found.values.shape):
        student, teacher = place[:2], place[2:]
        rows = [
            np.sqrt(jensen_shannon(maps.student[student].astype(float), maps.teacher[teacher].astype(float)))
            for maps in texts
        ]
        assert found.values[place] == pytest.approx(np.concatenate(rows).mean(), abs=1e-6)
    assert (found.n_rows, found.n_texts) == (5 + 8, 2)


@pytest.mark.parametrize("mixed_in", [1.0, 0.1, 0.01, 1e-4, 0.0])
def test_float32_is_as_near_to_float64_as_it_says(mixed_in: float) -> None:
    """Rows as attention has them, most of their weight on few keys, from unlike to all but equal."""
    (maps,) = copied(random_texts(teacher=(3, 2), lengths=(40,)), (0, 1, 2), amount=mixed_in)
    exact = in_float64(maps)
    error = np.abs(between(maps).values.reshape(exact.shape) - exact)
    assert error[exact >= 0.05].max(initial=0) <= 1e-4
    assert error.max() <= 1e-3


def test_float32_is_as_near_on_what_models_attend_to() -> None:
    models = PAIRS["embedded"].sides("fill-mask").map(lambda checkpoint: load(checkpoint, "fill-mask"))
    inside = models.map(lambda model: next(traces_of(model, probe_sentences()[:1])))
    maps = inside.map(lambda kept: by_word(kept.attentions, kept.tokens).weights)
    exact = in_float64(maps)
    error = np.abs(between(maps).values.reshape(exact.shape) - exact)
    assert error[exact >= 0.05].max(initial=0) <= 1e-4
    assert error.max() <= 1e-3


def in_float64(maps: Sides[Array]) -> Array:
    """Mean distance [student head, teacher head], a pair of heads at a time."""
    students, teachers = (flat(weights.astype(np.float64)) for weights in (maps.student, maps.teacher))
    return np.array([[np.sqrt(jensen_shannon(one, other)).mean() for other in teachers] for one in students])


def flat(weights: Array) -> Array:
    """The heads of all layers in a row."""
    return weights.reshape(-1, *weights.shape[2:])


def test_the_teacher_within_itself_is_the_teacher_beside_itself() -> None:
    texts = random_texts()
    across, inside = across_and_within(iter(texts))
    assert np.array_equal(across.values, head_distances(texts).values)
    np.testing.assert_allclose(inside.values, within(texts).values, atol=1e-7)
    assert np.array_equal(inside.values, inside.values.transpose(2, 3, 0, 1))
    assert (inside.n_rows, inside.n_texts) == (across.n_rows, across.n_texts) == (5 + 8, 2)


def test_distances_of_parts_add_up_to_those_of_the_whole() -> None:
    texts = random_texts(lengths=(4, 9, 6, 5))
    parts = head_distances(texts[:1]) + head_distances(texts[1:])
    whole = head_distances(texts)
    np.testing.assert_allclose(parts.values, whole.values, atol=1e-12)
    assert (parts.n_rows, parts.n_texts) == (whole.n_rows, whole.n_texts) == (24, 4)


def test_texts_are_taken_one_at_a_time() -> None:
    texts = random_texts()
    assert np.array_equal(head_distances(iter(texts)).values, head_distances(texts).values)


def test_a_head_is_at_no_distance_from_itself() -> None:
    texts = copied(random_texts(), range(4))
    found = head_distances(texts).values.reshape(12, 12)
    assert (found.diagonal() == 0).all()
    assert (found[~np.eye(12, dtype=bool)] > 0.1).all()


def test_distances_are_between_0_and_1_and_reach_1_where_nothing_is_shared() -> None:
    found = head_distances(random_texts()).values
    assert ((found >= 0) & (found <= 1)).all()
    one, other = np.zeros((2, 1, 1, 3, 3), np.float32)
    one[..., 0], other[..., 2] = 1, 1
    assert head_distances([Sides(one, other)]).values == 1


def test_the_two_models_can_change_places() -> None:
    texts = random_texts()
    swapped = head_distances(Sides(maps.student, maps.teacher) for maps in texts)
    assert swapped.values.shape == (4, 3, 2, 3)
    np.testing.assert_allclose(swapped.values, head_distances(texts).values.transpose(2, 3, 0, 1), atol=1e-12)


def test_distances_obey_the_triangle_inequality() -> None:
    """Endres & Schindelin 2003: the square root is a metric, and so is a mean of metrics."""
    values = within(random_texts(lengths=(4,))).values.reshape(12, 12)
    for a, b, c in permutations(range(12), 3):
        assert values[a, c] <= values[a, b] + values[b, c] + 1e-12


@pytest.mark.parametrize("match", [nearest, one_to_one])
def test_permuting_the_heads_permutes_the_matching(match: Callable[[HeadDistances], Matches]) -> None:
    texts = random_texts()
    layers, heads = np.array([2, 0, 3, 1]), np.array([1, 2, 0])
    moved = [Sides(maps.teacher[layers][:, heads], maps.student) for maps in texts]
    before, after = match(head_distances(texts)), match(head_distances(moved))
    assert np.array_equal(layers[after.layers], before.layers)
    assert np.array_equal(heads[after.heads], before.heads)
    np.testing.assert_allclose(after.distances, before.distances, atol=1e-12)


def test_order_and_naming_of_texts_and_words_do_not_matter() -> None:
    texts = random_texts()
    found = head_distances(texts).values
    np.testing.assert_allclose(head_distances(texts[::-1]).values, found, atol=1e-12)
    order = np.array([3, 0, 4, 1, 2])
    renamed = texts[0].map(lambda weights: weights[:, :, order][..., order])
    np.testing.assert_allclose(head_distances([renamed]).values, head_distances(texts[:1]).values, atol=1e-6)


def test_nearest_is_the_smallest_distance_and_heads_may_share_one() -> None:
    texts = copied(random_texts(), (1, 1))
    found = nearest(head_distances(texts))
    assert (found.layers == 1).all()
    assert (found.heads == [0, 1, 2]).all()
    assert (found.distances == 0).all()


def test_the_closest_head_is_the_nearest_of_all_maps_to_one() -> None:
    (maps,) = random_texts(lengths=(6,))
    distances = head_distances([maps])
    for layer, head in np.ndindex(*maps.student.shape[:2]):
        found, distance = closest(maps.student[layer, head], maps.teacher)
        assert distance == pytest.approx(distances.values[layer, head].min(), abs=1e-6)
        assert distances.values[layer, head][found] == pytest.approx(distance, abs=1e-6)
    assert closest(maps.teacher[2, 1], maps.teacher) == ((2, 1), pytest.approx(0, abs=1e-3))


def test_one_to_one_is_the_cheapest_of_all_assignments() -> None:
    distances = head_distances(random_texts(teacher=(2, 2), student=(1, 3), lengths=(4,)))
    table = distances.values.reshape(3, 4)
    cheapest = min(permutations(range(4), 3), key=lambda chosen: table[range(3), chosen].sum())
    found = one_to_one(distances)
    assert (found.layers * 2 + found.heads).ravel().tolist() == list(cheapest)
    assert found.distances.ravel() == pytest.approx(table[range(3), cheapest])


def test_one_to_one_leaves_heads_without_where_the_teacher_has_fewer() -> None:
    found = one_to_one(head_distances(random_texts(teacher=(1, 2), student=(2, 3))))
    without = found.layers == -1
    assert without.sum() == 4
    assert np.array_equal(without, found.heads == -1)
    assert np.array_equal(without, np.isnan(found.distances))
    assert sorted(found.heads[~without]) == [0, 1]


def test_nearest_others_are_other_heads_of_a_model() -> None:
    found = within(random_texts())
    values = found.values.reshape(12, 12)
    expected = [min(values[head, other] for other in range(12) if other != head) for head in range(12)]
    assert np.array_equal(nearest_other_distances(found).ravel(), expected)
    assert nearest_other_distances(found).shape == (4, 3)


def test_maps_over_different_words_are_refused() -> None:
    with pytest.raises(ValueError, match="same words"):
        head_distances([Sides(random_map(1, 1, 4, 0), random_map(1, 1, 5, 0))])
    with pytest.raises(ValueError, match="at least one text"):
        head_distances([])
    with pytest.raises(ValueError, match="at least one text"):
        across_and_within([])


def test_two_models_of_a_pair_are_compared_on_their_words(tiny_pairs: dict[str, Sides[Model]]) -> None:
    pair = tiny_pairs["sentiment"]

    def maps(text: str) -> Sides[Array]:
        inside = pair.map(lambda model: trace(model, Example("sentiment", text)))
        return inside.map(lambda kept: by_word(kept.attentions, kept.tokens).weights)

    texts = [maps(text) for text in ("unforgettable film", "mary was not bad.")]
    found = head_distances(texts)
    assert found.values.shape == (2, 2, 2, 2)
    assert (found.n_rows, found.n_texts) == (4 + 7, 2)
    assert isinstance(found, HeadDistances)
    with pytest.raises(ValueError, match="read-only"):
        found.values[...] = 0
