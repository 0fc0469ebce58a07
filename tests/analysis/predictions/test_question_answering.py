"""Span decoding against a reference in plain loops: transformers 5 has no pipeline for it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from math import exp
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from analysis.arrays import frozen
from analysis.errors import AnalysisError
from analysis.inputs.examples import Example
from analysis.models.forward import Reading, read
from analysis.models.model import Model, load
from analysis.models.pairs import Checkpoint, Sides
from analysis.predictions.question_answering import LONGEST_ANSWER, N_BEST, SpanPredictions, decode
from tests.support.hostile import HOSTILE, TEXTS

QUESTION = "who lives in paris?"
CONTEXTS = (
    "mary",
    "mary lives in paris. john works in london, not in new york!",
    "unforgettable, old-fashioned films: 'the dull river' (1999)",
    *(f"a {text}" for text in HOSTILE if len(text) < 60),
    " ".join(f"mary{number} lives in london." for number in range(40)),
)


def stretches(reading: Reading) -> dict[tuple[int, int], tuple[float, int, int]]:
    """(start character, end character) -> (score, first word, last word) in one window; the best where several meet."""
    tokens = reading.tokens
    found: dict[Any, Any] = {}
    places = [place for place in range(len(tokens)) if tokens.fields[place] == 1]
    for position, first in enumerate(places):
        for last in places[position : position + LONGEST_ANSWER]:
            score = float(reading.logits[0, first]) + float(reading.logits[1, last])
            characters = int(tokens.offsets[first, 0]), int(tokens.offsets[last, 1])
            if characters not in found or found[characters][0] < score:
                found[characters] = score, int(tokens.word_ids[first]), int(tokens.word_ids[last])
    return found


def reference(readings: Sequence[Reading], unanswerable: bool = False) -> tuple[dict[tuple[int, int], float], float]:
    """(start, end) -> probability, and the probability of no answer, one loop after the other."""
    best: dict[Any, Any] = {}
    for reading in readings:
        for characters, entry in stretches(reading).items():
            best[characters] = max(best.get(characters, entry), entry)
    null = min(float(reading.logits[0, 0]) + float(reading.logits[1, 0]) for reading in readings)
    total = sum(exp(score) for score, _, _ in best.values()) + exp(null) * unanswerable
    by_place: defaultdict[Any, float] = defaultdict(float)
    for score, first, last in best.values():
        words = readings[0].tokens.words
        by_place[words[first].start, words[last].end] += exp(score) / total
    return dict(by_place), exp(null) / total * unanswerable


def assert_equals_reference(model: Model, example: Example) -> tuple[SpanPredictions, dict[tuple[int, int], float]]:
    readings = read(model, example)
    found = decode(model, readings)
    by_place, no_answer = reference(readings, model.checkpoint.unanswerable)
    likeliest = sorted(by_place.values(), reverse=True)[:N_BEST]
    assert [one.probability for one in found.answers] == pytest.approx(likeliest, rel=1e-9)
    for one in found.answers:
        assert one.probability == pytest.approx(by_place[one.start, one.end], rel=1e-9)
        assert one.text == (example.text_pair or "")[one.start : one.end]
    assert len({(one.start, one.end) for one in found.answers}) == len(found.answers)
    assert (found.no_answer or 0.0) == pytest.approx(no_answer, rel=1e-9)
    assert found.windows == len(readings)
    return found, by_place


@pytest.mark.parametrize("context", CONTEXTS)
def test_answers_equal_the_reference(tiny_pairs: dict[str, Sides[Model]], side: str, context: str) -> None:
    example = Example("question-answering", QUESTION, context)
    found, by_place = assert_equals_reference(tiny_pairs["question-answering"][side], example)
    starts: defaultdict[Any, float] = defaultdict(float)
    ends: defaultdict[Any, float] = defaultdict(float)
    for (start, end), probability in by_place.items():
        starts[start] += probability
        ends[end] += probability
    assert found.starts == pytest.approx([starts[word.start] for word in found.words], rel=1e-9)
    assert found.ends == pytest.approx([ends[word.end] for word in found.words], rel=1e-9)


@settings(max_examples=80)
@given(context=TEXTS)
def test_answers_are_whole_words_and_probabilities_sum_to_one(
    tiny_pairs: dict[str, Sides[Model]], context: str
) -> None:
    model = tiny_pairs["question-answering"].student
    readings = read(model, Example("question-answering", QUESTION, context))
    if all((reading.tokens.fields != 1).all() for reading in readings):
        with pytest.raises(AnalysisError, match="no word that the model can read; type a context"):
            decode(model, readings)
        return
    found = decode(model, readings)
    assert sum(one.probability for one in found.answers) <= 1 + 1e-12
    assert found.starts.sum() == pytest.approx(1, abs=1e-9)
    assert found.ends.sum() == pytest.approx(1, abs=1e-9)
    for one in found.answers:
        assert one.text == context[one.start : one.end]
        assert one.start in {word.start for word in found.words}
        assert one.end in {word.end for word in found.words}


def test_the_best_answer_is_the_best_start_and_end_where_every_word_is_one_piece(
    tiny_pairs: dict[str, Sides[Model]], side: str
) -> None:
    """The rule of BERT's SQuAD script: the highest start + end logit with start <= end."""
    model = tiny_pairs["question-answering"][side]
    for context in ("mary lives in new york", "the old dog and the young cat", "john likes the film . it was good"):
        (reading,) = read(model, Example("question-answering", QUESTION, context))
        scores = np.triu(reading.logits[0][:, None] + reading.logits[1][None, :])
        in_context = reading.tokens.fields == 1
        scores[~(in_context[:, None] & in_context[None, :] & np.triu(np.ones_like(scores, bool)))] = -np.inf
        first, last = np.unravel_index(scores.argmax(), scores.shape)
        best = decode(model, (reading,)).answers[0]
        assert (best.start, best.end) == (reading.tokens.offsets[first, 0], reading.tokens.offsets[last, 1])


