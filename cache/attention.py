"""What heads attend to, which of them match and how much they matter, remembered."""

from __future__ import annotations

from analysis.arrays import Array
from analysis.attention import answer_flow
from analysis.attention.ablation import Importance, ablated, importance
from analysis.attention.answer_flow import AnswerFlow
from analysis.attention.default_heads import most_attentive, most_different
from analysis.attention.head_distances import closest
from analysis.attention.head_matching import HeadMatching, match_corpus, match_heads
from analysis.attention.maps import HeadSummary, head_summary
from analysis.attention.view import EVERYTHING, Head, View, one_head
from analysis.attention.view import thumbnails as thumbnails_of
from analysis.inputs.examples import Example
from analysis.inputs.probe_corpus import probe_sentences
from analysis.models.forward import Trace
from analysis.models.model import Model
from analysis.models.pairs import Checkpoint, Sides
from analysis.models.tokens import tokenize
from analysis.predictions.heads import answer_type, predict
from analysis.predictions.resolve import resolve_prediction
from analysis.predictions.values import Prediction
from analysis.progress import Progress, silent
from cache.predictions import prediction
from cache.remember import fingerprint, remember
from cache.traces import from_traces


def thumbnails(sides: Sides[Checkpoint], example: Example, view: View) -> Sides[Array]:
    """All heads of both models in a view, small: [layer, head, row, column] each."""
    return from_traces("thumbnails", sides, example, lambda traces: thumbnails_of(traces, view), view)


def default_heads(sides: Sides[Checkpoint], example: Example, word: int | None) -> Sides[Head]:
    """The heads to look at first: those that look most at a word, or else those that differ most."""

    def compute(traces: Sides[Trace]) -> Sides[Head]:
        return most_different(traces) if word is None else most_attentive(traces, word)

    return from_traces("default heads", sides, example, compute, word)


def head_summaries(sides: Sides[Checkpoint], example: Example) -> Sides[HeadSummary]:
    """What every head of both models does on a text."""

    def compute(traces: Sides[Trace]) -> Sides[HeadSummary]:
        return traces.map(lambda trace: head_summary(trace.attentions, trace.tokens))

    return from_traces("summaries", sides, example, compute)


def closest_head(sides: Sides[Checkpoint], example: Example, side: str, head: Head) -> tuple[Head, float]:
    """The head of the other model that attends most like this one of `side` over the words, and its distance."""

    def compute(traces: Sides[Trace]) -> tuple[Head, float]:
        parts = {"teacher": Sides(one_head(head), EVERYTHING), "student": Sides(EVERYTHING, one_head(head))}
        teacher, student = (map_.weights for map_ in View().of(traces, parts[side]))
        return closest(teacher[0, 0], student) if side == "teacher" else closest(student[0, 0], teacher)

    return from_traces("closest head", sides, example, compute, side, head)


def head_matching(sides: Sides[Checkpoint], example: Example, with_special_tokens: bool = True) -> HeadMatching:
    """All heads of both models matched on a text, with or without [CLS] and [SEP]."""
    return from_traces(
        "matching", sides, example, lambda traces: match_heads(traces, with_special_tokens), with_special_tokens
    )


def answer_flows(sides: Sides[Checkpoint], example: Example, method: str) -> Sides[AnswerFlow]:
    """How much of each word reaches the teacher's answer in both models, by a key of `FLOW_METHODS`."""
    teacher_prediction = prediction(sides.teacher, example)
    return from_traces(
        "answer flows",
        sides,
        example,
        lambda traces: traces.map(lambda trace: answer_flow.answer_flow(trace, teacher_prediction, method)),
        method,
    )


def corpus_matching(
    sides: Sides[Checkpoint],
    task: str,
    with_special_tokens: bool = True,
    progress: Progress = silent,
) -> HeadMatching:
    """All heads of both models matched over the probe corpus; `progress` hears the share of sentences that is done."""
    sentences = probe_sentences()
    return remember(
        "corpus matching",
        HeadMatching,
        [(checkpoint, task) for checkpoint in sides],
        lambda teacher, student: match_corpus(Sides(teacher, student), sentences, with_special_tokens, progress),
        texts=sentences,
        options={"special tokens": with_special_tokens},
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

    return remember(
        "ablated prediction",
        answer_type(example.task),
        [(checkpoint, example.task)],
        compute,
        texts=example.texts,
        options={"heads": str(sorted(heads)), "layers": str(sorted(layers))},
    )


def head_importance(sides: Sides[Checkpoint], example: Example, progress: Progress = silent) -> Sides[Importance]:
    """How much each head of both models matters for the teacher's answer; `progress` gets the share that is done."""
    teacher_prediction = prediction(sides.teacher, example)
    options = {"target": fingerprint(sides.teacher, example.task)}

    def compute(model: Model) -> Importance:
        target = resolve_prediction(teacher_prediction, model, tokenize(model, example)[0])
        return importance(model, example, target, progress=progress)

    return sides.map(
        lambda checkpoint: remember(
            "importance",
            Importance,
            [(checkpoint, example.task)],
            compute,
            texts=example.texts,
            options=options,
        )
    )
