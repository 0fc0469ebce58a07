"""The tokenizer in a checkpoint's folder, and what becomes of what the tokenizers library raises.

tokenizer.json is read whole: transformers itself would take the vocabulary alone from it, and lower-case for a model
that knows capitals, or strip the accents that it knows. What other files add is added; what they contradict is refused.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.errors import AnalysisError
from analysis.models.config_files import MALFORMED, read_settings
from analysis.models.families import FAMILIES
from analysis.models.hub import TOKENIZER
from analysis.wording import shown

if TYPE_CHECKING:
    from tokenizers import Tokenizer
    from transformers import PreTrainedConfig, PreTrainedTokenizerBase

UNKNOWN = ("[UNK]", "<unk>")  # what may stand for a word that is not in the vocabulary
UNBOUNDED = 10**30  # tokens, as transformers writes it: what a text may have, `tokenize` says

# What each special token is for, and its name where no file says another.
ROLES = {
    "unk_token": "[UNK]",
    "cls_token": "[CLS]",
    "sep_token": "[SEP]",
    "pad_token": "[PAD]",
    "mask_token": "[MASK]",
}
WHOLE = ("PreTrainedTokenizerFast", "TokenizersBackend")  # classes for which options change nothing in tokenizer.json
NO_WORD = re.compile(r"\[.*\]|<.*>", re.DOTALL)  # pieces that no text was counted for
SHARE = 0.01  # of the pieces: from here on they tell how texts were read when they were counted

Pieces = Callable[[str], list[str]]


@dataclass(frozen=True, slots=True)
class _Option:
    """An option of BERT's tokenizers: what it `does`, and whether one that reads texts so has it (None: no telling).

    `tells(piece)`: whether no text that was read with the option has this piece.
    """

    does: str
    held: Callable[[Pieces], bool]
    tells: Callable[[str], bool]


OPTIONS = {
    "do_lower_case": _Option(
        "lower-cases", lambda pieces: pieces("A") == pieces("a"), lambda piece: piece != piece.lower()
    ),
    "strip_accents": _Option(
        "strips accents",
        lambda pieces: pieces("\u00e9") == pieces("e"),
        lambda piece: any(unicodedata.category(sign) == "Mn" for sign in unicodedata.normalize("NFD", piece)),
    ),
    "tokenize_chinese_chars": _Option(
        "sets Chinese characters apart", lambda pieces: len(pieces("\u4e2d\u4e2d")) == 2, lambda piece: False
    ),
}


@dataclass(frozen=True, slots=True)
class _Options:
    """What tokenizer_config.json, special_tokens_map.json and added_tokens.json say, each {} where it is not there."""

    config: Mapping[str, Any]
    named: Mapping[str, Any]
    added: Mapping[str, Any]

    def switch(self, option: str) -> bool | None:
        """An option that is on or off, or None where that is not said."""
        value = self.config.get(option)
        return value if isinstance(value, bool) else None


def read_tokenizer(name: str, folder: Path, config: PreTrainedConfig) -> PreTrainedTokenizerBase:
    """The fast tokenizer, with a vocabulary of its own, of a model with this configuration."""
    import transformers

    if not any((folder / file).is_file() for file in TOKENIZER):
        raise AnalysisError(f"{name} has no tokenizer: tokenizer.json or vocab.txt is needed beside the weights.")
    options = _read_options(name, folder)
    damaged = f"The tokenizer of {name} is damaged: fetch the checkpoint again."
    with tokenizers_told(damaged, *MALFORMED, OSError, OverflowError):
        whole = (folder / TOKENIZER[0]).is_file()
        _check_class(name, options, whole)
        backend = _whole(name, folder, options) if whole else _of_words(name, folder, options)
        _add(name, options, backend)
        roles = _roles(name, options, backend)
        if not whole:
            _write_ends(backend, roles)
        make: Any = transformers.PreTrainedTokenizerFast
        tokenizer: PreTrainedTokenizerBase = make(
            tokenizer_object=backend,
            model_max_length=UNBOUNDED,
            model_input_names=["input_ids", *_segments(config), "attention_mask"],
            truncation_side="right",  # windows of a long text come in its order
            padding_side="right",
            **roles,
        )
        own: Any = tokenizer
        own.backend_tokenizer.no_truncation()
        own.backend_tokenizer.no_padding()
        _check_ends(name, tokenizer, own.backend_tokenizer)
    return tokenizer


@contextmanager
def tokenizers_told(sentence: str, *also: type[Exception]) -> Iterator[None]:
    """Raises an `AnalysisError` of this sentence where the tokenizers library gives up, and for what is named `also`.

    The library raises bare Exception and, where its Rust code panics, what is no Exception and cannot be imported.
    """
    try:
        yield
    except BaseException as error:
        gave_up = type(error) is Exception or type(error).__name__ == "PanicException"
        if not gave_up and not isinstance(error, also):
            raise  # a mistake of ours
        raise AnalysisError(sentence) from error


def _read_options(name: str, folder: Path) -> _Options:
    files = ("tokenizer_config.json", "special_tokens_map.json", "added_tokens.json")
    paths = [folder / file for file in files]
    return _Options(*(read_settings(name, path) if path.is_file() else {} for path in paths))


def _segments(config: PreTrainedConfig) -> list[str]:
    return ["token_type_ids"] if FAMILIES[config.model_type].reads_segments else []


def _check_class(name: str, options: _Options, whole: bool) -> None:
    """Refuses a tokenizer of a class that reads texts in code of its own, or makes something else of a word list."""
    import transformers
    from tokenizers.models import WordPiece

    declared = options.config.get("tokenizer_class")
    kind = getattr(transformers, declared, None) if isinstance(declared, str) and declared.isidentifier() else None
    if isinstance(kind, type) and not issubclass(kind, transformers.PreTrainedTokenizerFast):
        raise AnalysisError(f"The tokenizer of {name} gives no character offsets: choose one with a tokenizer.json.")
    if not whole and getattr(kind, "model", None) not in (None, WordPiece):
        raise AnalysisError(f"The tokenizer of {name} reads no vocab.txt: choose one with a tokenizer.json.")


def _whole(name: str, folder: Path, options: _Options) -> Tokenizer:
    """What tokenizer.json holds, where the options do not say the contrary."""
    from tokenizers import Tokenizer

    backend = Tokenizer.from_file(str(folder / TOKENIZER[0]))
    _check_vocabulary(name, backend.get_vocab())
    if options.config.get("tokenizer_class") in WHOLE:
        return backend
    for key, option in OPTIONS.items():
        said = options.switch(key)
        if said is not None and said != option.held(_pieces_of(backend)):
            raise AnalysisError(
                f"The tokenizer of {name} {option.does} in one of its files and not in another: set {key} in "
                "tokenizer_config.json to what the model was trained with."
            )
    return backend


def _pieces_of(backend: Tokenizer) -> Pieces:
    """How a tokenizer cuts a text before it looks for the pieces in its vocabulary."""
    normaliser, cutter = backend.normalizer, backend.pre_tokenizer

    def pieces(text: str) -> list[str]:
        text = normaliser.normalize_str(text) if normaliser else text
        return [piece for piece, _ in cutter.pre_tokenize_str(text)] if cutter else [text]

    return pieces


def _of_words(name: str, folder: Path, options: _Options) -> Tokenizer:
    """BERT's tokenizer of the pieces in vocab.txt, which reads texts as tokenizer_config.json or the pieces say."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

    words = models.WordPiece.read_file(str(folder / TOKENIZER[1]))
    _check_vocabulary(name, words)
    if options.switch("do_basic_tokenize") is False:
        raise AnalysisError(f"The tokenizer of {name} cuts no words: choose a checkpoint with a tokenizer.json.")
    lower = _said_or_told(name, options, "do_lower_case", words)
    strip = _said_or_told(name, options, "strip_accents", words) if lower else options.switch("strip_accents")
    unknown = _name_of(name, options, "unk_token") or ROLES["unk_token"]
    backend = Tokenizer(models.WordPiece(words, unk_token=unknown))
    backend.normalizer = normalizers.BertNormalizer(
        lowercase=lower is not False,
        strip_accents=strip,
        handle_chinese_chars=options.switch("tokenize_chinese_chars") is not False,
    )
    backend.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    return backend


