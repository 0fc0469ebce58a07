"""A token of several words joins them, for both models of a pair alike: each token lies within one word."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.attention.default_heads import most_attentive
from analysis.attention.view import EVERYTHING, View
from analysis.attribution.edit_effect import edit_effect
from analysis.attribution.methods import attribute
from analysis.inputs.edits import Edit, edited
from analysis.inputs.examples import Example
from analysis.inputs.words import words_of, words_of_all
from analysis.models.cutting import cut_alike
from analysis.models.forward import trace
from analysis.models.model import Model, load
from analysis.models.model_files import fingerprint_of
from analysis.models.pairs import Sides, own_pair
from analysis.models.tokens import tokenize
from analysis.predictions.entities import Entities, candidate_targets, entity_target
from analysis.predictions.heads import predict
from analysis.predictions.resolve import carry_over, resolve
from tests.support.checkpoint_folders import rewrite
from tests.support.hostile import TEXTS
from tests.support.tiny import tiny_checkpoint, tiny_vocabulary

ADDED = ("new york", "covid-19", "[E1]", "k-p", "。中")
TEXT = "mary lives in new york."


def with_added(folder: Path, architecture: str, task: str, added: Sequence[str], **more: Any) -> Path:
    """A tiny checkpoint whose tokenizer has these tokens too."""
    pieces = tiny_vocabulary(lower_case=more.get("lower_case", True))
    tiny_checkpoint(folder, architecture, task, vocabulary=[*pieces, *added], **more)
    numbers = {text: number for number, text in enumerate(added, start=len(pieces))}
    (folder / "added_tokens.json").write_text(json.dumps(numbers), encoding="utf-8")
    return folder


def loaded(task: str, teacher: Path, student: Path) -> Sides[Model]:
    return own_pair(task, str(teacher), str(student)).sides(task).map(lambda checkpoint: load(checkpoint, task))


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Sides[Model]]:
    """Pairs whose teacher alone, or student alone (a cased one), has tokens of several words."""
    root = tmp_path_factory.mktemp("joined")

    def pair(task: str, name: str, *added: Sequence[str]) -> Sides[Model]:
        folders = (
            with_added(root / name / "bert", "bert", task, added[0]),
            with_added(root / name / "distilbert", "distilbert", task, added[1], lower_case=False, seed=1),
        )
        return loaded(task, *folders)

    return {
        "teacher": pair("entities", "teacher", ADDED, ()),
        "student": pair("entities", "student", (), ADDED),
        "both": pair("entities", "both", ADDED[:2], ADDED[2:]),
        "two texts": pair("sentence-pair", "two", ADDED, ()),
    }


@pytest.mark.parametrize("who", ["teacher", "student"])
@pytest.mark.parametrize(
    ("text", "words"),
    [
        (TEXT, ["mary", "lives", "in", "new york", "."]),
        ("covid-19 in new-york", ["covid-19", "in", "new", "-", "york"]),
        ("the [E1] dog", ["the", "[E1]", "dog"]),
        ("york new york", ["york", "new york"]),
        ("a bank-paris", ["a", "bank-paris"]),  # the token begins and ends inside a word
        ("he 。中", ["he", "。中"]),
    ],
)
def test_words_that_one_token_spans_are_one_for_both(
    pairs: dict[str, Sides[Model]], who: str, text: str, words: list[str]
) -> None:
    ((teacher,), (student,)) = pairs[who].map(lambda model: tokenize(model, Example("entities", text)))
    assert [word.text for word in teacher.words] == words
    assert teacher.words == student.words


PARTS = st.sampled_from([*ADDED, *(text.upper() for text in ADDED), "new", " york", "-", "19", "covid", "k", "p", "中"])


@settings(max_examples=150)
@given(st.lists(PARTS | TEXTS.map(lambda text: text[:6]) | st.just(" "), max_size=8).map("".join), st.data())
def test_every_token_of_either_model_lies_within_one_word_of_both(
    pairs: dict[str, Sides[Model]], text: str, data: st.DataObject
) -> None:
    pair = pairs[data.draw(st.sampled_from(["teacher", "student", "both"]))]
    windows = pair.map(lambda model: tokenize(model, Example("entities", text[:60]))[0])
    assert windows.teacher.words == windows.student.words
    plain, words = words_of(text[:60]), windows.teacher.words
    starts = {word.start for word in words}
    joins: set[int] = set()  # places between two plain words that a token of either crosses
    for tokens in windows:
        for number, (start, end), field in zip(tokens.word_ids, tokens.offsets, tokens.fields, strict=True):
            if field == 0 and len(words):
                seen = [place for place in range(start, end) if any(w.start <= place < w.end for w in plain)]
                assert all(words[number].start <= place < words[number].end for place in seen)
                joins |= {word.start for word in plain if seen and seen[0] < word.start <= seen[-1]}
    assert starts == {word.start for word in plain} - joins  # and no others are joined


def test_words_of_two_texts_are_joined_within_each(pairs: dict[str, Sides[Model]]) -> None:
    example = Example("sentence-pair", "new york is new", "york is in new york")
    ((teacher,), (student,)) = pairs["two texts"].map(lambda model: tokenize(model, example))
    assert [(word.text, word.field) for word in teacher.words] == [
        *(("new york", 0), ("is", 0), ("new", 0)),
        *(("york", 1), ("is", 1), ("in", 1), ("new york", 1)),
    ]
    assert teacher.words == student.words


def test_entities_attention_and_attributions_have_the_joined_word(pairs: dict[str, Sides[Model]]) -> None:
    pair, example = pairs["teacher"], Example("entities", TEXT)
    answers = pair.map(lambda model: cast(Entities, predict(model, example)))
    assert all([word.text for word in answer.words][3] == "new york" for answer in answers)
    assert all(entity.text != "new" for answer in answers for entity in answer.entities)
    target = entity_target(answers.teacher.words[3:4], "LOC")
    for model in pair:
        attribution = attribute(model, example, target, "Integrated gradients")
        assert [word.text for word in attribution.words] == ["mary", "lives", "in", "new york", "."]
        (tokens,) = tokenize(model, example)
        begins = int(np.flatnonzero(tokens.word_ids == 3)[0])
        assert resolve(target, model, tokens).logit_indices == ((begins, model.labels.index("B-LOC")),)


def test_an_edit_of_part_of_a_joined_word_follows_the_question(pairs: dict[str, Sides[Model]]) -> None:
    pair, example = pairs["teacher"], Example("entities", TEXT)
    joined_word = cast(Entities, predict(pair.teacher, example)).words[3:4]
    target = entity_target(joined_word, "LOC")
    change = edited(example, [Edit(words_of_all(example.texts)[4], "city")])  # york
    assert change.after.text == "mary lives in new city."
    moved = carry_over(target, change)
    assert [term.word and term.word.text for term in moved.terms] == ["new"]
    before = pair.map(lambda model: attribute(model, example, target, "Integrated gradients"))
    after = pair.map(lambda model: attribute(model, change.after, moved, "Integrated gradients"))
    effect = edit_effect(change, before, after)
    assert [[word.text for word in place] for place in effect.replacements][3] == ["new", "city"]
    for one, other, shares in zip(before, after, effect.after, strict=True):
        assert shares.sum() * one.absolute_sum == pytest.approx(float(other.scores.sum()))


def test_an_edit_that_makes_one_word_of_two_counts_it_once(pairs: dict[str, Sides[Model]]) -> None:
    pair, example = pairs["teacher"], Example("entities", "mary lives in old york.")
    words = cast(Entities, predict(pair.teacher, example)).words
    target = entity_target(words[3:5], "LOC")
    change = edited(example, [Edit(words[3], "new")])
    moved = carry_over(target, change)
    before = pair.map(lambda model: attribute(model, example, target, "Integrated gradients"))
    after = pair.map(lambda model: attribute(model, change.after, moved, "Integrated gradients"))
    effect = edit_effect(change, before, after)
    assert [[word.text for word in place] for place in effect.replacements][3:] == [["new york"], [], ["."]]
    for model in pair:
        (tokens,) = tokenize(model, change.after)
        assert len(resolve(moved, model, tokens).logit_indices) == 1  # one tag for one word


def test_a_question_that_no_edit_touches_is_read_the_same(pairs: dict[str, Sides[Model]]) -> None:
    pair, example = pairs["student"], Example("entities", TEXT)
    for model in pair:
        (tokens,) = tokenize(model, example)
        for target in candidate_targets(predict(model, example)):
            same = carry_over(target, edited(example, []))
            assert resolve(same, model, tokens).logit_indices == resolve(target, model, tokens).logit_indices


def test_what_is_remembered_depends_on_the_tokens_of_the_other_model(tmp_path: Path) -> None:
    plain = [tiny_checkpoint(tmp_path / kind, kind, "entities") for kind in ("bert", "distilbert")]
    other = with_added(tmp_path / "other", "distilbert", "entities", ("new york",))
    alone, beside = (own_pair("entities", str(plain[0]), str(it)).sides("entities") for it in (plain[1], other))
    bare = replace(alone.teacher, beside="")
    assert fingerprint_of(alone.teacher) == fingerprint_of(bare)  # which cuts alike: nothing to keep apart
    assert fingerprint_of(beside.teacher) != fingerprint_of(bare)
    assert load(beside.teacher, "entities").fingerprint == fingerprint_of(beside.teacher)
    assert load(alone.teacher, "entities").beside is None


def test_tokenizers_cut_alike_where_their_files_say_the_same_of_cutting(tmp_path: Path) -> None:
    plain = tiny_checkpoint(tmp_path / "plain", "bert", "entities")
    same = tiny_checkpoint(tmp_path / "same", "distilbert", "entities", max_positions=40, seed=1)
    assert cut_alike(plain, same)  # of another class and for another length: neither changes a token
    for place, added in enumerate((*ADDED, "covid")):
        assert not cut_alike(plain, with_added(tmp_path / str(place), "bert", "entities", (added,)))
    assert not cut_alike(plain, tiny_checkpoint(tmp_path / "cased", "bert", "entities", lower_case=False))
    whole = json.loads((same / "tokenizer.json").read_text(encoding="utf-8"))
    for part, other in (("pre_tokenizer", {"type": "WhitespaceSplit"}), ("normalizer", None)):
        (same / "tokenizer.json").write_text(json.dumps(whole | {part: other}), encoding="utf-8")
        assert not cut_alike(plain, same)
    (same / "tokenizer.json").write_text("no settings", encoding="utf-8")
    assert not cut_alike(plain, same)


def test_a_tokenizer_that_cuts_no_hyphen_joins_what_it_reads_as_one(tmp_path: Path) -> None:
    folder = tiny_checkpoint(
        tmp_path / "bert", "bert", "entities", vocabulary=[*tiny_vocabulary(lower_case=True), "old-new"]
    )
    rewrite(folder / "tokenizer.json", pre_tokenizer={"type": "WhitespaceSplit"})
    rewrite(folder / "tokenizer_config.json", tokenizer_class="PreTrainedTokenizerFast")
    pair = loaded("entities", folder, tiny_checkpoint(tmp_path / "distilbert", "distilbert", "entities"))
    ((teacher,), (student,)) = pair.map(lambda model: tokenize(model, Example("entities", "the old-new film")))
    assert [word.text for word in teacher.words] == ["the", "old-new", "film"]
    assert student.words == teacher.words
    assert student.word_ids.tolist() == [-1, 0, 1, 1, 1, 2, -1]


def test_heads_that_look_at_part_of_a_joined_word_are_those_that_look_at_it(pairs: dict[str, Sides[Model]]) -> None:
    traces = pairs["teacher"].map(lambda model: trace(model, Example("entities", TEXT)))
    assert most_attentive(traces, 3) == most_attentive(traces, 4)  # new, york
    for side, map_ in zip(most_attentive(traces, 5), View().of(traces, Sides(EVERYTHING, EVERYTHING)), strict=True):
        column = map_.words.tolist().index(4)  # the full stop, which is the fifth word now
        to_it = np.delete(map_.weights[..., column], column, axis=-1).mean(axis=-1)
        assert side == np.unravel_index(to_it.argmax(), to_it.shape)
