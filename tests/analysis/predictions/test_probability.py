"""The probability of what is asked is the one that the answer itself tells, found in another way."""

from typing import Any

import numpy as np
import pytest
from scipy.special import expit

from analysis.inputs.words import words_of
from analysis.models.forward import read
from analysis.models.model import Model
from analysis.models.pairs import Sides
from analysis.models.tokens import tokenize
from analysis.predictions.entities import entity_target
from analysis.predictions.fill_mask import piece_target
from analysis.predictions.heads import predict
from analysis.predictions.probability import TargetScore, score_target
from analysis.predictions.question_answering import ANSWER_PARTS, part_of_answer
from analysis.predictions.resolve import candidate_targets, resolve
from analysis.predictions.targets import Target, Term, contrast
from tests.support.tiny import CONTEXT, EXAMPLES


def stands(model: Model, target: Target) -> TargetScore:
    return score_target(model, EXAMPLES[model.task], target)


def asked(tiny_pairs: dict[str, Sides[Model]], task: str, side: str) -> tuple[Model, Any]:
    model = tiny_pairs[task][side]
    return model, predict(model, EXAMPLES[task])


@pytest.mark.parametrize("task", ["sentiment", "sentence-pair"])
def test_a_label_has_its_probability(tiny_pairs: dict[str, Sides[Model]], task: str, side: str) -> None:
    model, prediction = asked(tiny_pairs, task, side)
    found = [stands(model, target) for target in candidate_targets(prediction)]
    np.testing.assert_allclose([one.probability for one in found], prediction.probabilities)
    np.testing.assert_allclose([one.score for one in found], prediction.logits)


def test_a_candidate_has_that_of_its_mask(tiny_pairs: dict[str, Sides[Model]], side: str) -> None:
    model, prediction = asked(tiny_pairs, "fill-mask", side)
    for number, mask in enumerate(prediction.masks):
        expected = prediction.probabilities[number, prediction.vocabulary.index("dog")]
        assert stands(model, piece_target("dog", mask)).probability == pytest.approx(expected)


def test_tags_have_their_product(tiny_pairs: dict[str, Sides[Model]], side: str) -> None:
    model, prediction = asked(tiny_pairs, "entities", side)
    row = prediction.probabilities
    expected = row[0, model.labels.index("B-PER")] * row[1, model.labels.index("I-PER")]
    assert stands(model, entity_target(words_of(CONTEXT)[:2], "PER")).probability == pytest.approx(expected)


def test_a_stretch_a_start_and_an_end_have_theirs_among_all_stretches(
    tiny_pairs: dict[str, Sides[Model]], side: str
) -> None:
    model, prediction = asked(tiny_pairs, "question-answering", side)
    for answer in prediction.answers:
        both, start, end = (
            part_of_answer(candidate_targets(prediction)[prediction.answers.index(answer)], key) for key in ANSWER_PARTS
        )
        first = [word.start for word in prediction.words].index(answer.start)
        last = [word.end for word in prediction.words].index(answer.end)
        assert stands(model, both).probability == pytest.approx(answer.probability)
        assert stands(model, start).probability == pytest.approx(prediction.starts[first])
        assert stands(model, end).probability == pytest.approx(prediction.ends[last])


def test_no_answer_is_beside_all_stretches_and_one_that_runs_backwards_is_none(
    tiny_pairs: dict[str, Sides[Model]], side: str
) -> None:
    model, prediction = asked(tiny_pairs, "question-answering", side)
    (tokens,), (reading,) = tokenize(model, EXAMPLES[model.task]), read(model, EXAMPLES[model.task])
    context = np.flatnonzero(tokens.fields == 1)
    starts, ends = reading.logits[:, context].astype(float)
    every = np.exp([starts[a] + ends[b] for a in range(len(context)) for b in range(a, len(context))]).sum()
    null = np.exp(float(reading.logits[:, 0].sum()))
    nothing = Target((Term("start"), Term("end")), "no answer")
    assert stands(model, nothing).probability == pytest.approx(null / (null + every))
    backwards = Target((Term("start", prediction.words[2]), Term("end", prediction.words[0])), "backwards")
    assert stands(model, backwards).probability == 0
    assert stands(model, contrast(backwards, candidate_targets(prediction)[0])).probability == 0


def test_one_rather_than_another_is_the_one_if_it_is_one_of_the_two(tiny_pair: Sides[Model], side: str) -> None:
    """Its log-odds are the difference of logits."""
    model = tiny_pair[side]
    one, other = (
        [entity_target(words_of(CONTEXT)[:1], kind) for kind in ("PER", "O")]
        if model.task == "entities"
        else candidate_targets(predict(model, EXAMPLES[model.task]))[:2]
    )
    found = stands(model, contrast(one, other))
    parts = [stands(model, target).probability for target in (one, other)]
    assert found.probability == pytest.approx(parts[0] / sum(parts))
    if model.task != "question-answering":
        assert found.probability == pytest.approx(expit(found.score), abs=1e-6)


def test_the_score_is_that_of_attributions(tiny_pair: Sides[Model], side: str) -> None:
    model = tiny_pair[side]
    target = candidate_targets(predict(model, EXAMPLES[model.task]))[0]
    (reading,) = read(model, EXAMPLES[model.task])
    assert stands(model, target).score == resolve(target, model, reading.tokens).score(reading.logits)
