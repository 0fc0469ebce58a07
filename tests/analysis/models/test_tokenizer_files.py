"""The tokenizer is the file's, whole: texts are read as the file reads them, or one sentence says why not.

Everything is held against the tokenizers library's own reading of the file.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from analysis.errors import AnalysisError
from analysis.inputs.examples import Example
from analysis.models.model import load
from analysis.models.pairs import Checkpoint
from analysis.models.tokenizer_files import read_tokenizer
from analysis.models.tokens import tokenize
from tests.support.checkpoint_folders import LOWER, rewrite
from tests.support.tiny import SPECIAL_TOKENS, tiny_checkpoint
from tests.support.tokenizer_folders import CONFIG, GERMAN, pieces, refusal, saved, words_alone


@pytest.mark.parametrize("kind", ["BertJapaneseTokenizer", "GPT2Tokenizer"])
def test_a_word_list_for_another_kind_of_tokenizer_is_refused(kind: str, tmp_path: Path) -> None:
    assert "choose one with a tokenizer.json" in refusal(words_alone(tmp_path, LOWER, tokenizer_class=kind))


def test_a_word_list_that_is_not_to_be_cut_at_punctuation_is_refused(tmp_path: Path) -> None:
    assert "cuts no words" in refusal(words_alone(tmp_path, LOWER, do_basic_tokenize=False))


BERT = {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True, "strip_accents": None}
NORMALISERS: dict[str, Any] = {
    "lower": BERT | {"lowercase": True},
    "accents": BERT | {"lowercase": True, "strip_accents": False},
    "cased": BERT | {"lowercase": False},
    "chinese": BERT | {"lowercase": True, "handle_chinese_chars": False},
    "sequence": {"type": "Sequence", "normalizers": [{"type": "NFC"}, {"type": "Lowercase"}]},
    "replaced": {
        "type": "Sequence",
        "normalizers": [{"type": "Replace", "pattern": {"String": "dog"}, "content": "cat"}, {"type": "Lowercase"}],
    },
    "none": None,
}
CUTTERS: dict[str, Any] = {
    "bert": {"type": "BertPreTokenizer"},
    "spaces": {"type": "WhitespaceSplit"},
    "words": {"type": "Whitespace"},
    "digits": {
        "type": "Sequence",
        "pretokenizers": [{"type": "BertPreTokenizer"}, {"type": "Digits", "individual_digits": True}],
    },
    "none": None,
}


def template(*parts: tuple[str, int]) -> list[dict[str, Any]]:
    kinds = {"A": "Sequence", "B": "Sequence"}
    return [{kinds.get(part, "SpecialToken"): {"id": part, "type_id": segment}} for part, segment in parts]


def processor(single: list[dict[str, Any]], pair: list[dict[str, Any]]) -> dict[str, Any]:
    special = {text: {"id": text, "ids": [LOWER.index(text)], "tokens": [text]} for text in ("[CLS]", "[SEP]")}
    return {"type": "TemplateProcessing", "single": single, "pair": pair, "special_tokens": special}


SINGLE = template(("[CLS]", 0), ("A", 0), ("[SEP]", 0))
PAIR = template(("[CLS]", 0), ("A", 0), ("[SEP]", 0), ("B", 1), ("[SEP]", 1))
ENDS: dict[str, Any] = {
    "bert": processor(SINGLE, PAIR),
    "one segment": processor(SINGLE, template(("[CLS]", 0), ("A", 0), ("[SEP]", 0), ("B", 0), ("[SEP]", 0))),
    "old": {"type": "BertProcessing", "sep": ["[SEP]", LOWER.index("[SEP]")], "cls": ["[CLS]", LOWER.index("[CLS]")]},
    "none": None,
    "no end": processor(template(("[CLS]", 0), ("A", 0)), PAIR),
    "no start": processor(SINGLE, template(("A", 0), ("[SEP]", 0), ("B", 1), ("[SEP]", 1))),
    "other way round": processor(SINGLE, template(("[CLS]", 0), ("B", 0), ("[SEP]", 0), ("A", 1), ("[SEP]", 1))),
    "not in between": processor(SINGLE, template(("[CLS]", 0), ("A", 0), ("B", 1), ("[SEP]", 1))),
    "swapped": {
        "type": "BertProcessing",
        "sep": ["[CLS]", LOWER.index("[CLS]")],
        "cls": ["[SEP]", LOWER.index("[SEP]")],
    },
}
WHOLE_ENDS = ("bert", "one segment", "old")
CUT = {"direction": "Left", "max_length": 4, "strategy": "LongestFirst", "stride": 0}
FILLED = {
    "strategy": {"Fixed": 40},
    "direction": "Left",
    "pad_to_multiple_of": None,
    "pad_id": 0,
    "pad_type_id": 0,
    "pad_token": "[PAD]",
}
TEXTS = st.lists(
    st.sampled_from(["the", "Film", "für", "dog", "中中", "don't", "...", "1932", "[MASK]", "é", "Paris,"]), min_size=1
).map(" ".join)


@settings(max_examples=60)
@given(
    normaliser=st.sampled_from(list(NORMALISERS)),
    cutter=st.sampled_from(list(CUTTERS)),
    ends=st.sampled_from(list(ENDS)),
    truncation=st.sampled_from([None, CUT]),
    padding=st.sampled_from([None, FILLED]),
    options=st.fixed_dictionaries(
        {},
        optional={
            "do_lower_case": st.booleans(),
            "strip_accents": st.sampled_from([None, True, False]),
            "tokenize_chinese_chars": st.booleans(),
            "tokenizer_class": st.sampled_from(["BertTokenizer", "DistilBertTokenizerFast", "PreTrainedTokenizerFast"]),
            "truncation_side": st.sampled_from(["left", "right"]),
            "split_special_tokens": st.booleans(),
        },
    ),
    texts=st.lists(TEXTS, min_size=1, max_size=2),
)
def test_what_is_read_is_what_the_file_reads_or_it_is_refused(
    tmp_path_factory: pytest.TempPathFactory,
    normaliser: str,
    cutter: str,
    ends: str,
    truncation: Any,
    padding: Any,
    options: dict[str, Any],
    texts: list[str],
) -> None:
    folder = saved(tmp_path_factory.mktemp("sibling"), GERMAN)
    own = {"normalizer": NORMALISERS[normaliser], "pre_tokenizer": CUTTERS[cutter], "post_processor": ENDS[ends]}
    rewrite(folder / "tokenizer.json", **own, truncation=None, padding=None)
    reference = Tokenizer.from_file(str(folder / "tokenizer.json")).encode(*texts)
    rewrite(folder / "tokenizer.json", truncation=truncation, padding=padding)
    (folder / "tokenizer_config.json").write_text(json.dumps(options), encoding="utf-8")
    try:
        tokenizer = read_tokenizer("This one", folder, CONFIG)
    except AnalysisError as error:
        said = options.keys() & {"do_lower_case", "strip_accents", "tokenize_chinese_chars"}
        assert ends not in WHOLE_ENDS or ("in one of its files and not in another" in str(error) and said)
        return
    encoding = tokenizer(*texts, return_token_type_ids=True, return_offsets_mapping=True)
    assert ends in WHOLE_ENDS
    assert encoding["input_ids"] == reference.ids
    assert encoding["token_type_ids"] == reference.type_ids
    assert encoding["offset_mapping"] == reference.offsets
    assert encoding.sequence_ids() == reference.sequence_ids


@pytest.mark.parametrize(
    ("normaliser", "text", "expected"),
    [
        ("accents", "FÜR", ["für"]),
        ("lower", "FÜR", ["fur"]),
        ("chinese", "中中", ["[UNK]"]),
        ("lower", "中中", ["[UNK]", "[UNK]"]),
        ("replaced", "dog", ["cat"]),
    ],
)
def test_the_normaliser_is_the_files(normaliser: str, text: str, expected: list[str], tmp_path: Path) -> None:
    """Of which transformers' BertTokenizer takes no notice."""
    rewrite(saved(tmp_path, GERMAN) / "tokenizer.json", normalizer=NORMALISERS[normaliser])
    rewrite(tmp_path / "tokenizer_config.json", tokenize_chinese_chars=None)
    assert pieces(tmp_path, text) == ["[CLS]", *expected, "[SEP]"]


