"""Tokens: a text as one model sees it, with the way back to its words and characters.

>>> for window in tokenize(model, Example("sentiment", "Unforgettable.")):
...     print(window.pieces)
('[CLS]', 'un', '##for', '##get', '##table', '.', '[SEP]')
"""

from __future__ import annotations

import functools
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import WeakKeyDictionary

import numpy as np

from analysis.arrays import Array, frozen
from analysis.errors import AnalysisError
from analysis.inputs.examples import Example
from analysis.inputs.tasks import MASK, TASKS
from analysis.inputs.words import Word, is_visible, words_of_all
from analysis.models.model import Model
from analysis.models.tokenizer_files import UNKNOWN, tokenizers_told
from analysis.wording import shown

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

Value = TypeVar("Value")

WINDOW_OVERLAP = 128  # tokens shared by neighbouring windows of a long context, as in BERT's SQuAD script
FEWEST_CONTEXT_TOKENS = 8  # a window with less room than this for context could not hold an answer
BEGINNING = 40  # characters that tell one text of many from the others


def once_a_tokenizer(
    compute: Callable[[PreTrainedTokenizerBase, int], Value],
) -> Callable[[PreTrainedTokenizerBase, int], Value]:
    """Decorates what follows from a tokenizer and a count: computed once, and gone when the tokenizer's model is."""
    found: WeakKeyDictionary[PreTrainedTokenizerBase, dict[int, Value]] = WeakKeyDictionary()

    @functools.wraps(compute)
    def remembered(tokenizer: PreTrainedTokenizerBase, count: int) -> Value:
        of_this = found.setdefault(tokenizer, {})
        if count not in of_this:
            of_this[count] = compute(tokenizer, count)
        return of_this[count]

    return remembered


@dataclass(frozen=True, slots=True)
class Tokens:
    """One sequence of tokens that a model reads in one forward pass.

    `pieces` as the tokenizer writes them; `ids` [token]; `offsets` [token, 2]: start and end character in the token's
    own text; `fields` [token]: 0 first text, 1 second text, -1 added by the tokenizer ([CLS], [SEP]); `segments`
    [token]: BERT's token_type_ids; `word_ids` [token]: index into `words`, -1 for added tokens. `words` and `texts` are
    those of the whole example, also where this is one window of several.
    """

    pieces: tuple[str, ...]
    ids: Array
    offsets: Array
    fields: Array
    segments: Array
    word_ids: Array
    words: tuple[Word, ...]
    texts: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.pieces)


def tokenize(model: Model, example: Example) -> tuple[Tokens, ...]:
    """The example as this model's tokens: one sequence, or for question answering as many windows as the context needs.

    Raises `AnalysisError` where a text that cannot be windowed is longer than the model reads. Nothing is cut off.
    """
    with model.lock:
        windowing = _windowing(model, example) if TASKS[example.task].windowed else {}
        return _windows(model, example.texts, **windowing)


def sentence_tokens(model: Model, sentence: str) -> Tokens:
    """One text alone as this model's tokens, whatever its task reads: for what asks the encoder and not the task head.

    Raises `AnalysisError`, which tells this text from others, where it is longer than the model reads.
    """
    what = f"The sentence “{shown(sentence[:BEGINNING])}…”"
    return _windows(model, (sentence,), what, ": choose shorter sentences, such as lines of your own.")[0]


def pieces_of(model: Model, text: str) -> tuple[str, ...]:
    """A text as this model's pieces, without [CLS] and [SEP]."""
    return tuple(_encoded(model, (text,), add_special_tokens=False).tokens())


def _windows(
    model: Model, texts: tuple[str, ...], what: str = "The text", advice: str = ". Shorten it.", **windowing: Any
) -> tuple[Tokens, ...]:
    words = words_of_all(texts)
    encoded = _encoded(
        model,
        texts,
        return_offsets_mapping=True,
        return_token_type_ids=True,
        verbose=False,  # of a text that is too long, the reader is told below
        **windowing,
    )
    windows = tuple(_tokens(model, encoding, words, texts) for encoding in encoded.encodings)
    if not all(_are_known(model, window) for window in windows):
        raise AnalysisError(
            f"The tokenizer of {model.checkpoint.name} makes tokens that its model does not know: fetch both again."
        )
    longest = max(map(len, windows))
    if longest > model.max_tokens:
        raise AnalysisError(
            f"{what} has {longest:,} tokens; {model.checkpoint.name} reads at most {model.max_tokens:,}{advice}"
        )
    return windows


