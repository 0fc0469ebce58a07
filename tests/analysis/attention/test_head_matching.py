"""All heads of a pair matched, on a text and over a corpus, and what is said about it."""

import numpy as np
import pytest

from analysis.attention.head_distances import head_distances
from analysis.attention.head_matching import decision_rule, finding, match_corpus, match_heads
from analysis.attention.head_origins import head_origins
from analysis.attention.maps import by_word, on_shared_words, without_special_tokens
from analysis.errors import AnalysisError
from analysis.inputs.examples import Example
from analysis.models.forward import Trace, trace, traces_of
from analysis.models.model import Model
from analysis.models.pairs import Sides
from tests.support.made_up_heads import copied, random_texts

SENTENCES = ("mary lives in paris.", "The old film was not bad, was it?", "no", "a good, good dog!")


def traces(pair: Sides[Model], sentence: str) -> Sides[Trace]:
    return pair.map(lambda model: next(traces_of(model, [sentence])))


def test_a_corpus_of_one_sentence_is_that_sentence(tiny_pair: Sides[Model]) -> None:
    one = match_corpus(tiny_pair, SENTENCES[:1])
    same = match_heads(traces(tiny_pair, SENTENCES[0]))
    assert np.array_equal(one.distances.values, same.distances.values)
    assert one.origins.keys == same.origins.keys


def test_a_corpus_is_the_mean_over_all_rows_of_its_sentences(tiny_pair: Sides[Model]) -> None:
    found = match_corpus(tiny_pair, SENTENCES).distances
    parts = [match_heads(traces(tiny_pair, sentence)).distances for sentence in SENTENCES]
    rows = np.array([part.n_rows for part in parts])
    expected = np.average([part.values for part in parts], axis=0, weights=rows)
    np.testing.assert_allclose(found.values, expected, atol=1e-12)
    assert (found.n_rows, found.n_texts) == (rows.sum(), len(SENTENCES))


@pytest.mark.parametrize("with_special_tokens", [True, False])
def test_rows_are_those_of_the_maps_in_that_view(
    tiny_pairs: dict[str, Sides[Model]], with_special_tokens: bool
) -> None:
    pair = tiny_pairs["sentiment"]
    inside = pair.map(lambda model: trace(model, Example("sentiment", SENTENCES[1])))
    maps = inside.map(lambda kept: by_word(kept.attentions, kept.tokens))
    weights = (maps if with_special_tokens else maps.map(without_special_tokens)).map(lambda map_: map_.weights)
    found = match_heads(inside, with_special_tokens).distances
    assert np.array_equal(found.values, head_distances([weights]).values)
    assert found.n_rows == weights.teacher.shape[2] == 10 + 2 * with_special_tokens


def test_two_tokenizers_meet_on_words(tiny_pairs: dict[str, Sides[Model]], cased_student: Model) -> None:
    pair = Sides(tiny_pairs["entities"].teacher, cased_student)
    found = match_corpus(pair, SENTENCES[:2]).distances
    texts = [
        traces(pair, sentence).map(lambda kept: by_word(kept.attentions, kept.tokens)) for sentence in SENTENCES[:2]
    ]
    shared = [on_shared_words(maps).map(lambda map_: map_.weights) for maps in texts]
    np.testing.assert_allclose(found.values, head_distances(shared).values, atol=1e-12)


def test_a_model_beside_itself_is_its_own_match(tiny_pairs: dict[str, Sides[Model]]) -> None:
    teacher = tiny_pairs["sentiment"].teacher
    found = match_corpus(Sides(teacher, teacher), SENTENCES)
    matches = found.origins.nearest
    assert (matches.distances == 0).all()
    assert matches.layers.tolist() == [[0, 0], [1, 1]]
    assert matches.heads.tolist() == [[0, 1], [0, 1]]


def test_progress_is_told_and_can_stop_it(tiny_pairs: dict[str, Sides[Model]]) -> None:
    told = []

    def tell(share: float) -> None:
        told.append(share)
        if len(told) == 3:
            raise KeyboardInterrupt

    match_corpus(tiny_pairs["entities"], SENTENCES[:2], progress=told.append)
    assert told == [0.5, 1.0]
    told.clear()
    with pytest.raises(KeyboardInterrupt):
        match_corpus(tiny_pairs["entities"], SENTENCES, progress=tell)
    assert told == [0.25, 0.5, 0.75]


def test_a_text_without_a_shared_word_is_refused(tiny_pairs: dict[str, Sides[Model]]) -> None:
    pair = tiny_pairs["sentiment"]
    apart = Sides(traces(pair, "no").teacher, traces(pair, "\u200b").student)  # the second has [CLS] and [SEP] only
    match_heads(apart)
    with pytest.raises(AnalysisError, match=r"no word of this text in common.*\.$"):
        match_heads(apart, with_special_tokens=False)


def test_what_came_out_is_said_in_numbers() -> None:
    texts = random_texts(teacher=(12, 4), student=(6, 4), lengths=(6, 7))
    initialised_from = (0, 2, 4, 7, 9, 11)
    distances, inside = (
        head_distances(copied(texts, initialised_from, amount=0.1)),
        head_distances(Sides(maps.teacher, maps.teacher) for maps in texts),
    )
    found = head_origins(distances, inside, initialised_from)
    assert finding(found) == (
        "24 of 24 student heads still match the teacher head that they were initialised from (chance: 0.5); "
        "0 drifted (chance: at most 1.2); 0 match none."
    )
    assert "of all 48 teacher heads" in decision_rule(found)
    assert "all but 0 of the teacher's 48 heads" in decision_rule(found)
    assert "Of 24 heads that are nearest to a head of the layer they were initialised from, 24" in decision_rule(found)
    assert "would be 6.0" in decision_rule(found)
    unknown = head_origins(distances, inside, None)
    assert finding(unknown) == ("24 of 24 student heads match a teacher head (chance: at most 1.2); 0 match none.")
    assert "all but 1 of the teacher's 48 heads" in decision_rule(unknown)
    few = random_texts()
    none = head_origins(head_distances(few), head_distances(Sides(t, t) for t, _ in few), None)
    assert finding(none) == "The teacher has 12 heads: too few to tell a match from chance."
    assert decision_rule(none).startswith("Nothing is decided")


def test_the_layers_that_inherited_most_and_fewest_are_named() -> None:
    texts, initialised_from = random_texts(teacher=(12, 4), student=(6, 4), lengths=(6, 7)), (0, 2, 4, 7, 9, 11)
    kept = copied(texts, (0, 2, 1, 3, 5, 6), amount=0.1)
    found = head_origins(head_distances(kept), head_distances(Sides(t, t) for t, _ in texts), initialised_from)
    assert finding(found).startswith("8 of 24 student heads still match ")
    assert "16 drifted" in finding(found)
    assert " Layers 1 and 2 inherited most (4 of 4 each), layers 3, 4, 5 and 6 least (0 of 4 each)." in finding(found)
