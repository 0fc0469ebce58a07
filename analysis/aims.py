"""What both models are asked about, in words that hold for either: `targets` finds them in one model's logits.

asked = aim_of(predict(teacher, example))  # or one of aims_of(...), entity(...), rather(one, other)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from analysis.predictions import Answer, Answers, Classification, Entities, Fills, Prediction
from analysis.words import Word

CANDIDATES = 5  # word pieces for a mask that are offered as targets
OUTSIDE = "O"  # the tag of a word that is in no entity


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
    """All that can be asked about a prediction: `rather` makes a contrast of two, `entity` any stretch and type.

    Every label; the likeliest pieces for each mask; every entity, or that there is none; every answer, as a stretch and
    its start and its end alone.
    """
    match prediction:
        case Classification():
            return tuple(Aim((Claim(label),), label) for label in prediction.labels)
        case Fills():
            return tuple(aim for mask in range(len(prediction.masks)) for aim in _candidates(prediction, mask))
        case Entities():
            return _found(prediction)
        case Answers():
            return tuple(aim for answer in prediction.answers for aim in _ends(prediction.words, answer))


def candidate(piece: str, mask: Word, name: str = "") -> Aim:
    """A word piece in the place of a mask."""
    return Aim((Claim(piece, mask),), name or piece)


def entity(words: Sequence[Word], kind: str) -> Aim:
    """That these neighbouring words are one entity of this type, or of none ("O")."""
    tags = [OUTSIDE if kind == OUTSIDE else ("I-" if place else "B-") + kind for place in range(len(words))]
    text = " ".join(word.text for word in words)
    return Aim(tuple(map(Claim, tags, words)), f"{text} ({kind})")


def rather(aim: Aim, other: Aim) -> Aim:
    """One rather than the other."""
    return Aim(aim.claims, f"{aim.name} rather than {other.name}", against=other.claims)


def _candidates(prediction: Fills, mask: int) -> list[Aim]:
    which = f" in mask {mask + 1}" if len(prediction.masks) > 1 and mask else ""
    word = prediction.masks[mask]
    return [candidate(piece, word, piece + which) for piece, _ in prediction.best(mask, CANDIDATES)]


def _found(prediction: Entities) -> tuple[Aim, ...]:
    tags = [prediction.labels[index] for index in prediction.probabilities.argmax(axis=1)]
    tagged = list(map(Claim, tags, prediction.words))
    aims = [
        Aim(tuple(claim for claim in tagged if _starts_in(claim.word, found.start, found.end)), name)
        for found, name in zip(prediction.entities, prediction.targets, strict=True)
    ]
    return tuple(aims) or (Aim(tuple(tagged), prediction.wording),)


def _starts_in(word: Word | None, start: int, end: int) -> bool:
    return word is not None and start <= word.start < end


def _ends(words: tuple[Word, ...], answer: Answer) -> list[Aim]:
    (first,) = (Claim("start", word) for word in words if word.start == answer.start)
    (last,) = (Claim("end", word) for word in words if word.end == answer.end)
    return [
        Aim((first, last), answer.text),
        Aim((first,), f"{answer.text}: its start"),
        Aim((last,), f"{answer.text}: its end"),
    ]
