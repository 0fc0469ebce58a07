"""Tokens: a text as one model sees it, with the way back to its words and characters.

>>> for window in tokenize(model, Example("sentiment", "Unforgettable.")):
...     print(window.pieces)
('[CLS]', 'un', '##for', '##get', '##table', '.', '[SEP]')
"""

from __future__ import annotations

import functools
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar
from weakref import WeakKeyDictionary

import numpy as np

from analysis.arrays import Array, frozen
from analysis.errors import AnalysisError
from analysis.inputs.examples import Example
from analysis.inputs.tasks import MASK, TASKS
from analysis.inputs.words import Word, is_visible, joined, words_of_all
from analysis.models.model import Model
from analysis.models.tokenizer_files import UNKNOWN, tokenizers_told
from analysis.models.windows import FEWEST_TOKENS, WINDOW_OVERLAP, Reader, Stretch, stretches
from analysis.wording import shown

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

Value = TypeVar("Value")
Spans: TypeAlias = list[tuple[int, int]]  # [token]: the first and the last word

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
    those of the whole example, also where this is one window of several; words are joined where a token of this model,
    or of the one that it is compared with, is of several. `stretch`: the words of a long text that this window holds,
    where both models of a pair read it in the same windows.
    """

    pieces: tuple[str, ...]
    ids: Array
    offsets: Array
    fields: Array
    segments: Array
    word_ids: Array
    words: tuple[Word, ...]
    texts: tuple[str, ...]
    stretch: Stretch | None = None

    def __len__(self) -> int:
        return len(self.pieces)

    def within(self, stretch: Stretch) -> Tokens:
        """Those of these words alone, of one text, with all of the other and what the tokenizer adds."""
        first, behind = stretch
        own = self.fields == self.words[first].field
        kept = ~own | ((self.word_ids >= first) & (self.word_ids < behind))
        return replace(
            self,
            pieces=tuple(piece for piece, stays in zip(self.pieces, kept, strict=True) if stays),
            ids=frozen(self.ids[kept]),
            offsets=frozen(self.offsets[kept]),
            fields=frozen(self.fields[kept]),
            segments=frozen(self.segments[kept]),
            word_ids=frozen(self.word_ids[kept]),
            stretch=stretch,
        )


def tokenize(model: Model, example: Example) -> tuple[Tokens, ...]:
    """The example as this model's tokens: one sequence, or as many overlapping windows as a long text needs.

    Of a question's context, a window holds as many tokens as fit; of any other text, as many words as both models of a
    pair read at once. Raises `AnalysisError` where that cannot be, or for a text with masks. Nothing is cut off.
    """
    task = TASKS[example.task]
    with model.lock:
        if task.needs_context:
            return _fitting(model, _cut(model, example.texts, **_windowing(model, example)))
        (whole,) = windows = _cut(model, example.texts)
        readers = [_reader(model.checkpoint.name, whole, model.max_tokens), *_readers_beside(model, whole)]
    if task.needs_mask or all(reader.reads_all for reader in readers):
        return _fitting(model, windows)
    return tuple(map(whole.within, stretches(whole.words, readers)))


def sentence_tokens(model: Model, sentence: str) -> Tokens:
    """One text alone as this model's tokens, whatever its task reads: for what asks the encoder and not the task head.

    Raises `AnalysisError`, which tells this text from others, where it is longer than the model reads.
    """
    what = f"The sentence “{shown(sentence[:BEGINNING])}…”"
    return _fitting(model, _cut(model, (sentence,)), what, ": choose shorter sentences, such as lines of your own.")[0]


def pieces_of(model: Model, text: str) -> tuple[str, ...]:
    """A text as this model's pieces, without [CLS] and [SEP]."""
    return tuple(_encoded(model, (text,), add_special_tokens=False).tokens())


def _fitting(
    model: Model, windows: tuple[Tokens, ...], what: str = "The text", advice: str = ". Shorten it."
) -> tuple[Tokens, ...]:
    """The windows, none of them longer than the model reads."""
    longest = max(map(len, windows))
    if longest > model.max_tokens:
        raise AnalysisError(
            f"{what} has {longest:,} tokens; {model.checkpoint.name} reads at most {model.max_tokens:,}{advice}"
        )
    return windows


def _cut(model: Model, texts: tuple[str, ...], **windowing: Any) -> tuple[Tokens, ...]:
    """The texts as tokens, of any length; in windows where that is asked for."""
    encoded = _encoded(
        model,
        texts,
        return_offsets_mapping=True,
        return_token_type_ids=True,
        verbose=False,  # of a text that is too long, the reader is told later
        **windowing,
    )
    words, spans = _words_and_spans(model, texts, encoded.encodings)
    windows = tuple(
        _tokens(encoding, own, words, texts) for encoding, own in zip(encoded.encodings, spans, strict=True)
    )
    if not all(_are_known(model, window) for window in windows):
        raise AnalysisError(
            f"The tokenizer of {model.checkpoint.name} makes tokens that its model does not know: fetch both again."
        )
    return windows


