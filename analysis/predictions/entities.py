"""A tag for every word: which entities are found, what can be asked of them, and where the logits say so."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from analysis.arrays import Array, frozen, softmax
from analysis.errors import AnalysisError
from analysis.inputs.words import Word
from analysis.models.forward import Reading
from analysis.models.model import Model
from analysis.models.pairs import Sides
from analysis.models.tokens import Tokens
from analysis.predictions.labels import key_of, keys_of
from analysis.predictions.pooling import first_pieces
from analysis.predictions.tags import OUTSIDE, in_bio, runs, scheme_of, tag_of
from analysis.predictions.targets import Target, Term, pieces_of_word, with_distinct_names, word_index
from analysis.wording import shown

NO_ENTITY = "no entity"
NAMED = 8  # entities of a text that are named in one sentence

# What the types of several data sets have in common; other types (times, nationalities, works) are not compared.
COMMON_TYPES = {"per": "person", "org": "organisation", "geo": "place", "gpe": "place", "loc": "place"}

# What a type is called for readers; a type that is not here is shown as the data set labels it.
TYPE_NAMES = {
    "per": "person",
    "person": "person",
    "org": "organisation",
    "geo": "place",
    "loc": "place",
    "gpe": "country or people",
    "tim": "time",
    "date": "date",
    "art": "work or product",
    "eve": "event",
    "nat": "natural phenomenon",
    "misc": "other name",
}


def type_name(label: str) -> str:
    """A type of entity as readers call it.

    >>> type_name("per"), type_name("LOC"), type_name("dna")
    ('person', 'place', 'dna')
    """
    return TYPE_NAMES.get(label.lower(), label)


@dataclass(frozen=True, slots=True)
class Entity:
    """A named entity: `text` is the input from `start` to `end`; `score` is the mean probability of its words."""

    label: str
    text: str
    start: int
    end: int
    score: float

    def __str__(self) -> str:
        return f"{self.text} ({type_name(self.label)})"


@dataclass(frozen=True, slots=True)
class Entities:
    """The named entities of a text, and for each of its words the probabilities they were read from.

    `labels` are the checkpoint's tags (O, B-PER, I-PER, …); `probabilities` [word, label] are those of a word's first
    piece; a row is uniform where a word has no piece of its own. `windows`: how many a long text takes; a word's row is
    then that of the window in which it stands farthest from where the text is cut.
    """

    words: tuple[Word, ...]
    labels: tuple[str, ...]
    probabilities: Array
    entities: tuple[Entity, ...]
    windows: int = 1

    @property
    def answer_key(self) -> Hashable:
        return frozenset(map(key_of_entity, self.entities))

    @property
    def wording(self) -> str:
        return self.summary

    @property
    def summary(self) -> str:
        return _named(self.entities) or NO_ENTITY

    @property
    def outcomes(self) -> tuple[str, ...]:
        return self.labels

    @property
    def distributions(self) -> Array:
        return self.probabilities

    @property
    def targets(self) -> tuple[str, ...]:
        return tuple(map(str, self.entities))


def _named(entities: Sequence[Entity]) -> str:
    named = ", ".join(map(str, entities[:NAMED]))
    more = len(entities) - NAMED
    return f"{named} and {more:,} more" if more > 0 else named


def key_of_entity(entity: Entity) -> tuple[str, int, int]:
    """What an entity is compared by: its type, however it is spelt, and its place."""
    return key_of(entity.label), entity.start, entity.end


def outcome_keys(prediction: Entities) -> tuple[Hashable, ...]:
    """What the tags are compared by."""
    return keys_of(tuple(map(str, scheme_of(prediction.labels).tags)))


def are_comparable(predictions: Sides[Entities]) -> bool:
    """Whether both models have a type of entity in common."""
    known = predictions.map(lambda each: {key_of(kind) for kind in entity_types(each)} - {key_of(OUTSIDE)})
    return not known.teacher.isdisjoint(known.student)


def differing(predictions: Sides[Entities]) -> str:
    """What only one of two models finds, where either finds more than a sentence can name; else nothing."""
    if all(len(each.entities) <= NAMED for each in predictions):
        return ""
    keys = predictions.map(lambda each: {key_of_entity(entity) for entity in each.entities})
    shared = keys.teacher & keys.student
    alone = [_named([one for one in each.entities if key_of_entity(one) not in shared]) for each in predictions]
    found = "; ".join(
        f"only the {side} finds {named}" for side, named in zip(("teacher", "student"), alone, strict=True) if named
    )
    return f", with {len(shared):,} in common: {found}"


def decode(model: Model, readings: tuple[Reading, ...]) -> Entities:
    """Entities of whole words, each word tagged by its first piece: `aggregation_strategy="first"` of the pipeline.

    Those of a long text are put together from the tags of all windows, so that an entity may lie across their ends.
    """
    scheme = scheme_of(model.labels)
    if not scheme.has_outside:
        raise AnalysisError(
            f"{model.checkpoint.name} does not say which of its labels means “in no entity”: it has "
            f"{shown(', '.join(model.labels), 60)}. Say so where the models are named, such as LABEL_0 = O."
        )
    tokens = readings[0].tokens
    words, logits = first_pieces(readings)
    rows = softmax(logits)
    probabilities = np.full((len(tokens.words), len(model.labels)), 1 / len(model.labels))
    probabilities[words] = rows
    found = runs([scheme.tags[index] for index in rows.argmax(axis=1)])
    entities = tuple(
        _entity(label, tokens, words[[first, last]], rows[first : last + 1]) for label, first, last in found
    )
    return Entities(tokens.words, model.labels, frozen(probabilities), entities, len(readings))


def _entity(label: str, tokens: Tokens, ends: Array, rows: Array) -> Entity:
    first, last = ends  # its outer words
    start, end = tokens.words[first].start, tokens.words[last].end
    return Entity(label, tokens.texts[0][start:end], start, end, score=float(rows.max(axis=1).mean()))


def default_target(prediction: Entities) -> Target:
    """The tags of the first entity, or if there is none, that every word is outside of one."""
    return candidate_targets(prediction)[0]


def candidate_targets(prediction: Entities) -> tuple[Target, ...]:
    """Every entity, or that there is none."""
    tags = [scheme_of(prediction.labels).tags[index] for index in prediction.probabilities.argmax(axis=1)]
    terms = [Term(str(in_bio(tag)), word) for tag, word in zip(tags, prediction.words, strict=True)]
    targets = [
        Target(tuple(term for term in terms if _starts_in(term.word, entity.start, entity.end)), str(entity))
        for entity in prediction.entities
    ]
    return with_distinct_names(targets or [Target(tuple(terms), prediction.wording)])


def own_targets(predictions: Sides[Entities]) -> Sides[Target]:
    """The first entity that only one of two models has, and what the other says of its words.

    That is an entity which overlaps with it, or that there is none. The first entity for both where they have the same.
    """
    found = predictions.map(lambda prediction: candidate_targets(prediction) if prediction.entities else ())
    shared = set(map(_meaning, found.teacher)) & set(map(_meaning, found.student))
    differing = found.map(lambda targets: [target for target in targets if _meaning(target) not in shared])
    if not any(differing):
        return Sides(*[default_target(predictions.teacher)] * 2)
    first = min((target for targets in differing for target in targets), key=lambda target: _words_of(target)[0].start)
    return differing.map(lambda targets: _said_of(_words_of(first), targets))


def _said_of(words: Sequence[Word], targets: Sequence[Target]) -> Target:
    """The first of these entities that shares a word, or that the words are in none."""
    sharing = (target for target in targets if not set(words).isdisjoint(_words_of(target)))
    return next(sharing, entity_target(words, OUTSIDE))


def _meaning(target: Target) -> tuple[tuple[str, Word | None], ...]:
    return tuple((key_of(tag_of(term.outcome).kind), term.word) for term in target.terms)


def _words_of(target: Target) -> list[Word]:
    return [term.word for term in target.terms if term.word]


def foils(target: Target, candidates: Sequence[Target], prediction: Entities) -> tuple[Target, ...]:
    """The same words with every other type, or outside of all entities."""
    if target.name == NO_ENTITY:
        return ()
    words, kind = _words_of(target), tag_of(target.terms[0].outcome).kind
    return with_distinct_names(entity_target(words, other) for other in entity_types(prediction) if other != kind)


def entity_target(words: Sequence[Word], entity_type: str) -> Target:
    """That these neighbouring words are one entity of this type, or of none ("O")."""
    tags = [
        OUTSIDE if entity_type == OUTSIDE else ("I-" if place else "B-") + entity_type for place in range(len(words))
    ]
    text = " ".join(word.text for word in words)
    kind = NO_ENTITY if entity_type == OUTSIDE else type_name(entity_type)
    return Target(tuple(map(Term, tags, words)), f"{text} ({kind})")


def name_by_label(target: Target) -> str:
    """A target's name with the type as the checkpoint labels it: links are to stay, whatever readers call the type."""
    kind = tag_of(target.terms[0].outcome).kind
    return target.name.replace(f"({type_name(kind)})", f"({kind})")


