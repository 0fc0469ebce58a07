"""Named entities: news sentences of the Groningen Meaning Bank, scored by whole entities as seqeval does."""

from __future__ import annotations

import lzma
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from pathlib import Path

import numpy as np
import torch
from tokenizers import Encoding
from transformers import AutoModelForTokenClassification, AutoTokenizer, PreTrainedModel, PreTrainedTokenizerBase

from .adapters import base_of, merged
from .bootstrap import Array, Statistic, agreement, kappa, ratio
from .evaluate import Evaluation
from .finetune import NOT_SCORED, Encoded, TaskRecipe, model_inputs
from .loop import evaluating

TYPES = ("geo", "org", "per", "gpe", "tim", "art", "eve", "nat")
LABELS = ("O", *(f"{place}-{kind}" for kind in TYPES for place in "BI"))
LETTERS = ".ABCDEFGHIJKLMNOP"  # a letter for each of the labels: answers are kept as one string a sentence


@dataclass(frozen=True, slots=True)
class Tagged:
    """A sentence, word by word, with the BIO tag of each word."""

    words: tuple[str, ...]
    tags: tuple[str, ...]

    @property
    def text(self) -> str:
        """The words with a space between them: plain text, as the dashboard is given it."""
        return " ".join(self.words)

    @property
    def starts(self) -> list[int]:
        """The character of `text` at which each word begins."""
        return [0, *accumulate(len(word) + 1 for word in self.words[:-1])]


def read_gmb(data: Path, part: str) -> list[Tagged]:
    """Sentences of a file with a word, a tab and its tag a line, and an empty line behind each sentence."""
    text = lzma.decompress((data / "ner_gmb" / part).read_bytes()).decode("utf-8")
    sentences = [block.strip("\n").split("\n") for block in text.split("\n\n") if block.strip()]
    return [Tagged(*zip(*(line.split("\t") for line in lines), strict=True)) for lines in sentences]


def encodings_of(tokenizer: PreTrainedTokenizerBase, examples: Sequence[Tagged], length: int) -> list[Encoding]:
    """The sentences as tokens; the longest are cut to `length`."""
    encoded = tokenizer([example.text for example in examples], truncation=True, max_length=length)
    encodings: list[Encoding] = encoded.encodings
    return encodings


def words_begun(encoding: Encoding, example: Tagged) -> list[int]:
    """For each token the word of the example that it begins a stretch of, else -1.

    The tokenizer sets punctuation apart, so that "U.N." is four stretches: all of them are scored, since the dashboard
    tags them one by one. Further pieces of a stretch and added tokens are not.
    """
    starts, before, words = example.starts, None, []
    for stretch, (start, _) in zip(encoding.word_ids, encoding.offsets, strict=True):
        begins = stretch is not None and stretch != before
        words.append(bisect_right(starts, start) - 1 if begins else -1)
        before = stretch
    return words


def token_labels(encoding: Encoding, example: Tagged) -> list[int]:
    """The number of each token's label; the later stretches of a word that begins an entity are inside it."""
    before, labels = -1, []
    for word in words_begun(encoding, example):
        if word < 0:
            labels.append(NOT_SCORED)
            continue
        tag = example.tags[word]
        labels.append(LABELS.index(tag.replace("B-", "I-") if word == before else tag))
        before = word
    return labels


def encode_entities(tokenizer: PreTrainedTokenizerBase, examples: Sequence[Tagged], length: int) -> Encoded:
    """The sentences with a label for each token."""
    encodings = encodings_of(tokenizer, examples, length)
    labels = [token_labels(encoding, example) for encoding, example in zip(encodings, examples, strict=True)]
    return Encoded([each.ids for each in encodings], [each.type_ids for each in encodings], {"labels": labels})


def word_tags(encoding: Encoding, example: Tagged, labels: Sequence[int] | Array) -> list[str]:
    """The tag of each word, from the label of its first token; "O" for a word that was cut off."""
    tags = ["O"] * len(example.words)
    for place, word in reversed(list(enumerate(words_begun(encoding, example)))):
        if word >= 0:
            tags[word] = LABELS[labels[place]]
    return tags