def _reader(name: str, tokens: Tokens, most: int) -> Reader:
    own = tokens.word_ids[tokens.word_ids >= 0]
    return Reader(name, np.bincount(own, minlength=len(tokens.words)), len(tokens) - len(own), most)


def _readers_beside(model: Model, whole: Tokens) -> list[Reader]:
    """The model that this one is compared with, where that reads texts otherwise."""
    if model.beside is None:
        return []
    (encoding,) = _encoded_beside(model, whole.texts)
    tokens = _tokens(encoding, _spans(encoding, whole.words, whole.texts), whole.words, whole.texts)
    return [_reader(model.beside.name, tokens, model.beside.max_tokens)]


def _encoded(model: Model, texts: tuple[str, ...], **options: Any) -> Any:
    """What the tokenizer makes of the texts, or an `AnalysisError` if it cannot read them."""
    return _called(model, model.tokenizer, model.checkpoint.name, texts, **options)


def _called(model: Model, tokenizer: Any, name: str, texts: tuple[str, ...], **options: Any) -> Any:
    sentence = f"The tokenizer of {name} cannot read this text: change the text or the checkpoint."
    # truncation is a setting of the shared tokenizer, so concurrent calls would disturb one another
    with model.lock, tokenizers_told(sentence):
        return tokenizer(*texts, **options)


def _are_known(model: Model, tokens: Tokens) -> bool:
    """Whether there are tokens, and the model has an embedding for each of them and for its segment."""
    config = model.network.config
    segments = config.type_vocab_size if model.family.reads_segments else np.inf
    return len(tokens) > 0 and tokens.ids.max() < config.vocab_size and tokens.segments.max() < segments


def _windowing(model: Model, example: Example) -> dict[str, Any]:
    question = len(_encoded(model, (example.text,))["input_ids"])  # with [CLS] and [SEP]
    room = model.max_tokens - question - 1  # one more [SEP] behind the context
    if room < FEWEST_TOKENS:
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


def _words_and_spans(
    model: Model, texts: tuple[str, ...], encodings: Sequence[Any]
) -> tuple[tuple[Word, ...], list[Spans]]:
    """The words of the texts, the same for both models of a pair, and of each encoding the spans of its tokens."""
    words = words_of_all(texts)
    spans = [_spans(encoding, words, texts) for encoding in encodings]
    every = chain(*spans, _spans_beside(model, texts, words))
    several = [(first, last) for first, last in every if first < last]
    if not several:
        return words, spans
    words = joined(words, several, texts)
    return words, [_spans(encoding, words, texts) for encoding in encodings]


def _spans_beside(model: Model, texts: tuple[str, ...], words: tuple[Word, ...]) -> Spans:
    """The same of the tokens of the model that it is compared with, where those may be of several words."""
    return [span for encoding in _encoded_beside(model, texts) for span in _spans(encoding, words, texts)]


def _encoded_beside(model: Model, texts: tuple[str, ...]) -> Sequence[Any]:
    """What the tokenizer of the model that this one is compared with makes of the texts; nothing where it is alike."""
    if model.beside is None:
        return []
    encodings: Sequence[Any] = _called(model, model.beside.tokenizer, model.beside.name, texts, verbose=False).encodings
    return encodings


def _spans(encoding: Any, words: tuple[Word, ...], texts: tuple[str, ...]) -> Spans:
    """The numbers of the first and the last word of each token, -1 for added ones."""
    starts = [(word.field, word.start) for word in words]
    spans = []
    for offset, field in zip(encoding.offsets, encoding.sequence_ids, strict=True):
        if field is None:
            spans.append((-1, -1))
        else:
            start, end = _seen(texts[field], *offset)
            first, last = (bisect_right(starts, (field, place)) - 1 for place in (start, max(start, end - 1)))
            spans.append((max(first, 0), max(last, 0)))
    return spans


def _tokens(encoding: Any, spans: Spans, words: tuple[Word, ...], texts: tuple[str, ...]) -> Tokens:
    fields = [-1 if field is None else field for field in encoding.sequence_ids]
    return Tokens(
        pieces=tuple(encoding.tokens),
        ids=frozen(encoding.ids, "int64"),
        offsets=frozen(encoding.offsets, "int64"),
        fields=frozen(fields, "int64"),
        segments=frozen(encoding.type_ids, "int64"),
        word_ids=frozen([first for first, _ in spans], "int64"),
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