def entity_types(prediction: Entities) -> tuple[str, ...]:
    """The types that a model tags words with, "O" for none."""
    return tuple(dict.fromkeys(tag.kind for tag in scheme_of(prediction.labels).tags))


def readable_terms(terms: tuple[Term, ...], model: Model, tokens: Tokens) -> tuple[Term, ...]:
    """The tags as this model's scheme writes them, without those of words that these tokens leave out, if any is left.

    (Some tokenizers delete a lone accent.) Where an edit has made one word of several, it has the tag of the first.
    """
    one_per_word = {word_index(term, tokens): term for term in reversed(terms)}
    read = [term for place, term in one_per_word.items() if place in tokens.word_ids][::-1] or terms
    spelt = scheme_of(model.labels).spelt([tag_of(term.outcome) for term in read])
    return tuple(Term(str(tag), term.word) for tag, term in zip(spelt, read, strict=True))


def resolve(term: Term, model: Model, tokens: Tokens) -> tuple[int, ...]:
    """(first piece of the word, tag): the model's own tag, or the nearest that its scheme has."""
    tag = tag_of(term.outcome)
    label = scheme_of(model.labels).number_of(tag)
    if label is None:
        raise AnalysisError(f"{model.checkpoint.name} has no label “{shown(tag.kind)}”: choose another target.")
    return pieces_of_word(model, tokens, word_index(term, tokens))[0], label


