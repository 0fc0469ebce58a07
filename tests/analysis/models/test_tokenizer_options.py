"""What the files beside a vocabulary say is done: how texts are read, and what special tokens are called."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import transformers

from analysis.models.tokenizer_files import read_tokenizer
from tests.support.checkpoint_folders import CASED, LOWER, rewrite
from tests.support.tiny import SPECIAL_TOKENS
from tests.support.tokenizer_folders import CONFIG, GERMAN, pieces, refusal, saved, words_alone


@pytest.mark.parametrize(
    ("words", "options", "text", "expected"),
    [
        (CASED, {}, "Paris", ["Paris"]),
        (LOWER, {}, "Paris", ["paris"]),
        (CASED, {"do_lower_case": True}, "Paris", ["paris"]),  # the file has the last word
        (LOWER, {"do_lower_case": False}, "Paris", ["[UNK]"]),
        (CASED, {"model_max_length": 64}, "Paris", ["Paris"]),  # a file that does not say
        (GERMAN, {}, "Für", ["für"]),
        (GERMAN, {"do_lower_case": True}, "Für", ["fur"]),
        (GERMAN, {"do_lower_case": True, "strip_accents": False}, "Für", ["für"]),
        (["中中", *LOWER], {}, "中中", ["[UNK]", "[UNK]"]),
        (["中中", *LOWER], {"tokenize_chinese_chars": False}, "中中", ["中中"]),
    ],
)
def test_a_word_list_is_read_as_its_pieces_or_its_options_say(
    words: list[str], options: dict[str, Any], text: str, expected: list[str], tmp_path: Path
) -> None:
    assert pieces(words_alone(tmp_path, words, **options), text) == ["[CLS]", *expected, "[SEP]"]


def test_capitals_in_one_piece_of_hundreds_tell_nothing(tmp_path: Path) -> None:
    words = [*LOWER, *(f"word{number}" for number in range(300)), "COVID"]
    assert "such as “COVID”" in refusal(words_alone(tmp_path / "none", words))
    assert pieces(words_alone(tmp_path / "said", words, do_lower_case=False), "COVID")[1] == "COVID"


def test_the_embedded_and_any_other_lower_case_list_are_as_bert_reads_them(tmp_path: Path) -> None:
    own = pieces(words_alone(tmp_path, LOWER), "The FILM, in París!", "new")
    reference = transformers.BertTokenizer(vocab={piece: number for number, piece in enumerate(LOWER)})
    assert own == reference.convert_ids_to_tokens(reference("The FILM, in París!", "new")["input_ids"])


@pytest.mark.parametrize(
    ("option", "value"), [("do_lower_case", False), ("strip_accents", False), ("tokenize_chinese_chars", False)]
)
def test_files_that_contradict_each_other_are_refused(option: str, value: bool, tmp_path: Path) -> None:
    rewrite(saved(tmp_path) / "tokenizer_config.json", **{option: value})
    assert f"set {option} in tokenizer_config.json" in refusal(tmp_path)


@pytest.mark.parametrize("alone", [True, False])
def test_a_role_that_no_file_names_has_berts_own_token(alone: bool, tmp_path: Path) -> None:
    nobody = dict.fromkeys(("cls_token", "sep_token", "pad_token", "mask_token", "unk_token"))
    folder = words_alone(tmp_path, LOWER, **nobody) if alone else saved(tmp_path)
    if not alone:
        (folder / "tokenizer_config.json").unlink()
    tokenizer = read_tokenizer("This one", folder, CONFIG)
    own = [tokenizer.pad_token, tokenizer.unk_token, tokenizer.cls_token, tokenizer.sep_token, tokenizer.mask_token]
    assert own == list(SPECIAL_TOKENS)
    assert tokenizer("[MASK]")["input_ids"] == [LOWER.index(piece) for piece in ("[CLS]", "[MASK]", "[SEP]")]


def test_special_tokens_may_have_other_names_and_only_one_each(tmp_path: Path) -> None:
    words = ["<s>" if piece == "[CLS]" else piece for piece in LOWER]
    named = {"cls_token": {"content": "<s>", "lstrip": False}}
    assert pieces(words_alone(tmp_path, words, **named), "the dog") == ["<s>", "the", "dog", "[SEP]"]
    (tmp_path / "special_tokens_map.json").write_text('{"cls_token": "[PAD]"}', encoding="utf-8")
    assert "has more than one name for its cls_token (“<s>”, “[PAD]”)" in refusal(tmp_path)


NAMED: dict[str, Callable[[int], tuple[str, dict[str, Any]]]] = {
    "decoder": lambda number: (
        "tokenizer_config.json",
        {"added_tokens_decoder": {str(number): {"content": "[E1]", "normalized": False, "special": True}}},
    ),
    "list": lambda number: ("added_tokens.json", {"[E1]": number}),
    "special": lambda number: ("special_tokens_map.json", {"additional_special_tokens": ["[E1]"]}),
    "extra": lambda number: ("tokenizer_config.json", {"extra_special_tokens": {"first": "[E1]"}}),
}


@pytest.mark.parametrize("named", NAMED)
@pytest.mark.parametrize("alone", [True, False])
@pytest.mark.parametrize("present", [True, False])
def test_a_token_that_another_file_adds_is_one_token(named: str, alone: bool, present: bool, tmp_path: Path) -> None:
    words = [*LOWER, "[E1]"] if present else LOWER
    folder = words_alone(tmp_path, words) if alone else saved(tmp_path, words)
    file, content = NAMED[named](len(LOWER))
    before = json.loads((folder / file).read_text(encoding="utf-8")) if (folder / file).is_file() else {}
    (folder / file).write_text(json.dumps(before | content), encoding="utf-8")
    tokenizer = read_tokenizer("This one", folder, CONFIG)
    assert tokenizer("the [E1] dog", add_special_tokens=False)["input_ids"] == [
        LOWER.index("the"),
        len(LOWER),
        LOWER.index("dog"),
    ]


def test_a_token_with_two_numbers_is_refused(tmp_path: Path) -> None:
    (saved(tmp_path) / "added_tokens.json").write_text('{"dog": 3}', encoding="utf-8")
    assert "numbers its token “dog” otherwise" in refusal(tmp_path)
