"""Named entities, question answering and sentence pairs: what is read, what is learned, how it is scored."""

from __future__ import annotations

import json
import lzma
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformers import PreTrainedTokenizerBase

from analysis.inputs.words import words_of
from tests.support.small_pair import LABELLED
from training.adapters import publish_adapter
from training.bootstrap import ratio
from training.entities import (
    LABELS,
    Tagged,
    encode_entities,
    encodings_of,
    entities,
    entity_scores,
    read_gmb,
    token_labels,
    word_tags,
    words_begun,
)
from training.evaluate import SIDES, sampled
from training.finetune import NOT_SCORED, FineTuning, Labelled
from training.loop import one_step, optimiser_for
from training.questions import (
    Question,
    best,
    encode_squad,
    exact_match,
    marked_words,
    normalised,
    read_squad,
    windows,
    word_f1,
)
from training.recipes import EVALUATIONS, RECIPES
from training.sentence_pairs import read_qnli

CPU = torch.device("cpu")
TAGGED = (
    Tagged(
        ("Mr.", "Okonjo-Iweala", "left", "the", "U.N.", "in", "May", "."),
        ("B-per", "I-per", "O", "O", "B-org", "O", "B-tim", "O"),
    ),
    Tagged(("London", "Paris", "and", "rivers"), ("B-geo", "B-geo", "O", "O")),
    Tagged(("the", "man", "in", "New", "York"), ("O", "O", "O", "B-geo", "I-geo")),
    Tagged(("1,000", "dogs", "like", "Mary"), ("O", "O", "O", "B-per")),
)
CONTEXT = "The old bridge was opened in 1932. Mary Holt, who lives in Paris, drew it; the river is called the Ems."


def question(text: str, answer: str, context: str = CONTEXT) -> Question:
    return Question(text, context, answer, context.index(answer), (answer,))


QUESTIONS = (
    question("When was it opened?", "1932"),
    question("Who drew it?", "Mary Holt"),
    question("Where does she live?", "Paris"),
    question("What is the river called?", "the Ems"),
)


def write_compressed(path: Path, text: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(lzma.compress(text.encode("utf-8")))


def test_tagged_sentences_are_read_as_written(tmp_path: Path) -> None:
    lines = ["A\tO", "U.N.\tB-org", "", "5\u00a0storm\tO", ".\tO", "", ""]
    write_compressed(tmp_path / "ner_gmb" / "train.bio.xz", "\n".join(lines))
    assert read_gmb(tmp_path, "train.bio.xz") == [
        Tagged(("A", "U.N."), ("O", "B-org")),
        Tagged(("5\u00a0storm", "."), ("O", "O")),
    ]


def squad_row(*answers: tuple[str, int, int]) -> dict[str, Any]:
    names = ("text", "answer_start", "n_occurrences")
    return {"question": "Who?", "answers": [dict(zip(names, answer, strict=True)) for answer in answers]}


def test_only_training_questions_need_an_answer_whose_place_is_certain(tmp_path: Path) -> None:
    twice, once = ("in", 5, 2), ("Oslo", 8, 1)
    paragraph = {"context": "Anna in Oslo, in May", "qas": [squad_row(twice), squad_row(twice, once, once)]}
    text = json.dumps({"data": [{"title": "Anna", "paragraphs": [paragraph]}]})
    for part in ("train.json.xz", "dev.json.xz"):
        write_compressed(tmp_path / "squad_v1" / part, text)
    certain = Question("Who?", "Anna in Oslo, in May", "Oslo", 8, ("in", "Oslo"))
    assert read_squad(tmp_path, "train.json.xz") == [certain]
    assert read_squad(tmp_path, "dev.json.xz") == [Question("Who?", "Anna in Oslo, in May", "in", 5, ("in",)), certain]


def test_pairs_are_read_with_quotation_marks_as_they_stand(tmp_path: Path) -> None:
    rows = ["question\tsentence\tlabel", 'Who?\t"Mary said.\tentailment', "Where?\tA dog.\tnot_entailment"]
    write_compressed(tmp_path / "qnli" / "dev.tsv.xz", "\n".join(rows) + "\n")
    assert read_qnli(tmp_path, "dev.tsv.xz") == [Labelled("Who?", '"Mary said.', 0), Labelled("Where?", "A dog.", 1)]


@pytest.mark.parametrize("example", TAGGED, ids=lambda example: example.text)
def test_exactly_the_words_of_the_dashboard_are_labelled(tokenizer: PreTrainedTokenizerBase, example: Tagged) -> None:
    (encoding,) = encodings_of(tokenizer, [example], 64)
    labels = token_labels(encoding, example)
    scored = [start for (start, _), label in zip(encoding.offsets, labels, strict=True) if label != NOT_SCORED]
    assert scored == [word.start for word in words_of(example.text)]


@pytest.mark.parametrize("example", TAGGED, ids=lambda example: example.text)
def test_labels_lead_back_to_the_tags(tokenizer: PreTrainedTokenizerBase, example: Tagged) -> None:
    (encoding,) = encodings_of(tokenizer, [example], 64)
    labels = token_labels(encoding, example)
    assert word_tags(encoding, example, labels) == list(example.tags)
    begun = words_begun(encoding, example)
    for place, (word, label) in enumerate(zip(begun, labels, strict=True)):
        if word >= 0 and LABELS[label].startswith("B-"):
            assert begun.index(word) == place  # a B- label stands on the first token of its word
        if word >= 0:
            assert LABELS[label][2:] == example.tags[word][2:]


def test_words_that_are_cut_off_count_as_untagged(tokenizer: PreTrainedTokenizerBase) -> None:
    example = Tagged(("the", "city", "Paris"), ("O", "O", "B-geo"))
    encoded = encode_entities(tokenizer, [example], 4)
    assert encoded.targets["labels"] == [[NOT_SCORED, 0, 0, NOT_SCORED]]
    (encoding,) = encodings_of(tokenizer, [example], 4)
    assert word_tags(encoding, example, [1] * 4) == ["B-geo", "B-geo", "O"]


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ("O B-per I-per O", {("per", 1, 2)}),
        ("B-geo B-geo I-geo", {("geo", 0, 0), ("geo", 1, 2)}),
        ("O I-org I-org", {("org", 1, 2)}),  # nothing came before: an I- tag begins one
        ("B-per I-org I-org", {("per", 0, 0), ("org", 1, 2)}),
        ("I-tim B-tim O I-tim", {("tim", 0, 0), ("tim", 1, 1), ("tim", 3, 3)}),
        ("O O", set()),
    ],
)
def test_entities_as_seqeval_finds_them(tags: str, expected: set[tuple[str, int, int]]) -> None:
    assert entities(tags.split()) == expected