def carry_over(term: Term, words: tuple[Word, ...]) -> tuple[Term, ...] | None:
    """A word's tag: that of the first in its place, so that as many are asked for; outside of all, a word may go."""
    if not words:
        return () if term.outcome == OUTSIDE else None
    return (Term(term.outcome, words[0]),)


def pointed_at(prediction: Entities) -> tuple[int, int, int] | None:
    """Field, start and end of the first entity, if there is one."""
    return (0, prediction.entities[0].start, prediction.entities[0].end) if prediction.entities else None


def rests_on(prediction: Entities) -> tuple[int, int, int]:
    """Field, start and end of the first entity; of the first word if there is none, as every part of the text says."""
    first = prediction.words[0]
    return pointed_at(prediction) or (first.field, first.start, first.end)


def is_correct(prediction: Entities, expected: Sequence[Sequence[str]]) -> bool:
    """All the expected entities with their types, and no other."""
    found = sorted((entity.text.lower(), entity.label.lower()) for entity in prediction.entities)
    return found == sorted((text.lower(), entity_type) for text, entity_type in expected)


def is_correct_in_common_types(prediction: Entities, expected: Sequence[Sequence[str]]) -> bool:
    """The same, with types reduced to `COMMON_TYPES`: checkpoints name them otherwise."""
    found = [(entity.text.lower(), COMMON_TYPES.get(entity.label.lower())) for entity in prediction.entities]
    return sorted((text, entity_type) for text, entity_type in found if entity_type) == sorted(
        (text.lower(), entity_type) for text, entity_type in expected
    )


def _starts_in(word: Word | None, start: int, end: int) -> bool:
    return word is not None and start <= word.start < end
