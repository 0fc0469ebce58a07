"""What a text's edits change, as values: the edits as the address has them, both answers, and the words tinted.

made = edits_in('[3735928559,[[2,"dull"]]]', example)
before_and_after(requests, asked_after(requests, edited(example, made))).sentence
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from analysis.arrays import Array
from analysis.attribution.agreement import quoted
from analysis.attribution.edit_effect import EditEffect
from analysis.errors import AnalysisError
from analysis.inputs.edits import Edit, Edited
from analysis.inputs.examples import Example
from analysis.inputs.words import Word, half_pair, words_of_all
from analysis.models.pairs import Sides
from analysis.predictions.resolve import carry_over
from analysis.predictions.targets import POINTS, Target
from analysis.wording import per_cent
from cache import attribution as remembered
from cache.attribution import AttributionRequest
from cache.predictions import prediction
from dashboard.attribution.tinted_text import tinted
from dashboard.ui.theme import NAMES, SHORT

# A checksum of the texts, and for each edit the number of its word and what replaces it.
Changes = tuple[int, tuple[tuple[int, str | None], ...]]
KEY = "edits"  # in the session and the address
NO_CHANGES: Changes = (0, ())
DAMAGED = "The edits in this address are damaged: edit the words again."


@dataclass(frozen=True, slots=True)
class BeforeAndAfter:
    """Both answers, a row per model under `header`, and a sentence on what changes, "" where nothing was edited."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    sentence: str


def read_changes(written: str) -> Changes:
    """Changes from the address. Raises `ValueError` for anything else."""
    try:
        texts, changes = json.loads(written)
        read = int(texts), tuple((int(number), None if new is None else str(new)) for number, new in changes)
    except (OverflowError, RecursionError, TypeError) as error:
        raise ValueError(written) from error
    if any(half_pair(new or "") for _, new in read[1]):  # JSON can spell it
        raise ValueError(written)
    return read


def write_changes(changes: Changes) -> str:
    """Changes for the address."""
    return json.dumps(changes, ensure_ascii=False, separators=(",", ":"))


def checksum(example: Example) -> int:
    """What tells by its texts whether edits are of an example."""
    return zlib.crc32("\n".join(example.texts).encode())


def changes_of(example: Example, made: Sequence[Edit]) -> Changes:
    """These edits as changes."""
    numbers = {word: number for number, word in enumerate(words_of_all(example.texts), start=1)}
    return checksum(example), tuple((numbers[edit.word], edit.replacement) for edit in made)


def edits_of(example: Example, changes: Changes) -> tuple[Edit, ...]:
    """The edits of this text; another text has none."""
    texts, made = changes
    if texts != checksum(example):
        return ()
    words = dict(enumerate(words_of_all(example.texts), start=1))
    return one_per_word([Edit(words[number], replacement) for number, replacement in made if number in words])


def edits_in(choices: Mapping[str, str], example: Example) -> tuple[Edit, ...]:
    """The edits of this text among all that an address chooses. Raises `AnalysisError` where they cannot be read."""
    try:
        return edits_of(example, read_changes(choices[KEY])) if KEY in choices else ()
    except ValueError as error:
        raise AnalysisError(DAMAGED) from error


def one_per_word(made: Sequence[Edit]) -> tuple[Edit, ...]:
    """The last edit of each word, at the place of its first."""
    return tuple({edit.word: edit for edit in made}.values())


def asked_after(requests: Sides[AttributionRequest], edit: Edited) -> Sides[AttributionRequest]:
    """The same asked about the edited text."""
    return requests.map(lambda request: replace(request, example=edit.after, target=carry_over(request.target, edit)))


def before_and_after(before: Sides[AttributionRequest], later: Sides[AttributionRequest]) -> BeforeAndAfter:
    """Both models' answers, and the score and probability of their targets: now, or before and after the edits."""
    changed = before.teacher.example != later.teacher.example
    rows, changes = [], []
    for name, *requests in zip(SHORT, before, later, strict=True):
        requests = requests if changed else requests[:1]
        target_scores = [remembered.score_target(request) for request in requests]
        answers = [prediction(request.checkpoint, request.example).summary for request in requests]
        held = [
            per_cent(one.probability) if one.probability is not None else f"{one.score:.3f}" for one in target_scores
        ]
        scores = [f"{target_score.score:+.2f}" for target_score in target_scores]
        target = requests[0].target
        what = "" if target.unit == POINTS else f"“{target.name}”: "
        rows.append((name, *answers, f"{what}{' → '.join(held)}", " → ".join(scores)))
        changes.append((name.lower(), target, " to ".join(held)))
    titles = ("Answer before", "Answer after") if changed else ("Answer",)
    unit = before.teacher.target.unit
    header = ("", *titles, "Number" if unit == POINTS else "Probability", f"Score ({unit})")
    one_target = before.teacher.target == before.student.target
    return BeforeAndAfter(header, tuple(rows), _change(changes, one_target) if changed else "")


def _change(changes: Sequence[tuple[str, Target, str]], about_one_target: bool) -> str:
    """How the probability of each model's target changes, or its number, in a sentence."""
    (teacher, target, first), (student, other, second) = changes
    if about_one_target:
        what = "number" if target.unit == POINTS else f"probability of “{target.name}”"
        return f"The {what} goes from {first} in the {teacher}, from {second} in the {student}."
    return (
        f"The probability of “{target.name}” goes from {first} in the {teacher}, that of “{other.name}” from {second} "
        f"in the {student}."
    )


def tinted_rows(edit: Edited, effect: EditEffect, targets: Sides[Target]) -> list[tuple[str, str, str]]:
    """Each model's text before the edits and, if there are any, after them, on one scale."""
    largest = max(float(abs(shares).max()) for shares in (*effect.before, *effect.after))
    originals = [(word,) for word in effect.words]

    def text(example: Example, places: Sequence[tuple[Word, ...]], shares: Array, side: str) -> str:
        return tinted(example, places, shares.tolist(), largest, side, effect.edited)

    rows = []
    for (side, name), target in zip(NAMES.items(), targets, strict=True):
        about = "before" if edit.edits else f"Why {quoted(target.name)}?"
        rows.append((name, about, text(edit.before, originals, effect.before[side], side)))
        if edit.edits:
            rows.append(("", "after", text(edit.after, effect.replacements, effect.after[side], side)))
    return rows
