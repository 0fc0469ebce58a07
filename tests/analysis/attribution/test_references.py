"""Attributions beside Captum's own on the same models, and in bounded memory."""

import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from captum.attr import DeepLift, FeatureAblation, GradientShap, LayerConductance, LayerIntegratedGradients
from torch import Tensor

from analysis.arrays import Array
from analysis.attention.maps import units_of
from analysis.attribution import score_function as asking
from analysis.attribution.baselines import BASELINES, start_of
from analysis.attribution.integrated_gradients import MOST_STEPS, integrated, path_to
from analysis.attribution.methods import METHODS, attribute
from analysis.attribution.score_function import Asked, gradients, kept_bytes
from analysis.inputs.examples import Example
from analysis.inputs.words import Word
from analysis.models.forward import forward, inputs
from analysis.models.hooks import layers_of
from analysis.models.model import Model, load
from analysis.models.pairs import Checkpoint, Sides
from analysis.models.tokens import tokenize
from analysis.predictions.targets import Target, Term, entity_target
from tests.support.attributed import asked_of, target_for
from tests.support.tiny import EXAMPLES, tiny_checkpoint


def pearson(one: Array, other: Array) -> float:
    return np.corrcoef(np.ravel(one), np.ravel(other))[0, 1]


def score_of_ids(asked: Asked) -> Callable[[Tensor], Tensor]:
    """The target's score from word piece ids, by the whole model and all its logits: as a user of Captum writes it."""
    model, given = asked.model, inputs(asked.model, asked.tokens)
    masks = torch.tensor(asked.tokens.ids == model.tokenizer.mask_token_id)

    def score(ids: Tensor) -> Tensor:
        segments = {"token_type_ids": given["token_type_ids"].expand(len(ids), -1)} if "token_type_ids" in given else {}
        outputs = model.network(input_ids=ids, **segments)
        if "start_logits" in outputs:
            return asked.target.scores(torch.stack([outputs.start_logits, outputs.end_logits], dim=1))
        return asked.target.scores(outputs.logits[:, masks] if model.task == "fill-mask" else outputs.logits)

    return score


@pytest.mark.parametrize("piece", ["[PAD]", "[MASK]"])
def test_integrated_gradients_agree_with_captum_at_500_steps(tiny_pair: Sides[Model], side: str, piece: str) -> None:
    asked = asked_of(getattr(tiny_pair, side))
    ids = torch.tensor(asked.tokens.ids)[None]
    without = torch.where(torch.tensor(asked.stays), ids, asked.model.tokenizer.convert_tokens_to_ids(piece))
    method = LayerIntegratedGradients(score_of_ids(asked), asked.model.network.get_input_embeddings())
    with asked.model.lock:
        theirs = method.attribute(ids, baselines=without, n_steps=500)[0].sum(-1).detach().numpy()
    ours, found = integrated(path_to(asked, start_of(asked, BASELINES[piece])))
    assert pearson(ours, theirs) >= 0.999
    assert found.n_steps <= MOST_STEPS


def test_expected_gradients_are_what_captums_gradient_shap_estimates(
    tiny_pairs: dict[str, Sides[Model]], side: str
) -> None:
    asked = asked_of(getattr(tiny_pairs["sentiment"], side))
    starts = torch.stack([start_of(asked, row) for row in BASELINES.values()])
    with torch.random.fork_rng(devices=[]), asked.model.lock:
        torch.manual_seed(0)
        np.random.seed(0)
        method = GradientShap(asked.scores)
        theirs = method.attribute(asked.embeddings[None].requires_grad_(), starts, n_samples=4_000, stdevs=0.0)
    told = METHODS["Expected gradients"].give(asked, BASELINES["zero"], lambda share: None)
    by_unit = [theirs[0, unit].sum().item() for unit in units_of(asked.tokens)]
    assert pearson(told.values, by_unit) >= 0.99


def test_layer_conductance_agrees_with_captums(tiny_pairs: dict[str, Sides[Model]], side: str) -> None:
    asked = asked_of(getattr(tiny_pairs["sentiment"], side))
    start, told = (
        start_of(asked, BASELINES["[MASK]"]),
        attribute(asked.model, EXAMPLES["sentiment"], target_for(asked.model), "Layer conductance", "[MASK]"),
    )
    for number, layer in enumerate(layers_of(asked.model)):
        with asked.model.lock:
            theirs = LayerConductance(asked.scores, layer).attribute(
                asked.embeddings[None], start[None], n_steps=1_000, internal_batch_size=None
            )
        by_token = theirs[0].sum(-1).detach().numpy()
        by_word = [by_token[asked.tokens.word_ids == word].sum() for word in range(len(told.words))]
        apart = by_token[asked.tokens.word_ids < 0].sum()
        assert pearson(told.layers[number + 1], [*by_word, apart]) >= 0.999


