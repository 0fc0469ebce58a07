"""Windows of a long text: whole words, the same for both models, each within what either reads, nothing left out."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import AnalysisError
from analysis.inputs.examples import Example
from analysis.inputs.words import Word, words_of_all
from analysis.models.model import Model, load
from analysis.models.pairs import Sides, own_pair
from analysis.models.tokens import tokenize
from analysis.models.windows import FEWEST_TOKENS, WINDOW_OVERLAP, Reader, stretches
from tests.support.tiny import tiny_checkpoint, tiny_tokenizer, tiny_vocabulary

WORDS = st.lists(st.integers(0, 6), min_size=1, max_size=200)


def words_numbered(count: int, field: int = 0) -> list[Word]:
    return [Word("x", 2 * place, 2 * place + 1, field) for place in range(count)]


@given(WORDS, st.data(), st.integers(7, 60), st.integers(7, 60))
def test_stretches_cover_the_text_and_fit_both_readers(
    tokens: list[int], data: st.DataObject, most: int, other_most: int
) -> None:
    others = data.draw(st.lists(st.integers(0, 6), min_size=len(tokens), max_size=len(tokens)))
    readers = [Reader("a", np.array(tokens), 1, most), Reader("b", np.array(others), 0, other_most)]
    found = stretches(words_numbered(len(tokens)), readers)
    assert found[0][0] == 0
    assert found[-1][1] == len(tokens)

    def fits(first: int, behind: int) -> bool:
        return all(reader.tokens[first:behind].sum() + reader.added <= reader.most for reader in readers)

    for first, behind in found:
        assert first < behind
        assert fits(first, behind)
        assert behind == len(tokens) or not fits(first, behind + 1)  # no smaller than it has to be
    for (first, behind), (following, end) in pairwise(found):
        assert first < following <= behind < end  # no gap, and each says more than the one before
        for reader in readers:
            shared = reader.tokens[following:behind].sum()
            assert shared <= min(WINDOW_OVERLAP, (reader.most - reader.added) // 2)


@given(WORDS.filter(sum))
def test_two_readers_that_read_alike_are_one(tokens: list[int]) -> None:
    reader, words = Reader("a", np.array(tokens), 2, 20), words_numbered(len(tokens))
    assert stretches(words, [reader]) == stretches(words, [reader, reader])


def test_before_a_long_word_neighbours_share_less() -> None:
    """The overlap of 3 tokens would leave no room for the word of 6, and the second window would say nothing new."""
    assert stretches(words_numbered(3), [Reader("a", np.array([3, 3, 6]), 0, 6)]) == ((0, 2), (2, 3))


def test_neighbours_share_as_much_as_is_stated() -> None:
    reader = Reader("a", np.ones(2000, dtype=int), 2, 512)
    found = stretches(words_numbered(2000), [reader])
    assert [behind - following for (_, behind), (following, _) in pairwise(found)] == [WINDOW_OVERLAP] * (
        len(found) - 1
    )
    short = Reader("b", np.ones(2000, dtype=int), 2, 64)
    found = stretches(words_numbered(2000), [reader, short])
    assert {behind - following for (_, behind), (following, _) in pairwise(found)} == {31}  # half of 62


@pytest.mark.parametrize(("first", "second", "long"), [(40, 10, 0), (10, 40, 1), (25, 25, 1)])
def test_the_longer_of_two_texts_is_read_in_windows_with_all_of_the_other(first: int, second: int, long: int) -> None:
    words = [*words_numbered(first), *words_numbered(second, field=1)]
    found = stretches(words, [Reader("a", np.ones(len(words), dtype=int), 3, 40)])
    assert {words[place].field for ends in found for place in range(*ends)} == {long}
    kept = min(first, second)
    assert max(behind - start for start, behind in found) == 40 - 3 - kept


def test_two_long_texts_and_one_endless_word_are_refused() -> None:
    words = [*words_numbered(40), *words_numbered(60, field=1)]
    most = 3 + 40 + FEWEST_TOKENS
    assert stretches(words, [Reader("a", np.ones(100, dtype=int), 3, most)])
    with pytest.raises(AnalysisError, match=r"The shorter text has 40 tokens; a reads at most 50 together with"):
        stretches(words, [Reader("a", np.ones(100, dtype=int), 3, most - 1)])
    with pytest.raises(AnalysisError, match=r"The word “x” has 30 tokens; a has room for 18\. Shorten it\."):
        stretches(words_numbered(3), [Reader("a", np.array([1, 30, 1]), 2, 20)])


# -- texts, and models that read otherwise --------------------------------------------------------------------------

LONG = "The unlovely film of mary42 was Great, and New York isn't dull. " * 12


@pytest.fixture(scope="module")
def unlike(tmp_path_factory: pytest.TempPathFactory) -> Sides[Model]:
    """A lower-casing teacher of 64 tokens and a cased student of 40."""
    root = tmp_path_factory.mktemp("unlike")
    tiny_checkpoint(root / "bert", "bert", "sentiment")
    tiny_checkpoint(root / "distilbert", "distilbert", "sentiment", lower_case=False, max_positions=40)
    sides = own_pair("sentiment", str(root / "bert"), str(root / "distilbert")).sides("sentiment")
    return sides.map(lambda checkpoint: load(checkpoint, "sentiment"))


def test_models_that_read_otherwise_read_the_same_stretches(unlike: Sides[Model]) -> None:
    windows = unlike.map(lambda model: tokenize(model, Example("sentiment", LONG)))
    read = windows.map(lambda of_one: [window.stretch for window in of_one])
    assert read.teacher == read.student
    assert len(read.teacher) > 1
    assert max(map(len, windows.student)) <= 40
    for model, of_one in zip(unlike, windows, strict=True):
        for window in of_one:
            assert window.stretch is not None
            own = window.words[slice(*window.stretch)]
            alone = model.tokenizer(LONG[own[0].start : own[-1].end])  # the text of the stretch, by itself
            assert window.ids.tolist() == alone["input_ids"]


def test_what_one_of_both_cannot_read_at_once_both_read_in_windows(unlike: Sides[Model]) -> None:
    text = "the old film " * 15  # 45 words: the teacher could
    counts = unlike.map(lambda model: len(tokenize(model, Example("sentiment", text))))
    assert counts.teacher == counts.student == 2


OTHERS = {"same": 64, "short": 40, "shorter": 32}  # checkpoints with as many positions


def test_the_answers_of_a_pair_depend_on_how_much_the_other_reads(tmp_path: Path) -> None:
    for name, positions in {"bert": 64, **OTHERS}.items():
        tiny_checkpoint(tmp_path / name, "bert", "sentiment", max_positions=positions)
        tiny_tokenizer("bert", tiny_vocabulary(lower_case=True), True, 512).save_pretrained(tmp_path / name)
    pairs = {name: own_pair("sentiment", *(str(tmp_path / each) for each in ("bert", name))) for name in OTHERS}
    beside = {name: load(pair.sides("sentiment").teacher, "sentiment") for name, pair in pairs.items()}
    assert beside["same"].beside is None
    assert len({model.fingerprint for model in beside.values()}) == 3
    assert len(tokenize(beside["same"], Example("sentiment", "cat " * 50))) == 1
    assert len(tokenize(beside["short"], Example("sentiment", "cat " * 50))) == 2


@given(st.text(max_size=40), st.integers(1, 30))
def test_any_text_is_read_in_windows_or_refused(tiny_pairs: dict[str, Sides[Model]], part: str, times: int) -> None:
    example = Example("entities", f"{part} the " * times)
    try:
        windows = tiny_pairs["entities"].map(lambda model: tokenize(model, example))
    except AnalysisError:
        return
    for of_one in windows:
        assert all(len(window) <= 64 for window in of_one)
        held = {place for window in of_one for place in window.word_ids.tolist()} - {-1}
        assert held <= set(range(len(words_of_all(example.texts))))
        assert len(of_one) == 1 or set().union(*(range(*w.stretch) for w in of_one if w.stretch)) == set(
            range(len(of_one[0].words))
        )
    assert [w.stretch for w in windows.teacher] == [w.stretch for w in windows.student]
