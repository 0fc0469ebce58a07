"""A word of one's own at a mask, against transformers asked by hand."""

from __future__ import annotations

import math

import pytest
import torch

from analysis.errors import AnalysisError
from analysis.inputs.examples import Example
from analysis.models.model import Model
from analysis.models.pairs import Sides
from analysis.predictions.fill_mask import MaskPredictions
from analysis.predictions.heads import predict
from analysis.predictions.own_word import MOST_PIECES, word_at_mask

EXAMPLE = Example("fill-mask", "the [MASK] film was [MASK].")


@pytest.fixture(params=["teacher", "student"])
def model(request: pytest.FixtureRequest, tiny_pairs: dict[str, Sides[Model]]) -> Model:
    return tiny_pairs["fill-mask"][request.param]


@pytest.mark.parametrize("mask", [0, 1])
def test_a_word_of_one_piece_has_the_probability_and_the_rank_of_the_prediction(model: Model, mask: int) -> None:
    prediction = predict(model, EXAMPLE)
    assert isinstance(prediction, MaskPredictions)
    for word, probability in prediction.best(mask, 5):
        found = word_at_mask(model, EXAMPLE, mask, word)
        assert found.pieces == (word,)
        assert found.probability == pytest.approx(probability, rel=1e-5)
        assert found.rank == prediction.ranks(mask)[word]


@pytest.mark.parametrize("mask", [0, 1])
def test_a_word_of_several_pieces_is_filled_in_from_left_to_right(model: Model, mask: int) -> None:
    found = word_at_mask(model, EXAMPLE, mask, "unlovely")
    assert len(found.pieces) > 1
    assert found.rank is None
    assert found.probability == pytest.approx(by_hand(model, mask, found.pieces), rel=1e-4)


def by_hand(model: Model, mask: int, pieces: tuple[str, ...]) -> float:
    """The product of the conditional probabilities, by transformers alone, on a text that is spelt out."""
    masks = ["[MASK]", "[MASK]"]
    masks[mask] = " ".join(["[MASK]"] * len(pieces))
    ids = model.tokenizer(f"the {masks[0]} film was {masks[1]}.", return_tensors="pt")["input_ids"]
    places = (ids[0] == model.tokenizer.mask_token_id).nonzero()[:, 0].tolist()[mask : mask + len(pieces)]
    logarithm = 0.0
    for place, piece in zip(places, model.tokenizer.convert_tokens_to_ids(list(pieces)), strict=True):
        with torch.no_grad():
            logits = model.network(input_ids=ids).logits[0, place]
        logarithm += float(torch.log_softmax(logits, dim=-1)[piece])
        ids[0, place] = piece
    return math.exp(logarithm)


@pytest.mark.parametrize(("word", "sentence"), [("영화", "has no word pieces"), ("un" * 40, f"at most {MOST_PIECES}")])
def test_what_cannot_be_asked_is_said(model: Model, word: str, sentence: str) -> None:
    with pytest.raises(AnalysisError, match=sentence):
        word_at_mask(model, EXAMPLE, 0, word)