def test_occlusion_agrees_with_captums_feature_ablation(tiny_pair: Sides[Model], side: str) -> None:
    asked = asked_of(getattr(tiny_pair, side))
    units = np.concatenate([np.full(len(unit), number) for number, unit in enumerate(units_of(asked.tokens))])
    theirs = FeatureAblation(asked.scores).attribute(
        asked.embeddings[None],
        start_of(asked, BASELINES["[MASK]"])[None],
        feature_mask=torch.tensor(units)[None, :, None],
    )
    told = METHODS["Occlusion"].give(asked, BASELINES["[MASK]"], lambda share: None)
    firsts = [unit[0] for unit in units_of(asked.tokens)]
    np.testing.assert_allclose(told.values, theirs[0, firsts, 0].detach().numpy(), atol=1e-5)


def test_fact_captums_deep_lift_knows_none_of_these_models_activations(tiny_pairs: dict[str, Sides[Model]]) -> None:
    """The reason why it is no row of `METHODS`: it is the gradient times the difference, and does not add up."""
    asked = asked_of(tiny_pairs["sentiment"].student)  # without BERT's pooler, the one module of torch.nn with a rule
    text, start = asked.embeddings[None].requires_grad_(), start_of(asked, BASELINES["zero"])[None]

    class Scored(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.network = asked.model.network

        def forward(self, rows: Tensor) -> Tensor:
            return asked.scores(rows)

    with warnings.catch_warnings(), asked.model.lock:
        warnings.simplefilter("ignore")  # of hooks that it puts in
        theirs = DeepLift(Scored()).attribute(text, start)
    _, slopes = gradients(asked, asked.embeddings[None])
    assert torch.allclose(theirs, slopes * (text - start), atol=1e-5)


@pytest.mark.parametrize("pass_rows", [1, 3])
def test_batches_keep_within_the_bound_and_change_nothing(
    tiny_pair: Sides[Model], side: str, pass_rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = asked_of(getattr(tiny_pair, side))
    start = start_of(asked, BASELINES["[PAD]"])
    whole, _ = integrated(path_to(asked, start))
    with kept_bytes(asked.model) as kept:
        gradients(asked, asked.embeddings[None].clone())
    rows = []

    def noted(asked: Asked, embeddings: Tensor) -> tuple[Tensor, Tensor]:
        rows.append(len(embeddings))
        return gradients(asked, embeddings)

    monkeypatch.setattr("analysis.attribution.integrated_gradients.gradients", noted)
    monkeypatch.setattr("analysis.attribution.integrated_gradients.PASS_BYTES", pass_rows * sum(kept.values()))
    monkeypatch.setattr("analysis.attribution.integrated_gradients.FIRST_TOKENS", 1)
    bounded, _ = integrated(path_to(asked, start))
    assert rows[0] == 1  # by which it is measured
    assert max(rows) == pass_rows
    np.testing.assert_allclose(bounded, whole, atol=1e-3 * np.abs(whole).max())


def test_what_a_pass_keeps_is_counted(tiny_pairs: dict[str, Sides[Model]], side: str) -> None:
    """Twice as many rows keep twice as much; weights are not counted."""
    asked = asked_of(getattr(tiny_pairs["sentiment"], side))

    def kept_by(count: int) -> int:
        with kept_bytes(asked.model) as kept:
            gradients(asked, asked.embeddings.expand(count, -1, -1).clone())
        return sum(kept.values())

    eight, four = kept_by(8), kept_by(4)
    assert 1.8 <= eight / four <= 2.2
    assert eight >= 8 * asked.embeddings.nbytes


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("task", ["entities", "question-answering"])
def test_a_text_as_long_as_the_model_reads_takes_one_row_a_pass(
    tmp_path: Path, task: str, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny_checkpoint(tmp_path, "distilbert", task, max_positions=512)
    model = load(Checkpoint(str(tmp_path), "distilbert"), task)
    context = "mary lives in paris. " * 100 + "he"
    if task == "entities":
        example = Example(task, "mary lives in paris. " * 101 + "he")
        target = entity_target([Word("mary", 0, 4)], "PER")
    else:
        example = Example(task, "who lives in paris?", context)
        target = Target(
            (Term("start", Word("mary", 0, 4, 1)), Term("end", Word("paris", 14, 19, 1))), "mary lives in paris"
        )
    (tokens,) = tokenize(model, example)
    assert len(tokens) > 500
    monkeypatch.setattr("analysis.attribution.integrated_gradients.PASS_BYTES", 1)
    monkeypatch.setattr("analysis.attribution.integrated_gradients.FIRST_TOKENS", 1)
    monkeypatch.setattr("analysis.attribution.integrated_gradients.MOST_STEPS", 17)
    monkeypatch.setattr("analysis.attribution.layer_conductance.MOST_PLACES", 17)
    monkeypatch.setattr(asking, "PASS_TOKENS", 8_192)
    told = attribute(model, example, target, method)
    assert len(told.words) > 400
    assert np.isfinite(told.scores).all()
    with model.lock:
        outputs = forward(model, tokens)
    logits = torch.cat([outputs.start_logits, outputs.end_logits]) if task != "entities" else outputs.logits[0]
    assert told.score == pytest.approx(told.target.score(logits.numpy()), abs=1e-4)
