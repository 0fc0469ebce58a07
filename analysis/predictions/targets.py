"""What both models are asked about, in words that hold for either, and where one model's logits answer it.

target = default_target(predict(teacher, example))  # a `Target`; see analysis/predictions/resolve.py
resolve(target, student, tokens).score(logits)  # a `ResolvedTarget`
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np

from analysis.arrays import Array
from analysis.errors import AnalysisError
from analysis.inputs.words import Word, place_of
from analysis.models.model import Model
from analysis.models.tokens import Tokens
from analysis.predictions.labels import index_of
from analysis.wording import shown

NUMBER = "the number"  # the one outcome of a regression head
LOGITS, POINTS = "logits", "points"  # what scores are in: points are of the number

LogitIndices: TypeAlias = tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Term:
    """One thing that an answer says: an outcome, of one word or (None) of all that was read.

    The outcome is a label, a word piece for the mask `word`, a tag of `word`, or "start" or "end" of an answer there
    (without a word: no answer).
    """

    outcome: str
    word: Word | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """What both models are asked about: all `terms` together, rather than those `foil`. `name` is for the reader.

    Of two labels, pieces for one mask, or tags of the same words, one rather than the other is a difference of logits:
    their log-odds.
    """

    terms: tuple[Term, ...]
    name: str
    foil: tuple[Term, ...] = ()

    @property
    def unit(self) -> str:
        """What its score is in."""
        return POINTS if self.name == NUMBER else LOGITS


@dataclass(frozen=True, slots=True)
class ResolvedTarget:
    """A target in one model's logits: the sum of those at `logit_indices`, less those at `foil`.

    They are indices into logits as `Reading` has them: (label,), (mask, piece), (token, label), or (0, token) for a
    start and (1, token) for an end. `name` is for the reader.
    """

    logit_indices: LogitIndices
    name: str
    foil: LogitIndices = ()

    @property
    def unit(self) -> str:
        """What its score is in."""
        return POINTS if self.name == NUMBER else LOGITS

    def score(self, logits: Array) -> float:
        """In logits, from one example's."""
        return sum(float(logits[index]) for index in self.logit_indices) - sum(
            float(logits[index]) for index in self.foil
        )

    def scores(self, logits: Any) -> Any:
        """In logits, from those of several rows [row, …], an array or a tensor: [row]."""
        supporting = sum(logits[:, *index] for index in self.logit_indices)
        return supporting - sum(logits[:, *index] for index in self.foil)


def contrast(target: Target, other: Target) -> Target:
    """One rather than the other."""
    return Target(target.terms, f"{target.name} rather than {other.name}", foil=other.terms)


def with_distinct_names(targets: Iterable[Target]) -> tuple[Target, ...]:
    """Each aim once, with a name of its own: a text can hold the same words twice."""
    known: dict[str, Target] = {}
    for target in targets:
        name, number = target.name, 1
        while name in known and known[name].terms != target.terms:
            number += 1
            name = f"{target.name} · {number}"
        known.setdefault(name, replace(target, name=name))
    return tuple(known.values())


def word_index(term: Term, tokens: Tokens) -> int:
    """The number of the word that a term is about, which may be part of a joined one here.

    Raises `ValueError` if these tokens are of another text.
    """
    place = place_of(term.word, tokens.words) if term.word else None
    if place is None or term.word is None or term.word.text not in tokens.words[place].text:
        raise ValueError(f"{term} is about a word of another text than {tokens.texts}")
    return place


def pieces_of_word(model: Model, tokens: Tokens, word: int) -> list[int]:
    """The tokens of a word, of which there is at least one; else `AnalysisError`."""
    pieces = np.flatnonzero(tokens.word_ids == word).tolist()
    if not pieces:
        unread = shown(tokens.words[word].text)
        raise AnalysisError(f"{model.checkpoint.name} does not read the word “{unread}”: change it.")
    return pieces


def label_index(model: Model, known: tuple[str, ...], name: str, kind: str) -> int:
    """The number of a label, however it is spelt, or of a piece in those that a model knows; else `AnalysisError`."""
    found = index_of(name, known) if kind == "label" else known.index(name) if name in known else None
    if found is None:
        raise AnalysisError(f"{model.checkpoint.name} has no {kind} “{shown(name)}”: choose another target.")
    return found