def entities(tags: Iterable[str]) -> set[tuple[str, int, int]]:
    """(type, first word, last word) of each entity, as seqeval's default mode has it.

    A B- tag begins an entity, and so does an I- tag where another type, or none, came before.
    """
    tags = list(tags)
    kinds = [tag.partition("-")[2] for tag in tags]
    begins = [at for at, tag in enumerate(tags) if at == 0 or tag.startswith("B-") or kinds[at] != kinds[at - 1]]
    return {(kinds[first], first, end - 1) for first, end in pairwise([*begins, len(tags)]) if kinds[first]}


def entity_scores(gold: Sequence[Sequence[str]], predicted: Sequence[Sequence[str]]) -> dict[str, Statistic]:
    """Micro-averaged F1, precision and recall of whole entities, each as a function of the sentences' weights."""
    both = [(entities(right), entities(answer)) for right, answer in zip(gold, predicted, strict=True)]
    counts = [(len(right), len(answer), len(right & answer)) for right, answer in both]
    real, found, right = np.array(counts, float).T
    return {"f1": ratio(2 * right, real + found), "precision": ratio(right, found), "recall": ratio(right, real)}


@torch.no_grad()
def predicted_labels(
    model: PreTrainedModel, encoded: Encoded, device: torch.device, batch_size: int = 64
) -> list[Array]:
    """The likeliest label of every token, [token] for each example, in float32 arithmetic."""
    evaluating(model, device)
    order = np.argsort([len(row) for row in encoded.ids], kind="stable")
    answers: dict[int, Array] = {}
    for begin in range(0, len(order), batch_size):
        numbers = order[begin : begin + batch_size]
        logits = model(**model_inputs(encoded, numbers, model.config.model_type, device)).logits
        answers |= dict(zip(numbers.tolist(), logits.argmax(-1).cpu().numpy(), strict=True))
    return [answers[number][: len(row)] for number, row in enumerate(encoded.ids)]


def tags_given(
    task: str, recipe: TaskRecipe, folder: Path, examples: Sequence[Tagged], device: torch.device
) -> list[str]:
    """A side's tags for the words of each sentence: one of `LETTERS` for each word."""
    tokenizer = AutoTokenizer.from_pretrained(base_of(folder))
    labels = predicted_labels(merged(recipe, folder), recipe.encode(tokenizer, examples, recipe.length), device)
    encodings = encodings_of(tokenizer, examples, recipe.length)
    tags = [word_tags(*each) for each in zip(encodings, examples, labels, strict=True)]
    return ["".join(LETTERS[LABELS.index(tag)] for tag in sentence) for sentence in tags]


def tags_of(letters: str) -> list[str]:
    """The tags that a string of `LETTERS` stands for."""
    return [LABELS[LETTERS.index(letter)] for letter in letters]


def tag_scores(examples: Sequence[Tagged], answers: Sequence[str]) -> dict[str, Statistic]:
    """F1, precision and recall of whole entities."""
    return entity_scores([example.tags for example in examples], [tags_of(letters) for letters in answers])


def tags_together(examples: Sequence[Tagged], first: Sequence[str], second: Sequence[str]) -> dict[str, Statistic]:
    """Agreement and kappa of the words' tags."""
    sentence = np.repeat(np.arange(len(examples)), [len(example.words) for example in examples])
    items = np.array(list("".join(first))), np.array(list("".join(second))), sentence, len(examples)
    return {"agreement": agreement(*items), "kappa": kappa(*items)}


EVALUATION = Evaluation(tags_given, tag_scores, tags_together)

RECIPE = TaskRecipe(
    source="Groningen Meaning Bank, news sentences with eight types of entities (public-domain text)",
    labels=LABELS,
    head=AutoModelForTokenClassification,
    read=read_gmb,
    encode=encode_entities,
    parts=("train.bio.xz", "test.bio.xz"),
    length=96,  # five training sentences in 42,575 are longer
    epochs=3,
)
