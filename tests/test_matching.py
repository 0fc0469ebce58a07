from itertools import permutations

import numpy as np
import pytest

from analysis.attention import by_word
from analysis.comparison import jensen_shannon
from analysis.examples import Example
from analysis.matching import (
    VERDICTS,
    HeadDistances,
    closest,
    head_distances,
    initialised_from,
    nearest,
    one_to_one,
    sibling_distances,
    verdicts,
)
from analysis.pairs import Sides
from analysis.trace import trace


def random_map(layers, heads, words, seed, concentration=0.3):
    rows = np.random.default_rng(seed).dirichlet(np.full(words, concentration), size=(layers, heads, words))
    return rows.astype(np.float32)


def random_texts(teacher=(4, 3), student=(2, 3), lengths=(5, 8), seed=0):
    return [
        Sides(random_map(*teacher, words, (seed, 0, words)), random_map(*student, words, (seed, 1, words)))
        for words in lengths
    ]


def within(texts):
    return head_distances(Sides(maps.teacher, maps.teacher) for maps in texts)


def copied(texts, layers, amount=0.0, seed=5):
    """Texts whose student is made of these layers of the teacher, with so much of a random head mixed in."""
    return [
        Sides(
            maps.teacher,
            (1 - amount) * maps.teacher[list(layers)]
            + amount * random_map(len(layers), *maps.teacher.shape[1:3], (seed, maps.teacher.shape[2])),
        )
        for maps in texts
    ]


def test_distances_are_those_of_a_loop_over_texts_heads_and_rows():
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


def test_texts_are_taken_one_at_a_time():
    texts = random_texts()
    assert np.array_equal(head_distances(iter(texts)).values, head_distances(texts).values)


def test_a_head_is_at_no_distance_from_itself():
    texts = copied(random_texts(), range(4))
    found = head_distances(texts).values.reshape(12, 12)
    assert (found.diagonal() == 0).all()
    assert (found[~np.eye(12, dtype=bool)] > 0.1).all()


def test_distances_are_between_0_and_1_and_reach_1_where_nothing_is_shared():
    found = head_distances(random_texts()).values
    assert ((found >= 0) & (found <= 1)).all()
    one, other = np.zeros((2, 1, 1, 3, 3), np.float32)
    one[..., 0], other[..., 2] = 1, 1
    assert head_distances([Sides(one, other)]).values == 1


def test_the_two_models_can_change_places():
    texts = random_texts()
    swapped = head_distances(Sides(maps.student, maps.teacher) for maps in texts)
    transposed = head_distances(texts).transposed()
    np.testing.assert_allclose(swapped.values, transposed.values, atol=1e-12)
    assert transposed.values.shape == (4, 3, 2, 3)
    assert np.array_equal(transposed.transposed().values, head_distances(texts).values)


def test_distances_obey_the_triangle_inequality():
    """Endres & Schindelin 2003: the square root is a metric, and so is a mean of metrics."""
    values = within(random_texts(lengths=(4,))).values.reshape(12, 12)
    for a, b, c in permutations(range(12), 3):
        assert values[a, c] <= values[a, b] + values[b, c] + 1e-12


@pytest.mark.parametrize("match", [nearest, one_to_one])
def test_permuting_the_heads_permutes_the_matching(match):
    texts = random_texts()
    layers, heads = np.array([2, 0, 3, 1]), np.array([1, 2, 0])
    moved = [Sides(maps.teacher[layers][:, heads], maps.student) for maps in texts]
    before, after = match(head_distances(texts)), match(head_distances(moved))
    assert np.array_equal(layers[after.layers], before.layers)
    assert np.array_equal(heads[after.heads], before.heads)
    np.testing.assert_allclose(after.distances, before.distances, atol=1e-12)


def test_order_and_naming_of_texts_and_words_do_not_matter():
    texts = random_texts()
    found = head_distances(texts).values
    np.testing.assert_allclose(head_distances(texts[::-1]).values, found, atol=1e-12)
    order = np.array([3, 0, 4, 1, 2])
    renamed = texts[0].map(lambda weights: weights[:, :, order][..., order])
    np.testing.assert_allclose(head_distances([renamed]).values, head_distances(texts[:1]).values, atol=1e-12)


def test_nearest_is_the_smallest_distance_and_heads_may_share_one():
    texts = copied(random_texts(), (1, 1))
    found = nearest(head_distances(texts))
    assert (found.layers == 1).all()
    assert (found.heads == [0, 1, 2]).all()
    assert (found.distances == 0).all()


def test_the_closest_head_is_the_nearest_of_all_maps_to_one():
    (maps,) = random_texts(lengths=(6,))
    distances = head_distances([maps])
    for layer, head in np.ndindex(*maps.student.shape[:2]):
        found, distance = closest(maps.student[layer, head], maps.teacher)
        assert distance == pytest.approx(distances.values[layer, head].min())
        assert distances.values[layer, head][found] == pytest.approx(distance)
    assert closest(maps.teacher[2, 1], maps.teacher) == ((2, 1), 0)


def test_one_to_one_is_the_cheapest_of_all_assignments():
    distances = head_distances(random_texts(teacher=(2, 2), student=(1, 3), lengths=(4,)))
    table = distances.values.reshape(3, 4)
    cheapest = min(permutations(range(4), 3), key=lambda chosen: table[range(3), chosen].sum())
    found = one_to_one(distances)
    assert (found.layers * 2 + found.heads).ravel().tolist() == list(cheapest)
    assert found.distances.ravel() == pytest.approx(table[range(3), cheapest])


