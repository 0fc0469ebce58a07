"""The flow to an answer is what rollout and flow say of the tokens that the answer is read from."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from analysis.attention.answer_flow import FLOW_METHODS, AnswerFlow, answer_flow
from analysis.attention.rollout import flow, rollout
from analysis.errors import AnalysisError
from analysis.inputs.examples import Example
from analysis.models.forward import trace
from analysis.models.model import Model
from analysis.models.pairs import Sides
from analysis.models.tokens import Tokens, tokenize
from analysis.predictions.entities import Entities, Entity
from analysis.predictions.heads import predict
from analysis.predictions.question_answering import Answer, SpanPredictions
from analysis.predictions.resolve import AnswerPositions, answer_positions
from analysis.predictions.values import Prediction
from tests.support.tiny import CONTEXT, EXAMPLES


def pieces_read(prediction: Prediction, tokens: Tokens) -> list[str]:
    return [tokens.pieces[place] for place in answer_positions(prediction, tokens).places]


def test_a_label_is_read_from_cls_and_a_mask_at_the_first_mask(tiny_pairs: dict[str, Sides[Model]]) -> None:
    for task, pieces in (("sentiment", ["[CLS]"]), ("sentence-pair", ["[CLS]"]), ("fill-mask", ["[MASK]"])):
        model = tiny_pairs[task].teacher
        (tokens,) = tokenize(model, EXAMPLES[task])
        assert pieces_read(predict(model, EXAMPLES[task]), tokens) == pieces
    (tokens,) = tokenize(tiny_pairs["fill-mask"].teacher, EXAMPLES["fill-mask"])
    prediction = predict(tiny_pairs["fill-mask"].teacher, EXAMPLES["fill-mask"])
    assert answer_positions(prediction, tokens).places == (tokens.pieces.index("[MASK]"),)


def test_an_entity_is_read_at_its_own_tokens_and_no_entity_at_cls(tiny_pairs: dict[str, Sides[Model]]) -> None:
    model = tiny_pairs["entities"].student
    (tokens,) = tokenize(model, EXAMPLES["entities"])
    found: Any = predict(model, EXAMPLES["entities"])
    begin = CONTEXT.index("paris and")
    paris = Entities(
        found.words, found.labels, found.probabilities, (Entity("LOC", "paris and", begin, begin + 9, 1.0),)
    )
    readers = answer_positions(paris, tokens)
    assert readers.name == "paris and"
    assert "".join(pieces_read(paris, tokens)).replace("##", "") == "parisand"
    assert answer_positions(replace(found, entities=()), tokens).places == (0,)


def test_an_answer_is_read_in_the_context_alone(tiny_pairs: dict[str, Sides[Model]]) -> None:
    """ "paris" stands in the question, too."""
    model = tiny_pairs["question-answering"].teacher
    (tokens,) = tokenize(model, EXAMPLES["question-answering"])
    found: Any = predict(model, EXAMPLES["question-answering"])
    begin = CONTEXT.index("paris")
    answer = SpanPredictions(found.words, (Answer("paris", begin, begin + 5, 1.0),), found.starts, found.ends, None, 1)
    places = answer_positions(answer, tokens).places
    assert "".join(tokens.pieces[place] for place in places).replace("##", "") == "paris"
    assert {int(tokens.fields[place]) for place in places} == {1}
    assert answer_positions(
        replace(answer, no_answer=1.0, answers=(replace(answer.answers[0], probability=0.0),)), tokens
    ).places == (0,)


def test_a_stretch_that_a_model_does_not_read_is_said(tiny_pairs: dict[str, Sides[Model]]) -> None:
    model = tiny_pairs["entities"].teacher
    (tokens,) = tokenize(model, Example("entities", "mary \u200b lives"))
    found: Any = predict(model, Example("entities", "mary \u200b lives"))
    with pytest.raises(AnalysisError, match="does not read"):
        answer_positions(replace(found, entities=(Entity("X", "", 5, 6, 1.0),)), tokens)


@pytest.mark.parametrize("task", EXAMPLES)
def test_shares_are_those_of_rollout_and_flow_summed_over_words(tiny_pairs: dict[str, Sides[Model]], task: str) -> None:
    prediction = predict(tiny_pairs[task].teacher, EXAMPLES[task])
    for model in tiny_pairs[task]:
        inside = trace(model, EXAMPLES[task])
        readers = list(answer_positions(prediction, inside.tokens).places)
        by_rollout, by_flow = (answer_flow(inside, prediction, method) for method in FLOW_METHODS)
        row = rollout(inside.attentions)[-1, readers].mean(axis=0)
        each = flow(inside.attentions, readers, [[place] for place in range(len(row))])
        units = [np.flatnonzero(inside.tokens.word_ids == word) for word in by_rollout.words if word >= 0]
        words = by_rollout.words >= 0
        np.testing.assert_allclose(by_rollout.shares[words], [row[unit].sum() for unit in units])
        assert by_rollout.shares.sum() == pytest.approx(1)
        for share, unit in zip(by_flow.shares[words], units, strict=True):  # between the best and the sum
            assert each[unit].max() - 1e-6 <= share <= min(each[unit].sum(), 1) + 1e-6
        assert by_rollout.labels == by_flow.labels
        assert [by_rollout.labels[0], by_rollout.labels[-1]] == ["[CLS]", "[SEP]"]


def test_the_strongest_words_are_neither_special_tokens_nor_the_place_itself() -> None:
    labels, words = ("[CLS]", "old", "Mrs", "Hall", "sings", "[SEP]"), np.array([-1, 0, 1, 2, 3, -1])
    at_hall = AnswerFlow(labels, words, np.array([0.9, 0.2, 1.0, 0.8, 0.3, 0.9]), AnswerPositions((2, 3), "Mrs Hall"))
    assert at_hall.strongest == (("sings",), 0.3)
    even = replace(at_hall, shares=np.array([0.9, 0.3, 1.0, 0.8, 0.3, 0.9]))
    assert even.strongest == (("old", "sings"), 0.3)
    alone = AnswerFlow(labels[2:4], words[2:4], np.ones(2), AnswerPositions((0, 1), "Mrs Hall"))
    assert alone.strongest == ((), 0.0)


def test_both_models_are_traced_to_the_teachers_answer(tiny_pairs: dict[str, Sides[Model]]) -> None:
    pair = tiny_pairs["question-answering"]
    prediction: Any = predict(pair.teacher, EXAMPLES["question-answering"])
    flows = Sides(*(answer_flow(trace(model, EXAMPLES["question-answering"]), prediction, "Rollout") for model in pair))
    assert flows.teacher.positions.name == flows.student.positions.name == prediction.answers[0].text
