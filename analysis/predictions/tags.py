"""Tags of entities, whichever way a data set writes them: BIO, IOB1, BIOES, BILOU, IO, or the bare types.

>>> scheme_of(("OUT", "B-PER", "I-PER", "S-PER")).tags[3]
Tag(place='S', kind='PER')
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from analysis.predictions.labels import NUMBERED, key_of

OUTSIDE = "O"  # the type of a word that is in no entity
UNTYPED = "entity"  # where tags are B and I alone
OUTSIDE_NAMES = {"o", "out", "outside", "none", "null", "no entity", "not an entity"}
# What letters say of a word's place: it begins an entity, is inside, ends it, or is all of it (a single word).
PLACES = {"B": "B", "I": "I", "M": "I", "E": "E", "L": "E", "S": "S", "U": "S", "W": "S"}
BEFORE = re.compile(rf"(?P<place>[{''.join(PLACES)}])[-_.:](?P<kind>.+)")
BEHIND = re.compile(rf"(?P<kind>.+)[-_.:](?P<place>[{''.join(PLACES)}])")
ALONE = re.compile(rf"(?P<place>[{''.join(PLACES)}])(?P<kind>)")
# The place that a tag says instead, where a model has none of that place.
INSTEAD = {"B": "BI", "I": "I", "E": "EI", "S": "SBI", "O": "O"}


@dataclass(frozen=True, slots=True)
class Tag:
    """What a label says of a word: its place ("B", "I", "E", "S", or "O" outside) and the type of entity."""

    place: str
    kind: str

    def __str__(self) -> str:
        return self.kind if self.place == OUTSIDE else f"{self.place}-{self.kind}"


NONE = Tag(OUTSIDE, OUTSIDE)


@dataclass(frozen=True, slots=True)
class Scheme:
    """A model's labels as tags, [label].

    In IOB1 an entity begins with I, and with B only right behind one of its type: targets do not tell these two apart.
    """

    tags: tuple[Tag, ...]

    @property
    def has_outside(self) -> bool:
        return NONE in self.tags

    @property
    def begins_with_b(self) -> bool:
        """False for IO and IOB1, of which the tags of some types have no B."""
        kinds = {place: {tag.kind for tag in self.tags if tag.place == place} for place in "BI"}
        return kinds["I"] <= kinds["B"]

    def number_of(self, tag: Tag) -> int | None:
        """Which label says this, or the nearest to it that this scheme has; None where it lacks the type."""
        known = {(each.place, key_of(each.kind)): number for number, each in enumerate(self.tags)}
        known |= {(each.place, each.kind): number for number, each in enumerate(self.tags)}
        keys = [(place, kind) for place in INSTEAD[tag.place] for kind in (tag.kind, key_of(tag.kind))]
        return next((known[key] for key in keys if key in known), None)

    def spelt(self, tags: Sequence[Tag]) -> tuple[Tag, ...]:
        """The tags of neighbouring words, which are in BIO, as this scheme writes them."""
        places = {tag.place for tag in self.tags}
        closed = {"B": "S", "I": "E"}  # where the next word is no part of the same entity
        return tuple(
            tag
            if tag.place == OUTSIDE
            else Tag(closed[tag.place], tag.kind)
            if following.place != "I" and closed[tag.place] in places
            else Tag(tag.place if self.begins_with_b else "I", tag.kind)
            for tag, following in pairwise([*tags, NONE])
        )


@functools.lru_cache(maxsize=64)
def scheme_of(labels: tuple[str, ...]) -> Scheme:
    """The labels as tags. What stands for "in no entity" is known by its name, or as the only one that is no tag."""
    outside = _outside(labels)
    return Scheme(tuple(NONE if label == outside else _tag(label, labels) for label in labels))


def _outside(labels: Sequence[str]) -> str | None:
    """The label of a word that is in no entity; None where nobody can tell."""
    named = [label for label in labels if key_of(label) in OUTSIDE_NAMES]
    written = _pattern(labels)
    others = [label for label in labels if written and not written.fullmatch(label)]
    numbered = [label for label in labels if NUMBERED.fullmatch(label)]
    alone = (found[0] for found in (named, others, numbered) if len(found) == 1 < len(labels))
    return next(alone, None)


def _tag(label: str, labels: Sequence[str]) -> Tag:
    written = _pattern(labels)
    parts = written and written.fullmatch(label)
    return Tag(PLACES[parts["place"]], parts["kind"] or UNTYPED) if parts else Tag("I", label)


def _pattern(labels: Sequence[str]) -> re.Pattern[str] | None:
    """How labels say a word's place: before the type, behind it, or alone; None for bare types."""
    if any(map(BEFORE.fullmatch, labels)):
        return BEFORE
    if sum(bool(BEHIND.fullmatch(label)) for label in labels) >= len(labels) - 1:
        return BEHIND
    return ALONE if {"B", "I"} <= set(labels) else None


def tag_of(outcome: str) -> Tag:
    """What the outcome of a target says of a word: a tag, or a bare type.

    >>> tag_of("B-PER"), tag_of("O"), tag_of("PER")
    (Tag(place='B', kind='PER'), Tag(place='O', kind='O'), Tag(place='I', kind='PER'))
    """
    place, _, kind = outcome.partition("-")
    if outcome == OUTSIDE:
        return NONE
    return Tag(place, kind) if kind and place in INSTEAD else Tag("I", outcome)


def in_bio(tag: Tag) -> Tag:
    """The tag without what BIO does not say: that an entity ends."""
    return Tag({"S": "B", "E": "I"}.get(tag.place, tag.place), tag.kind)


def runs(tags: Sequence[Tag]) -> list[tuple[str, int, int]]:
    """(type, first word, last word) of each entity: it begins with B or S, with another type, or behind an end.

    >>> runs(list(map(tag_of, ["B-per", "I-per", "O", "I-geo", "B-geo"])))
    [('per', 0, 1), ('geo', 3, 3), ('geo', 4, 4)]
    """
    begins = [
        number
        for number, (before, tag) in enumerate(pairwise([NONE, *tags]))
        if tag.place in ("B", "S") or tag.kind != before.kind or (before.place in ("E", "S"))
    ]
    return [
        (tags[first].kind, first, following - 1)
        for first, following in pairwise([*begins, len(tags)])
        if tags[first] != NONE
    ]
