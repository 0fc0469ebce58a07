"""Many questions at once are answered as the dashboard answers them one by one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from analysis.inputs.examples import Example
from analysis.models.forward import readings
from analysis.models.model import Model
from analysis.models.pairs import Sides
from analysis.models.tokens import tokenize
from analysis.predictions.heads import predict
from tests.support.tiny import CONTEXT
from training import shown
from training.shown import batched_readings, shown_answers

TASK = "question-answering"
EXAMPLES = [
    Example(TASK, "who lives in paris?", CONTEXT),
    Example(TASK, "where?", "the dog lives in london. " * 30),  # several windows of the 64 tokens that they read
    Example(TASK, "what does the old woman like?", "the old woman likes the river, and the young man likes the city."),
    Example(TASK, "who?", "john."),
    Example(TASK, "where does mary work?", "unlovely paris. " * 12 + CONTEXT),
]


@pytest.fixture(params=["teacher", "student"])
def model(request: pytest.FixtureRequest, tiny_pairs: dict[str, Sides[Model]]) -> Model:
    found: Model = getattr(tiny_pairs[TASK], request.param)
    return found


@pytest.mark.parametrize("at_once", [(1, 1), (2, 3), (500, 16)])
def test_answers_are_those_of_one_question_at_a_time(
    model: Model, at_once: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shown, "QUESTIONS_AT_ONCE", at_once[0])
    monkeypatch.setattr(shown, "WINDOWS_AT_ONCE", at_once[1])
    together = list(shown_answers(model, EXAMPLES))
    for ours, example in zip(together, EXAMPLES, strict=True):
        theirs: Any = predict(model, example)
        assert [(each.text, each.start, each.end) for each in ours.answers] == [
            (each.text, each.start, each.end) for each in theirs.answers
        ]
        assert [each.probability for each in ours.answers] == pytest.approx(
            [each.probability for each in theirs.answers], rel=1e-4
        )
        assert ours.windows == theirs.windows
    assert max(each.windows for each in together) > 2


def test_padding_leaves_each_window_its_own_logits(model: Model) -> None:
    windows = [window for example in EXAMPLES for window in tokenize(model, example)]
    assert len({len(window) for window in windows}) > 3
    for ours, theirs in zip(batched_readings(model, windows), readings(model, windows), strict=True):
        assert ours.tokens is theirs.tokens
        assert ours.logits.shape == (2, len(theirs.tokens))
        np.testing.assert_allclose(ours.logits, theirs.logits, rtol=1e-4, atol=1e-5)
