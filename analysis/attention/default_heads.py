"""Which heads to look at first: where student and teacher differ most, or those that look most at a word."""

from __future__ import annotations

import numpy as np

from analysis.arrays import Array
from analysis.attention.view import Head, View, one_layer
from analysis.inputs.words import place_of, words_of_all
from analysis.models.families import known_origins
from analysis.models.forward import Trace
from analysis.models.pairs import Sides
from analysis.statistics import jensen_shannon


def most_different(traces: Sides[Trace]) -> Sides[Head]:
    """The student head that attends least like the teacher head it was initialised from, and that head.

    By the Jensen–Shannon distance over words, mean over rows, as `head_distances` has it. Where it is not known what a
    layer was initialised from, the teacher's layer at the same depth stands for it.
    """
    teacher, student = traces
    known = known_origins(teacher.build, student.build)
    origins = known or as_deep(len(student.attentions), len(teacher.attentions))
    layer, head = _largest([_distances(traces, origin, layer) for layer, origin in enumerate(origins)])
    return Sides((origins[layer], head), (layer, head))


def most_attentive(traces: Sides[Trace], word: int) -> Sides[Head]:
    """In each model the head by which the other words attend most to a word, given by its number in the question.

    A word that is joined with others is counted by itself. Raises `ValueError` if a model does not read that word.
    """
    tokens = traces.teacher.tokens
    named = words_of_all(tokens.texts)[word : word + 1]
    place = place_of(named[0], tokens.words) if named else None
    layers = traces.map(lambda trace: len(trace.attentions))
    to_words: list[list[Array]] = [[], []]
    for layer in range(max(layers)):
        maps = View().of(traces, Sides(*(one_layer(min(layer, count - 1)) for count in layers)))
        for side, map_, count in zip(to_words, maps, layers, strict=True):
            if layer < count:
                side.append(to_word(map_.weights, map_.words.tolist().index(place))[0])
    return Sides(*map(_largest, to_words))


def _distances(traces: Sides[Trace], teacher_layer: int, student_layer: int) -> Array:
    """[head]: of the heads of the same number in two layers; one layer at a time, as long texts are large."""
    maps = View().of(traces, Sides(one_layer(teacher_layer), one_layer(student_layer)))
    teacher, student = (map_.weights[0] for map_ in maps)
    heads = min(len(teacher), len(student))
    return np.asarray(np.sqrt(jensen_shannon(teacher[:heads], student[:heads])).mean(axis=-1))


def to_word(weights: Array, place: int) -> Array:
    """[layer, head]: the attention to one key of `weights` [layer, head, query, key], mean over the other queries."""
    return np.asarray(np.delete(weights[..., place], place, axis=-1).mean(axis=-1))


def as_deep(layers: int, teacher_layers: int) -> tuple[int, ...]:
    """The teacher layer (from 0) that is as deep as each student layer."""
    return tuple(max(round((layer + 1) * teacher_layers / layers) - 1, 0) for layer in range(layers))


def _largest(values: list[Array]) -> Head:
    """Layer and head of the largest of `values` [layer][head]."""
    layer, head = np.unravel_index(np.stack(values).argmax(), (len(values), len(values[0])))
    return int(layer), int(head)
