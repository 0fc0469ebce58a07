"""What both models are asked about, in words that hold for either: `targets` finds them in one model's logits.

target = default_target(predict(teacher, example))  # or one of candidate_targets(…), or contrast(one, other)
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from analysis.inputs.words import Word
from analysis.models.pairs import Sides
from analysis.predictions.values import Classification, Entities, MaskPredictions, Prediction, SpanPredictions

CANDIDATES = 5  # word pieces for a mask that are offered as targets
OUTSIDE = "O"  # the tag of a word that is in no entity
NO_ENTITY = "no entity"


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


# What of an answer can be asked about: its claims, and how it is named.
ANSWER_PARTS: dict[str, tuple[slice, str]] = {
    "start and end": (slice(None), ""),
    "start": (slice(1), ": its start"),
    "end": (slice(1, 2), ": its end"),
}


def default_target(prediction: Prediction) -> Target:
    """What a prediction says.

    The likeliest label; the best piece for the first mask; the tags of the first entity, or without one that of every
    word ("O"); start and end of the best answer, or no answer.
    """
    match prediction:
        case Classification():
            return Target((Term(prediction.wording),), prediction.wording)
        case SpanPredictions() if prediction.answer_key == "no answer":
            return Target((Term("start"), Term("end")), prediction.wording)
        case _:
            return candidate_targets(prediction)[0]


def candidate_targets(prediction: Prediction) -> tuple[Target, ...]:
    """All that a prediction suggests to ask about.

    Every label; the likeliest pieces for each mask; every entity, or that there is none; every answer.
    """
    match prediction:
        case Classification():
            return tuple(Target((Term(label),), label) for label in prediction.labels)
        case MaskPredictions():
            best = [(mask, prediction.best(mask, CANDIDATES)) for mask in range(len(prediction.masks))]
            return tuple(piece_at_mask(prediction, mask, piece) for mask, pieces in best for piece, _ in pieces)
        case Entities():
            return with_distinct_names(_found(prediction))
        case SpanPredictions():
            return with_distinct_names(_answers(prediction))


def candidates_of_both(predictions: Sides[Prediction]) -> tuple[Target, ...]:
    """What both models' answers suggest to ask about, the teacher's own answer first and the student's last."""
    teacher, student = predictions
    return with_distinct_names((default_target(teacher), *candidate_targets(teacher), *candidate_targets(student)))


def foils(target: Target, among: Sequence[Target], prediction: Prediction) -> tuple[Target, ...]:
    """What a target can be held against: other labels, pieces for the same mask, types of the same words, answers."""
    match prediction:
        case Entities():
            among = (
                []
                if target.name == NO_ENTITY
                else [entity_target(_words(target), kind) for kind in entity_types(prediction)]
            )
            return tuple(other for other in among if _kind(other.terms[0]) != _kind(target.terms[0]))
        case MaskPredictions():
            among = [other for other in among if _words(other) == _words(target)]
    return tuple(other for other in among if other.terms != target.terms)


def piece_target(piece: str, mask: Word, name: str = "") -> Target:
    """A word piece in the place of a mask."""
    return Target((Term(piece, mask),), name or piece)


def piece_at_mask(prediction: MaskPredictions, mask: int, piece: str) -> Target:
    """A word piece in a mask of a prediction, by its number from 0; which one stands in the name after the first."""
    return piece_target(piece, prediction.masks[mask], f"{piece} in mask {mask + 1}" if mask else piece)


def entity_target(words: Sequence[Word], kind: str) -> Target:
    """That these neighbouring words are one entity of this type, or of none ("O")."""
    tags = [OUTSIDE if kind == OUTSIDE else ("I-" if place else "B-") + kind for place in range(len(words))]
    text = " ".join(word.text for word in words)
    return Target(tuple(map(Term, tags, words)), f"{text} ({NO_ENTITY if kind == OUTSIDE else kind})")


def entity_types(prediction: Entities) -> tuple[str, ...]:
    """The types that a model tags words with, "O" for none."""
    return tuple(dict.fromkeys(map(strip_bio, prediction.labels)))


def span_target(words: Sequence[Word], text: str = "") -> Target:
    """That these neighbouring words of the context are the answer; `text` is how they are written there."""
    return Target((Term("start", words[0]), Term("end", words[-1])), text or " ".join(word.text for word in words))


def part_of_answer(target: Target, key: str) -> Target:
    """A key of `ANSWER_PARTS` of an answer: all of it, or its start or end alone."""
    terms, name = ANSWER_PARTS[key]
    return Target(target.terms[terms], target.name + name)


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


def _found(prediction: Entities) -> list[Target]:
    tags = [prediction.labels[index] for index in prediction.probabilities.argmax(axis=1)]
    tagged = list(map(Term, tags, prediction.words))
    targets = [
        Target(tuple(term for term in tagged if _starts_in(term.word, found.start, found.end)), name)
        for found, name in zip(prediction.entities, prediction.targets, strict=True)
    ]
    return targets or [Target(tuple(tagged), prediction.wording)]


def _starts_in(word: Word | None, start: int, end: int) -> bool:
    return word is not None and start <= word.start < end


def _answers(prediction: SpanPredictions) -> list[Target]:
    return [
        span_target([word for word in prediction.words if answer.start <= word.start < answer.end], answer.text)
        for answer in prediction.answers
    ]


def _words(target: Target) -> list[Word]:
    return [term.word for term in target.terms if term.word]


def _kind(term: Term) -> str:
    return strip_bio(term.outcome)


def strip_bio(tag: str) -> str:
    return tag.removeprefix("B-").removeprefix("I-")