def _write_ends(backend: Tokenizer, roles: Mapping[str, str]) -> None:
    """Has [CLS] written before the texts and [SEP] after each, as BERT reads them."""
    from tokenizers.processors import BertProcessing

    known = backend.get_vocab()
    end, start = ((roles[role], known[roles[role]]) for role in ("sep_token", "cls_token"))
    backend.post_processor = BertProcessing(end, start)


def _said_or_told(name: str, options: _Options, key: str, words: Collection[str]) -> bool | None:
    """An option as tokenizer_config.json says it, or as the pieces tell: they are of texts that were read with it.

    Of a file with options that leaves one out, the usual value holds.
    """
    said = options.switch(key)
    if said is not None:
        return said
    if key == "strip_accents" and options.switch("do_lower_case") is not None:
        return None  # BERT's own default: as the letters
    plain = [word for word in words if not NO_WORD.fullmatch(word)]
    telling = [word for word in plain if OPTIONS[key].tells(word)]
    if 0 < len(telling) < SHARE * len(plain):
        raise AnalysisError(
            f"Of the pieces in vocab.txt of {name} a few, such as “{shown(telling[0], 40)}”, do not tell how it reads "
            f"texts: set {key} in tokenizer_config.json."
        )
    return not telling


def _check_vocabulary(name: str, vocabulary: Collection[str]) -> None:
    if not any(piece and not NO_WORD.fullmatch(piece) for piece in vocabulary):
        raise AnalysisError(f"The tokenizer of {name} has an empty vocabulary: fetch the checkpoint again.")


