"""What happens inside a model on a text is looked at once, and its answer follows from that look."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from analysis.inputs.examples import Example
from analysis.inputs.tasks import MASK, TASKS
from analysis.models import forward
from analysis.models.model import Model
from analysis.models.pairs import Sides
from analysis.predictions.heads import predict
from cache.predictions import prediction
from cache.traces import known_trace, trace_if_short

pytestmark = pytest.mark.usefixtures("nothing_remembered")


def asked(task: str) -> Example:
    text = f"the {MASK} was {MASK}" if TASKS[task].needs_mask else "the film was good"
    return Example(task, text, "the film was dull" if len(TASKS[task].fields) > 1 else None)


@pytest.mark.parametrize("task", TASKS)
def test_the_answer_of_a_traced_text_needs_no_second_pass(
    task: str, tiny_pairs: dict[str, Sides[Model]], monkeypatch: pytest.MonkeyPatch
) -> None:
    example = asked(task)
    for model in tiny_pairs[task]:
        alone: Any = predict(model, example)
        trace_if_short(model.checkpoint, example)
        with monkeypatch.context() as patched:
            patched.setattr(forward, "forward", lambda *_, **__: pytest.fail("A second pass."))
            traced: Any = prediction(model.checkpoint, example)
        assert type(traced) is type(alone)
        assert traced.summary == alone.summary
        numbers = [name for name in alone.__dataclass_fields__ if isinstance(getattr(alone, name), np.ndarray)]
        assert numbers
        for name in numbers:
            np.testing.assert_allclose(getattr(traced, name), getattr(alone, name), atol=1e-5)


def test_what_takes_several_windows_is_answered_and_not_traced(tiny_pairs: dict[str, Sides[Model]]) -> None:
    model = tiny_pairs["question-answering"].teacher
    example = Example("question-answering", "who was good", "the film was good . " * 30)
    trace_if_short(model.checkpoint, example)
    assert known_trace(model.checkpoint, example) is None
    assert prediction(model.checkpoint, example).summary == predict(model, example).summary