def spiked(reading: Reading, start: int, end: int, height: float = 60.0) -> Reading:
    """The reading with all its certainty on one start and one end token."""
    logits = np.zeros_like(reading.logits)
    logits[0, start] = logits[1, end] = height
    return replace(reading, logits=frozen(logits))


def test_no_answer_is_longer_than_thirty_tokens(tiny_pairs: dict[str, Sides[Model]]) -> None:
    model = tiny_pairs["question-answering"].teacher
    (reading,) = read(model, Example("question-answering", QUESTION, " ".join(["cat"] * 50)))
    first = int(np.flatnonzero(reading.tokens.fields == 1)[0])
    for length in (LONGEST_ANSWER, LONGEST_ANSWER + 1):
        best = decode(model, (spiked(reading, first, first + length - 1),)).answers[0]
        assert (len(best.text.split()) == length) == (length == LONGEST_ANSWER == 30)


@pytest.mark.parametrize("where", ["backwards", "in the question", "at the ends of the sequence"])
def test_certainty_outside_forward_stretches_of_the_context_is_left_out(
    tiny_pairs: dict[str, Sides[Model]], where: str
) -> None:
    model = tiny_pairs["question-answering"].teacher
    (reading,) = read(model, Example("question-answering", QUESTION, "mary lives in london"))
    places = np.flatnonzero(reading.tokens.fields == 1)
    ends = {
        "backwards": (places[-1], places[0]),
        "in the question": (1, 2),
        "at the ends of the sequence": (0, len(reading.tokens) - 1),
    }
    found = decode(model, (spiked(reading, *ends[where], height=5.0),))
    assert found.answers[0].start < found.answers[0].end <= len("mary lives in london")
    by_place, _ = reference((spiked(reading, *ends[where], height=5.0),))
    assert found.answers[0].probability == pytest.approx(max(by_place.values()))


def test_a_stretch_that_two_windows_share_counts_once_by_its_better_score(tiny_pairs: dict[str, Sides[Model]]) -> None:
    model = tiny_pairs["question-answering"].teacher
    first, second, *_ = read(model, Example("question-answering", QUESTION, " ".join(["cat"] * 80)))
    place = int(np.flatnonzero(second.tokens.fields == 1)[0])
    start, end = second.tokens.offsets[place]
    same = next(other for other in range(len(first.tokens)) if tuple(first.tokens.offsets[other]) == (start, end))
    assert same > place
    both = decode(model, (spiked(first, same, same, 4.0), spiked(second, place, place, 5.0)))
    by_place, _ = reference((spiked(first, same, same, 4.0), spiked(second, place, place, 5.0)))
    assert (both.answers[0].start, both.answers[0].end) == (start, end)
    assert both.answers[0].probability == pytest.approx(by_place[start, end], rel=1e-9)
    assert decode(model, (first, second)).answers == decode(model, (second, first)).answers


def test_an_answer_to_the_last_words_of_a_long_context_is_found(tiny_pairs: dict[str, Sides[Model]]) -> None:
    model = tiny_pairs["question-answering"].student
    context = "cat " * 200 + "paris"
    *rest, last = read(model, Example("question-answering", QUESTION, context))
    paris = int(np.flatnonzero(last.tokens.fields == 1)[-1])
    quiet = [replace(reading, logits=frozen(np.zeros_like(reading.logits))) for reading in rest]
    best = decode(model, (*quiet, spiked(last, paris, paris))).answers[0]
    assert (best.text, best.start) == ("paris", len(context) - 5)
    assert best.probability > 0.99


@pytest.mark.parametrize("context", CONTEXTS)
def test_a_checkpoint_that_may_say_so_gives_no_answer_its_probability(
    tiny_pairs: dict[str, Sides[Model]], context: str
) -> None:
    plain = tiny_pairs["question-answering"].teacher
    checkpoint = Checkpoint(plain.checkpoint.source, "bert", unanswerable=True)
    model = load(checkpoint, "question-answering")
    found, _ = assert_equals_reference(model, Example("question-answering", QUESTION, context))
    assert 0 < found.no_answer < 1
    assert found.starts.sum() == pytest.approx(1 - found.no_answer, abs=1e-9)
    assert found.ends.sum() == pytest.approx(1 - found.no_answer, abs=1e-9)
    np.testing.assert_allclose(found.distributions.sum(axis=1), 1, atol=1e-9)
    assert len(found.outcomes) == found.distributions.shape[1] == len(set(found.outcomes))


def test_no_answer_is_the_verdict_where_it_is_likelier_than_the_best(tiny_pairs: dict[str, Sides[Model]]) -> None:
    plain = tiny_pairs["question-answering"].teacher
    model = load(replace(plain.checkpoint, unanswerable=True), "question-answering")
    (reading,) = read(model, Example("question-answering", QUESTION, "mary lives in london"))
    sure = decode(model, (spiked(reading, 0, 0),))
    assert (sure.answer_key, sure.summary) == ("no answer", "no answer (> 99%)")
    place = int(np.flatnonzero(reading.tokens.fields == 1)[0])
    assert decode(model, (spiked(reading, place, place),)).summary == "mary (> 99%)"
    assert decode(plain, (spiked(reading, 0, 0),)).no_answer is None