GOLD = [["O", "O", "O", "B-eve", "I-eve", "I-eve", "O"], ["B-per", "I-per", "O"]]
FOUND = [["O", "O", "B-eve", "I-eve", "I-eve", "I-eve", "O"], ["B-per", "I-per", "O"]]


def scores_of(weights: Sequence[int], gold: list[list[str]], found: list[list[str]]) -> list[float]:
    statistics = entity_scores(gold, found)
    return [float(statistics[name](np.array([weights]))[0]) for name in ("f1", "precision", "recall")]


def test_entity_scores_by_hand() -> None:
    """The example of seqeval's README scores 0.5; half an entity is none, and one too many costs precision alone."""
    assert scores_of([1, 1], GOLD, FOUND) == [0.5, 0.5, 0.5]
    one_more = [FOUND[0], ["B-per", "I-per", "B-geo"]]
    assert scores_of([1, 1], GOLD, one_more) == pytest.approx([2 / 5, 1 / 3, 1 / 2])
    assert scores_of([1, 1], GOLD, [["O"] * 7, ["O"] * 3]) == [0, 0, 0]


def test_weights_count_a_sentence_as_often_as_it_is_drawn() -> None:
    drawn = [GOLD[1], GOLD[1], GOLD[1], GOLD[0]], [FOUND[1], FOUND[1], FOUND[1], FOUND[0]]
    assert scores_of([1, 3], GOLD, FOUND) == scores_of([1] * 4, *drawn) == [0.75] * 3


def test_ratio_of_nothing_is_zero() -> None:
    statistic = ratio(np.array([1.0, 0.0]), np.array([2.0, 0.0]))
    assert statistic(np.array([[1, 1], [0, 3]])).tolist() == [0.5, 0.0]


@pytest.mark.parametrize("length", [30, 36, 64])
@pytest.mark.parametrize("asked", QUESTIONS, ids=lambda asked: asked.answer)
def test_targets_enclose_the_answer_and_no_token_more(
    tokenizer: PreTrainedTokenizerBase, asked: Question, length: int
) -> None:
    encoded = encode_squad(tokenizer, [asked], length)
    (start,), (end,) = encoded.targets["start_positions"], encoded.targets["end_positions"]
    (window,) = [window for _, window in windows(tokenizer, [asked], length) if window.ids == encoded.ids[0]]
    assert asked.context[window.offsets[start][0] : window.offsets[end][1]] == asked.answer
    assert window.type_ids == encoded.segments[0]


def test_a_question_that_leaves_no_room_for_context_is_refused(tokenizer: PreTrainedTokenizerBase) -> None:
    with pytest.raises(ValueError, match="A question has 20 tokens: windows of 30 have too little room"):
        encode_squad(tokenizer, [question("what " * 20, "1932")], 30)


def test_an_answer_inside_a_word_takes_the_pieces_it_touches(tokenizer: PreTrainedTokenizerBase) -> None:
    asked = question("Who?", "ohn Liv", "The man John Lives in it")
    encoded = encode_squad(tokenizer, [asked], 32)
    pieces = tokenizer.convert_ids_to_tokens(encoded.ids[0])
    (start,), (end,) = encoded.targets["start_positions"], encoded.targets["end_positions"]
    assert pieces[start : end + 1] == ["john", "lives"]


