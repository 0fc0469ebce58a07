"""Each origin is given where it is due, and no more often by chance than it says."""

from collections.abc import Sequence

import numpy as np
import pytest

from analysis.arrays import Array
from analysis.attention.head_distances import across_and_within, head_distances
from analysis.attention.head_origins import HeadOrigins, head_origins, nearer_heads_allowed, ranks_within
from analysis.attention.maps import by_word
from analysis.inputs.probe_corpus import probe_sentences
from analysis.models.families import INITIALISED_FROM
from analysis.models.forward import traces_of
from analysis.models.model import Model, load, random_weights
from analysis.models.pairs import PAIRS, Sides
from tests.support.made_up_heads import copied, random_texts, within


@pytest.fixture(scope="module")
def large() -> list[Sides[Array]]:
    """12 layers of 4 teacher heads: enough of them to tell a match from chance."""
    return random_texts(teacher=(12, 4), student=(6, 4), lengths=(6, 7))


def test_heads_that_are_their_origin_are_inherited(large: list[Sides[Array]]) -> None:
    initialised_from = (0, 2, 4, 7, 9, 11)
    distances = head_distances(copied(large, initialised_from, amount=0.2))
    found = head_origins(distances, within(large), initialised_from)
    assert set(sum(found.keys, ())) == {"inherited"}
    assert (found.origin_p == 1 / 48).all()
    assert found.nearest.layers.tolist() == [[layer] * 4 for layer in initialised_from]
    assert found.initialised_from == initialised_from


def test_heads_that_are_another_head_have_drifted(large: list[Sides[Array]]) -> None:
    distances = head_distances(copied(large, (1, 3, 5, 6, 8, 10), amount=0.1))
    found = head_origins(distances, within(large), (0, 2, 4, 7, 9, 11))
    assert set(sum(found.keys, ())) == {"drifted"}
    assert (found.nearest_p == 1 / 49).all()
    assert (found.origin_p > 0.02).all()


def test_a_head_that_left_its_origin_by_a_little_has_drifted(large: list[Sides[Array]]) -> None:
    """Another head is a little nearer, and neither is as near as the teacher's heads are to each other."""
    initialised_from, elsewhere = (0, 2, 4, 7, 9, 11), [1, 3, 5, 6, 8, 10]
    mixed = [Sides(t, 0.45 * t[list(initialised_from)] + 0.55 * t[elsewhere]) for t, _ in large]
    found = head_origins(head_distances(mixed), within(large), initialised_from, threshold=0.1)
    assert found.counts() == {"drifted": 24}
    assert (found.origin_p <= 2 / 48).all()
    assert (found.nearest.layers == np.array(elsewhere)[:, None]).all()


def test_heads_without_a_known_origin_match_or_are_new(large: list[Sides[Array]]) -> None:
    half = [
        Sides(maps.teacher, np.concatenate([copy.student[:3], maps.student[3:]]))
        for maps, copy in zip(large, copied(large, range(6), amount=0.1), strict=True)
    ]
    found = head_origins(head_distances(half), within(large), None, threshold=0.03)
    assert found.keys[:3] == (("matched",) * 4,) * 3
    assert sum(found.keys[3:], ()).count("new") >= 11
    assert found.origin_p is None


def test_unrelated_heads_pass_as_often_as_stated() -> None:
    """Students of random heads like the teacher's own: each threshold lets through the share that it names."""
    found = []
    for seed in range(40):
        texts = random_texts(teacher=(12, 4), student=(6, 4), lengths=(6,), seed=seed)
        found.append(head_origins(head_distances(texts), within(texts), (0, 2, 4, 7, 9, 11)))
    for threshold in (0.05, 0.1, 0.25, 0.5):
        for p_values in ([one.nearest_p for one in found], [one.origin_p for one in found]):
            assert np.mean(np.array(p_values) <= threshold) == pytest.approx(threshold, abs=0.05)
    heads = sum(one.nearest_p.size for one in found)
    assert sum(one.counts().get("inherited", 0) for one in found) / heads == pytest.approx(1 / 48, abs=0.02)
    assert sum(one.counts().get("drifted", 0) for one in found) / heads <= 0.05
    assert found[0].by_chance() == {"inherited": 0.5, "drifted": pytest.approx(1.2), "matched": pytest.approx(1.2)}


