"""Masks filled together, against every filling there is, each asked of transformers by hand."""

from __future__ import annotations

import itertools
import math
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.errors import AnalysisError
from analysis.inputs.examples import Example
from analysis.models.model import Model, load
from analysis.models.pairs import Checkpoint
from analysis.predictions.fill_mask import MaskPredictions
from analysis.predictions.heads import predict
from analysis.predictions.joint_filling import BEAMS, MOST_MASKS, joint_fillings
from tests.support.tiny import SPECIAL_TOKENS, tiny_checkpoint

WORDS = ("the", "film", "dog", "was", "good", ".")
MASKED = st.builds(
    lambda words, masks: [*words, *["[MASK]"] * masks], st.lists(st.sampled_from(WORDS), max_size=3), st.integers(2, 3)
).flatmap(st.permutations)


@pytest.fixture(scope="module", params=["bert", "distilbert"])
def model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Model:
    """A model of six words, so that all fillings can be asked."""
    folder: Path = tmp_path_factory.mktemp("few") / request.param
    tiny_checkpoint(folder, request.param, "fill-mask", vocabulary=[*SPECIAL_TOKENS, *WORDS], seed=3)
    return load(Checkpoint(str(folder), request.param), "fill-mask")


def by_hand(model: Model, text: str, pieces: tuple[str, ...]) -> float:
    """The product of the conditional probabilities from left to right, by transformers alone."""
    ids = model.tokenizer(text, return_tensors="pt")["input_ids"]
    logarithm = 0.0
    for piece in model.tokenizer.convert_tokens_to_ids(list(pieces)):
        place = int((ids[0] == model.tokenizer.mask_token_id).nonzero()[0])
        with torch.no_grad():
            logits = model.network(input_ids=ids).logits[0, place]
        logarithm += float(torch.log_softmax(logits.double(), dim=-1)[piece])
        ids[0, place] = piece
    return math.exp(logarithm)


@settings(max_examples=25)
@given(MASKED)
def test_the_best_filling_is_the_best_of_all_where_all_are_followed(model: Model, words: list[str]) -> None:
    text = " ".join(words)
    count = words.count("[MASK]")
    every = {pieces: by_hand(model, text, pieces) for pieces in itertools.product(WORDS, repeat=count)}
    ranked = sorted(every.values(), reverse=True)
    exact = joint_fillings(model, Example("fill-mask", text), beams=len(WORDS) ** count).best
    assert [one.probability for one in exact] == pytest.approx(ranked[: len(exact)], rel=1e-4)
    for filling in exact:
        assert filling.probability == pytest.approx(every[filling.pieces], rel=1e-4)
    few = joint_fillings(model, Example("fill-mask", text), beams=2).best
    assert len(few) == 2
    assert few[0].probability <= ranked[0] * (1 + 1e-4)  # approximate: never above, and what is said is so
    for filling in few:
        assert filling.probability == pytest.approx(every[filling.pieces], rel=1e-4)


def test_each_mask_alone_is_the_prediction_with_its_probability_as_a_whole(model: Model) -> None:
    text = "the [MASK] was [MASK] ."
    found = joint_fillings(model, Example("fill-mask", text))
    prediction = predict(model, Example("fill-mask", text))
    assert isinstance(prediction, MaskPredictions)
    likeliest = [max((p, w) for w, p in prediction.best(mask, 20) if w in WORDS)[1] for mask in range(2)]
    assert list(found.alone.pieces) == likeliest
    assert found.alone.probability == pytest.approx(by_hand(model, text, found.alone.pieces), rel=1e-4)
    assert found.alone.probability <= found.best[0].probability * (1 + 1e-6)  # with six words, ten beams miss nothing


def test_what_fits_together_is_found_where_each_mask_alone_is_another(model: Model) -> None:
    """Of many texts, some are filled otherwise as a whole: else there would be nothing to show."""
    texts = [" ".join(words) for words in itertools.product(["[MASK]"], WORDS[:3], ["[MASK]"], WORDS[3:])]
    found = [joint_fillings(model, Example("fill-mask", text)) for text in texts]
    assert any(one.best[0].pieces != one.alone.pieces for one in found)
    assert all(one.best[0].probability >= one.alone.probability * (1 - 1e-6) for one in found)


def test_more_masks_than_are_filled_together_are_refused(model: Model) -> None:
    most = Example("fill-mask", " ".join(["[MASK]"] * MOST_MASKS))
    assert len(joint_fillings(model, most).best[0].pieces) == MOST_MASKS
    with pytest.raises(AnalysisError, match=f"has {MOST_MASKS + 1} masks; at most {MOST_MASKS} are filled together"):
        joint_fillings(model, Example("fill-mask", most.text + " [MASK]"))
    assert len(WORDS) <= BEAMS
