"""Finished results, remembered in the process and in the store that survives a restart.

    answers = sides.map(lambda checkpoint: prediction(checkpoint, example))

A result is looked for in memory, then in the store, and computed when it is its turn. Equal requests at the same time
compute once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import streamlit as st

from analysis.arrays import Array
from analysis.attention.ablation import Importance, ablated, importance
from analysis.attention.answer_flow import AnswerFlow, answer_flow
from analysis.attention.head_distances import closest
from analysis.attention.head_matching import HeadMatching, match_corpus, match_heads
from analysis.attention.maps import HeadSummary, head_summary
from analysis.attention.view import EVERYTHING, Head, View, one_head
from analysis.attention.view import thumbnails as thumbnails_of
from analysis.inputs.examples import Example
from analysis.inputs.probe_corpus import probe_sentences
from analysis.latency.cost import Cost
from analysis.latency.cost import cost as cost_of
from analysis.models.architecture import Architecture
from analysis.models.architecture import architecture as architecture_of
from analysis.models.forward import Trace
from analysis.models.forward import trace as trace_of
from analysis.models.model import Model, fingerprint_of
from analysis.models.pairs import Checkpoint, Sides
from analysis.models.tokens import Tokens, tokenize
from analysis.predictions.heads import head_of, predict
from analysis.predictions.resolve import resolve_prediction
from analysis.predictions.values import Prediction
from analysis.progress import Progress, silent
from cache.codec import CorruptResult, decode, encode
from cache.compute_queue import ComputeQueue
from cache.keys import result_key
from cache.loaded_models import model
from cache.lru_memory import BoundedMemory, array_bytes
from cache.settings import settings
from cache.store import ResultStore, open_store

RESULT_BYTES = 250_000_000
TRACE_BYTES = 500_000_000
FINGERPRINT_BYTES = 1_000_000
DERIVED_BYTES = 100_000_000  # what follows from traces
WAITING = 16  # requests in the queue; the next one is told so

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Windows:
    """The token sequences of one example, as one value to remember."""

    tokens: tuple[Tokens, ...]


def prediction(checkpoint: Checkpoint, example: Example) -> Prediction:
    """A model's answer to a checked example."""
    return _remembered(
        "prediction",
        head_of(example.task).prediction,
        checkpoint,
        example.task,
        example.texts,
        lambda model: predict(model, example),
    )


def tokens(checkpoint: Checkpoint, example: Example) -> tuple[Tokens, ...]:
    """A checked example as a model's tokens, one sequence a window."""
    windows = _remembered(
        "tokens", Windows, checkpoint, example.task, example.texts, lambda model: Windows(tokenize(model, example))
    )
    return windows.tokens


def architecture(checkpoint: Checkpoint, task: str) -> Architecture:
    """The sizes of a checkpoint's model."""
    return _remembered("architecture", Architecture, checkpoint, task, (), architecture_of)


def cost(sides: Sides[Checkpoint], task: str, progress: Progress = silent) -> Cost:
    """What both models cost whatever the machine; `progress` hears the share of lengths that is done."""
    return _remembered_of_all(
        "cost", Cost, tuple(sides), task, (), lambda teacher, student: cost_of(Sides(teacher, student), progress)
    )


def trace(checkpoint: Checkpoint, example: Example) -> Trace:
    """Attention weights and hidden states of one forward pass: kept in memory only, since they are large and quick."""

    def compute() -> Trace:
        loaded = model(checkpoint, example.task)
        with compute_queue().acquire():
            return trace_of(loaded, example)

    return _traces().get_or_make(f"{checkpoint}\n{example}", compute)


def thumbnails(sides: Sides[Checkpoint], example: Example, view: View) -> Sides[Array]:
    """All heads of both models in a view, small: [layer, head, row, column] each."""
    return _from_traces("thumbnails", sides, example, lambda traces: thumbnails_of(traces, view), str(view))


def head_summaries(sides: Sides[Checkpoint], example: Example) -> Sides[HeadSummary]:
    """What every head of both models does on a text."""

    def compute(traces: Sides[Trace]) -> Sides[HeadSummary]:
        return traces.map(lambda trace: head_summary(trace.attentions, trace.tokens))

    return _from_traces("summaries", sides, example, compute)


def closest_head(sides: Sides[Checkpoint], example: Example, side: str, head: Head) -> tuple[Head, float]:
    """The head of the other model that attends most like this one of `side` over the words, and its distance."""

    def compute(traces: Sides[Trace]) -> tuple[Head, float]:
        parts = {"teacher": Sides(one_head(head), EVERYTHING), "student": Sides(EVERYTHING, one_head(head))}
        teacher, student = (map_.weights for map_ in View().of(traces, parts[side]))
        return closest(teacher[0, 0], student) if side == "teacher" else closest(student[0, 0], teacher)

    return _from_traces("closest head", sides, example, compute, f"{side} {head}")


def head_matching(sides: Sides[Checkpoint], example: Example, with_special_tokens: bool = True) -> HeadMatching:
    """All heads of both models matched on a text, with or without [CLS] and [SEP]."""
    return _from_traces(
        "matching", sides, example, lambda traces: match_heads(traces, with_special_tokens), str(with_special_tokens)
    )


def answer_flows(sides: Sides[Checkpoint], example: Example, method: str) -> Sides[AnswerFlow]:
    """How much of each word reaches the teacher's answer in both models, by a key of `FLOW_METHODS`."""
    teacher_prediction = prediction(sides.teacher, example)
    return _from_traces(
        "answer flows",
        sides,
        example,
        lambda traces: traces.map(lambda trace: answer_flow(trace, teacher_prediction, method)),
        method,
    )


