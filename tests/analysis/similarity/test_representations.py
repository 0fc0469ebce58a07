"""What is compared, where each word goes, what the logit lens reads, and what is remembered of it."""

from __future__ import annotations

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
from analysis.similarity.layer_maps import LayerMap, cka_maps
from analysis.similarity.logit_lens import LogitLens, logit_lens
from analysis.similarity.logit_lens import finding as lens_finding
from analysis.similarity.measures import MEASURES
from analysis.similarity.representations import (
    GRANULARITIES,
    MOST_CHARACTERS,
    MOST_LINES,
    Representations,
    one_by_one,
    own_lines,
    text_of,
    vectors_of,
)
from analysis.similarity.summary import cell_in_words, finding, steps
from analysis.similarity.word_drift import drift, plane
from cache import loaded_models as models
from cache import similarity

TEXT = "The old man was in Paris, and it was good."
LINES = tuple(
    f"the {kind} {what} was {how}."
    for kind in ("old", "new", "young")
    for what in ("film", "cat")
    for how in ("bad", "funny", "dull")
)


def traced(pair: Sides[Model], text: str = TEXT) -> Sides[Trace]:
    return pair.map(lambda model: next(traces_of(model, [text])))


@pytest.mark.parametrize("granularity", GRANULARITIES)
def test_examples_are_means_of_their_tokens(granularity: str, tiny_pairs: dict[str, Sides[Model]]) -> None:
    traces = traced(tiny_pairs["sentiment"])
    for found, inside in zip(vectors_of(traces, granularity), traces, strict=True):
        tokens, states = inside.tokens, inside.hidden_states
        members: Any = {
            "token": [[place] for place in np.flatnonzero(tokens.fields >= 0)],
            "word": [np.flatnonzero(tokens.word_ids == word) for word in range(len(tokens.words))],
            "sentence": [np.flatnonzero(tokens.fields >= 0)],
            "cls": [[0]],
        }[granularity]
        expected = np.stack([states[:, places].mean(axis=1) for places in members], axis=1)
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(("granularity", "more"), [("token", 2), ("word", 2), ("sentence", 0), ("cls", 0)])
def test_special_tokens_are_in_on_request(granularity: str, more: int, tiny_pairs: dict[str, Sides[Model]]) -> None:
    traces = traced(tiny_pairs["sentiment"])
    plain, with_special_tokens = (
        vectors_of(traces, granularity),
        vectors_of(traces, granularity, with_special_tokens=True),
    )
    assert with_special_tokens.teacher.shape[1] == plain.teacher.shape[1] + more


def test_two_tokenizers_meet_on_words(tiny_pairs: dict[str, Sides[Model]], cased_student: Model) -> None:
    pair = Sides(tiny_pairs["entities"].teacher, cased_student)
    traces = traced(pair, "The old man lived in LONDON, and it was good.")
    assert len(traces.teacher.tokens) != len(traces.student.tokens)
    with pytest.raises(AnalysisError, match="tokenize the text differently"):
        vectors_of(traces, "token")
    for with_special_tokens in (False, True):
        words = vectors_of(traces, "word", with_special_tokens)
        assert (
            words.teacher.shape[1]
            == words.student.shape[1]
            == len(traces.teacher.tokens.words) + 2 * with_special_tokens
        )


def test_a_word_that_one_model_does_not_read_is_left_out(tiny_pairs: dict[str, Sides[Model]]) -> None:
    teacher, student = tiny_pairs["sentiment"]
    one = next(traces_of(teacher, ["the cat was old"]))
    fewer = next(traces_of(student, ["the cat was"]))
    found = vectors_of(Sides(one, fewer), "word")
    assert found.teacher.shape[1] == found.student.shape[1] == 3


def test_sentences_are_gone_through_again_in_the_same_order(tiny_pairs: dict[str, Sides[Model]]) -> None:
    shares_done: list[float] = []
    examples = Representations(tiny_pairs["sentiment"], LINES, "token", progress=shares_done.append)
    first, second = list(examples), list(examples)
    assert len(first) == len(second) == len(LINES)
    for one, other in zip(first, second, strict=True):
        np.testing.assert_array_equal(one.student[-1], other.student[-1])
    assert shares_done == [pytest.approx((done + 1) / len(LINES)) for done in range(len(LINES))] * 2


