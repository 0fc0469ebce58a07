"""All heads of a pair matched, on a text and over a corpus, and what is said about it."""

import numpy as np
import pytest

from analysis.attention.head_distances import head_distances
from analysis.attention.head_matching import finding, match_corpus, match_heads, rule
from analysis.attention.head_origins import verdicts
from analysis.attention.maps import by_word, on_shared_words, without_added
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
    assert one.verdicts.keys == same.verdicts.keys


def test_a_corpus_is_the_mean_over_all_rows_of_its_sentences(tiny_pair: Sides[Model]) -> None:
    found = match_corpus(tiny_pair, SENTENCES).distances
    parts = [match_heads(traces(tiny_pair, sentence)).distances for sentence in SENTENCES]
    rows = np.array([part.n_rows for part in parts])
    expected = np.average([part.values for part in parts], axis=0, weights=rows)
    np.testing.assert_allclose(found.values, expected, atol=1e-12)
    assert (found.n_rows, found.n_texts) == (rows.sum(), len(SENTENCES))


@pytest.mark.parametrize("with_added", [True, False])
def test_rows_are_those_of_the_maps_in_that_view(tiny_pairs: dict[str, Sides[Model]], with_added: bool) -> None:
    pair = tiny_pairs["sentiment"]
    inside = pair.map(lambda model: trace(model, Example("sentiment", SENTENCES[1])))
    maps = inside.map(lambda kept: by_word(kept.attentions, kept.tokens))
    weights = (maps if with_added else maps.map(without_added)).map(lambda map_: map_.weights)
    found = match_heads(inside, with_added).distances
    assert np.array_equal(found.values, head_distances([weights]).values)
    assert found.n_rows == weights.teacher.shape[2] == 10 + 2 * with_added


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
    matches = found.verdicts.nearest
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
        match_heads(apart, with_added=False)


def test_what_came_out_is_said_in_numbers() -> None:
    texts = random_texts(teacher=(12, 4), student=(6, 4), lengths=(6, 7))
    origins = (0, 2, 4, 7, 9, 11)
    distances, inside = (
        head_distances(copied(texts, origins, amount=0.1)),
        head_distances(Sides(maps.teacher, maps.teacher) for maps in texts),
    )
    found = verdicts(distances, inside, origins)
    assert finding(found) == (
        "24 of 24 student heads are nearest to the very teacher head they were initialised from (by chance: 0.5); "
        "0 drifted (by chance: 1.2 at most); 0 are new."
    )
    assert "of all 48 teacher heads" in rule(found)
    assert "all but 0 of the teacher's 48 heads" in rule(found)
    assert (
        "Of 24 heads whose nearest is in the layer of their origin, 24 have the very head; shuffled within layers it "
    )
    assert "would be 6.0" in rule(found)
    unknown = verdicts(distances, inside, None)
    assert finding(unknown) == (
        "24 of 24 student heads are nearer to a teacher head than chance brings them (by chance 1.2 at most); "
        "0 are not."
    )
    assert "all but 1 of the teacher's 48 heads" in rule(unknown)
    few = random_texts()
    none = verdicts(head_distances(few), head_distances(Sides(t, t) for t, _ in few), None)
    assert finding(none) == "The teacher has 12 heads: too few to tell a match from chance."
    assert rule(none).startswith("No verdict")


def test_the_layers_that_inherited_most_and_fewest_are_named() -> None:
    texts, origins = random_texts(teacher=(12, 4), student=(6, 4), lengths=(6, 7)), (0, 2, 4, 7, 9, 11)
    kept = copied(texts, (0, 2, 1, 3, 5, 6), amount=0.1)
    found = verdicts(head_distances(kept), head_distances(Sides(t, t) for t, _ in texts), origins)
    assert finding(found).startswith("8 of 24 student heads are ")
    assert "16 drifted" in finding(found)
    assert " Most are inherited in layer 1 (4 of 4), fewest in layer 3 (0 of 4)." in finding(found)
