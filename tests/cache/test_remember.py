"""Results are computed once, remembered, and the same however many ask for them at the same time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
import streamlit as st

from analysis.inputs.examples import Example
from analysis.models.model import Model
from analysis.models.pairs import Checkpoint, Sides
from analysis.predictions import heads as predicting
from cache import attention, remember
from cache import loaded_models as models
from cache.predictions import prediction
from cache.traces import trace

TEXTS = tuple(f"the film number {i} was {word}" for i in range(5) for word in ("good", "awful", "dull", "funny"))


pytestmark = pytest.mark.usefixtures("nothing_remembered")


@pytest.fixture
def checkpoints(tiny_pairs: dict[str, Sides[Model]]) -> Sides[Checkpoint]:
    return tiny_pairs["sentiment"].map(lambda model: model.checkpoint)


def test_eight_threads_get_what_one_thread_gets(
    checkpoints: Sides[Checkpoint], tiny_pairs: dict[str, Sides[Model]]
) -> None:
    alone: dict[str, Any] = {
        text: predicting.predict(tiny_pairs["sentiment"].teacher, Example("sentiment", text)) for text in TEXTS
    }

    def ask(text: str) -> tuple[str, np.ndarray]:
        answer: Any = prediction(checkpoints.teacher, Example("sentiment", text))
        return text, answer.logits

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, TEXTS * 3))
    assert len(answers) == 60
    for text, logits in answers:
        assert logits.tobytes() == alone[text].logits.tobytes()


def test_a_result_survives_a_restart_and_needs_no_model(
    checkpoints: Sides[Checkpoint], monkeypatch: pytest.MonkeyPatch
) -> None:
    example = Example("sentiment", "a good film")
    first: Any = prediction(checkpoints.teacher, example)
    st.cache_resource.clear()  # as a new process begins: nothing in memory, the store on disk
    monkeypatch.setattr(models, "load", lambda *_: pytest.fail("The model was loaded although the result is stored."))
    again: Any = prediction(checkpoints.teacher, example)
    assert again.labels == first.labels
    assert again.logits.tobytes() == first.logits.tobytes()
    assert not again.logits.flags.writeable


def test_each_side_text_and_task_has_a_result_of_its_own(checkpoints: Sides[Checkpoint]) -> None:
    asked = [(side, Example("sentiment", text)) for side in checkpoints for text in TEXTS[:3]]
    found: list[Any] = [prediction(side, example) for side, example in asked]
    assert len({answer.logits.tobytes() for answer in found}) == len(asked)


def test_a_damaged_result_is_computed_again(checkpoints: Sides[Checkpoint], monkeypatch: pytest.MonkeyPatch) -> None:
    example = Example("sentiment", "a good film")
    first: Any = prediction(checkpoints.teacher, example)
    monkeypatch.setattr(type(remember.store()), "get", lambda *_: b"no result at all")
    remember.memory.clear()
    again: Any = prediction(checkpoints.teacher, example)
    assert again.logits.tobytes() == first.logits.tobytes()


def test_a_trace_is_remembered_as_the_same_object(checkpoints: Sides[Checkpoint]) -> None:
    example = Example("sentiment", "a good film")
    assert trace(checkpoints.student, example) is trace(checkpoints.student, example)


def test_a_matching_over_the_corpus_is_told_about_and_survives_a_restart(
    checkpoints: Sides[Checkpoint], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attention, "probe_sentences", lambda: TEXTS[:4])
    told: list[float] = []
    first: Any = attention.corpus_matching(checkpoints, "sentiment", progress=told.append)
    assert told == [0.25, 0.5, 0.75, 1.0]
    assert (first.distances.n_texts, first.distances.n_rows) == (4, 4 * 8)
    st.cache_resource.clear()
    monkeypatch.setattr(models, "load", lambda *_: pytest.fail("A model was loaded although the result is stored."))
    again: Any = attention.corpus_matching(checkpoints, "sentiment", progress=told.append)
    assert len(told) == 4
    assert again.distances.values.tobytes() == first.distances.values.tobytes()
    assert again.origins.keys == first.origins.keys
    assert again.origins.nearest.layers.tobytes() == first.origins.nearest.layers.tobytes()


def test_each_pair_corpus_and_view_has_a_matching_of_its_own(
    checkpoints: Sides[Checkpoint], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = []
    for sides in (checkpoints, Sides(checkpoints.student, checkpoints.teacher)):
        for texts in (TEXTS[:2], TEXTS[2:4]):
            for with_special_tokens in (True, False):
                monkeypatch.setattr(attention, "probe_sentences", lambda texts=texts: texts)
                found.append(
                    attention.corpus_matching(sides, "sentiment", with_special_tokens).distances.values.tobytes()
                )
    assert len(set(found)) == len(found) == 8


def test_a_matching_that_was_called_off_is_not_remembered(
    checkpoints: Sides[Checkpoint], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attention, "probe_sentences", lambda: TEXTS[:4])

    def stop(share: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        attention.corpus_matching(checkpoints, "sentiment", progress=stop)
    told: list[float] = []
    attention.corpus_matching(checkpoints, "sentiment", progress=told.append)
    assert told == [0.25, 0.5, 0.75, 1.0]
