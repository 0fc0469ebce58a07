"""Predictions of three heads against `transformers.pipeline`, the reference for them."""

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from analysis.inputs.examples import Example
from analysis.models.model import Model, load
from analysis.models.pairs import Checkpoint, Sides
from analysis.predictions.classification import Classification
from analysis.predictions.entities import Entities
from analysis.predictions.fill_mask import vocabulary
from analysis.predictions.heads import predict
from tests.support.hostile import HOSTILE
from tests.support.tiny import tiny_checkpoint

SHORT = tuple(f"the {text}" for text in HOSTILE if len(text) < 60)  # of which models know one word at least
TEXTS = ("the old film was not bad.", "Mary Smith lives in Paris; John works in New York!", "awful", *SHORT)
# The pipeline guesses from the length of a piece whether it begins a word, and errs where normalisation changed that:
# the piece "e" for an e and its accent seems to go on with the word before, and the accent U+1FEF, which becomes that
# of ASCII, cuts its word in three.
NO_GUESS = tuple(text for text in TEXTS if not {"\u0301", "\u1fef"} & set(text))


def pipeline_for(task: Any, model: Model) -> Any:
    import transformers

    tokenizer: Any = model.tokenizer
    return transformers.pipeline(task, model=model.network, tokenizer=tokenizer, device="cpu")


@pytest.mark.parametrize("text", ["the [MASK] was bad.", "[MASK]", *(f"{text} [MASK]" for text in SHORT)])
def test_fill_mask_equals_the_pipeline(tiny_pairs: dict[str, Sides[Model]], side: str, text: str) -> None:
    model = tiny_pairs["fill-mask"][side]
    fills: Any = predict(model, Example("fill-mask", text))
    expected = pipeline_for("fill-mask", model)(text, top_k=10)
    expected = expected if isinstance(expected[0], list) else [expected]  # a plain list where there is one mask
    assert len(fills.masks) == len(expected)
    for mask, candidates in enumerate(expected):
        found = fills.best(mask, 10)
        assert [piece for piece, _ in found] == model.tokenizer.convert_ids_to_tokens(
            [candidate["token"] for candidate in candidates]
        )
        assert [score for _, score in found] == pytest.approx([one["score"] for one in candidates], abs=1e-6)


def test_every_mask_has_a_distribution_of_its_own(tiny_pairs: dict[str, Sides[Model]], side: str) -> None:
    text = "the [MASK] and [SEP] the[MASK]dog, [MASK]"
    fills: Any = predict(tiny_pairs["fill-mask"][side], Example("fill-mask", text))
    assert [(mask.text, mask.start) for mask in fills.masks] == [("[MASK]", 4), ("[MASK]", 24), ("[MASK]", 35)]
    assert fills.probabilities.shape == (3, len(fills.vocabulary))
    np.testing.assert_allclose(fills.probabilities.sum(axis=1), 1, atol=1e-12)
    assert len({row.tobytes() for row in fills.probabilities}) == 3


def test_ranks_count_from_the_likeliest_piece(tiny_pairs: dict[str, Sides[Model]]) -> None:
    fills: Any = predict(tiny_pairs["fill-mask"].teacher, Example("fill-mask", "a [MASK] dog"))
    ranks, best = fills.ranks(0), fills.best(0, 1_000)
    assert [ranks[piece] for piece, _ in best] == list(range(1, len(fills.vocabulary) + 1))
    assert [probability for _, probability in best] == sorted(fills.probabilities[0], reverse=True)


def test_the_vocabulary_names_every_logit(tiny_pairs: dict[str, Sides[Model]]) -> None:
    model = tiny_pairs["fill-mask"].teacher
    pieces = vocabulary(model)
    assert len(pieces) == model.network.config.vocab_size
    assert {piece: pieces.index(piece) for piece in pieces} == model.tokenizer.get_vocab()


def assert_equal_labels(found: Classification, expected: list[dict[str, Any]]) -> None:
    assert dict(zip(found.labels, found.probabilities.tolist(), strict=True)) == pytest.approx(
        {row["label"]: row["score"] for row in expected}, abs=1e-6
    )
    assert found.wording == max(expected, key=lambda row: row["score"])["label"]
    assert found.probabilities.sum() == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("text", TEXTS)