def _encoded(model: Model, texts: tuple[str, ...], **options: Any) -> Any:
    """What the tokenizer makes of the texts, or an `AnalysisError` if it cannot read them."""
    sentence = f"The tokenizer of {model.checkpoint.name} cannot read this text: change the text or the checkpoint."
    # truncation is a setting of the shared tokenizer, so concurrent calls would disturb one another
    with model.lock, tokenizers_told(sentence):
        return model.tokenizer(*texts, **options)


def _are_known(model: Model, tokens: Tokens) -> bool:
    """Whether there are tokens, and the model has an embedding for each of them and for its segment."""
    config = model.network.config
    segments = config.type_vocab_size if model.family.reads_segments else np.inf
    return len(tokens) > 0 and tokens.ids.max() < config.vocab_size and tokens.segments.max() < segments


def _windowing(model: Model, example: Example) -> dict[str, Any]:
    question = len(_encoded(model, (example.text,))["input_ids"])  # with [CLS] and [SEP]
    room = model.max_tokens - question - 1  # one more [SEP] behind the context
    if room < FEWEST_CONTEXT_TOKENS:
        raise AnalysisError(
            f"The question has {question - 2:,} tokens; {model.checkpoint.name} reads at most {model.max_tokens:,} "
            "together with the context. Shorten the question."
        )
    return {
        "truncation": "only_second",
        "max_length": model.max_tokens,
        "stride": min(WINDOW_OVERLAP, room // 2),
        "return_overflowing_tokens": True,
    }


def _tokens(model: Model, encoding: Any, words: tuple[Word, ...], texts: tuple[str, ...]) -> Tokens:
    fields = [-1 if field is None else field for field in encoding.sequence_ids]
    seen = [
        offset if field == -1 else _seen(texts[field], *offset)
        for offset, field in zip(encoding.offsets, fields, strict=True)
    ]
    return Tokens(
        pieces=tuple(encoding.tokens),
        ids=frozen(encoding.ids, "int64"),
        offsets=frozen(encoding.offsets, "int64"),
        fields=frozen(fields, "int64"),
        segments=frozen(encoding.type_ids, "int64"),
        word_ids=frozen(_word_ids(model, seen, fields, words, texts), "int64"),
        words=words,
        texts=texts,
    )


def _seen(text: str, start: int, end: int) -> tuple[int, int]:
    """A stretch of a text without what cannot be seen at its ends, if anything can."""
    while start < end - 1 and not is_visible(text[start]):
        start += 1
    while start < end - 1 and not is_visible(text[end - 1]):
        end -= 1
    return start, end


def _word_ids(
    model: Model, seen: list[tuple[int, int]], fields: list[int], words: tuple[Word, ...], texts: tuple[str, ...]
) -> list[int]:
    """The word of each token. Raises `AnalysisError` where a token is of several."""
    starts = [(word.field, word.start) for word in words]
    ids = []
    for (start, end), field in zip(seen, fields, strict=True):
        first, last = (bisect_right(starts, (field, place)) - 1 for place in (start, max(start, end - 1)))
        if field >= 0 and first != last:
            raise AnalysisError(
                f"The tokenizer of {model.checkpoint.name} makes one token of “{shown(texts[field][start:end], 40)}”, "
                "which is several words here: write it otherwise, or choose another checkpoint."
            )
        ids.append(-1 if field == -1 else max(first, 0))
    return ids


def known_words(windows: Sequence[Tokens]) -> tuple[bool, ...]:
    """For each word of an example whether the model knows it: reads it, and all of it as pieces of its vocabulary."""
    unknown = {number for tokens in windows for number in tokens.word_ids[np.isin(tokens.pieces, UNKNOWN)].tolist()}
    read = {number for tokens in windows for number in tokens.word_ids.tolist()} - unknown
    return tuple(number in read for number in range(len(windows[0].words)))


def check_readable(model: Model, windows: Sequence[Tokens]) -> None:
    """Raises `AnalysisError` where a model knows no word of one of the texts: its answer would be about nothing.

    Of a text in an alphabet that it does not have, it may well know the full stop: signs count where all are signs.
    """
    words = windows[0].words
    for field, text in enumerate(windows[0].texts):
        own = [
            (any(map(str.isalnum, word.text)), known)
            for word, known in zip(words, known_words(windows), strict=True)
            if word.field == field and word.text != MASK
        ]
        letters = any(lettered for lettered, _ in own)
        if own and not any(known for lettered, known in own if lettered or not letters):
            raise AnalysisError(
                f"{model.checkpoint.name} knows no word of “{shown(text, 40)}”: write in a language and in signs that "
                "it was trained on, or choose another checkpoint."
            )


def mask_positions(model: Model, tokens: Tokens) -> Array:
    """The tokens that are masks, in their order."""
    return np.asarray(np.flatnonzero(tokens.ids == model.tokenizer.mask_token_id))
