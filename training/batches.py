"""The batches of masked-language modelling: sequences of one or two segments, masked as BERT's were."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from transformers import PreTrainedTokenizerBase

from .ahead import moved
from .corpus import Corpus, held_out_starts, window_starts, windows_per_pass

SHORT_LENGTH = 32  # one batch in ten has short sequences, as one sequence in ten had for BERT
SHORT_EVERY = 10
CHOSEN_SHARE = 0.15


@dataclass(frozen=True, slots=True)
class Batch:
    """Masked sequences. `places` are the chosen positions in the flattened batch, `labels` what stood there."""

    input_ids: Tensor  # [sequence, position]
    token_type_ids: Tensor  # [sequence, position]
    places: Tensor  # [chosen]
    labels: Tensor  # [chosen]

    def to(self, device: torch.device) -> Batch:
        """The same batch on another device."""
        return Batch(*(moved(getattr(self, name), device) for name in self.__slots__))


def sequences(windows: Tensor, cls: int, sep: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Input ids and segment ids [sequence, position + 2]: odd rows `[CLS] A [SEP] B [SEP]`, even rows `[CLS] A [SEP]`.

    `windows` is [sequence, position]. A and B are consecutive; where a second [SEP] is needed the last token goes.
    """
    count, length = windows.shape
    place = torch.arange(length + 2)
    middle = 1 + torch.randint(length // 8, length - length // 8, (count, 1), generator=generator)
    middle[::2] = length + 1  # one segment: the middle [SEP] is the last
    second = place > middle
    ids = windows.gather(1, (place - 1 - second.long()).clamp(0, length - 1))
    ids[:, 0], ids[:, -1] = cls, sep
    ids[place == middle] = sep
    return ids, second.long()


def mask(
    ids: Tensor, special: Tensor, mask_id: int, vocabulary: int, generator: torch.Generator
) -> tuple[Tensor, Tensor, Tensor]:
    """Masked ids, chosen places in the flattened ids, and their labels, as BERT did (Devlin et al. 2019, 3.1).

    Of the positions that are not `special` 15% are chosen; 80% of them become [MASK], 10% any ordinary piece,
    10% stay as they are.
    """
    chosen = (torch.rand(ids.shape, generator=generator) < CHOSEN_SHARE) & ~special
    fate = torch.rand(ids.shape, generator=generator)
    other = torch.randint(mask_id + 1, vocabulary, ids.shape, generator=generator)
    masked = torch.where(chosen & (fate < 0.8), mask_id, ids)
    masked = torch.where(chosen & (fate >= 0.9), other, masked)
    places = chosen.flatten().nonzero().squeeze(1)
    return masked, places, ids.flatten()[places]


def seed_of(seed: int, step: int) -> int:
    """What a generator is seeded with for one step of a run."""
    return seed * 1_000_003 + step


class Batches:
    """Batch number n of a training run, the same whenever it is asked for: a resumed run needs no generator's state."""

    def __init__(self, corpus: Corpus, tokenizer: PreTrainedTokenizerBase, tokens: int, seed: int) -> None:
        self.corpus, self.tokens, self.seed = corpus, tokens, seed
        self.cls, self.sep, self.mask_id = tokenizer.cls_token_id, tokenizer.sep_token_id, tokenizer.mask_token_id
        self.vocabulary = len(tokenizer)
        self.plans: dict[int, tuple[int, np.ndarray]] = {}

    def windows(self, ordinal: int, length: int) -> np.ndarray:
        """Token ids [sequence, length - 2] of the batch that is number `ordinal` among those of this length."""
        count, room = max(2, self.tokens // length), length - 2
        turn, index = divmod(ordinal, max(1, windows_per_pass(self.corpus, room) // count))
        if self.plans.get(length, (-1,))[0] != turn:
            self.plans[length] = turn, window_starts(self.corpus, room, [self.seed, length, turn])
        starts = self.plans[length][1][index * count : (index + 1) * count]
        return self.corpus.tokens[starts[:, None] + np.arange(room)].astype(np.int64)

    def __call__(self, step: int, length: int) -> Batch:
        """The batch of this step: `tokens` tokens in sequences of `length`, every tenth one of short sequences."""
        turns, place = divmod(step, SHORT_EVERY)
        short = place == SHORT_EVERY - 1
        windows = self.windows(turns, SHORT_LENGTH) if short else self.windows(step - turns, length)
        generator = torch.Generator().manual_seed(seed_of(self.seed, step))
        return masked_batch(torch.from_numpy(windows), self.cls, self.sep, self.mask_id, self.vocabulary, generator)


def masked_batch(
    windows: Tensor, cls: int, sep: int, mask_id: int, vocabulary: int, generator: torch.Generator
) -> Batch:
    """The masked sequences of these windows of plain token ids."""
    ids, segments = sequences(windows, cls, sep, generator)
    masked, places, labels = mask(ids, (ids == cls) | (ids == sep), mask_id, vocabulary, generator)
    return Batch(masked, segments, places, labels)


def held_out_batches(
    corpus: Corpus, tokenizer: PreTrainedTokenizerBase, length: int, most: int
) -> tuple[list[Batch], np.ndarray]:
    """The same masked sequences of the held-out documents whenever asked, 32 a batch, and where each starts."""
    starts = held_out_starts(corpus, length - 2, most)
    windows = torch.from_numpy(corpus.tokens[starts[:, None] + np.arange(length - 2)].astype(np.int64))
    generator = torch.Generator().manual_seed(0)
    named = tokenizer.cls_token_id, tokenizer.sep_token_id, tokenizer.mask_token_id, len(tokenizer)
    return [masked_batch(part, *named, generator) for part in torch.split(windows, 32)], starts