def _from_traces(
    analysis: str,
    sides: Sides[Checkpoint],
    example: Example,
    compute: Callable[[Sides[Trace]], Value],
    options: str = "",
) -> Value:
    """What follows from both models' traces of a text: kept in memory only, as they are."""

    def make() -> Value:
        traces = sides.map(lambda checkpoint: trace(checkpoint, example))
        with compute_queue().acquire():
            return compute(traces)

    return cast(Value, _derived().get_or_make(f"{analysis}\n{options}\n{sides}\n{example}", make))


def corpus_matching(
    sides: Sides[Checkpoint],
    task: str,
    with_special_tokens: bool = True,
    progress: Progress = silent,
) -> HeadMatching:
    """All heads of both models matched over the probe corpus; `progress` hears the share of sentences that is done."""
    sentences = probe_sentences()
    return _remembered_of_all(
        "corpus matching",
        HeadMatching,
        tuple(sides),
        task,
        sentences,
        lambda teacher, student: match_corpus(Sides(teacher, student), sentences, with_special_tokens, progress),
        {"special tokens": with_special_tokens},
    )


def ablated_prediction(
    checkpoint: Checkpoint,
    example: Example,
    heads: tuple[tuple[int, int], ...] = (),
    layers: tuple[int, ...] = (),
) -> Prediction:
    """A model's answer with these heads (layer, head) and layers ablated."""

    def compute(model: Model) -> Prediction:
        with ablated(model, heads=heads, layers=layers):
            return predict(model, example)

    options = {"heads": str(sorted(heads)), "layers": str(sorted(layers))}
    prediction_type = head_of(example.task).prediction
    return _remembered("ablated prediction", prediction_type, checkpoint, example.task, example.texts, compute, options)


def head_importance(sides: Sides[Checkpoint], example: Example, progress: Progress = silent) -> Sides[Importance]:
    """How much each head of both models matters for the teacher's answer; `progress` gets the share that is done."""
    teacher_prediction = prediction(sides.teacher, example)
    options = {"target": fingerprint(sides.teacher, example.task)}

    def one(checkpoint: Checkpoint) -> Importance:
        def compute(model: Model) -> Importance:
            target = resolve_prediction(teacher_prediction, model, tokenize(model, example)[0])
            return importance(model, example, target, progress=progress)

        return _remembered("importance", Importance, checkpoint, example.task, example.texts, compute, options)

    return sides.map(one)


def _remembered(
    analysis: str,
    value_type: Any,
    checkpoint: Checkpoint,
    task: str,
    texts: tuple[str, ...],
    compute: Callable[[Model], Value],
    options: Mapping[str, str | int | float | bool | None] | None = None,
) -> Value:
    return _remembered_of_all(analysis, value_type, (checkpoint,), task, texts, compute, options)


def _remembered_of_all(
    analysis: str,
    value_type: Any,
    checkpoints: Sequence[Checkpoint],
    task: str,
    texts: tuple[str, ...],
    compute: Callable[..., Value],
    options: Mapping[str, str | int | float | bool | None] | None = None,
) -> Value:
    """What `compute` makes of the models of all these checkpoints."""
    key = result_key(
        checkpoints=[fingerprint(checkpoint, task) for checkpoint in checkpoints],
        task=task,
        texts=texts,
        analysis=analysis,
        options=options or {},
    )

    def computed() -> Value:
        # before taking the turn: a slow download must not hold up everybody else
        loaded = [model(checkpoint, task) for checkpoint in checkpoints]
        with compute_queue().acquire():
            return compute(*loaded)

    return remembered(key, value_type, computed)


def remembered(key: str, value_type: Any, compute: Callable[[], Value]) -> Value:
    """The value under a key: from memory, from the store, or else computed and put into both."""

    def make() -> tuple[Value, int]:
        return _from_store(key, value_type) or _computed(key, compute)

    return cast(Value, _results().get_or_make(key, make)[0])


def fingerprint(checkpoint: Checkpoint, task: str) -> str:
    """Without loading the model where that can be: what is in the store is then shown before torch is imported."""
    return _fingerprints().get_or_make(
        f"{task}\n{checkpoint}", lambda: fingerprint_of(checkpoint) or model(checkpoint, task).fingerprint
    )


def _from_store(key: str, value_type: Any) -> tuple[Any, int] | None:
    data = store().get(key)
    try:
        return None if data is None else (decode(value_type, data), len(data))
    except CorruptResult:
        return None  # computed again, and put in its place


def _computed(key: str, compute: Callable[[], Value]) -> tuple[Value, int]:
    value = compute()
    data = encode(value)
    store().put(key, data)
    return value, len(data)


@st.cache_resource(show_spinner=False)
def store() -> ResultStore:
    chosen = settings()
    return open_store(chosen.cache_url, chosen.folder, chosen.store_bytes)


@st.cache_resource(show_spinner=False)
def compute_queue() -> ComputeQueue:
    return ComputeQueue(WAITING)


@st.cache_resource(show_spinner=False)
def _results() -> BoundedMemory[tuple[Any, int]]:
    return BoundedMemory(RESULT_BYTES, size=lambda entry: entry[1])


@st.cache_resource(show_spinner=False)
def _derived() -> BoundedMemory[Any]:
    return BoundedMemory(DERIVED_BYTES, size=array_bytes)


@st.cache_resource(show_spinner=False)
def _fingerprints() -> BoundedMemory[str]:
    return BoundedMemory(FINGERPRINT_BYTES, size=len)


@st.cache_resource(show_spinner=False)
def _traces() -> BoundedMemory[Trace]:
    return BoundedMemory(TRACE_BYTES, size=array_bytes)
