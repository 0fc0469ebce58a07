"""The tokenizer in a checkpoint's folder, and what becomes of what the tokenizers library raises.

tokenizer.json is read whole: transformers itself would take the vocabulary alone from it, and lower-case for a model
that knows capitals, or strip the accents that it knows. What other files add is added; what they contradict is refused.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.errors import AnalysisError
from analysis.models.config_files import MALFORMED
from analysis.models.families import FAMILIES
from analysis.models.hub import TOKENIZER
from analysis.models.tokenizer_options import ROLES, Pieces, TokenizerOptions, is_word, read_options
from analysis.wording import shown

if TYPE_CHECKING:
    from tokenizers import Tokenizer
    from transformers import PreTrainedConfig, PreTrainedTokenizerBase

UNKNOWN = ("[UNK]", "<unk>")  # what may stand for a word that is not in the vocabulary
UNBOUNDED = 10**30  # tokens, as transformers writes it: what a text may have, `tokenize` says
WHOLE = ("PreTrainedTokenizerFast", "TokenizersBackend")  # classes for which options change nothing in tokenizer.json


def read_tokenizer(name: str, folder: Path, config: PreTrainedConfig) -> PreTrainedTokenizerBase:
    """The fast tokenizer, with a vocabulary of its own, of a model with this configuration."""
    import transformers

    if not any((folder / file).is_file() for file in TOKENIZER):
        raise AnalysisError(f"{name} has no tokenizer: tokenizer.json or vocab.txt is needed beside the weights.")
    options = read_options(name, folder)
    damaged = f"The tokenizer of {name} is damaged: fetch the checkpoint again."
    with tokenizers_told(damaged, *MALFORMED, OSError, OverflowError):
        whole = (folder / TOKENIZER[0]).is_file()
        _check_class(options, whole)
        backend = _whole(folder, options) if whole else _of_words(folder, options)
        _add_tokens(options, backend)
        roles = _roles(options, backend)
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


def _segments(config: PreTrainedConfig) -> list[str]:
    return ["token_type_ids"] if FAMILIES[config.model_type].reads_segments else []


def _check_class(options: TokenizerOptions, whole: bool) -> None:
    """Refuses a tokenizer of a class that reads texts in code of its own, or makes something else of a word list."""
    import transformers
    from tokenizers.models import WordPiece

    declared = options.config.get("tokenizer_class")
    kind = getattr(transformers, declared, None) if isinstance(declared, str) and declared.isidentifier() else None
    if isinstance(kind, type) and not issubclass(kind, transformers.PreTrainedTokenizerFast):
        raise AnalysisError(
            f"The tokenizer of {options.checkpoint} gives no character offsets: choose one with a tokenizer.json."
        )
    if not whole and getattr(kind, "model", None) not in (None, WordPiece):
        raise AnalysisError(
            f"The tokenizer of {options.checkpoint} reads no vocab.txt: choose one with a tokenizer.json."
        )


def _whole(folder: Path, options: TokenizerOptions) -> Tokenizer:
    """What tokenizer.json holds, where the options do not say the contrary."""
    from tokenizers import Tokenizer

    backend = Tokenizer.from_file(str(folder / TOKENIZER[0]))
    _check_vocabulary(options.checkpoint, backend.get_vocab())
    if options.config.get("tokenizer_class") not in WHOLE:
        options.check(_pieces_of(backend))
    return backend


def _pieces_of(backend: Tokenizer) -> Pieces:
    """How a tokenizer cuts a text before it looks for the pieces in its vocabulary."""
    normaliser, cutter = backend.normalizer, backend.pre_tokenizer

    def pieces(text: str) -> list[str]:
        text = normaliser.normalize_str(text) if normaliser else text
        return [piece for piece, _ in cutter.pre_tokenize_str(text)] if cutter else [text]

    return pieces


def _of_words(folder: Path, options: TokenizerOptions) -> Tokenizer:
    """BERT's tokenizer of the pieces in vocab.txt, which reads texts as tokenizer_config.json or the pieces say."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

    words = models.WordPiece.read_file(str(folder / TOKENIZER[1]))
    _check_vocabulary(options.checkpoint, words)
    if options.switch("do_basic_tokenize") is False:
        raise AnalysisError(
            f"The tokenizer of {options.checkpoint} cuts no words: choose a checkpoint with a tokenizer.json."
        )
    lower = options.switch_or_told("do_lower_case", words)
    strip = options.switch_or_told("strip_accents", words) if lower else options.switch("strip_accents")
    backend = Tokenizer(models.WordPiece(words, unk_token=options.name_of("unk_token")))
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


def _check_vocabulary(name: str, vocabulary: Collection[str]) -> None:
    if not any(piece and is_word(piece) for piece in vocabulary):
        raise AnalysisError(f"The tokenizer of {name} has an empty vocabulary: fetch the checkpoint again.")


def _roles(options: TokenizerOptions, backend: Tokenizer) -> dict[str, str]:
    """The special tokens by what they are for, each of them in the vocabulary."""
    known = backend.get_vocab()
    roles = {role: options.name_of(role, getattr(backend.model, role, None)) for role in ROLES}
    for role, text in roles.items():
        if text not in known:
            raise AnalysisError(
                f"The tokenizer of {options.checkpoint} has no {shown(text, 40)} (its {role}) in its vocabulary: "
                "choose a checkpoint with BERT's special tokens."
            )
    if roles["unk_token"] not in UNKNOWN:
        raise AnalysisError(
            f"The tokenizer of {options.checkpoint} writes {shown(roles['unk_token'], 40)} for what it does not know: "
            f"call it {UNKNOWN[0]} in its files."
        )
    return roles


def _add_tokens(options: TokenizerOptions, backend: Tokenizer) -> None:
    """Adds the tokens that the other files name beside the vocabulary, by their numbers."""
    numbered, known = options.numbered, _added(backend)
    for number, token in sorted(numbered.items()):
        if token.content not in known:
            backend.add_tokens([token])
        if backend.token_to_id(token.content) != number:
            raise AnalysisError(
                f"The tokenizer of {options.checkpoint} numbers its token “{shown(token.content, 40)}” otherwise in "
                "another of its files: fetch the checkpoint again."
            )
    backend.add_special_tokens([text for text in options.more_special if text not in _added(backend)])


def _added(backend: Tokenizer) -> set[str]:
    return {token.content for token in backend.get_added_tokens_decoder().values()}


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
