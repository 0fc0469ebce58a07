from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import numpy as np
import pytest
from hypothesis import given, settings
from tokenizers import Tokenizer
from tokenizers.models import WordPiece

from analysis.arrays import Array
from analysis.errors import AnalysisError
from analysis.inputs.examples import Example
from analysis.inputs.words import words_of
from analysis.models.model import Model, load
from analysis.models.pairs import Checkpoint, Sides
from analysis.models.tokens import Tokens, tokenize
from analysis.models.windows import FEWEST_TOKENS, WINDOW_OVERLAP
from tests.support.checkpoint_folders import rewrite
from tests.support.hostile import HOSTILE, TEXTS
from tests.support.tiny import HEADS, tiny_checkpoint, tiny_vocabulary

PAIRED = ("question-answering", "sentence-pair")
AS_IT_IS = "PreTrainedTokenizerFast"  # BertTokenizer takes no more than the vocabulary from tokenizer.json
QUESTION = "who lives in paris?"


def context_of(window: Tokens) -> Array:
    return np.flatnonzero(window.fields == 1)


def long_context(words: int) -> str:
    return " ".join(f"mary{number} lives." for number in range(words))


@pytest.mark.parametrize("text", [text for text in HOSTILE if len(text) < 60])
def test_tokens_are_those_of_transformers(tiny_pair: Sides[Model], side: str, text: str) -> None:
    model = tiny_pair[side]
    texts = ("a cat", text) if model.task in PAIRED else (text,)
    (tokens,) = tokenize(model, Example(model.task, *texts))
    reference = model.tokenizer(*texts, return_token_type_ids=True, return_offsets_mapping=True)
    assert tokens.ids.tolist() == reference["input_ids"]
    assert tokens.segments.tolist() == reference["token_type_ids"]
    assert tokens.offsets.tolist() == [list(offset) for offset in reference["offset_mapping"]]
    assert list(tokens.pieces) == model.tokenizer.convert_ids_to_tokens(reference["input_ids"])
    assert [None if field < 0 else field for field in tokens.fields] == reference.sequence_ids()
    assert len(tokens) == len(tokens.pieces)


@settings(max_examples=80)
@given(first=TEXTS, second=TEXTS)
def test_every_token_knows_its_word(tiny_pairs: dict[str, Sides[Model]], first: str, second: str) -> None:
    model = tiny_pairs["question-answering"].student
    for tokens in tokenize(model, Example("question-answering", first[:20], second)):
        for field, word, (start, end) in zip(tokens.fields, tokens.word_ids, tokens.offsets, strict=True):
            if field == -1:
                assert word == -1
            else:
                assert tokens.words[word].field == field
                assert tokens.words[word].start <= start < end <= tokens.words[word].end


@pytest.mark.parametrize("text", [text for text in HOSTILE if len(text) < 60])
def test_a_cased_and_a_lower_casing_model_meet_on_the_same_words(
    tiny_pairs: dict[str, Sides[Model]], cased_student: Model, text: str
) -> None:
    example = Example("entities", text)
    ((lower,), (cased,)) = (tokenize(model, example) for model in (tiny_pairs["entities"].teacher, cased_student))
    assert lower.words == cased.words == words_of(text)
    for tokens in (lower, cased):
        assert [word for word in tokens.word_ids if word >= 0] == sorted(word for word in tokens.word_ids if word >= 0)
    plain = {index for index, word in enumerate(lower.words) if word.text.isascii()}
    assert plain <= set(lower.word_ids) & set(cased.word_ids)


def test_arrays_are_read_only(tiny_pair: Sides[Model]) -> None:
    texts = ("a cat", "a dog") if tiny_pair.teacher.task in PAIRED else ("a cat",)
    (tokens,) = tokenize(tiny_pair.teacher, Example(tiny_pair.teacher.task, *texts))
    for name in ("ids", "offsets", "fields", "segments", "word_ids"):
        with pytest.raises(ValueError, match="read-only"):
            getattr(tokens, name)[...] = 0


@pytest.mark.parametrize("task", [task for task in HEADS if task != "question-answering"])
def test_a_text_is_read_at_once_up_to_the_models_length(
    tiny_pairs: dict[str, Sides[Model]], side: str, task: str
) -> None:
    model = tiny_pairs[task][side]
    texts = (" ".join(["cat"] * 31), " ".join(["dog"] * 30)) if task in PAIRED else (" ".join(["cat"] * 62),)
    (tokens,) = tokenize(model, Example(task, *texts))
    assert len(tokens) == model.max_tokens == 64
    longer = Example(task, texts[0] + " cat", *texts[1:])
    if task == "fill-mask":  # each mask is filled from all of the text
        with pytest.raises(AnalysisError, match=r"The text has 65 tokens; .* reads at most 64\. Shorten it\."):
            tokenize(model, longer)
    else:
        assert [window.stretch is not None for window in tokenize(model, longer)] == [True, True]


def test_a_text_that_fits_after_a_long_context_was_windowed_is_not_cut(tiny_pairs: dict[str, Sides[Model]]) -> None:
    """Truncation is a setting of the tokenizer that one call could leave behind for the next."""
    model = tiny_pairs["question-answering"].teacher
    tokenize(model, Example("question-answering", QUESTION, long_context(50)))
    assert len(model.tokenizer(long_context(50), verbose=False)["input_ids"]) > model.max_tokens


