import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.arrays import Array
from analysis.attention.maps import (
    by_token,
    by_word,
    difference,
    head_summary,
    on_shared_words,
    typical_head,
    without_special_tokens,
)
from analysis.inputs.examples import Example
from analysis.inputs.words import words_of_all
from analysis.models.forward import trace
from analysis.models.model import Model
from analysis.models.pairs import Sides
from analysis.models.tokens import Tokens, tokenize
from analysis.statistics import entropy_bits

SUMMARY = ("entropy_bits", "entropy_share", "to_cls", "to_sep", "to_same", "to_previous", "to_next", "distance_tokens")


def tokens_of(*texts: str) -> Tokens:
    """Tokens of texts whose words stand between spaces; "un~for~get" is one word of three pieces."""
    words = words_of_all(tuple(text.replace("~", "") for text in texts))
    pieces, fields, word_ids, number = ["[CLS]"], [-1], [-1], -1
    for field, text in enumerate(texts):
        for word in text.split():
            number += 1
            for piece in word.split("~"):
                pieces.append(piece)
                fields.append(field)
                word_ids.append(number)
        pieces.append("[SEP]")
        fields.append(-1)
        word_ids.append(-1)
    unused = np.zeros(len(pieces), int)
    return Tokens(tuple(pieces), unused, unused, np.array(fields), unused, np.array(word_ids), words, texts)


def random_attentions(count: int, layers: int = 3, heads: int = 2, seed: int = 0) -> Array:
    rows = np.random.default_rng(seed).dirichlet(np.full(count, 0.3), size=(layers, heads, count))
    return rows.astype(np.float32)


TOKENS = {
    "one text": tokens_of("un~for~get~table was it"),
    "two texts": tokens_of("who lives in pa~ris", "ma~ry or jo~hn~ny"),
    "one word": tokens_of("bad"),
}


@pytest.fixture(params=list(TOKENS))
def tokens(request: pytest.FixtureRequest) -> Tokens:
    return TOKENS[request.param]


@pytest.fixture
def attentions(tokens: Tokens) -> Array:
    return random_attentions(len(tokens))


def test_the_word_map_is_the_sum_over_columns_and_the_mean_over_rows_piece_by_piece(
    attentions: Array, tokens: Tokens
) -> None:
    found = by_word(attentions, tokens)
    units = [
        [place for place, word in enumerate(tokens.word_ids) if word == unit] if unit >= 0 else [special]
        for unit, special in _units(tokens)
    ]
    for layer, head in np.ndindex(attentions.shape[:2]):
        for row, queries in enumerate(units):
            for column, keys in enumerate(units):
                shares = [sum(float(attentions[layer, head, query, key]) for key in keys) for query in queries]
                assert found.weights[layer, head, row, column] == pytest.approx(sum(shares) / len(shares), abs=1e-6)


def _units(tokens: Tokens) -> list[tuple[int, int]]:
    """(word, -1) for a word and (-1, place) for a special token, in reading order."""
    units = [(int(word), -1 if word >= 0 else place) for place, word in enumerate(tokens.word_ids)]
    return list(dict.fromkeys(units))


def test_rows_of_words_sum_to_1_and_words_of_one_piece_keep_their_weights(attentions: Array, tokens: Tokens) -> None:
    found = by_word(attentions, tokens)
    np.testing.assert_allclose(found.weights.sum(axis=-1), 1, atol=1e-6)
    assert found.weights.dtype == np.float32
    plain = tokens_of("it was a film")
    weights = random_attentions(len(plain))
    assert np.array_equal(by_word(weights, plain).weights, weights)


def test_each_word_receives_what_its_pieces_receive(attentions: Array, tokens: Tokens) -> None:
    """In the rows that are one token, so that nothing is averaged: no weight is lost."""
    found = by_word(attentions, tokens)
    np.testing.assert_allclose(
        found.weights[:, :, 0],
        [
            [
                [row[tokens.word_ids == word].sum() if word >= 0 else row[place] for word, place in _units(tokens)]
                for row in layer[:, 0]
            ]
            for layer in attentions
        ],
        atol=1e-6,
    )


