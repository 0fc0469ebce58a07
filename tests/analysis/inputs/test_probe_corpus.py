"""The probe corpus is what its readers count on: many sentences, none like another, fit for every model."""

import re
import unicodedata
from collections import Counter

import pytest

from analysis.inputs.probe_corpus import SENTENCES, probe_sentences

RUN = 5  # words in a row that may occur only once in the whole corpus


@pytest.fixture(scope="module")
def sentences() -> tuple[str, ...]:
    return probe_sentences()


def words(sentence: str) -> list[str]:
    return re.findall(r"\w+(?:['’]\w+)*", sentence.lower())


def runs(sentence: str) -> list[tuple[str, ...]]:
    spoken = words(sentence)
    return [tuple(spoken[start : start + RUN]) for start in range(len(spoken) - RUN + 1)]


def test_there_are_600_different_sentences(sentences: tuple[str, ...]) -> None:
    assert len(sentences) == len(set(sentences)) == 600


def test_each_has_5_to_40_words(sentences: tuple[str, ...]) -> None:
    assert not [sentence for sentence in sentences if not 5 <= len(sentence.split()) <= 40]


def test_no_five_words_in_a_row_occur_twice(sentences: tuple[str, ...]) -> None:
    counts = Counter(run for sentence in sentences for run in runs(sentence))
    assert counts
    assert not [" ".join(run) for run, count in counts.items() if count > 1]


def test_each_is_plain_text_and_a_whole_sentence(sentences: tuple[str, ...]) -> None:
    for sentence in sentences:
        assert re.fullmatch(r"[\x20-\x7e‘’“”–—…]+", sentence), sentence
        assert re.search(r"[.?!][\"”]?$", sentence), sentence
        assert sentence == " ".join(sentence.split()), "blanks at an end or two in a row"
        assert sentence == unicodedata.normalize("NFC", sentence)


def test_no_model_reads_a_special_token(sentences: tuple[str, ...]) -> None:
    assert not [sentence for sentence in sentences if re.search(r"\[(?:MASK|CLS|SEP|PAD|UNK)\]", sentence)]


def test_a_line_of_the_file_is_a_sentence(sentences: tuple[str, ...]) -> None:
    assert SENTENCES.read_bytes() == "".join(f"{sentence}\n" for sentence in sentences).encode()
