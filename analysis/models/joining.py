"""Which tokenizers can make one token of several words: of “new york”, added as a whole, or where no word is cut."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from analysis.inputs.words import words_of

MORE_SPECIAL = ("additional_special_tokens", "extra_special_tokens")


def may_join_words(folder: Path) -> bool:
    """Whether the tokenizer of that folder may, as far as its files say; they are checked when it is read."""
    whole, options, added, named = (
        _settings(folder / file)
        for file in ("tokenizer.json", "tokenizer_config.json", "added_tokens.json", "special_tokens_map.json")
    )
    texts = (*added, *_contents(whole.get("added_tokens")), *_contents(options.get("added_tokens_decoder")))
    special = (text for source in (options, named) for key in MORE_SPECIAL for text in _contents(source.get(key)))
    return not _cuts_as_bert(whole, options) or any(len(words_of(text)) > 1 for text in (*texts, *special))


def _cuts_as_bert(whole: dict[str, Any], options: dict[str, Any]) -> bool:
    """Whether words are cut as `words_of` does; vocab.txt alone is read so, but for what an option may say."""
    if not whole:
        return options.get("tokenize_chinese_chars") is not False
    normaliser, cutter = (whole.get(part) or {} for part in ("normalizer", "pre_tokenizer"))
    return (
        isinstance(normaliser, dict)
        and isinstance(cutter, dict)
        and (normaliser.get("type"), cutter.get("type")) == ("BertNormalizer", "BertPreTokenizer")
        and normaliser.get("handle_chinese_chars") is True
    )


def _contents(tokens: Any) -> Iterator[str]:
    """The texts of tokens in a list or by name or number, each a text or a table with its `content`."""
    listed = tokens.values() if isinstance(tokens, dict) else tokens if isinstance(tokens, list) else ()
    for token in listed:
        text = token.get("content") if isinstance(token, dict) else token
        if isinstance(text, str):
            yield text


def _settings(path: Path) -> dict[str, Any]:
    """What a file of settings holds; nothing where it is not there or damaged, which is said when it is read."""
    try:
        settings = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return settings if isinstance(settings, dict) else {}