def test_a_word_map_says_what_its_rows_and_columns_are() -> None:
    found = by_word(random_attentions(len(TOKENS["two texts"])), TOKENS["two texts"])
    labels = ("[CLS]", "who", "lives", "in", "paris", "[SEP]", "mary", "or", "johnny", "[SEP]")
    assert found.labels == labels
    assert found.fields.tolist() == [-1, 0, 0, 0, 0, -1, 1, 1, 1, -1]
    assert found.words.tolist() == [-1, 0, 1, 2, 3, -1, 4, 5, 6, -1]
    assert found.weights.shape == (3, 2, 10, 10)


def test_a_token_map_is_the_trace(attentions: Array, tokens: Tokens) -> None:
    found = by_token(attentions, tokens)
    assert np.array_equal(found.weights, attentions)
    assert found.labels == tokens.pieces


def test_without_special_tokens_the_rows_are_shared_out_anew(attentions: Array, tokens: Tokens) -> None:
    whole = by_word(attentions, tokens)
    found = without_special_tokens(whole)
    kept = whole.fields >= 0
    inside = whole.weights[:, :, kept][:, :, :, kept]
    np.testing.assert_allclose(found.weights, inside / inside.sum(axis=-1, keepdims=True), atol=1e-6)
    np.testing.assert_allclose(found.weights.sum(axis=-1), 1, atol=1e-6)
    assert found.labels == tuple(label for label, keep in zip(whole.labels, kept, strict=True) if keep)
    assert (found.fields >= 0).all()
    assert (found.words >= 0).all()


def test_a_row_with_nothing_left_is_zero() -> None:
    tokens = TOKENS["one text"]
    attentions = np.zeros((1, 1, len(tokens), len(tokens)), np.float32)
    attentions[..., 0] = 1  # all on [CLS]
    found = without_special_tokens(by_word(attentions, tokens))
    assert found.weights.shape == (1, 1, 3, 3)
    assert not found.weights.any()


def test_maps_of_a_trace_are_read_only(tiny_pair: Sides[Model], side: str) -> None:
    model = tiny_pair[side]
    texts = {"fill-mask": ("a [MASK].",), "question-answering": ("who?", "mary."), "sentence-pair": ("a", "b")}
    inside = trace(model, Example(model.task, *texts.get(model.task, ("unforgettable old film.",))))
    whole = by_word(inside.attentions, inside.tokens)
    summary = head_summary(inside.attentions, inside.tokens)
    arrays = [
        whole.weights,
        whole.fields,
        without_special_tokens(whole).weights,
        *(getattr(summary, name) for name in SUMMARY),
    ]
    for array in arrays:
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0
    assert (summary.across is None) == (len(inside.tokens.texts) == 1)


def test_two_models_meet_on_the_words_that_both_read(tiny_pairs: dict[str, Sides[Model]], cased_student: Model) -> None:
    """The lower-casing model deletes a lone accent, the cased one has it as a word."""
    example = Example("entities", "Unforgettable Mary ́ lives in Paris")
    teacher, student = (trace(model, example) for model in (tiny_pairs["entities"].teacher, cased_student))
    assert teacher.tokens.pieces != student.tokens.pieces
    whole = Sides(*(by_word(inside.attentions, inside.tokens) for inside in (teacher, student)))
    shared = on_shared_words(whole)
    assert len(whole.teacher.labels) < len(whole.student.labels)
    assert shared.teacher.labels == shared.student.labels == whole.teacher.labels
    assert shared.teacher.words.tolist() == shared.student.words.tolist()
    assert shared.teacher is whole.teacher
    for map_ in shared:
        np.testing.assert_allclose(map_.weights.sum(axis=-1), 1, atol=1e-6)


def test_a_difference_is_signed_and_over_the_same_words() -> None:
    one, other = random_attentions(6)[0]
    assert np.array_equal(difference(one, other), one - other)
    assert np.array_equal(difference(one, other), -difference(other, one))
    with pytest.raises(ValueError, match="same words"):
        difference(one, other[:5, :5])