@pytest.mark.parametrize("granularity", GRANULARITIES)
def test_the_same_model_twice_is_alike_in_every_layer(granularity: str, tiny_pairs: dict[str, Sides[Model]]) -> None:
    teacher = tiny_pairs["sentiment"].teacher
    lines = LINES + tuple(f"{line} who is it?" for line in LINES)
    across = cka_maps(Representations(Sides(teacher, teacher), lines, granularity)).across
    found = np.diagonal(across.values)
    np.testing.assert_allclose(found[~np.isnan(found)], 1, atol=1e-6)
    assert np.isnan(found[0]) == (granularity == "cls")  # at layer 0, [CLS] is the same in every sentence


def test_a_single_text_is_compared_unit_by_unit(tiny_pairs: dict[str, Sides[Model]]) -> None:
    vectors = vectors_of(traced(tiny_pairs["sentiment"], f"{TEXT} {TEXT}"), "token")
    across = cka_maps(one_by_one(vectors)).across
    assert across.n_examples == across.n_sentences == vectors.teacher.shape[1]
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


def test_a_word_that_did_not_move_has_a_cosine_of_one() -> None:
    generator = np.random.default_rng(0)
    teacher = generator.normal(size=(4, 9, 6))
    student = 3 * teacher[[0, 2, 3]] + 7
    student[2, 5] -= 2 * (student[2, 5] - 7)
    found = drift(Sides(teacher, student), (0, 2, 3))
    np.testing.assert_allclose(found.cosines[:2], 1)
    assert found.cosines[2].argmin() == 5
    assert found.farthest == (2, 5)
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
    model = tiny_pairs["fill-mask"][side]
    example = Example("fill-mask", "the [MASK] was [MASK].")
    answer: Any = predict(model, example)
    for mask in range(2):
        found = logit_lens(model, trace(model, example), mask)
        assert found.final == found.pieces[-1] == answer.best(mask, 1)[0][0]
        np.testing.assert_allclose(found.final_probabilities[-1], answer.probabilities[mask].max(), rtol=1e-4)
        assert found.ranks[-1] == 1
        assert len(found.pieces) == len(found.ranks) == len(trace(model, example).hidden_states)
        assert ((found.ranks == 1) == (found.probabilities == found.final_probabilities)).all()
    with pytest.raises(AnalysisError, match=r"2 \[MASK\], so there is no number 3"):
        logit_lens(model, trace(model, example), 2)


def test_a_lens_tells_from_which_layer_on_the_answer_stays() -> None:
    ranks = Sides([90, 1, 3, 1, 1], [1, 1, 1])
    lenses = ranks.map(
        lambda of: LogitLens(("x",) * len(of), np.zeros(len(of)), "dog", np.array(of), np.zeros(len(of)))
    )
    expected = "The teacher has its answer, “dog”, from layer 3 of 4 on, the student has its answer, “dog”, from layer"
    assert lens_finding(lenses) == f"{expected} 0 of 2 on."


def map_of(values: list[list[float]], margin: float = 0.02, null: float = 0.1, share: float = 1.0) -> LayerMap:
    array = np.array(values)
    shares = np.full(array.shape[1], share)
    return LayerMap("cka", array, array - margin, array + margin, np.full_like(array, null), shares, 300, 30, 300)


def test_the_finding_has_value_interval_and_null() -> None:
    found = map_of([[0.9, 0.2, 0.1], [0.3, 0.8, 0.2], [0.2, 0.3, 0.7]])
    sentence = finding(found, (1, 2))
    assert sentence == (
        "2 of 2 student layers are most similar to the teacher layer that they were initialised from. "
        "2 of 2 student layers are above chance, and keep the teacher's order. "
        "Student layer 2 is most similar to teacher layer 2: CKA 0.70 [0.68, 0.72], by chance up to 0.10."
    )
    assert finding(found, (2, 2)).startswith(
        "1 of 2 student layers are most similar to the teacher layer that they were initialised from; "
        "student layer 1 resembles teacher layer 1 rather than 2. "
    )
    doubtful = cell_in_words(map_of([[0.5]], share=0.6), 0, 0)
    assert doubtful.startswith("most similar to teacher layer 0 (in 60% of resamples): CKA 0.50")
    assert "but not in the teacher's order" in finding(map_of([[0.1, 0.2, 0.9], [0.3, 0.8, 0.2], [0.2, 0.3, 0.7]]))
    assert "not more similar to any teacher layer than by chance" in finding(map_of([[0.9, 0.05], [0.2, 0.04]]))
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


