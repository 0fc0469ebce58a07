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
from analysis.attribution import score_function as score_functions
from analysis.attribution.baselines import BASELINES, baseline_embeddings
from analysis.attribution.integrated_gradients import MOST_STEPS, integrate, path_to
from analysis.attribution.methods import METHODS, attribute
from analysis.attribution.score_function import ScoreFunction, gradients, kept_bytes
from analysis.inputs.examples import Example
from analysis.inputs.words import Word
from analysis.models.forward import forward, inputs
from analysis.models.hooks import layers_of
from analysis.models.model import Model, load
from analysis.models.pairs import Checkpoint, Sides
from analysis.models.tokens import tokenize
from analysis.predictions.entities import entity_target
from analysis.predictions.targets import Target, Term
from analysis.progress import silent
from tests.support.attributed import score_function_for, target_for
from tests.support.tiny import EXAMPLES, tiny_checkpoint


def pearson(one: Array, other: Array) -> float:
    return np.corrcoef(np.ravel(one), np.ravel(other))[0, 1]


def score_of_ids(function: ScoreFunction) -> Callable[[Tensor], Tensor]:
    """The target's score from word piece ids, by the whole model and all its logits: as a user of Captum writes it."""
    model, columns = function.model, inputs(function.model, function.tokens)
    masks = torch.tensor(function.tokens.ids == model.tokenizer.mask_token_id)

    def score(ids: Tensor) -> Tensor:
        segments = (
            {"token_type_ids": columns["token_type_ids"].expand(len(ids), -1)} if "token_type_ids" in columns else {}
        )
        outputs = model.network(input_ids=ids, **segments)
        if "start_logits" in outputs:
            return function.target.scores(torch.stack([outputs.start_logits, outputs.end_logits], dim=1))
        return function.target.scores(outputs.logits[:, masks] if model.task == "fill-mask" else outputs.logits)

    return score


@pytest.mark.parametrize("piece", ["[PAD]", "[MASK]"])
def test_integrated_gradients_agree_with_captum_at_500_steps(tiny_pair: Sides[Model], side: str, piece: str) -> None:
    function = score_function_for(tiny_pair[side])
    ids = torch.tensor(function.tokens.ids)[None]
    without = torch.where(torch.tensor(function.protected), ids, function.model.tokenizer.convert_tokens_to_ids(piece))
    method = LayerIntegratedGradients(score_of_ids(function), function.model.network.get_input_embeddings())
    with function.model.lock:
        theirs = method.attribute(ids, baselines=without, n_steps=500)[0].sum(-1).detach().numpy()
    ours, convergence = integrate(path_to(function, baseline_embeddings(function, BASELINES[piece])))
    assert pearson(ours, theirs) >= 0.999
    assert convergence.n_steps <= MOST_STEPS


def test_expected_gradients_are_what_captums_gradient_shap_estimates(
    tiny_pairs: dict[str, Sides[Model]], side: str
) -> None:
    function = score_function_for(tiny_pairs["sentiment"][side])
    starts = torch.stack([baseline_embeddings(function, row) for row in BASELINES.values()])
    with torch.random.fork_rng(devices=[]), function.model.lock:
        torch.manual_seed(0)
        np.random.seed(0)
        method = GradientShap(function.scores)
        theirs = method.attribute(function.embeddings[None].requires_grad_(), starts, n_samples=4_000, stdevs=0.0)
    attribution = METHODS["Expected gradients"].compute(function, BASELINES["zero"], silent)
    by_unit = [theirs[0, unit].sum().item() for unit in units_of(function.tokens)]
    assert pearson(attribution.values, by_unit) >= 0.99


def test_layer_conductance_agrees_with_captums(tiny_pairs: dict[str, Sides[Model]], side: str) -> None:
    function = score_function_for(tiny_pairs["sentiment"][side])
    model, start = function.model, baseline_embeddings(function, BASELINES["[MASK]"])
    attribution = attribute(model, EXAMPLES["sentiment"], target_for(model), "Layer conductance", "[MASK]")
    for number, layer in enumerate(layers_of(function.model)):
        with function.model.lock:
            theirs = LayerConductance(function.scores, layer).attribute(
                function.embeddings[None], start[None], n_steps=1_000, internal_batch_size=None
            )
        by_token = theirs[0].sum(-1).detach().numpy()
        by_word = [by_token[function.tokens.word_ids == word].sum() for word in range(len(attribution.words))]
        apart = by_token[function.tokens.word_ids < 0].sum()
        assert pearson(attribution.layers[number + 1], [*by_word, apart]) >= 0.999


