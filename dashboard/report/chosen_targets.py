"""What each model is asked about, as the page Attributions would ask with the same choices."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from analysis.errors import AnalysisError
from analysis.inputs.words import Word
from analysis.models.pairs import Sides
from analysis.predictions.entities import NO_ENTITY, Entities, entity_target, entity_types
from analysis.predictions.fill_mask import MaskPredictions, piece_at_mask
from analysis.predictions.question_answering import SpanPredictions, part_of_answer, span_target
from analysis.predictions.resolve import candidates_of_both, foils, own_targets
from analysis.predictions.tags import OUTSIDE
from analysis.predictions.targets import Target, contrast
from analysis.predictions.values import Prediction
from dashboard.address import Choice
from dashboard.attribution.target_picker import ANSWER_PART, in_links
from dashboard.report.choices import Choices, chosen, number

OWN, OTHER, NOTHING = "own", "other", "nothing"


def chosen_targets(predictions: Sides[Prediction], choices: Choices) -> Sides[Target]:
    """The target of each model: its own answer where the two differ, unless another is chosen."""
    own, candidates = own_targets(predictions), candidates_of_both(predictions)
    differ, named = own.teacher != own.student, {target.name: target for target in candidates}
    default = OWN if differ and "rather" not in choices else candidates[0].name
    names = [*([OWN] if differ else []), *named, OTHER]
    name = chosen(choices, _by_name(names, "target", candidates, predictions.teacher, default))
    if name == OWN:
        return own.map(lambda target: _part(target, predictions.teacher, choices))
    target = _named(predictions.teacher, choices) if name == OTHER else named[name]
    contrasted = _contrasted(target, candidates, predictions.teacher, choices)
    return Sides(contrasted, contrasted)


def _contrasted(target: Target, candidates: Sequence[Target], teacher: Prediction, choices: Choices) -> Target:
    """The target, or its part, rather than an alternative if one is chosen."""
    kept = _part(target, teacher, choices)
    if choices.get("rather", NOTHING) == NOTHING:
        return kept
    others = {
        part.name: part for other in foils(target, candidates, teacher) for part in [_part(other, teacher, choices)]
    }
    if choices["rather"] == OTHER and isinstance(teacher, MaskPredictions):
        mask = target.terms[0].word
        return contrast(
            kept, _piece(teacher, choices.get("rather_piece", ""), teacher.masks.index(mask) if mask else 0)
        )
    return contrast(kept, others[chosen(choices, _by_name(list(others), "rather", others.values(), teacher))])


def _by_name(
    names: Sequence[str], key: str, targets: Iterable[Target], teacher: Prediction, default: str | None = None
) -> Choice[str]:
    links = in_links(targets, teacher)
    return Choice(names, key, default, named=lambda name: links.get(name, name))


def _part(target: Target, teacher: Prediction, choices: Choices) -> Target:
    """All of an answer, or where it starts or ends alone."""
    if not isinstance(teacher, SpanPredictions) or not target.terms[0].word:
        return target
    return part_of_answer(target, chosen(choices, ANSWER_PART))


def _named(prediction: Prediction, choices: Choices) -> Target:
    """A target that the reader has named."""
    for kind, name in NAMED.items():
        if isinstance(prediction, kind):
            return name(prediction, choices)
    raise AnalysisError("For this task only the answers that are offered can be explained.")


def _piece_of(prediction: MaskPredictions, choices: Choices) -> Target:
    mask = number(choices, "target_mask", 1, len(prediction.masks)) - 1
    (_, (second, _)) = prediction.best(mask, 2)
    return _piece(prediction, choices.get("target_piece", second), mask)


def _piece(prediction: MaskPredictions, piece: str, mask: int) -> Target:
    if not piece.strip():
        raise AnalysisError("Name the word piece that is to be asked about.")
    return piece_at_mask(prediction, mask, piece.strip())


def _entity(prediction: Entities, choices: Choices) -> Target:
    ordered = sorted(entity_types(prediction), key=lambda kind: kind == OUTSIDE)
    names = {NO_ENTITY if kind == OUTSIDE else kind: kind for kind in ordered}
    return entity_target(_words(prediction.words, choices), names[chosen(choices, Choice(names, "target_type"))])


def _span(prediction: SpanPredictions, choices: Choices) -> Target:
    return span_target(_words(prediction.words, choices))


def _words(words: Sequence[Word], choices: Choices) -> Sequence[Word]:
    first = number(choices, "target_from", 1, len(words))
    last = number(choices, "target_to", first, len(words))
    return words[first - 1 : max(first, last)]


NAMED: dict[type, Callable[[Any, Choices], Target]] = {
    MaskPredictions: _piece_of,
    Entities: _entity,
    SpanPredictions: _span,
}