def comparison_of(
    pair: Sides[Model], granularity: str = "token", with_special_tokens: bool = False
) -> similarity.LayerComparison:
    checkpoints = pair.map(lambda model: model.checkpoint)
    return similarity.LayerComparison(
        checkpoints, Sides("sentiment", "sentiment"), LINES, granularity, with_special_tokens
    )


@pytest.mark.usefixtures("nothing_remembered")
def test_maps_survive_a_restart_and_need_no_model(
    tiny_pairs: dict[str, Sides[Model]], monkeypatch: pytest.MonkeyPatch
) -> None:
    comparison = comparison_of(tiny_pairs["sentiment"])
    shares_done: list[float] = []
    first = similarity.layer_maps(comparison, shares_done.append)
    other = similarity.layer_map_by("procrustes", comparison)
    within = similarity.within_maps_by("procrustes", comparison)
    assert shares_done[-1] == 1
    st.cache_resource.clear()
    monkeypatch.setattr(models, "load", lambda *_: pytest.fail("The model was loaded although the maps are stored."))
    np.testing.assert_array_equal(similarity.layer_maps(comparison).across.values, first.across.values)
    np.testing.assert_array_equal(similarity.layer_map_by("procrustes", comparison).values, other.values)
    np.testing.assert_array_equal(
        similarity.within_maps_by("procrustes", comparison).student.values, within.student.values
    )


@pytest.mark.usefixtures("nothing_remembered")
def test_each_unit_and_choice_has_maps_of_its_own(tiny_pairs: dict[str, Sides[Model]]) -> None:
    pair = tiny_pairs["sentiment"]
    comparison = [
        comparison_of(pair),
        comparison_of(pair, "sentence"),
        comparison_of(pair, "token", with_special_tokens=True),
    ]
    assert len({similarity.layer_maps(one).across.values.tobytes() for one in comparison}) == 3
    assert similarity.layer_map_by("rsa", comparison[0]).measure == "rsa"


@pytest.mark.usefixtures("nothing_remembered")
def test_the_text_alone_gives_maps_of_its_units(tiny_pairs: dict[str, Sides[Model]]) -> None:
    sides = tiny_pairs["sentiment"].map(lambda model: model.checkpoint)
    twice, short = (Example("sentiment", text) for text in (f"{TEXT} {TEXT}", "a good film"))
    assert similarity.text_maps(sides, twice, "word", False).across.n_examples == 24
    with pytest.raises(AnalysisError, match="3 examples"):
        similarity.text_maps(sides, short, "word", False)


@pytest.mark.usefixtures("nothing_remembered")
def test_what_follows_from_traces_is_that_of_the_traces_and_made_once(tiny_pairs: dict[str, Sides[Model]]) -> None:
    pair = tiny_pairs["fill-mask"]
    sides, example = pair.map(lambda model: model.checkpoint), Example("fill-mask", "the [MASK] was [MASK] in paris.")
    traces = pair.map(lambda model: trace(model, example))
    vectors = vectors_of(traces, "word")
    kept = similarity.plane(sides, example, Sides(2, 1))
    np.testing.assert_array_equal(kept.points.teacher, plane(vectors.teacher[2], vectors.student[1]).points.teacher)
    assert similarity.plane(sides, example, Sides(2, 1)) is kept
    assert similarity.plane(sides, example, Sides(1, 1)) is not kept
    found = similarity.drift(sides, example, (0, 2, 2))
    np.testing.assert_array_equal(found.cosines, drift(vectors, (0, 2, 2)).cosines)
    lenses = similarity.logit_lenses(sides, example, 1)
    for model, of_text, lens in zip(pair, traces, lenses, strict=True):
        np.testing.assert_array_equal(lens.probabilities, logit_lens(model, of_text, 1).probabilities)


def test_a_level_of_nineteen_draws_is_their_largest() -> None:
    draws = np.random.default_rng(0).normal(size=(sampled.FEW_PERMUTATIONS, 3))
    np.testing.assert_array_equal(grid.level_of(draws), draws.max(axis=0))