def _name_of(name: str, options: _Options, role: str, *also: str | None) -> str | None:
    """What the files call the token of a role; None where none says."""
    values = [options.config.get(role), options.named.get(role), *also]
    found = {value.get("content") if isinstance(value, dict) else value for value in values} - {None}
    if len(found) > 1:
        raise AnalysisError(
            f"The tokenizer of {name} has more than one name for its {role} ("
            + shown(", ".join(sorted(f"“{text}”" for text in found)))
            + "): write the same into each of its files."
        )
    return str(found.pop()) if found else None


def _roles(name: str, options: _Options, backend: Tokenizer) -> dict[str, str]:
    """The special tokens by what they are for, each of them in the vocabulary."""
    known = backend.get_vocab()
    roles = {}
    for role, usual in ROLES.items():
        own = getattr(backend.model, role, None)
        roles[role] = _name_of(name, options, role, own) or usual
        if roles[role] not in known:
            raise AnalysisError(
                f"The tokenizer of {name} has no {shown(roles[role], 40)} (its {role}) in its vocabulary: choose a "
                "checkpoint with BERT's special tokens."
            )
    if roles["unk_token"] not in UNKNOWN:
        raise AnalysisError(
            f"The tokenizer of {name} writes {shown(roles['unk_token'], 40)} for what it does not know: call it "
            f"{UNKNOWN[0]} in its files."
        )
    return roles


def _add(name: str, options: _Options, backend: Tokenizer) -> None:
    """Adds the tokens that the other files name beside the vocabulary, by their numbers."""
    from tokenizers import AddedToken

    special = _more_special(options)
    numbered = {
        int(number): AddedToken(text, normalized=text not in (*special, *ROLES.values()))
        for text, number in options.added.items()
    }
    decoder = options.config.get("added_tokens_decoder") or {}
    numbered |= {int(number): AddedToken(**token) for number, token in decoder.items()}
    known = _added(backend)
    for number, token in sorted(numbered.items()):
        if token.content not in known:
            backend.add_tokens([token])
        if backend.token_to_id(token.content) != number:
            raise AnalysisError(
                f"The tokenizer of {name} numbers its token “{shown(token.content, 40)}” otherwise in another of its "
                "files: fetch the checkpoint again."
            )
    backend.add_special_tokens([text for text in special if text not in _added(backend)])


def _added(backend: Tokenizer) -> set[str]:
    return {token.content for token in backend.get_added_tokens_decoder().values()}


def _more_special(options: _Options) -> list[str]:
    """The special tokens that have no role."""
    found: list[Any] = []
    for source in (options.config, options.named):
        for key in ("additional_special_tokens", "extra_special_tokens"):
            tokens = source.get(key) or []
            found += tokens.values() if isinstance(tokens, dict) else tokens
    return [token["content"] if isinstance(token, dict) else token for token in found]


def _check_ends(name: str, tokenizer: PreTrainedTokenizerBase, backend: Tokenizer) -> None:
    """Refuses a tokenizer that does not write [CLS] before the texts and [SEP] after each, as BERT reads them."""
    start, end = tokenizer.cls_token_id, tokenizer.sep_token_id
    expected = (("a",), [None, 0, None], [start, end]), (("a", "a"), [None, 0, None, 1, None], [start, end, end])
    for texts, fields, ends in expected:
        encoding = backend.encode(*texts)
        written = list(zip(encoding.sequence_ids, encoding.ids, strict=True))
        order = [field for field, _ in groupby(encoding.sequence_ids)]
        if order != fields or [number for field, number in written if field is None] != ends:
            raise AnalysisError(
                f"The tokenizer of {name} does not write {tokenizer.cls_token} before a text and {tokenizer.sep_token} "
                "after it, as BERT reads texts: give it the post-processor that the model was trained with."
            )
