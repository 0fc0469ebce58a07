import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import example, given, settings
from transformers import PreTrainedTokenizerBase

from analysis.inputs.words import IDEOGRAPHS, words_of, words_of_all
from analysis.models.pairs import PAIRS
from tests.support.hostile import HOSTILE, TEXTS
from tests.support.tiny import tiny_tokenizer, tiny_vocabulary

few = settings(max_examples=120)


@pytest.fixture(scope="module")
def tokenizers() -> list[PreTrainedTokenizerBase]:
    """A lower-casing and a cased BERT tokenizer, and those of the embedded pair where it is installed."""
    from transformers import AutoTokenizer

    embedded = [side.source for sides in PAIRS["embedded"].checkpoints.values() for side in sides]
    tiny = [tiny_tokenizer("bert", tiny_vocabulary(lower_case=case), case, 64) for case in (True, False)]
    return tiny + [AutoTokenizer.from_pretrained(source) for source in embedded[:1]]


def hostile(test: Callable[..., None]) -> Callable[..., None]:
    for text in HOSTILE:
        test = example(text=text)(test)
    return few(given(text=TEXTS)(test))


def assert_every_token_within_one_word(tokenizer: PreTrainedTokenizerBase, texts: tuple[str, ...]) -> None:
    at = [[-1] * len(text) for text in texts]  # the word at each character
    for index, word in enumerate(words_of_all(texts)):
        at[word.field][word.start : word.end] = [index] * len(word.text)
    encoding = tokenizer(*texts, return_offsets_mapping=True, verbose=False)
    for field, (start, end) in zip(encoding.sequence_ids(), encoding["offset_mapping"], strict=True):
        if field is not None:
            touched = set(at[field][start:end])
            assert len(touched) == 1, f"{texts[field][start:end]!r} touches {len(touched)} words"
            assert touched != {-1}, f"{texts[field][start:end]!r} is in no word"


@hostile
def test_words_are_cut_from_the_text_in_order_and_apart(text: str) -> None:
    end = 0
    for word in words_of(text):
        assert text[word.start : word.end] == word.text
        assert end <= word.start < word.end
        end = word.end


@hostile
def test_every_visible_character_is_in_a_word(text: str) -> None:
    covered = {place for word in words_of(text) for place in range(word.start, word.end)}
    visible = {place for place, character in enumerate(text) if unicodedata.category(character)[0] not in "CZ"}
    assert visible <= covered


@hostile
def test_words_begin_and_end_with_visible_characters(text: str) -> None:
    ends = "".join(word.text[0] + word.text[-1] for word in words_of(text))
    assert not any(unicodedata.category(character) in ("Cc", "Co", "Zs", "Zl", "Zp") for character in ends)


@hostile
def test_every_token_lies_within_one_word(tokenizers: list[PreTrainedTokenizerBase], text: str) -> None:
    for tokenizer in tokenizers:
        assert_every_token_within_one_word(tokenizer, (text,))


@hostile
def test_every_token_of_a_second_text_lies_within_one_of_its_words(
    tokenizers: list[PreTrainedTokenizerBase], text: str
) -> None:
    for tokenizer in tokenizers:
        assert_every_token_within_one_word(tokenizer, ("Who? " + text[::-1], text))


def test_every_character_that_could_cut_a_word_or_be_one(tokenizers: list[PreTrainedTokenizerBase]) -> None:
    """Tokenizers and Python carry Unicode tables of different age, so no sample will do where signs are at home."""
    blocks = ((0, 0x3400), (0xA000, 0xAC00), (0xF900, 0x12000), (0x13400, 0x13460), (0x16A00, 0x17000))
    late_blocks = ((0x1B000, 0x1B300), (0x1BC00, 0x1BD00), (0x1D100, 0x1D200), (0x1DA00, 0x1DB00), (0x1E800, 0x1FB00))
    edges = [(edge - 2, edge + 3) for block in IDEOGRAPHS for edge in block]
    codes = [code for first, last in (*blocks, *late_blocks, *edges) for code in range(first, last)]
    text = "".join(f"b{character}d {character} " for character in map(chr, codes))
    for tokenizer in tokenizers:
        assert_every_token_within_one_word(tokenizer, (text,))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Don't panic, [MASK]!", ["Don", "'", "t", "panic", ",", "[MASK]", "!"]),
        ("[ MASK] [mask]", ["[", "MASK", "]", "[", "mask", "]"]),
        ("a[SEP]b", ["a", "[SEP]", "b"]),
        ("日本go", ["日", "本", "go"]),
        ("co\u00adop \u200b \u00ad", ["co\u00adop"]),
        ("\u202ecafe\u0301\u202c.", ["cafe\u0301", "."]),
        ("naïve cafe\u0301", ["naïve", "cafe\u0301"]),
        ("", []),
        (" \t\n\u3000", []),
    ],
)
def test_words_of(text: str, words: list[str]) -> None:
    assert [word.text for word in words_of(text)] == words


def test_words_of_two_texts_know_their_text() -> None:
    assert [(word.text, word.field) for word in words_of_all(("a b", "a"))] == [("a", 0), ("b", 0), ("a", 1)]