def test_text_classification_equals_the_pipeline(tiny_pairs: dict[str, Sides[Model]], side: str, text: str) -> None:
    model = tiny_pairs["sentiment"][side]
    expected = pipeline_for("text-classification", model)(text, top_k=None)
    assert_equal_labels(predict(model, Example("sentiment", text)), expected)


@pytest.mark.parametrize("text", TEXTS)
def test_pair_classification_equals_the_pipeline(tiny_pairs: dict[str, Sides[Model]], side: str, text: str) -> None:
    model = tiny_pairs["sentence-pair"][side]
    texts = "a dog lives here", text
    expected = pipeline_for("text-classification", model)({"text": texts[0], "text_pair": texts[1]}, top_k=None)
    assert_equal_labels(predict(model, Example("sentence-pair", *texts)), expected)


def test_labels_are_renamed_and_logits_keep_the_order_of_the_checkpoint(tmp_path: Path) -> None:
    folder = tiny_checkpoint(tmp_path, "bert", "sentence-pair", labels=("LABEL_0", "LABEL_1", "LABEL_2"))
    names = (("LABEL_0", "contradiction"), ("LABEL_2", "neutral"))
    plain, renamed = (load(Checkpoint(str(folder), "bert", labels), "sentence-pair") for labels in ((), names))
    example = Example("sentence-pair", "a dog", "a cat")
    before: Any = predict(plain, example)
    after: Any = predict(renamed, example)
    assert after.labels == ("contradiction", "LABEL_1", "neutral")
    assert np.array_equal(before.logits, after.logits)
    assert after.labels.index(after.wording) == before.labels.index(before.wording)


def groups(found: Entities) -> list[tuple[str, int, int]]:
    return [(entity.label, entity.start, entity.end) for entity in found.entities]


@pytest.mark.parametrize("text", NO_GUESS)
@pytest.mark.parametrize("casing", ["lower", "cased"])
def test_entities_equal_the_pipeline(
    tiny_pairs: dict[str, Sides[Model]], cased_student: Model, casing: str, text: str
) -> None:
    model = cased_student if casing == "cased" else tiny_pairs["entities"].teacher
    found: Any = predict(model, Example("entities", text))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = pipeline_for("token-classification", model)(text, aggregation_strategy="first")
    assert groups(found) == [(group["entity_group"], group["start"], group["end"]) for group in expected]
    assert [entity.score for entity in found.entities] == pytest.approx([one["score"] for one in expected], abs=1e-6)


@pytest.mark.parametrize("text", TEXTS)
def test_entities_are_whole_words_cut_from_the_text(tiny_pairs: dict[str, Sides[Model]], side: str, text: str) -> None:
    found: Any = predict(tiny_pairs["entities"][side], Example("entities", text))
    assert found.probabilities.shape == (len(found.words), len(found.labels))
    np.testing.assert_allclose(found.probabilities.sum(axis=1), 1, atol=1e-12)
    for entity in found.entities:
        assert entity.text == text[entity.start : entity.end]
        assert entity.start in {word.start for word in found.words}
        assert entity.end in {word.end for word in found.words}


def test_a_word_without_a_piece_neither_ends_an_entity_nor_counts_in_its_score(
    tiny_pairs: dict[str, Sides[Model]],
) -> None:
    """A lower-casing tokenizer deletes an accent that stands alone."""
    model = tiny_pairs["entities"].teacher
    whole: Any = predict(model, Example("entities", "mary john lives"))
    parted: Any = predict(model, Example("entities", "mary \u0301 john lives"))
    assert len(parted.words) == len(whole.words) + 1
    assert np.array_equal(np.delete(parted.probabilities, 1, axis=0), whole.probabilities)
    assert parted.probabilities[1] == pytest.approx(1 / len(parted.labels))
    assert [entity.score for entity in parted.entities] == [entity.score for entity in whole.entities]
    assert [entity.text.replace("\u0301 ", "") for entity in parted.entities] == [one.text for one in whole.entities]