def test_a_context_that_fits_is_one_window_and_equals_the_plain_call(
    tiny_pairs: dict[str, Sides[Model]], side: str
) -> None:
    model = tiny_pairs["question-answering"][side]
    texts = QUESTION, " ".join(["cat"] * 56)
    (window,) = tokenize(model, Example("question-answering", *texts))
    assert len(window) == model.max_tokens
    assert window.ids.tolist() == model.tokenizer(*texts)["input_ids"]


@pytest.mark.parametrize("words", [57, 80, 200])
def test_windows_hold_the_whole_context_and_overlap_as_stated(
    tiny_pairs: dict[str, Sides[Model]], side: str, words: int
) -> None:
    model = tiny_pairs["question-answering"][side]
    context = long_context(words)
    windows = tokenize(model, Example("question-answering", QUESTION, context))
    whole = model.tokenizer(context, add_special_tokens=False, return_offsets_mapping=True, verbose=False)
    room = model.max_tokens - len(model.tokenizer(QUESTION)["input_ids"]) - 1
    overlap = min(WINDOW_OVERLAP, room // 2)
    begin = 0
    assert len(windows) > 1
    for window in windows:
        places = context_of(window)
        assert len(window) <= model.max_tokens
        assert window.ids[places].tolist() == whole["input_ids"][begin : begin + len(places)]
        assert [tuple(offset) for offset in window.offsets[places]] == whole["offset_mapping"][begin:][: len(places)]
        assert window.texts == (QUESTION, context)
        end, begin = begin + len(places), begin + len(places) - overlap
    assert end == len(whole["input_ids"])


def test_windows_of_a_full_size_model_overlap_by_128_tokens() -> None:
    assert WINDOW_OVERLAP == 128 <= (512 - 64) // 2


def test_the_longest_question_leaves_room_for_an_answer_and_one_more_word_is_refused(
    tiny_pairs: dict[str, Sides[Model]], side: str
) -> None:
    model = tiny_pairs["question-answering"][side]
    longest = model.max_tokens - FEWEST_TOKENS - 3  # [CLS] and twice [SEP]
    windows = tokenize(model, Example("question-answering", " ".join(["cat"] * longest), long_context(5)))
    assert max(len(context_of(window)) for window in windows) == FEWEST_TOKENS
    with pytest.raises(AnalysisError, match=rf"The question has {longest + 1} tokens; .* at most 64 .* Shorten the"):
        tokenize(model, Example("question-answering", " ".join(["cat"] * (longest + 1)), "a dog"))


def with_part(folder: Path, part: dict[str, Any]) -> Model:
    """A tiny model whose tokenizer.json has something else under these keys, and is read as it is."""
    tiny_checkpoint(folder, "bert", "sentiment")
    rewrite(folder / "tokenizer.json", **part)
    rewrite(folder / "tokenizer_config.json", tokenizer_class=AS_IT_IS)
    return load(Checkpoint(str(folder), "bert"), "sentiment")


def test_a_segment_that_the_model_does_not_know_is_refused(tmp_path: Path) -> None:
    ends = [{"SpecialToken": {"id": text, "type_id": 0}} for text in ("[CLS]", "[SEP]")]
    first, second = ({"Sequence": {"id": text, "type_id": 2}} for text in "AB")
    special = {text: {"id": text, "ids": [at], "tokens": [text]} for text, at in (("[CLS]", 2), ("[SEP]", 3))}
    written = {"single": [ends[0], first, ends[1]], "pair": [ends[0], first, ends[1], second, ends[1]]}
    processor = {"type": "TemplateProcessing", "special_tokens": special, **written}
    model = with_part(tmp_path, {"post_processor": processor})
    with pytest.raises(AnalysisError, match="makes tokens that its model does not know"):
        tokenize(model, Example("sentiment", "the old film"))


def test_a_piece_that_the_model_does_not_know_is_refused(tmp_path: Path) -> None:
    model = with_part(tmp_path, {})
    (tokens,) = tokenize(model, Example("sentiment", "the old film"))
    model.network.config.vocab_size = int(tokens.ids.max())
    with pytest.raises(AnalysisError, match="makes tokens that its model does not know"):
        tokenize(model, Example("sentiment", "the old film"))


class PanicException(BaseException):
    """What gives up in Rust is called so in Python, and no `Exception`."""


@pytest.mark.parametrize("raised", [Exception("WordPiece error"), PanicException()])
def test_a_text_that_the_tokenizers_library_gives_up_on_is_one_sentence(
    raised: BaseException, tiny_pairs: dict[str, Sides[Model]]
) -> None:
    model = replace(tiny_pairs["sentiment"].teacher, tokenizer=Mock(side_effect=raised))
    with pytest.raises(AnalysisError, match="cannot read this text"):
        tokenize(model, Example("sentiment", "the old film"))


def test_fact_a_tokenizer_without_its_unknown_piece_raises_a_bare_exception() -> None:
    words = {word: number for number, word in enumerate(tiny_vocabulary(lower_case=True)) if word != "[UNK]"}
    with pytest.raises(Exception, match="UNK") as caught:
        Tokenizer(WordPiece(words, unk_token="[UNK]")).encode("漢")
    assert type(caught.value) is Exception


def test_mistakes_of_ours_are_not_told_as_the_tokenizers(tiny_pairs: dict[str, Sides[Model]]) -> None:
    model = replace(tiny_pairs["sentiment"].teacher, tokenizer=Mock(side_effect=ValueError("ours")))
    with pytest.raises(ValueError, match="ours"):
        tokenize(model, Example("sentiment", "the old film"))