def test_one_to_one_leaves_heads_without_where_the_teacher_has_fewer():
    found = one_to_one(head_distances(random_texts(teacher=(1, 2), student=(2, 3))))
    without = found.layers == -1
    assert without.sum() == 4
    assert np.array_equal(without, found.heads == -1)
    assert np.array_equal(without, np.isnan(found.distances))
    assert sorted(found.heads[~without]) == [0, 1]


def test_siblings_are_the_other_heads_of_a_model():
    found = within(random_texts())
    values = found.values.reshape(12, 12)
    expected = [min(values[head, other] for other in range(12) if other != head) for head in range(12)]
    assert np.array_equal(sibling_distances(found).ravel(), expected)
    assert sibling_distances(found).shape == (4, 3)


@pytest.fixture(scope="module")
def large():
    """12 layers of 4 teacher heads: enough of them to tell a match from chance."""
    return random_texts(teacher=(12, 4), student=(6, 4), lengths=(6, 7))


def test_the_published_initialisation_is_known(large):
    assert initialised_from(head_distances(large)) == (0, 2, 4, 7, 9, 11)
    assert initialised_from(head_distances(random_texts())) is None
    assert initialised_from(head_distances(random_texts(teacher=(12, 2), student=(6, 3), lengths=(4,)))) is None


def test_heads_that_are_their_origin_are_inherited(large):
    origins = (0, 2, 4, 7, 9, 11)
    distances = head_distances(copied(large, origins, amount=0.2))
    found = verdicts(distances, within(large), origins)
    assert set(sum(found.keys, ())) == {"inherited"}
    assert (found.origin_p == 1 / 48).all()
    assert found.nearest.layers.tolist() == [[layer] * 4 for layer in origins]
    assert found.origins == origins


def test_heads_that_are_another_head_have_drifted(large):
    distances = head_distances(copied(large, (1, 3, 5, 6, 8, 10), amount=0.1))
    found = verdicts(distances, within(large), (0, 2, 4, 7, 9, 11))
    assert set(sum(found.keys, ())) == {"drifted"}
    assert (found.nearest_p == 1 / 49).all()
    assert (found.origin_p > 0.02).all()


def test_heads_without_a_known_origin_match_or_are_new(large):
    half = [
        Sides(maps.teacher, np.concatenate([copy.student[:3], maps.student[3:]]))
        for maps, copy in zip(large, copied(large, range(6), amount=0.1), strict=True)
    ]
    found = verdicts(head_distances(half), within(large), None, threshold=0.03)
    assert found.keys[:3] == (("matched",) * 4,) * 3
    assert sum(found.keys[3:], ()).count("new") >= 11
    assert found.origin_p is None


def test_unrelated_heads_pass_as_often_as_stated():
    """Students of random heads like the teacher's own: each threshold lets through the share that it names."""
    found = []
    for seed in range(40):
        texts = random_texts(teacher=(12, 4), student=(6, 4), lengths=(6,), seed=seed)
        found.append(verdicts(head_distances(texts), within(texts), (0, 2, 4, 7, 9, 11)))
    for threshold in (0.05, 0.1, 0.25, 0.5):
        for p_values in ([one.nearest_p for one in found], [one.origin_p for one in found]):
            assert np.mean(np.array(p_values) <= threshold) == pytest.approx(threshold, abs=0.05)
    keys = [key for one in found for row in one.keys for key in row]
    assert keys.count("new") / len(keys) > 0.9
    assert set(keys) <= set(VERDICTS)


def test_a_teacher_of_few_heads_decides_nothing():
    texts = random_texts()
    found = verdicts(head_distances(copied(texts, (0, 2))), within(texts), (0, 2))
    assert set(sum(found.keys, ())) == {"undecided"}
    assert set(sum(verdicts(head_distances(copied(texts, (0, 2))), within(texts), (0, 2), 0.1).keys, ())) == {
        "inherited"
    }


def test_maps_over_different_words_are_refused():
    with pytest.raises(ValueError, match="same words"):
        head_distances([Sides(random_map(1, 1, 4, 0), random_map(1, 1, 5, 0))])
    with pytest.raises(ValueError, match="at least one text"):
        head_distances([])


@pytest.mark.parametrize("origins", [(0,), (0, 1, 2)])
def test_origins_name_a_layer_for_each_layer(origins):
    texts = random_texts()
    with pytest.raises(ValueError, match="for each of 2 layers of 3 heads"):
        verdicts(head_distances(texts), within(texts), origins, threshold=0.5)


def test_two_models_of_a_pair_are_compared_on_their_words(tiny_pairs):
    pair = tiny_pairs["sentiment"]

    def maps(text):
        inside = pair.map(lambda model: trace(model, Example("sentiment", text)))
        return inside.map(lambda kept: by_word(kept.attentions, kept.tokens).weights)

    texts = [maps(text) for text in ("unforgettable film", "mary was not bad.")]
    found = head_distances(texts)
    assert found.values.shape == (2, 2, 2, 2)
    assert (found.n_rows, found.n_texts) == (4 + 7, 2)
    assert isinstance(found, HeadDistances)
    with pytest.raises(ValueError, match="read-only"):
        found.values[...] = 0