@pytest.mark.parametrize("ends", [ends for ends in ENDS if ends not in WHOLE_ENDS])
def test_a_tokenizer_that_does_not_write_the_ends_of_texts_is_refused(ends: str, tmp_path: Path) -> None:
    rewrite(saved(tmp_path) / "tokenizer.json", post_processor=ENDS[ends])
    assert "does not write [CLS] before a text and [SEP] after it" in refusal(tmp_path)


def test_a_truncation_to_the_left_leaves_windows_in_their_order(tmp_path: Path) -> None:
    folder = tiny_checkpoint(tmp_path, "bert", "question-answering")
    context = " ".join(f"mary{number} lives." for number in range(60))
    example = Example("question-answering", "who lives?", context)
    before = tokenize(load(Checkpoint(str(folder), "bert"), example.task), example)
    rewrite(folder / "tokenizer.json", truncation=CUT)
    rewrite(folder / "tokenizer_config.json", truncation_side="left", padding_side="left")
    after = tokenize(load(Checkpoint(str(folder), "bert"), example.task), example)
    assert [window.ids.tolist() for window in after] == [window.ids.tolist() for window in before]
    assert len(after) > 1


@pytest.mark.parametrize("missing", SPECIAL_TOKENS)
@pytest.mark.parametrize("alone", [True, False])
def test_a_vocabulary_without_a_special_token_is_refused(missing: str, alone: bool, tmp_path: Path) -> None:
    words = [piece for piece in LOWER if piece != missing]
    folder = words_alone(tmp_path, words) if alone else saved(tmp_path)
    if not alone:
        content = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
        content["added_tokens"] = [token for token in content["added_tokens"] if token["content"] != missing]
        del content["model"]["vocab"][missing]
        content["post_processor"] = None
        (folder / "tokenizer.json").write_text(json.dumps(content), encoding="utf-8")
    assert f"has no {missing}" in refusal(folder)


def test_a_mask_that_takes_the_space_before_it_along_is_its_own_word(tmp_path: Path) -> None:
    folder = tiny_checkpoint(tmp_path, "bert", "fill-mask")
    added = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))["added_tokens"]
    rewrite(folder / "tokenizer.json", added_tokens=[token | {"lstrip": True} for token in added])
    (tokens,) = tokenize(load(Checkpoint(str(folder), "bert"), "fill-mask"), Example("fill-mask", "the [MASK] dog"))
    assert tokens.word_ids.tolist() == [-1, 0, 1, 2, -1]
