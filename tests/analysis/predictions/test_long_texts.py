"""Answers to texts longer than a model reads at once, against transformers' own answers to the parts."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from analysis.errors import AnalysisError
from analysis.inputs.examples import Example
from analysis.models.forward import read
from analysis.models.model import Model, load
from analysis.models.pairs import Checkpoint, Sides
from analysis.models.tokens import tokenize
from analysis.predictions.classification import Classification
from analysis.predictions.comparison import compare
from analysis.predictions.entities import Entities
from analysis.predictions.heads import head_that_gave, predict
from analysis.predictions.label_sets import LabelSet
from analysis.predictions.regression import Number
from tests.support.tiny import tiny_checkpoint

GOOD, BAD = "the great film was funny and good. ", "it was not great, it was awful and dull, old john. "
LONG = GOOD * 7 + BAD * 9


def parts(model: Model, example: Example, field: int = 0) -> list[tuple[str, int]]:
    """The text of each window, and how many words it has."""
    windows = tokenize(model, example)
    stretches = [window.stretch for window in windows]
    words = windows[0].words
    return [
        (example.texts[field][words[ends[0]].start : words[ends[1] - 1].end], ends[1] - ends[0])
        for ends in stretches
        if ends
    ]


def pipeline_scores(model: Model, texts: list[Any], **options: Any) -> np.ndarray[Any, Any]:
    """What transformers' pipeline gives for each text: [text, label]."""
    import transformers

    tokenizer: Any = model.tokenizer
    config: Any = model.network.config
    pipeline: Any = transformers.pipeline(
        "text-classification", model=model.network, tokenizer=tokenizer, device="cpu", top_k=None, **options
    )
    names = [config.id2label[at] for at in range(config.num_labels)]
    rows = [{one["label"]: one["score"] for one in pipeline([text])[0]} for text in texts]
    return np.array([[row[name] for name in names] for row in rows])


def test_a_label_is_pooled_from_the_pipelines_answers_to_the_windows(
    tiny_pairs: dict[str, Sides[Model]], side: str
) -> None:
    model, example = tiny_pairs["sentiment"][side], Example("sentiment", LONG)
    texts, words = zip(*parts(model, example), strict=True)
    assert len(texts) > 2
    scores = pipeline_scores(model, list(texts))
    mean = np.exp(np.average(np.log(scores), axis=0, weights=words))
    answer = cast(Classification, predict(model, example))
    np.testing.assert_allclose(answer.probabilities, mean / mean.sum(), atol=1e-6)
    own = head_that_gave(answer).in_windows(answer)
    np.testing.assert_allclose([one.probabilities for one in own], scores, atol=1e-6)
    assert answer.by_window is not None
    assert answer.by_window.words.tolist() == list(words)
    assert [LONG[start:end] for start, end in answer.by_window.stretches] == list(texts)


def test_the_longer_text_of_a_pair_is_read_with_the_whole_of_the_other(
    tiny_pairs: dict[str, Sides[Model]], side: str
) -> None:
    model, short = tiny_pairs["sentence-pair"][side], "john was not funny."
    for field, example in enumerate((Example("sentence-pair", LONG, short), Example("sentence-pair", short, LONG))):
        texts, words = zip(*parts(model, example, field), strict=True)
        pairs = [(text, short) if field == 0 else (short, text) for text in texts]
        scores = pipeline_scores(model, [{"text": one, "text_pair": other} for one, other in pairs])
        mean = np.exp(np.average(np.log(scores), axis=0, weights=words))
        answer = cast(Classification, predict(model, example))
        np.testing.assert_allclose(answer.probabilities, mean / mean.sum(), atol=1e-6)
        assert answer.by_window is not None
        assert answer.by_window.field == field


def test_labels_that_hold_or_not_are_pooled_each_by_itself(tmp_path: Path) -> None:
    names = ("toxic", "rude", "threat")
    tiny_checkpoint(tmp_path, "bert", "sentiment", labels=names, problem="multi_label_classification")
    model, example = load(Checkpoint(str(tmp_path), "bert"), "sentiment"), Example("sentiment", LONG)
    texts, words = zip(*parts(model, example), strict=True)
    scores = pipeline_scores(model, list(texts))
    holds, not_held = (np.exp(np.average(np.log(each), axis=0, weights=words)) for each in (scores, 1 - scores))
    answer = cast(LabelSet, predict(model, example))
    np.testing.assert_allclose(answer.probabilities, holds / (holds + not_held), atol=1e-6)


def test_a_number_is_the_mean_over_the_windows(tmp_path: Path) -> None:
    tiny_checkpoint(tmp_path, "bert", "sentiment", labels=("LABEL_0",), problem="regression")
    model, example = load(Checkpoint(str(tmp_path), "bert"), "sentiment"), Example("sentiment", LONG)
    texts, words = zip(*parts(model, example), strict=True)
    values = pipeline_scores(model, list(texts), function_to_apply="none")[:, 0]
    answer = cast(Number, predict(model, example))
    assert answer.value == pytest.approx(float(np.average(values, weights=words)), abs=1e-6)
    assert [one.value for one in head_that_gave(answer).in_windows(answer)] == pytest.approx(list(values), abs=1e-6)


