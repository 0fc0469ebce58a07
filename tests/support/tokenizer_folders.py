"""Folders with nothing but a tokenizer, and how it is read or refused."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import transformers

from analysis.models.tokenizer_files import read_tokenizer
from tests.support.checkpoint_folders import LOWER, one_sentence, word_list
from tests.support.tiny import tiny_tokenizer

CONFIG = transformers.BertConfig()
GERMAN = [*LOWER, "für", "über", "grün", "früh", "##ü", "fur", "uber"]


def saved(folder: Path, pieces: Sequence[str] = LOWER) -> Path:
    """The folder, now with tokenizer.json and tokenizer_config.json of a lower-casing BERT of these pieces."""
    tiny_tokenizer("bert", pieces, True, 64).save_pretrained(folder)
    return folder


def words_alone(folder: Path, pieces: Sequence[str], **options: Any) -> Path:
    """The folder, now with vocab.txt, and with tokenizer_config.json if it says anything."""
    folder.mkdir(parents=True, exist_ok=True)
    word_list(folder, pieces)
    if options:
        (folder / "tokenizer_config.json").write_text(json.dumps(options), encoding="utf-8")
    return folder


def pieces(folder: Path, *texts: str) -> list[str]:
    """The pieces in which the folder's tokenizer reads these texts."""
    tokenizer = read_tokenizer("This one", folder, CONFIG)
    return list(tokenizer.convert_ids_to_tokens(tokenizer(*texts)["input_ids"]))


def refusal(folder: Path) -> str:
    """The sentence in which the folder's tokenizer is refused."""
    told = one_sentence(lambda: read_tokenizer("This one", folder, CONFIG))
    assert "This one" in told
    return told