def naive_summary(rows: list[list[float]], tokens: Tokens) -> dict[str, float]:
    """One head, key by key, in the words of the docstring."""
    count, seps = len(tokens), [place for place, field in enumerate(tokens.fields) if field < 0][1:]
    entropies = [-sum(p * np.log2(p) for p in row if p > 0) for row in rows]
    mean = {
        "entropy_bits": entropies,
        "entropy_share": [entropy / np.log2(count) for entropy in entropies],
        "to_cls": [row[0] for row in rows],
        "to_sep": [sum(row[sep] for sep in seps) for row in rows],
        "to_same": [rows[place][place] for place in range(count)],
        "to_previous": [rows[place][place - 1] for place in range(1, count)],
        "to_next": [rows[place][place + 1] for place in range(count - 1)],
        "distance_tokens": [sum(abs(q - k) * p for k, p in enumerate(row)) for q, row in enumerate(rows)],
    }
    texts = [place for place, field in enumerate(tokens.fields) if field >= 0]
    mean["within"] = [sum(rows[q][k] for k in texts if tokens.fields[k] == tokens.fields[q]) for q in texts]
    mean["across"] = [sum(rows[q][k] for k in texts if tokens.fields[k] != tokens.fields[q]) for q in texts]
    return {name: sum(values) / len(values) for name, values in mean.items()}


def test_the_summary_is_what_its_docstring_says(attentions: Array, tokens: Tokens) -> None:
    found = head_summary(attentions, tokens)
    for layer, head in np.ndindex(attentions.shape[:2]):
        for name, value in naive_summary(attentions[layer, head].astype(float).tolist(), tokens).items():
            values = getattr(found, name)
            if values is None:
                assert len(tokens.texts) == 1
                assert name in ("within", "across")
            else:
                assert values[layer, head] == pytest.approx(value, abs=1e-5)


def test_even_attention_has_the_greatest_entropy(tokens: Tokens) -> None:
    count = len(tokens)
    found = head_summary(np.full((1, 1, count, count), 1 / count, np.float32), tokens)
    assert found.entropy_bits == pytest.approx(np.log2(count), abs=1e-5)
    assert found.entropy_share == pytest.approx(1, abs=1e-6)
    for name in ("to_cls", "to_same", "to_previous", "to_next"):
        assert getattr(found, name) == pytest.approx(1 / count, abs=1e-6)
    assert found.to_sep == pytest.approx(len(tokens.texts) / count, abs=1e-6)


@pytest.mark.parametrize(("offset", "name", "distance"), [(0, "to_same", 0), (1, "to_next", 1), (-1, "to_previous", 1)])
def test_a_head_that_looks_at_one_place_is_found_out(tokens: Tokens, offset: int, name: str, distance: int) -> None:
    count = len(tokens)
    places = np.clip(np.arange(count) + offset, 0, count - 1)
    found = head_summary(np.eye(count, dtype=np.float32)[places][None, None], tokens)
    assert getattr(found, name) == 1
    assert found.entropy_bits == 0
    assert found.distance_tokens == pytest.approx(distance * (count - 1) / count)


def test_within_across_and_special_tokens_are_everything() -> None:
    """What the tokens of both texts give, to their own, to the other, and to [CLS] and [SEP], is all they have."""
    tokens = TOKENS["two texts"]
    attentions = random_attentions(len(tokens))
    found = head_summary(attentions, tokens)
    to_special_tokens = attentions[:, :, tokens.fields >= 0][..., tokens.fields < 0].sum(axis=-1).mean(axis=-1)
    np.testing.assert_allclose(found.within + found.across + to_special_tokens, 1, atol=1e-6)


@settings(max_examples=60)
@given(st.lists(st.floats(0, 1, width=32), min_size=1, max_size=9).filter(lambda row: sum(row) > 0))
def test_entropy_is_between_0_and_that_of_even_weights(weights: list[float]) -> None:
    row = np.array(weights, np.float32) / np.float32(sum(weights))
    assert -1e-6 <= entropy_bits(row) <= np.log2(len(row)) + 1e-5
    assert entropy_bits(row) == pytest.approx(-sum(p * np.log2(p) for p in row.tolist() if p > 0), abs=1e-5)


def test_pieces_of_a_word_are_neighbours(tiny_pairs: dict[str, Sides[Model]], cased_student: Model) -> None:
    """The word map rests on it."""
    for model in (tiny_pairs["entities"].teacher, cased_student):
        (tokens,) = tokenize(model, Example("entities", "Unforgettable Mary-Ann's ́ dogs, [MASK] Johnny."))
        places = [np.flatnonzero(tokens.word_ids == word) for word in set(tokens.word_ids.tolist()) - {-1}]
        assert all((np.diff(found) == 1).all() for found in places)


def test_the_typical_head_is_the_middle_one_whatever_the_farthest_does() -> None:
    assert typical_head(np.array([[1.0, 2.0], [3.0, 10.0]])) == 2.5
    assert typical_head(np.array([[1.0, 2.0], [3.0, 1000.0]])) == 2.5
