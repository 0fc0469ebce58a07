"""What is compared, where each word goes, what the logit lens reads, and what is remembered of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import streamlit as st
from scipy.stats import ortho_group

from analysis.errors import AnalysisError
from analysis.inputs.examples import Example
from analysis.models.forward import Trace, trace, traces_of
from analysis.models.model import Model
from analysis.models.pairs import Sides
from analysis.predictions.heads import predict
from analysis.similarity import jackknife as sampled
from analysis.similarity import layer_maps as grid
from analysis.similarity.layer_maps import LayerMaps, SimilarityMap, cka_maps
from analysis.similarity.logit_lens import lens
from analysis.similarity.measures import MEASURES
from analysis.similarity.representations import (
    MOST_CHARACTERS,
    MOST_LINES,
    UNITS,
    Units,
    one_by_one,
    own_lines,
    text_of,
    unit_named,
    vectors_of,
)
from analysis.similarity.summary import cell_in_words, finding, steps
from analysis.similarity.word_drift import drift, plane
from cache import loaded_models as models
from cache import precompute as ahead
from cache import precomputed, similarity

TEXT = "The old man was in Paris, and it was good."
LINES = tuple(
    f"the {kind} {what} was {how}."
    for kind in ("old", "new", "young")
    for what in ("film", "cat")
    for how in ("bad", "funny", "dull")
)


def traced(pair: Sides[Model], text: str = TEXT) -> Sides[Trace]:
    return pair.map(lambda model: next(traces_of(model, [text])))


@pytest.mark.parametrize("unit", UNITS)
def test_units_are_means_of_their_tokens(unit: str, tiny_pairs: dict[str, Sides[Model]]) -> None:
    traces = traced(tiny_pairs["sentiment"])
    for found, inside in zip(vectors_of(traces, unit), traces, strict=True):
        tokens, states = inside.tokens, inside.hidden_states
        members: dict[str, Any] = {
            "token": [[place] for place in np.flatnonzero(tokens.fields >= 0)],
            "word": [np.flatnonzero(tokens.word_ids == word) for word in range(len(tokens.words))],
            "sentence": [np.flatnonzero(tokens.fields >= 0)],
            "cls": [[0]],
        }
        expected = np.stack([states[:, places].mean(axis=1) for places in members[unit]], axis=1)
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(("unit", "more"), [("token", 2), ("word", 2), ("sentence", 0), ("cls", 0)])
def test_what_the_tokenizer_added_is_in_on_request(unit: str, more: int, tiny_pairs: dict[str, Sides[Model]]) -> None:
    traces = traced(tiny_pairs["sentiment"])
    plain, added = vectors_of(traces, unit), vectors_of(traces, unit, added=True)
    assert added.teacher.shape[1] == plain.teacher.shape[1] + more


def test_two_tokenizers_meet_on_words(tiny_pairs: dict[str, Sides[Model]], cased_student: Model) -> None:
    pair = Sides(tiny_pairs["entities"].teacher, cased_student)
    traces = traced(pair, "The old man lived in LONDON, and it was good.")
    assert len(traces.teacher.tokens) != len(traces.student.tokens)
    with pytest.raises(AnalysisError, match="different tokens"):
        vectors_of(traces, "token")
    for added in (False, True):
        words = vectors_of(traces, "word", added)
        assert words.teacher.shape[1] == words.student.shape[1] == len(traces.teacher.tokens.words) + 2 * added


def test_a_word_that_one_model_does_not_read_is_left_out(tiny_pairs: dict[str, Sides[Model]]) -> None:
    teacher, student = tiny_pairs["sentiment"]
    one = next(traces_of(teacher, ["the cat was old"]))
    fewer = next(traces_of(student, ["the cat was"]))
    found = vectors_of(Sides(one, fewer), "word")
    assert found.teacher.shape[1] == found.student.shape[1] == 3


def test_sentences_are_gone_through_again_in_the_same_order(tiny_pairs: dict[str, Sides[Model]]) -> None:
    heard: list[float] = []
    units = Units(tiny_pairs["sentiment"], LINES, "token", progress=heard.append)
    first, second = list(units), list(units)
    assert len(first) == len(second) == len(LINES)
    for one, other in zip(first, second, strict=True):
        np.testing.assert_array_equal(one.student[-1], other.student[-1])
    assert heard == [pytest.approx((done + 1) / len(LINES)) for done in range(len(LINES))] * 2


@pytest.mark.parametrize("unit", UNITS)
def test_the_same_model_twice_is_alike_in_every_layer(unit: str, tiny_pairs: dict[str, Sides[Model]]) -> None:
    teacher = tiny_pairs["sentiment"].teacher
    lines = LINES + tuple(f"{line} who is it?" for line in LINES)
    across = cka_maps(Units(Sides(teacher, teacher), lines, unit)).across
    found = np.diagonal(across.values)
    np.testing.assert_allclose(found[~np.isnan(found)], 1, atol=1e-6)
    assert np.isnan(found[0]) == (unit == "cls")  # at layer 0, [CLS] is the same in every sentence


def test_a_single_text_is_compared_unit_by_unit(tiny_pairs: dict[str, Sides[Model]]) -> None:
    vectors = vectors_of(traced(tiny_pairs["sentiment"], f"{TEXT} {TEXT}"), "token")
    across = cka_maps(one_by_one(vectors)).across
    assert across.n_units == across.n_sentences == vectors.teacher.shape[1]
    expected = MEASURES["cka"](vectors.teacher[1], vectors.student[2])
    assert across.values[1, 2] == pytest.approx(expected, abs=1e-5)


def test_lines_of_ones_own_are_bounded() -> None:
    assert own_lines(" one \n\n two\none\r\n") == ("one", "two")
    assert own_lines("\n \n") == ()
    too_long = f"“Sentences” has {MOST_CHARACTERS + 1:,} characters; at most {MOST_CHARACTERS:,}"
    for text, words in (("a" * (MOST_CHARACTERS + 1), too_long), ("a \ud800", "surrogate")):
        with pytest.raises(AnalysisError, match=words):
            own_lines(text)
    assert text_of("\ufefföl".encode()) == "öl"
    with pytest.raises(AnalysisError, match="Byte 2 of the file"):
        text_of(b"a\xff")
    with pytest.raises(AnalysisError, match=f"{MOST_LINES + 1:,} lines; at most {MOST_LINES:,} lines"):
        own_lines("\n".join(map(str, range(MOST_LINES + 1))))
    with pytest.raises(AnalysisError, match="token, word, sentence, cls"):
        unit_named("letter")


def test_a_word_that_did_not_move_has_a_cosine_of_one() -> None:
    generator = np.random.default_rng(0)
    teacher = generator.normal(size=(4, 9, 6))
    student = 3 * teacher[[0, 2, 3]] + 7
    student[2, 5] -= 2 * (student[2, 5] - 7)
    found = drift(Sides(teacher, student), (0, 2, 3))
    np.testing.assert_allclose(found.cosines[:2], 1)
    assert found.cosines[2].argmin() == 5
    assert found.cosines[2, 5] < 0
    with pytest.raises(AnalysisError, match="6 and 5"):
        drift(Sides(teacher, student[:, :, :5]), (0, 2, 3))
    with pytest.raises(AnalysisError, match="2 words"):
        drift(Sides(teacher[:, :2], student[:, :2]), (0, 2, 3))


def test_clouds_that_differ_by_a_rotation_lie_on_one_another() -> None:
    generator = np.random.default_rng(0)
    x = generator.normal(size=(40, 6)) * [9, 5, 1, 1, 1, 1]
    found = plane(x, 0.1 * x @ ortho_group.rvs(6, random_state=0) + 5)
    np.testing.assert_allclose(found.points.teacher, found.points.student, atol=1e-9)
    assert found.overlap == pytest.approx(1)
    assert found.chance < 0.7
    shares = np.linalg.svd(x - x.mean(axis=0), compute_uv=False) ** 2
    assert found.variance == pytest.approx(shares[:2].sum() / shares.sum())


def test_a_rotation_of_few_words_in_many_neurons_does_much_by_chance() -> None:
    x, y = np.random.default_rng(0).normal(size=(2, 10, 300))
    found = plane(x, y[:, :200])
    assert found.points.student.shape == (10, 2)
    assert found.overlap == pytest.approx(found.chance, abs=0.05)
    assert found.chance > 0.9


def test_the_last_layer_of_the_lens_is_the_answer(tiny_pairs: dict[str, Sides[Model]], side: str) -> None:
    model = getattr(tiny_pairs["fill-mask"], side)
    example = Example("fill-mask", "the [MASK] was [MASK].")
    answer = predict(model, example)
    for mask in range(2):
        found = lens(model, trace(model, example), mask)
        assert found.final == found.pieces[-1] == answer.best(mask, 1)[0][0]
        np.testing.assert_allclose(found.final_probabilities[-1], answer.probabilities[mask].max(), rtol=1e-4)
        assert found.ranks[-1] == 1
        assert len(found.pieces) == len(found.ranks) == len(trace(model, example).hidden_states)
        assert ((found.ranks == 1) == (found.probabilities == found.final_probabilities)).all()
    with pytest.raises(AnalysisError, match=r"2 \[MASK\] and none of number 3"):
        lens(model, trace(model, example), 2)


def map_of(values: list[list[float]], margin: float = 0.02, null: float = 0.1, share: float = 1.0) -> SimilarityMap:
    array = np.array(values)
    shares = np.full(array.shape[1], share)
    return SimilarityMap("cka", array, array - margin, array + margin, np.full_like(array, null), shares, 300, 30, 300)


def test_the_finding_has_value_interval_and_null() -> None:
    found = map_of([[0.9, 0.2, 0.1], [0.3, 0.8, 0.2], [0.2, 0.3, 0.7]])
    sentence = finding(found, (1, 2))
    assert sentence.startswith("Student layer 2 is nearest teacher layer 2: CKA 0.70 [0.68, 0.72], null 0.10. ")
    assert "2 of 2 student layers are above chance, each later one" in sentence
    assert sentence.endswith("2 of 2 are nearest to the very layer they were initialised from.")
    doubtful = cell_in_words(map_of([[0.5]], share=0.6), 0, 0)
    assert doubtful.startswith("nearest teacher layer 0 (in 60 % of resamples): CKA 0.50")
    assert "but not in the teacher's order" in finding(map_of([[0.1, 0.2, 0.9], [0.3, 0.8, 0.2], [0.2, 0.3, 0.7]]))
    assert "like no teacher layer more than chance" in finding(map_of([[0.9, 0.05], [0.2, 0.04]]))
    assert "Nothing can be said" in finding(map_of([[0.9, np.nan]]))


def test_steps_are_means_over_neighbouring_layers_without_the_embedding_output() -> None:
    teacher = [[1 - abs(one - other) / 10 for other in range(5)] for one in range(5)]
    teacher[1][2] = teacher[2][1] = 0.6
    student = [[1, 0.1, 0.1], [0.1, 1, 0.75], [0.1, 0.75, 1]]
    assert steps(Sides(map_of(teacher), map_of(student))) == (
        "CKA from one layer to the next is on average 0.80 (0.60 to 0.90) in the teacher and 0.75 (0.75 to 0.75) in "
        "the student; over 2 layers of the teacher it is 0.80 (0.80 to 0.80)."
    )
    unvarying = map_of([[np.nan] * 2] * 2)
    assert steps(Sides(unvarying, unvarying)).endswith("unknown in the teacher and unknown in the student.")


# What is remembered.


def compared(pair: Sides[Model], unit: str = "token", added: bool = False) -> similarity.Compared:
    checkpoints = pair.map(lambda model: model.checkpoint)
    return similarity.Compared(checkpoints, Sides("sentiment", "sentiment"), LINES, unit, added)


@pytest.mark.usefixtures("nothing_remembered")
def test_maps_survive_a_restart_and_need_no_model(
    tiny_pairs: dict[str, Sides[Model]], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = compared(tiny_pairs["sentiment"])
    heard: list[float] = []
    first = similarity.layer_maps(asked, heard.append)
    other = similarity.layers_by("procrustes", asked)
    within = similarity.within_by("procrustes", asked)
    assert heard[-1] == 1
    st.cache_resource.clear()
    monkeypatch.setattr(models, "load", lambda *_: pytest.fail("The model was loaded although the maps are stored."))
    np.testing.assert_array_equal(similarity.layer_maps(asked).across.values, first.across.values)
    np.testing.assert_array_equal(similarity.layers_by("procrustes", asked).values, other.values)
    np.testing.assert_array_equal(similarity.within_by("procrustes", asked).student.values, within.student.values)


@pytest.mark.usefixtures("nothing_remembered")
def test_each_unit_and_choice_has_maps_of_its_own(tiny_pairs: dict[str, Sides[Model]]) -> None:
    pair = tiny_pairs["sentiment"]
    asked = [compared(pair), compared(pair, "sentence"), compared(pair, "token", added=True)]
    assert len({similarity.layer_maps(one).across.values.tobytes() for one in asked}) == 3
    assert similarity.layers_by("rsa", asked[0]).measure == "rsa"


@pytest.mark.usefixtures("nothing_remembered")
def test_maps_computed_ahead_are_found_by_fingerprint_and_by_nothing_else(
    tiny_pairs: dict[str, Sides[Model]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair = tiny_pairs["sentiment"]
    asked = compared(pair)
    maps = cka_maps(Units(pair, LINES, "token"))
    file = tmp_path / "similarity.json"
    precomputed.write({precomputed.maps_key(asked.fingerprints, "token", LINES): maps}, file)
    monkeypatch.setattr(precomputed, "FILE", file)
    monkeypatch.setattr(models, "load", lambda *_: pytest.fail("The model was loaded."))
    found = similarity.layer_maps(asked)
    for one, other in zip(_maps_of(found), _maps_of(maps), strict=True):
        for name in ("values", "low", "high", "null", "nearest_share"):
            np.testing.assert_allclose(getattr(one, name), getattr(other, name), atol=1e-5)
        assert (one.measure, one.n_units, one.n_sentences) == (other.measure, other.n_units, other.n_sentences)
    changed = asked.fingerprints.map(lambda fingerprint: fingerprint[::-1])
    assert precomputed.find(precomputed.maps_key(changed, "token", LINES)) is None
    assert precomputed.find(precomputed.maps_key(asked.fingerprints, "token", LINES[1:])) is None


def _maps_of(maps: LayerMaps) -> tuple[SimilarityMap, ...]:
    return maps.across, *maps.within


@pytest.mark.usefixtures("nothing_remembered")
def test_the_text_alone_gives_maps_of_its_units(tiny_pairs: dict[str, Sides[Model]]) -> None:
    traces = traced(tiny_pairs["sentiment"], f"{TEXT} {TEXT}")
    assert similarity.text_maps(traces, "word", False).across.n_units == 24
    with pytest.raises(AnalysisError, match="3 units"):
        similarity.text_maps(traced(tiny_pairs["sentiment"], "a good film"), "word", False)


def test_a_level_of_nineteen_draws_is_their_largest() -> None:
    draws = np.random.default_rng(0).normal(size=(sampled.FEW_PERMUTATIONS, 3))
    np.testing.assert_array_equal(grid.level_of(draws), draws.max(axis=0))


def test_what_was_computed_ahead_is_of_these_weights() -> None:
    """Fails after the pair was trained again, until `python -m cache.precompute` has run."""
    asked = {ahead.key_of(both): title for title, both in ahead.compared()}
    assert set(precomputed._read(precomputed.FILE)) == set(asked)