def test_occlusion_agrees_with_captums_feature_ablation(tiny_pair: Sides[Model], side: str) -> None:
    function = score_function_for(tiny_pair[side])
    units = np.concatenate([np.full(len(unit), number) for number, unit in enumerate(units_of(function.tokens))])
    theirs = FeatureAblation(function.scores).attribute(
        function.embeddings[None],
        baseline_embeddings(function, BASELINES["[MASK]"])[None],
        feature_mask=torch.tensor(units)[None, :, None],
    )
    attribution = METHODS["Occlusion"].compute(function, BASELINES["[MASK]"], silent)
    firsts = [unit[0] for unit in units_of(function.tokens)]
    np.testing.assert_allclose(attribution.values, theirs[0, firsts, 0].detach().numpy(), atol=1e-5)


def test_fact_captums_deep_lift_knows_none_of_these_models_activations(tiny_pairs: dict[str, Sides[Model]]) -> None:
    """The reason why it is no row of `METHODS`: it is the gradient times the difference, and is not complete."""
    function = score_function_for(tiny_pairs["sentiment"].student)  # BERT's pooler, of torch.nn, would have a rule
    text, start = (
        function.embeddings[None].requires_grad_(),
        baseline_embeddings(function, BASELINES["zero"])[None],
    )

    class Scored(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.network = function.model.network

        def forward(self, rows: Tensor) -> Tensor:
            return function.scores(rows)

    with warnings.catch_warnings(), function.model.lock:
        warnings.simplefilter("ignore")  # of hooks that it puts in
        theirs = DeepLift(Scored()).attribute(text, start)
    _, slopes = gradients(function, function.embeddings[None])
    assert torch.allclose(theirs, slopes * (text - start), atol=1e-5)


@pytest.mark.parametrize("pass_rows", [1, 3])
def test_batches_keep_within_the_bound_and_change_nothing(
    tiny_pair: Sides[Model], side: str, pass_rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    function = score_function_for(tiny_pair[side])
    start = baseline_embeddings(function, BASELINES["[PAD]"])
    whole, _ = integrate(path_to(function, start))
    with kept_bytes(function.model) as kept:
        gradients(function, function.embeddings[None].clone())
    rows = []

    def noted(function: ScoreFunction, embeddings: Tensor) -> tuple[Tensor, Tensor]:
        rows.append(len(embeddings))
        return gradients(function, embeddings)

    monkeypatch.setattr("analysis.attribution.integrated_gradients.gradients", noted)
    monkeypatch.setattr("analysis.attribution.integrated_gradients.PASS_BYTES", pass_rows * sum(kept.values()))
    monkeypatch.setattr("analysis.attribution.integrated_gradients.FIRST_TOKENS", 1)
    bounded, _ = integrate(path_to(function, start))
    assert rows[0] == 1  # by which it is measured
    assert max(rows) == pass_rows
    np.testing.assert_allclose(bounded, whole, atol=1e-3 * np.abs(whole).max())


def test_what_a_pass_keeps_is_counted(tiny_pairs: dict[str, Sides[Model]], side: str) -> None:
    """Twice as many rows keep twice as much; weights are not counted."""
    function = score_function_for(tiny_pairs["sentiment"][side])

    def kept_by(count: int) -> int:
        with kept_bytes(function.model) as kept:
            gradients(function, function.embeddings.expand(count, -1, -1).clone())
        return sum(kept.values())

    eight, four = kept_by(8), kept_by(4)
    assert 1.8 <= eight / four <= 2.2
    assert eight >= 8 * function.embeddings.nbytes


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
    monkeypatch.setattr("analysis.attribution.layer_conductance.MOST_ALPHAS", 17)
    monkeypatch.setattr(score_functions, "PASS_TOKENS", 8_192)
    attribution = attribute(model, example, target, method)
    assert len(attribution.words) > 400
    assert np.isfinite(attribution.scores).all()
    with model.lock:
        outputs = forward(model, tokens)
    logits = torch.cat([outputs.start_logits, outputs.end_logits]) if task != "entities" else outputs.logits[0]
    assert attribution.score == pytest.approx(attribution.target.score(logits.numpy()), abs=1e-4)