@pytest.mark.parametrize("kind", ["one label", "several labels", "a number"])
def test_an_answer_rests_on_the_window_that_says_most_for_it(kind: str, tmp_path: Path) -> None:
    options: dict[str, dict[str, Any]] = {
        "one label": {},
        "several labels": {"labels": ("toxic", "rude"), "problem": "multi_label_classification"},
        "a number": {"labels": ("LABEL_0",), "problem": "regression"},
    }
    tiny_checkpoint(tmp_path, "bert", "sentiment", **options[kind])
    model, example = load(Checkpoint(str(tmp_path), "bert"), "sentiment"), Example("sentiment", LONG)
    answer: Any = predict(model, example)
    head = head_that_gave(answer)
    telling: dict[str, Callable[[Any], float]] = {
        "one label": lambda one: one.probabilities[answer.probabilities.argmax()],
        "several labels": lambda one: one.probabilities[answer.probabilities.argmax()],
        "a number": lambda one: -abs(one.value - answer.value),
    }
    most = int(np.argmax([telling[kind](one) for one in head.in_windows(answer)]))
    assert head.rests_on(answer) == (0, *answer.by_window.stretches[most].tolist())


def test_a_text_read_at_once_rests_on_all_of_itself(tiny_pairs: dict[str, Sides[Model]]) -> None:
    answer: Any = predict(tiny_pairs["sentiment"].teacher, Example("sentiment", GOOD))
    assert answer.by_window is None
    assert head_that_gave(answer).in_windows(answer) == ()
    assert head_that_gave(answer).rests_on(answer) is None


def test_answers_to_long_texts_are_compared_as_any(tiny_pairs: dict[str, Sides[Model]]) -> None:
    answers = tiny_pairs["sentiment"].map(lambda model: predict(model, Example("sentiment", LONG)))
    found = compare(answers)
    assert found.agree == (answers.teacher.answer_key == answers.student.answer_key)
    assert found.divergence is not None


def test_no_word_of_a_long_text_is_known(tiny_pairs: dict[str, Sides[Model]]) -> None:
    with pytest.raises(AnalysisError, match="knows no word of"):
        predict(tiny_pairs["sentiment"].teacher, Example("sentiment", "영화 " * 100))


# -- entities --------------------------------------------------------------------------------------------------------


def without_surroundings(folder: Path, positions: int) -> Model:
    """A model that tags each word as if it stood alone: nothing of other words, and nothing of places, reaches it."""
    tiny_checkpoint(folder, "bert", "entities", max_positions=512)
    weights = load_file(folder / "model.safetensors")
    for name, tensor in weights.items():
        if "attention.output.dense" in name:
            tensor.zero_()
    places = "bert.embeddings.position_embeddings.weight"
    weights[places] = torch.zeros(positions, weights[places].shape[1])
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    (folder / "config.json").write_text(json.dumps(config | {"max_position_embeddings": positions}), encoding="utf-8")
    return load(Checkpoint(str(folder), "bert"), "entities")


def test_entities_in_windows_are_those_of_the_whole(tmp_path: Path) -> None:
    """Of a model to which the surroundings of a word say nothing, so that no window can change a tag."""
    at_once, in_windows = (without_surroundings(tmp_path / str(most), most) for most in (512, 64))
    example = Example("entities", "mary and john of london, new york, paris. the un-funny dog ate 42 films (old). " * 8)
    whole, found = (cast(Entities, predict(model, example)) for model in (at_once, in_windows))
    assert (whole.windows, found.windows > 2) == (1, True)
    np.testing.assert_allclose(found.probabilities, whole.probabilities, atol=1e-5)
    assert [(one.label, one.start, one.end) for one in found.entities] == [
        (one.label, one.start, one.end) for one in whole.entities
    ]
    ends = {window.words[window.stretch[1]].start for window in tokenize(in_windows, example)[:-1] if window.stretch}
    assert any(one.start < end < one.end for one in found.entities for end in ends)  # an entity across a seam


@pytest.mark.parametrize("text", [LONG, "unforgettable " * 3 + "cat " * 90, "cat " * 90 + "unforgettable " * 5])
def test_each_word_is_read_where_it_stands_farthest_from_a_cut(
    tiny_pairs: dict[str, Sides[Model]], side: str, text: str
) -> None:
    model, example = tiny_pairs["entities"][side], Example("entities", text)
    readings = read(model, example)
    found = cast(Entities, predict(model, example))
    last = len(found.words) - 1
    for place, row in enumerate(found.probabilities):
        rooms = []
        for reading in readings:
            assert reading.tokens.stretch is not None
            first, behind = reading.tokens.stretch
            if first <= place < behind:
                left = place - first if first else last
                right = behind - 1 - place if behind <= last else last
                rooms.append((min(left, right), reading))
        widest = max(room for room, _ in rooms)
        reading = next(one for room, one in rooms if room == widest)
        logits = reading.logits[reading.tokens.word_ids.tolist().index(place)].astype(np.float64)
        np.testing.assert_allclose(row, np.exp(logits) / np.exp(logits).sum(), atol=1e-9)
