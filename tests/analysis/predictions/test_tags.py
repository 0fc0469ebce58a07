"""Entities are the same in whatever scheme their tags are; what stands for outside is known or asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import AnalysisError
from analysis.inputs.words import words_of
from analysis.models.forward import read
from analysis.models.model import Model
from analysis.models.pairs import Sides
from analysis.models.tokens import tokenize
from analysis.predictions.comparison import compare
from analysis.predictions.entities import Entities, decode, entity_target
from analysis.predictions.resolve import default_target, own_targets, resolve
from analysis.predictions.tags import scheme_of
from tests.support.tiny import CONTEXT, EXAMPLES

WORDS = words_of(CONTEXT)
KINDS = ("PER", "LOC")
Span = tuple[str, int, int]  # type, first and last word


def bio(kind: str, length: int) -> list[str]:
    return [f"B-{kind}", *[f"I-{kind}"] * (length - 1)]


def bioes(kind: str, length: int) -> list[str]:
    return [f"S-{kind}"] if length == 1 else [f"B-{kind}", *[f"I-{kind}"] * (length - 2), f"E-{kind}"]


def bilou(kind: str, length: int) -> list[str]:
    return [tag.replace("S-", "U_").replace("E-", "L_").replace("-", "_") for tag in bioes(kind, length)]


def behind(kind: str, length: int) -> list[str]:
    return ["-".join(reversed(tag.split("-"))) for tag in bio(kind, length)]


def inside(kind: str, length: int) -> list[str]:
    return [f"I-{kind}"] * length


def bare(kind: str, length: int) -> list[str]:
    return [kind] * length


# Each scheme: how it writes an entity, the letters that it has, and what it calls a word in none.
SCHEMES: dict[str, tuple[Callable[[str, int], list[str]], str]] = {
    "BIO": (bio, "O"),
    "BIO in lower case": (bio, "o"),
    "BIOES": (bioes, "OUT"),
    "BILOU": (bilou, "LABEL_0"),
    "behind": (behind, "other"),
    "IO": (inside, "O"),
    "bare": (bare, "Outside"),
    "bare, numbered": (bare, "LABEL_0"),
}


def labels_of(scheme: str) -> tuple[str, ...]:
    write, outside = SCHEMES[scheme]
    return (outside, *dict.fromkeys(tag for kind in KINDS for length in (1, 2, 3) for tag in write(kind, length)))


def answered(model: Model, labels: tuple[str, ...], tags: list[str]) -> Entities:
    """What a model with these labels finds where it is sure of these tags of words."""
    (reading,) = read(model, EXAMPLES["entities"])
    tokens = reading.tokens
    logits = np.zeros((len(tokens), len(labels)), dtype=np.float32)
    for word, tag in enumerate(tags):
        logits[tokens.word_ids == word, labels.index(tag)] = 9
    return decode(replace(model, labels=labels), (replace(reading, logits=logits),))


def written(scheme: str, spans: list[Span]) -> list[str]:
    write, outside = SCHEMES[scheme]
    tags = [outside] * len(WORDS)
    for kind, first, last in spans:
        tags[first : last + 1] = write(kind, last - first + 1)
    return tags


@st.composite
def apart(draw: st.DrawFn) -> list[Span]:
    """Some entities with a word between them, which every scheme can write."""
    spans, first = [], draw(st.integers(0, 3))
    while first < len(WORDS):
        last = min(first + draw(st.integers(0, 3)), len(WORDS) - 1)
        spans.append((draw(st.sampled_from(KINDS)), first, last))
        first = last + 2 + draw(st.integers(0, 3))
    return spans


@pytest.mark.parametrize("scheme", SCHEMES)
@given(spans=apart())
def test_identical_entities_agree_in_every_scheme(
    tiny_pairs: dict[str, Sides[Model]], scheme: str, spans: list[Span]
) -> None:
    model = tiny_pairs["entities"].teacher
    found = answered(model, labels_of(scheme), written(scheme, spans))
    plain = answered(model, labels_of("BIO"), written("BIO", spans))
    expected = [(kind, WORDS[first].start, WORDS[last].end) for kind, first, last in spans]
    assert [(entity.label, entity.start, entity.end) for entity in found.entities] == expected
    for sides in (Sides(plain, found), Sides(found, plain)):
        assert compare(sides).agree
        assert len(set(own_targets(sides))) == 1


@pytest.mark.parametrize("scheme", ["BIO", "BIOES", "BILOU", "behind"])
def test_neighbours_of_one_type_are_two_entities(tiny_pairs: dict[str, Sides[Model]], scheme: str) -> None:
    spans = [("PER", 0, 1), ("PER", 2, 2), ("PER", 3, 3), ("LOC", 4, 6)]
    found = answered(tiny_pairs["entities"].teacher, labels_of(scheme), written(scheme, spans))
    assert [(each.label, each.start) for each in found.entities] == [(kind, WORDS[at].start) for kind, at, _ in spans]


def test_in_iob1_an_entity_begins_with_b_only_behind_one_of_its_type(tiny_pairs: dict[str, Sides[Model]]) -> None:
    labels, tags = ("O", "I-PER", "I-LOC", "B-LOC"), ["I-PER", "I-PER", "O", "I-LOC", "B-LOC", "I-LOC", "O", "O"]
    found = answered(tiny_pairs["entities"].teacher, labels, tags)
    assert [entity.text for entity in found.entities] == ["mary lives", "paris", "and works"]


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("length", [1, 2, 3])
def test_a_target_is_found_in_the_tags_that_a_model_gives(
    tiny_pairs: dict[str, Sides[Model]], scheme: str, length: int
) -> None:
    """The one-word entity of a model with S- is asked for by its S-, wherever the target comes from."""
    labels, model = labels_of(scheme), tiny_pairs["entities"].teacher
    model = replace(model, labels=labels)
    (tokens,) = tokenize(model, EXAMPLES["entities"])
    tags = written(scheme, [("LOC", 3, 2 + length)])
    expected = [labels.index(tag) for tag in tags[3 : 3 + length]]
    prediction = answered(model, labels, tags)
    for target in (entity_target(WORDS[3 : 3 + length], "LOC"), default_target(prediction)):
        assert [label for _, label in resolve(target, model, tokens).logit_indices] == expected
    none = resolve(entity_target(WORDS[:2], "O"), model, tokens)
    assert [label for _, label in none.logit_indices] == [0, 0]


def test_where_nothing_says_what_is_outside_it_is_asked_for(tiny_pairs: dict[str, Sides[Model]]) -> None:
    for labels in (("LABEL_0", "LABEL_1", "LABEL_2"), ("NOUN", "VERB"), ("B-PER", "I-PER")):
        assert not scheme_of(labels).has_outside
        with pytest.raises(AnalysisError, match="does not say which of its labels means “in no entity”: it has"):
            answered(tiny_pairs["entities"].teacher, labels, [labels[0]] * len(WORDS))
    assert scheme_of(("O", "LABEL_1", "LABEL_2")).has_outside


def test_tags_without_a_type_are_of_one_type(tiny_pairs: dict[str, Sides[Model]]) -> None:
    found = answered(tiny_pairs["entities"].teacher, ("O", "B", "I"), ["B", "I", "O", "B", "O", "O", "O", "O"])
    assert [str(entity) for entity in found.entities] == ["mary lives (entity)", "paris (entity)"]
