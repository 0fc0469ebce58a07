"""Choices are read as the address has them, and targets are those that the page would ask about."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from analysis.attribution.methods import METHODS
from analysis.errors import AnalysisError
from analysis.inputs.words import words_of
from analysis.models.model import Model
from analysis.models.pairs import Sides
from analysis.predictions.entities import Entities, Entity
from analysis.predictions.heads import predict
from analysis.predictions.question_answering import ANSWER_PARTS
from analysis.predictions.resolve import candidates_of_both, own_targets
from dashboard.address_keys import KEYS
from dashboard.attribution.controls import METHOD
from dashboard.report.choices import FOLLOWED, chosen, followed, head, typed, view
from dashboard.report.chosen_targets import chosen_targets
from tests.support.tiny import EXAMPLES


def test_what_is_followed_stands_in_the_address() -> None:
    assert set(FOLLOWED) <= set(KEYS)
    assert followed({"method": "occlusion", "verdict": "holds"}) == {"method": "occlusion"}


def test_an_option_is_known_by_its_name_in_the_address_and_by_its_title() -> None:
    for method in METHODS:
        assert chosen({"method": method}, METHOD) == method
        assert chosen({"method": method.lower().replace(" ", "-")}, METHOD) == method
    assert chosen({}, METHOD) == next(iter(METHODS))
    assert chosen({}, replace(METHOD, default="Saliency")) == "Saliency"


@pytest.mark.parametrize(
    ("written", "contrast"), [("Paris (LOC)", "Paris (ORG)"), ("Paris (place)", "paris-organisation")]
)
def test_an_entity_is_known_by_the_label_of_older_links_and_by_the_word_on_screen(written: str, contrast: str) -> None:
    labels = ("O", "B-LOC", "B-ORG")
    entity = Entity("LOC", "Paris", 0, 5, 1.0)
    both = Sides(*[Entities(words_of("Paris"), labels, np.eye(3)[[1]], (entity,))] * 2)
    (target, _) = chosen_targets(both, {"target": written, "rather": contrast})
    assert target.name == "Paris (place) rather than Paris (organisation)"


@pytest.mark.parametrize("typo", ["teacher-head", "magic=1", "=", ""])
def test_what_is_no_choice_says_which_there_are(typo: str) -> None:
    with pytest.raises(AnalysisError, match="teacher-head"):
        typed([typo])


def test_choices_are_typed_as_the_address_has_them() -> None:
    assert typed(["teacher-head=3.7", "target-piece=a=b"]) == {"teacher_head": "3.7", "target_piece": "a=b"}


def test_heads_are_counted_from_one() -> None:
    assert head({"student_head": "2.1"}, "student", (2, 2, 5, 5), (0, 0)) == (1, 0)
    assert head({}, "student", (2, 2, 5, 5), (1, 1)) == (1, 1)
    with pytest.raises(AnalysisError, match=r"1\.1, 1\.2, 2\.1, 2\.2"):
        head({"student_head": "3.1"}, "student", (2, 2, 5, 5), (0, 0))


def test_the_view_is_put_together() -> None:
    chosen_view = view({"unit": "tokens", "added": "left-out"})
    assert (chosen_view.over, chosen_view.special_tokens, chosen_view.order) == ("Tokens", "Left out", "As read")


def test_each_target_that_is_offered_can_be_chosen(tiny_pair: Sides[Model]) -> None:
    predictions = tiny_pair.map(lambda model: predict(model, EXAMPLES[model.task]))
    assert chosen_targets(predictions, {}) == own_targets(predictions)
    for target in candidates_of_both(predictions):
        both = chosen_targets(predictions, {"target": target.name})
        assert both.teacher == both.student == target


@pytest.mark.parametrize(
    ("task", "choices", "name"),
    [
        ("fill-mask", {"target": "other", "target_mask": "2", "target_piece": "dog"}, "dog"),
        ("entities", {"target": "other", "target_from": "1", "target_to": "2", "target_type": "loc"}, "mary lives"),
        ("question-answering", {"target": "other", "target_from": "2", "target_to": "3"}, "lives in"),
    ],
)
def test_a_target_of_ones_own_is_named_by_its_choices(
    tiny_pairs: dict, task: str, choices: dict[str, str], name: str
) -> None:
    predictions = tiny_pairs[task].map(lambda model: predict(model, EXAMPLES[task]))
    assert name in chosen_targets(predictions, choices).student.name


def test_a_part_of_an_answer_and_a_contrast_are_followed(tiny_pairs: dict) -> None:
    answers = tiny_pairs["question-answering"].map(lambda model: predict(model, EXAMPLES["question-answering"]))
    parts = [chosen_targets(answers, {"answer_part": part}).teacher for part in ANSWER_PARTS]
    assert len({part.terms for part in parts}) == len(ANSWER_PARTS)
    labels = tiny_pairs["sentiment"].map(lambda model: predict(model, EXAMPLES["sentiment"]))
    target = chosen_targets(labels, {"target": "POSITIVE", "rather": "NEGATIVE"}).teacher
    assert [term.outcome for term in (*target.terms, *target.foil)] == ["POSITIVE", "NEGATIVE"]
    with pytest.raises(AnalysisError, match="There is no target called “fine”"):
        chosen_targets(labels, {"target": "fine"})
