"""What both models are asked about, in words that hold for either: `targets` finds them in one model's logits.

asked = aim_of(predict(teacher, example))  # or one of aims_of(...), entity(...), rather(one, other)
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from analysis.inputs.words import Word
from analysis.models.pairs import Sides
from analysis.predictions.values import Answers, Classification, Entities, Fills, Prediction

CANDIDATES = 5  # word pieces for a mask that are offered as targets
OUTSIDE = "O"  # the tag of a word that is in no entity
NO_ENTITY = "no entity"


@dataclass(frozen=True, slots=True)
class Claim:
    """One thing that an answer says: an outcome, of one word or (None) of all that was read.

    The outcome is a label, a word piece for the mask `word`, a tag of `word`, or "start" or "end" of an answer there
    (without a word: no answer).
    """

    outcome: str
    word: Word | None = None


@dataclass(frozen=True, slots=True)
class Aim:
    """What both models are asked about: all `claims` together, rather than those `against`. `name` is for the reader.

    Of two labels, pieces for one mask, or tags of the same words, one rather than the other is a difference of logits:
    their log-odds.
    """

    claims: tuple[Claim, ...]
    name: str
    against: tuple[Claim, ...] = ()


# What of an answer can be asked about: its claims, and how it is named.
PARTS: dict[str, tuple[slice, str]] = {
    "start and end": (slice(None), ""),
    "start": (slice(1), ": its start"),
    "end": (slice(1, 2), ": its end"),
}


def aim_of(prediction: Prediction) -> Aim:
    """What a prediction says.

    The likeliest label; the best piece for the first mask; the tags of the first entity, or without one that of every
    word ("O"); start and end of the best answer, or no answer.
    """
    match prediction:
        case Classification():
            return Aim((Claim(prediction.wording),), prediction.wording)
        case Answers() if prediction.verdict == "no answer":
            return Aim((Claim("start"), Claim("end")), prediction.wording)
        case _:
            return aims_of(prediction)[0]


def aims_of(prediction: Prediction) -> tuple[Aim, ...]:
    """All that a prediction suggests to ask about: `rather` makes a contrast of two, `part` the start of an answer.

    Every label; the likeliest pieces for each mask; every entity, or that there is none; every answer.
    """
    match prediction:
        case Classification():
            return tuple(Aim((Claim(label),), label) for label in prediction.labels)
        case Fills():
            best = [(mask, prediction.best(mask, CANDIDATES)) for mask in range(len(prediction.masks))]
            return tuple(piece_in(prediction, mask, piece) for mask, pieces in best for piece, _ in pieces)
        case Entities():
            return apart(_found(prediction))
        case Answers():
            return apart(_answers(prediction))


def offered(predictions: Sides[Prediction]) -> tuple[Aim, ...]:
    """What both models' answers suggest to ask about, the teacher's own answer first and the student's last."""
    teacher, student = predictions
    return apart((aim_of(teacher), *aims_of(teacher), *aims_of(student)))


def rivals(aim: Aim, among: Sequence[Aim], prediction: Prediction) -> tuple[Aim, ...]:
    """What an aim can be held against: other labels, pieces for the same mask, types of the same words, answers."""
    match prediction:
        case Entities():
            among = [] if aim.name == NO_ENTITY else [entity(_words(aim), kind) for kind in kinds(prediction)]
            return tuple(other for other in among if _kind(other.claims[0]) != _kind(aim.claims[0]))
        case Fills():
            among = [other for other in among if _words(other) == _words(aim)]
    return tuple(other for other in among if other.claims != aim.claims)


def candidate(piece: str, mask: Word, name: str = "") -> Aim:
    """A word piece in the place of a mask."""
    return Aim((Claim(piece, mask),), name or piece)


def piece_in(prediction: Fills, mask: int, piece: str) -> Aim:
    """A word piece in a mask of a prediction, by its number from 0; which one stands in the name after the first."""
    return candidate(piece, prediction.masks[mask], f"{piece} in mask {mask + 1}" if mask else piece)


def entity(words: Sequence[Word], kind: str) -> Aim:
    """That these neighbouring words are one entity of this type, or of none ("O")."""
    tags = [OUTSIDE if kind == OUTSIDE else ("I-" if place else "B-") + kind for place in range(len(words))]
    text = " ".join(word.text for word in words)
    return Aim(tuple(map(Claim, tags, words)), f"{text} ({NO_ENTITY if kind == OUTSIDE else kind})")


def kinds(prediction: Entities) -> tuple[str, ...]:
    """The types that a model tags words with, "O" for none."""
    return tuple(dict.fromkeys(map(_bare, prediction.labels)))


def stretch(words: Sequence[Word], text: str = "") -> Aim:
    """That these neighbouring words of the context are the answer; `text` is how they are written there."""
    return Aim((Claim("start", words[0]), Claim("end", words[-1])), text or " ".join(word.text for word in words))


def part(aim: Aim, key: str) -> Aim:
    """A key of `PARTS` of an answer: all of it, or its start or end alone."""
    claims, name = PARTS[key]
    return Aim(aim.claims[claims], aim.name + name)


def rather(aim: Aim, other: Aim) -> Aim:
    """One rather than the other."""
    return Aim(aim.claims, f"{aim.name} rather than {other.name}", against=other.claims)


def apart(aims: Iterable[Aim]) -> tuple[Aim, ...]:
    """Each aim once, with a name of its own: a text can hold the same words twice."""
    known: dict[str, Aim] = {}
    for aim in aims:
        name, number = aim.name, 1
        while name in known and known[name].claims != aim.claims:
            number += 1
            name = f"{aim.name} · {number}"
        known.setdefault(name, replace(aim, name=name))
    return tuple(known.values())


def _found(prediction: Entities) -> list[Aim]:
    tags = [prediction.labels[index] for index in prediction.probabilities.argmax(axis=1)]
    tagged = list(map(Claim, tags, prediction.words))
    aims = [
        Aim(tuple(claim for claim in tagged if _starts_in(claim.word, found.start, found.end)), name)
        for found, name in zip(prediction.entities, prediction.targets, strict=True)
    ]
    return aims or [Aim(tuple(tagged), prediction.wording)]


def _starts_in(word: Word | None, start: int, end: int) -> bool:
    return word is not None and start <= word.start < end


def _answers(prediction: Answers) -> list[Aim]:
    return [
        stretch([word for word in prediction.words if answer.start <= word.start < answer.end], answer.text)
        for answer in prediction.answers
    ]


def _words(aim: Aim) -> list[Word]:
    return [claim.word for claim in aim.claims if claim.word]


def _kind(claim: Claim) -> str:
    return _bare(claim.outcome)


def _bare(tag: str) -> str:
    return tag.removeprefix("B-").removeprefix("I-")
