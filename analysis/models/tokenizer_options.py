"""What the files beside a tokenizer's vocabulary say: how it reads texts, and what its special tokens are called.

A word list without such a file says it by its pieces: they are of texts that were read in the same way.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.errors import AnalysisError
from analysis.models.config_files import read_settings
from analysis.wording import shown

if TYPE_CHECKING:
    from tokenizers import AddedToken

FILES = ("tokenizer_config.json", "special_tokens_map.json", "added_tokens.json")

# What each special token is for, and its name where no file says another.
ROLES = {
    "unk_token": "[UNK]",
    "cls_token": "[CLS]",
    "sep_token": "[SEP]",
    "pad_token": "[PAD]",
    "mask_token": "[MASK]",
}
NO_WORD = re.compile(r"\[.*\]|<.*>", re.DOTALL)  # pieces that no text was counted for
SHARE = 0.01  # of the pieces: from here on they tell how texts were read when they were counted

Pieces = Callable[[str], list[str]]


@dataclass(frozen=True, slots=True)
class ReadingOption:
    """An option of BERT's tokenizers: what it `does`, and whether one that reads texts so has it (None: no telling).

    `tells(piece)`: whether no text that was read with the option has this piece.
    """

    does: str
    held: Callable[[Pieces], bool]
    tells: Callable[[str], bool]


READING_OPTIONS = {
    "do_lower_case": ReadingOption(
        "lower-cases", lambda pieces: pieces("A") == pieces("a"), lambda piece: piece != piece.lower()
    ),
    "strip_accents": ReadingOption(
        "strips accents",
        lambda pieces: pieces("\u00e9") == pieces("e"),
        lambda piece: any(unicodedata.category(sign) == "Mn" for sign in unicodedata.normalize("NFD", piece)),
    ),
    "tokenize_chinese_chars": ReadingOption(
        "sets Chinese characters apart", lambda pieces: len(pieces("\u4e2d\u4e2d")) == 2, lambda piece: False
    ),
}


@dataclass(frozen=True, slots=True)
class TokenizerOptions:
    """What tokenizer_config.json, special_tokens_map.json and added_tokens.json say, each {} where it is not there.

    `checkpoint` is what sentences call it.
    """

    checkpoint: str
    config: Mapping[str, Any]
    named: Mapping[str, Any]
    added: Mapping[str, Any]

    def switch(self, key: str) -> bool | None:
        """An option that is on or off, or None where that is not said."""
        value = self.config.get(key)
        return value if isinstance(value, bool) else None

    def switch_or_told(self, key: str, words: Collection[str]) -> bool | None:
        """An option as it is said, or as the pieces of a word list tell.

        Of a file with options that leaves one out, the usual value holds.
        """
        said = self.switch(key)
        if said is not None:
            return said
        if key == "strip_accents" and self.switch("do_lower_case") is not None:
            return None  # BERT's own default: as the letters
        plain = [word for word in words if is_word(word)]
        telling = [word for word in plain if READING_OPTIONS[key].tells(word)]
        if 0 < len(telling) < SHARE * len(plain):
            raise AnalysisError(
                f"Of the pieces in vocab.txt of {self.checkpoint} a few, such as “{shown(telling[0], 40)}”, do not "
                f"tell how it reads texts: set {key} in tokenizer_config.json."
            )
        return not telling

    def check(self, pieces: Pieces) -> None:
        """Raises `AnalysisError` where an option says the contrary of how the tokenizer cuts texts."""
        for key, option in READING_OPTIONS.items():
            said = self.switch(key)
            if said is not None and said != option.held(pieces):
                raise AnalysisError(
                    f"The tokenizer of {self.checkpoint} {option.does} in one of its files and not in another: set "
                    f"{key} in tokenizer_config.json to what the model was trained with."
                )

    def name_of(self, role: str, own: str | None = None) -> str:
        """What the files, and the vocabulary's `own` word, call the token of a role; BERT's name where none says."""
        values = [self.config.get(role), self.named.get(role), own]
        found = {value.get("content") if isinstance(value, dict) else value for value in values} - {None}
        if len(found) > 1:
            names = shown(", ".join(sorted(f"“{text}”" for text in found)))
            raise AnalysisError(
                f"The tokenizer of {self.checkpoint} has more than one name for its {role} ({names}): write the same "
                "into each of its files."
            )
        return (str(found.pop()) if found else "") or ROLES[role]

    @property
    def more_special(self) -> list[str]:
        """The special tokens that have no role."""
        found: list[Any] = []
        for source in (self.config, self.named):
            for key in ("additional_special_tokens", "extra_special_tokens"):
                tokens = source.get(key) or []
                found += tokens.values() if isinstance(tokens, dict) else tokens
        return [token["content"] if isinstance(token, dict) else token for token in found]

    @property
    def numbered(self) -> dict[int, AddedToken]:
        """The tokens beside the vocabulary that the files give a number."""
        from tokenizers import AddedToken

        special = (*self.more_special, *ROLES.values())
        plain = {int(number): AddedToken(text, normalized=text not in special) for text, number in self.added.items()}
        decoder = self.config.get("added_tokens_decoder") or {}
        return plain | {int(number): AddedToken(**token) for number, token in decoder.items()}


def read_options(checkpoint: str, folder: Path) -> TokenizerOptions:
    """The options in a checkpoint's folder; `AnalysisError` where a file cannot be read."""
    paths = [folder / file for file in FILES]
    return TokenizerOptions(checkpoint, *(read_settings(checkpoint, path) if path.is_file() else {} for path in paths))


def is_word(piece: str) -> bool:
    """Whether a piece of a vocabulary was counted in texts: it is no placeholder such as [MASK] or <unk>."""
    return not NO_WORD.fullmatch(piece)