def test_windows_cover_the_whole_context_and_overlap(tokenizer: PreTrainedTokenizerBase) -> None:
    long = Question("Who?", " ".join([CONTEXT] * 5), "1932", CONTEXT.index("1932"), ("1932",))
    parts = [
        [offsets for offsets, field in zip(window.offsets, window.sequence_ids, strict=True) if field == 1]
        for number, window in windows(tokenizer, [long], 30)
        if number == 0
    ]
    read = {character for part in parts for start, end in part for character in range(start, end)}
    assert read == {at for at, character in enumerate(long.context) if not character.isspace()}
    for before, after in pairwise(parts):
        assert before[-10:] == after[:10]


def test_a_question_gives_one_window_or_none(tokenizer: PreTrainedTokenizerBase) -> None:
    """An answer that no window holds whole is left out, and does not shift the others."""
    too_long = question("Who?", CONTEXT[4:-4])
    encoded = encode_squad(tokenizer, [QUESTIONS[0], too_long, *QUESTIONS[1:]], 24)
    alone = [encode_squad(tokenizer, [asked], 24) for asked in QUESTIONS]
    assert encoded.ids == [each.ids[0] for each in alone]
    for name in ("start_positions", "end_positions"):
        assert encoded.targets[name] == [each.targets[name][0] for each in alone]


def test_normalising_is_that_of_the_squad_script() -> None:
    assert normalised("  The U.S. Navy's\tAn-ship, a \n there ") == "us navys anship there"
    assert normalised("Theatre and a banana") == "theatre and banana"
    assert normalised("The!") == ""


def test_exact_match_and_f1_by_hand() -> None:
    assert exact_match("The Eiffel Tower.", "eiffel tower") == 1
    assert exact_match("Eiffel Towers", "eiffel tower") == 0
    assert word_f1("the tall Eiffel Tower", "Eiffel Tower") == pytest.approx(2 * (2 / 3) * 1 / (2 / 3 + 1))
    assert word_f1("Paris", "London") == 0
    assert word_f1("dog dog cat", "dog mouse") == pytest.approx(2 * (1 / 3) * (1 / 2) / (1 / 3 + 1 / 2))
    assert word_f1("the", "a") == 0  # nothing is left of either: version 1.1 of the script gives no credit
    assert best(word_f1, "12 May", ["May 1932", "12 May 1932"]) == pytest.approx(0.8)


def test_a_sample_is_always_the_same_and_in_order() -> None:
    many = [question("Who?", "Paris") for _ in range(50)]
    many = [replace(each, question=str(number)) for number, each in enumerate(many)]
    first = [int(each.question) for each in sampled(many, 20)]
    assert first == [int(each.question) for each in sampled(many, 20)] == sorted(set(first))
    assert len(first) == 20
    assert first[-1] > 25
    assert sampled(many, 80) == many


def test_marked_words_are_those_of_the_answer() -> None:
    asked = question("Who drew it?", "Mary Holt")
    marks = marked_words(asked, (asked.start, asked.end))
    assert [word.text for word, mark in zip(words_of(CONTEXT), marks, strict=True) if mark] == ["Mary", "Holt"]


EXAMPLES = {"entities": TAGGED, "question-answering": QUESTIONS, "sentence-pair": LABELLED}


@pytest.mark.parametrize("task", EXAMPLES)
def test_both_sides_learn_four_examples_and_the_evaluation_says_so(
    task: str, pretrained: Path, tokenizer: PreTrainedTokenizerBase, tmp_path: Path
) -> None:
    examples = list(EXAMPLES[task])
    recipe = replace(RECIPES[task], read=lambda data, part: examples, batch_size=4, epochs=30, peak=6e-3)
    encoded = recipe.encode(tokenizer, examples, recipe.length)
    for side in SIDES:
        stage = FineTuning(recipe, pretrained / side, encoded, encoded, CPU)
        model = stage.build()
        optimiser, steps = optimiser_for(model, stage.pace), stage.budget().steps
        for step in range(steps):
            one_step(stage, model, optimiser, step, step / steps, stage.pace.rate(step / steps))
        publish_adapter(model, recipe.labels, stage.base, tmp_path / side)
        assert tuple(model.config.id2label.values()) == recipe.labels
    evaluation = EVALUATIONS[task]
    measured = evaluation.examples(recipe, tmp_path)
    answers = {side: evaluation.answers(task, recipe, tmp_path / side, measured, CPU) for side in SIDES}
    rows, pairs = evaluation.rows(task, measured, answers)
    metrics = {row["metric"] for row in rows}
    assert {(row["metric"], row["side"]) for row in rows} == {(metric, side) for metric in metrics for side in SIDES}
    compared = {f"{kind}:{metric}" for kind in ("difference", "share_kept") for metric in metrics}
    assert {row["metric"] for row in pairs} == {"agreement", "kappa"} | compared
    for row in rows + pairs:
        value = 0.0 if row["metric"].startswith("difference") else 1.0
        assert (row["task"], row["value"], row["n"]) == (task, value, 4), row


def test_every_recipe_is_measured() -> None:
    assert list(RECIPES) == list(EVALUATIONS)