def test_a_teacher_of_few_heads_decides_nothing() -> None:
    texts = random_texts()
    found = head_origins(head_distances(copied(texts, (0, 2))), within(texts), (0, 2))
    assert set(sum(found.keys, ())) == {"undecided"}
    assert found.counts() == {"undecided": 6}
    assert head_origins(head_distances(copied(texts, (0, 2))), within(texts), (0, 2), 0.2).counts() == {"inherited": 6}


@pytest.mark.parametrize("initialised_from", [(0,), (0, 1, 2)])
def test_origins_name_a_layer_for_each_layer(initialised_from: tuple[int, ...]) -> None:
    texts = random_texts()
    with pytest.raises(ValueError, match="for each of 2 layers of 3 heads"):
        head_origins(head_distances(texts), within(texts), initialised_from, threshold=0.5)


@pytest.mark.parametrize("heads", [12, 39, 48, 144])
@pytest.mark.parametrize("threshold", [0.025, 0.05, 0.5])
def test_the_counts_that_are_stated_are_the_last_that_pass(heads: int, threshold: float) -> None:
    rank, nearer = ranks_within(heads, threshold), nearer_heads_allowed(heads, threshold)
    assert rank / heads <= threshold < (rank + 1) / heads
    assert (nearer + 1) / (heads + 1) <= threshold < (nearer + 2) / (heads + 1)


@pytest.fixture(scope="module")
def embedded() -> tuple[Sides[Model], Sides[list[Array]]]:
    """The embedded fill-mask pair, loaded for this file alone, and both models' maps of 60 sentences."""
    models = PAIRS["embedded"].sides("fill-mask").map(lambda checkpoint: load(checkpoint, "fill-mask"))
    return models, models.map(maps_of)


def maps_of(model: Model) -> list[Array]:
    sentences = probe_sentences()[::10]
    return [by_word(kept.attentions, kept.tokens).weights for kept in traces_of(model, sentences)]


def origins_of(teacher: Sequence[Array], student: Sequence[Array]) -> HeadOrigins:
    distances, inside = across_and_within(Sides(*maps) for maps in zip(teacher, student, strict=True))
    return head_origins(distances, inside, INITIALISED_FROM[6, 12])


@pytest.mark.parametrize("seed", range(3))
def test_a_student_of_scrambled_attention_inherits_nothing(
    embedded: tuple[Sides[Model], Sides[list[Array]]], seed: int
) -> None:
    """Each head keeps its rows' weights and gives them to other words. Chance: 0.5 inherited, 3.6 drifted of 72."""
    _, maps = embedded
    random = np.random.default_rng(seed)
    scrambled = origins_of(maps.teacher, [random.permuted(weights, axis=3) for weights in maps.student])
    assert scrambled.counts().get("inherited", 0) <= 4
    assert scrambled.counts().get("drifted", 0) <= 8


@pytest.mark.parametrize("seed", range(3))
def test_a_student_of_random_weights_inherits_nothing(
    embedded: tuple[Sides[Model], Sides[list[Array]]], seed: int
) -> None:
    """It attends evenly, as some teacher heads may, too: so its origins are asked about, not what it is near to."""
    models, maps = embedded
    network = models.student.network
    trained = {name: weights.clone() for name, weights in network.state_dict().items()}
    network.load_state_dict(random_weights(type(network), network.config, seed), strict=False)
    try:
        random = origins_of(maps.teacher, maps_of(models.student))
    finally:
        network.load_state_dict(trained)
    assert random.counts().get("inherited", 0) <= 4
    assert np.mean(random.origin_p <= 0.025) <= 0.1


def test_the_embedded_student_inherits_more_than_chance(embedded: tuple[Sides[Model], Sides[list[Array]]]) -> None:
    _, maps = embedded
    found = origins_of(maps.teacher, maps.student)
    assert found.counts()["inherited"] > 10 * found.by_chance()["inherited"]
    assert found.in_origin_layer() >= found.counts()["inherited"]
