"""Laws of all attribution methods, over the whole of the tables: every method, baseline, task and side."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from analysis.arrays import Array
from analysis.attribution.baselines import BASELINES, Baseline, baseline_embeddings
from analysis.attribution.integrated_gradients import integrate, path_to
from analysis.attribution.methods import METHODS, Attribution, attribute
from analysis.attribution.score_function import score_function_of
from analysis.errors import AnalysisError
from analysis.inputs.examples import Example
from analysis.models.forward import read
from analysis.models.model import Model
from analysis.models.pairs import Sides
from analysis.models.tokens import tokenize
from analysis.predictions.targets import Target, Term, contrast
from tests.support.attributed import linear, score_function_for, target_for
from tests.support.tiny import EXAMPLES

COMPLETE = [name for name, method in METHODS.items() if method.is_complete]
FROM_BASELINE = [*COMPLETE, "Occlusion"]


def attributed(
    model: Model, method: str = "Integrated gradients", baseline: str = "[PAD]", **options: Any
) -> Attribution:
    return attribute(model, EXAMPLES[model.task], target_for(model), method, baseline, **options)


@pytest.mark.parametrize("baseline", BASELINES)
@pytest.mark.parametrize("method", COMPLETE)
def test_values_add_up_to_the_change_of_the_score_within_one_per_cent(
    tiny_pair: Sides[Model], side: str, method: str, baseline: str
) -> None:
    attribution = attributed(tiny_pair[side], method, baseline)
    change = attribution.score - attribution.baseline_score
    totals = [attribution.scores.sum() + attribution.special_tokens_score, *attribution.layers.sum(axis=1)]
    assert max(np.subtract(totals, change), key=abs) == pytest.approx(attribution.delta, abs=1e-5)
    assert abs(attribution.delta) <= 0.01 * max(abs(change), 0.1)
    assert attribution.converged
    kind = "relative" if abs(change) >= 0.1 else "absolute"
    assert attribution.tolerance_kind == kind or method == "Expected gradients"


@pytest.mark.parametrize("method", METHODS)
def test_a_value_says_what_was_attributed(tiny_pair: Sides[Model], side: str, method: str) -> None:
    model = tiny_pair[side]
    attribution, (reading,) = attributed(model, method, "[MASK]"), read(model, EXAMPLES[model.task])
    assert attribution.score == pytest.approx(attribution.target.score(reading.logits), abs=1e-5)
    assert attribution.words == tuple(reading.tokens.words)
    assert attribution.scores.shape == (len(attribution.words),)
    assert np.isfinite(attribution.scores).all()
    assert (attribution.scores >= 0).all() or METHODS[method].signed
    assert (attribution.delta is None) == (not METHODS[method].is_complete)
    with pytest.raises(ValueError, match="read-only"):
        attribution.scores[0] = 1


@pytest.mark.parametrize("method", METHODS)
def test_values_depend_on_the_baseline_where_the_method_says_so(
    tiny_pair: Sides[Model], side: str, method: str
) -> None:
    pad, mask = (attributed(tiny_pair[side], method, baseline).scores for baseline in ("[PAD]", "[MASK]"))
    assert np.array_equal(pad, mask) != METHODS[method].from_baseline


@pytest.mark.parametrize("method", FROM_BASELINE)
def test_where_the_text_is_the_baseline_nothing_is_attributed(
    tiny_pair: Sides[Model], side: str, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in list(BASELINES):
        monkeypatch.delitem(BASELINES, name)
    monkeypatch.setitem(BASELINES, "itself", Baseline("the text", lambda function: function.embeddings))
    attribution = attributed(tiny_pair[side], method, "itself")
    np.testing.assert_allclose(attribution.scores, 0, atol=1e-5)
    assert attribution.special_tokens_score == 0
    assert attribution.converged
    assert attribution.score == pytest.approx(attribution.baseline_score, abs=1e-6)


def test_words_that_the_baseline_has_too_are_given_nothing(tiny_pairs: dict[str, Sides[Model]], side: str) -> None:
    model = tiny_pairs["sentiment"][side]
    attribution = attribute(model, Example("sentiment", "[PAD] [PAD] [PAD]"), target_for(model), baseline="[PAD]")
    np.testing.assert_array_equal(attribution.scores, 0)


@pytest.mark.parametrize("baseline", BASELINES)
def test_the_attributions_of_a_linear_model_are_known(tiny_pairs: dict[str, Sides[Model]], baseline: str) -> None:
    """Weight times difference from the baseline, whatever the path; and the weights themselves for the gradient."""
    model = linear(tiny_pairs["sentiment"].student)
    target = Target((Term(model.labels[0]),), "first")
    function = score_function_of(model, EXAMPLES["sentiment"], target)
    network: Any = model.network
    weights = network.weights[: len(function.tokens)]
    ids = function.tokens.word_ids

    def by_word(of_tokens: Tensor) -> Array:
        sums = [of_tokens[torch.tensor(ids == word)].sum() for word in range(len(function.tokens.words))]
        return torch.stack(sums).numpy()

    def from_baseline(name: str) -> Array:
        return by_word(((function.embeddings - baseline_embeddings(function, BASELINES[name])) * weights).sum(1))

    expected = {
        "Integrated gradients": from_baseline(baseline),
        "Expected gradients": np.mean([from_baseline(name) for name in BASELINES], axis=0),
        "Layer conductance": from_baseline(baseline),
        "Occlusion": from_baseline(baseline),
        "Input x gradient": by_word((function.embeddings * weights).sum(1)),
        "Saliency": by_word(weights.abs().sum(1)),
    }
    assert expected.keys() == METHODS.keys() - {"Attention rollout"}
    for method, scores in expected.items():
        attribution = attribute(model, EXAMPLES["sentiment"], target, method, baseline)
        np.testing.assert_allclose(attribution.scores, scores, atol=1e-4, err_msg=method)


def stepped(model: Model, width: float) -> tuple[Model, Array]:
    """The linear model bent to a step of 5 logits, so wide, within the path; and each token's share of the way up."""
    plain = linear(model)
    function = score_function_of(plain, EXAMPLES["sentiment"], Target((Term(model.labels[0]),), "first"))
    start = baseline_embeddings(function, BASELINES["[PAD]"])
    network: Any = plain.network
    rise = (function.embeddings - start) * network.weights[: len(function.tokens)]
    begin, end = (function.scores(rows[None]).item() for rows in (start, function.embeddings))
    at, wide = begin + 0.37 * (end - begin), width * (end - begin)
    return linear(model, lambda sums: 5 * torch.sigmoid((sums - at) / wide)), (rise.sum(1) / rise.sum()).numpy()


@pytest.mark.parametrize("width", [0.1, 0.01, 0.002])
def test_steps_are_added_where_the_path_is_rough(tiny_pairs: dict[str, Sides[Model]], width: float) -> None:
    """Of a sum bent by whatever function, each word has its share. Fifty fixed steps miss the narrow ones."""
    model, shares = stepped(tiny_pairs["sentiment"].student, width)
    attribution = attribute(model, EXAMPLES["sentiment"], Target((Term(model.labels[0]),), "first"), baseline="[PAD]")
    (tokens,) = tokenize(model, EXAMPLES["sentiment"])
    change = attribution.score - attribution.baseline_score
    expected = [change * shares[tokens.word_ids == word].sum() for word in range(len(attribution.words))]
    assert attribution.converged
    np.testing.assert_allclose(attribution.scores, expected, atol=0.02 * np.abs(expected).max())
    assert attribution.n_steps < 80


def test_where_the_steps_do_not_suffice_the_value_says_so(
    tiny_pairs: dict[str, Sides[Model]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("analysis.attribution.integrated_gradients.MOST_STEPS", 13)
    model, _ = stepped(tiny_pairs["sentiment"].student, 0.002)
    attribution = attribute(model, EXAMPLES["sentiment"], Target((Term(model.labels[0]),), "first"), baseline="[PAD]")
    assert not attribution.converged
    assert abs(attribution.delta) > 0.01 * abs(attribution.score - attribution.baseline_score)
    assert attribution.n_steps <= 13
    assert attribution.scores.sum() - (attribution.score - attribution.baseline_score) == pytest.approx(
        attribution.delta, abs=1e-5
    )


def test_what_is_constant_is_given_to_no_word(tiny_pairs: dict[str, Sides[Model]]) -> None:
    model = linear(tiny_pairs["sentiment"].student)
    attribution = attribute(model, EXAMPLES["sentiment"], Target((Term(model.labels[1]),), "second"))
    np.testing.assert_array_equal(attribution.scores, 0)
    np.testing.assert_array_equal(attribution.shares, 0)
    assert (attribution.tolerance_kind, attribution.converged, attribution.score) == ("absolute", True, 7)


@pytest.mark.parametrize("method", ["Integrated gradients", "Input x gradient", "Occlusion"])
def test_one_label_rather_than_another_is_the_difference_of_both(
    tiny_pairs: dict[str, Sides[Model]], side: str, method: str
) -> None:
    model = tiny_pairs["sentence-pair"][side]
    one, other = (Target((Term(label),), label) for label in model.labels[:2])
    scores = [
        attribute(model, EXAMPLES[model.task], target, method).scores for target in (one, other, contrast(one, other))
    ]
    np.testing.assert_allclose(scores[2], scores[0] - scores[1], atol=0.05)


def test_a_words_score_is_the_sum_of_its_pieces(tiny_pair: Sides[Model], side: str) -> None:
    function = score_function_for(tiny_pair[side])
    tokens, attribution = function.tokens, attributed(function.model)
    values, _ = integrate(path_to(function, baseline_embeddings(function, BASELINES["[PAD]"])))
    for word, score in enumerate(attribution.scores):
        assert score == pytest.approx(values[tokens.word_ids == word].sum(), abs=1e-12)
    if function.model.task in ("sentiment", "fill-mask"):
        assert np.bincount(tokens.word_ids[tokens.word_ids >= 0]).max() > 1  # “unlovely” is of several pieces


def test_special_tokens_and_masks_to_fill_stay_in_every_baseline(tiny_pair: Sides[Model], side: str) -> None:
    function = score_function_for(tiny_pair[side])
    protected = {piece for piece, stay in zip(function.tokens.pieces, function.protected, strict=True) if stay}
    assert protected == {"[CLS]", "[SEP]"} | ({"[MASK]"} if function.model.task == "fill-mask" else set())
    for baseline in BASELINES.values():
        start = baseline_embeddings(function, baseline)
        assert torch.equal(start[function.protected], function.embeddings[function.protected])


def test_layer_conductance_begins_as_integrated_gradients(tiny_pair: Sides[Model], side: str) -> None:
    """What passes through the embedding output passes through the words, each by itself."""
    model = tiny_pair[side]
    attribution, other = attributed(model, "Layer conductance"), attributed(model)
    assert attribution.layers.shape == (3, len(attribution.words) + 1)
    np.testing.assert_array_equal(attribution.layers[0, :-1], attribution.scores)
    np.testing.assert_allclose(attribution.scores, other.scores, atol=0.05 * np.abs(other.scores).max())


def test_the_corpus_mean_is_that_of_the_probe_corpus(tiny_pairs: dict[str, Sides[Model]], side: str) -> None:
    from analysis.inputs.probe_corpus import probe_sentences

    function = score_function_for(tiny_pairs["sentiment"][side])
    tokenizer, table = function.model.tokenizer, function.model.network.get_input_embeddings().weight.detach()
    ids = [piece for text in probe_sentences() for piece in tokenizer(text, add_special_tokens=False)["input_ids"]]
    expected = table[ids].double().mean(dim=0).numpy()
    np.testing.assert_allclose(BASELINES["corpus mean"].vector(function).numpy(), expected, atol=1e-5)


@pytest.mark.parametrize("method", METHODS)
def test_eight_threads_attribute_as_one_bit_for_bit(tiny_pairs: dict[str, Sides[Model]], method: str) -> None:
    texts = [Example("sentiment", f"the {word} film was not {word}") for word in ("old", "dull", "good", "awful")]
    jobs = [(model, text) for model in tiny_pairs["sentiment"] for text in texts] * 2
    target = Target((Term("POSITIVE"),), "positive")

    def bits(job: tuple[Model, Example]) -> tuple[Any, ...]:
        attribution = attribute(*job, target, method)
        return (
            attribution.scores.tobytes(),
            attribution.layers.tobytes(),
            attribution.score,
            attribution.delta,
            attribution.n_steps,
        )

    alone = [bits(job) for job in jobs]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(bits, jobs)) == alone


@pytest.mark.parametrize("method", METHODS)
def test_progress_grows_to_one_and_can_stop_the_work(
    tiny_pairs: dict[str, Sides[Model]], side: str, method: str
) -> None:
    model = tiny_pairs["sentiment"][side]
    shares: list[Any] = []
    uninterrupted = attributed(model, method, progress=shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert shares[0] >= 0

    def stop(share: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        attributed(model, method, progress=stop)
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(model.lock.acquire, timeout=1).result()
        pool.submit(model.lock.release).result()
    assert attributed(model, method).scores.tobytes() == uninterrupted.scores.tobytes()


@pytest.mark.parametrize(
    ("method", "baseline", "sentence"),
    [
        ("Guessing", "[PAD]", "There is no method called “Guessing”; there are Integrated gradients, "),
        ("Occlusion", "[CLS]", "There is no baseline called “\\[CLS\\]”; there are \\[PAD\\], "),
    ],
)
def test_an_unknown_key_says_what_there_is(
    tiny_pairs: dict[str, Sides[Model]], method: str, baseline: str, sentence: str
) -> None:
    with pytest.raises(AnalysisError, match=sentence):
        attributed(tiny_pairs["sentiment"].teacher, method, baseline)


def test_both_models_are_asked_the_same(tiny_pair: Sides[Model]) -> None:
    target = target_for(tiny_pair.teacher)
    attributions = tiny_pair.map(lambda model: attribute(model, EXAMPLES[model.task], target))
    assert isinstance(attributions, Sides)
    assert all(isinstance(attribution, Attribution) for attribution in attributions)
    assert attributions.teacher.target.name == attributions.student.target.name
    assert attributions.teacher.words == attributions.student.words


@pytest.mark.parametrize("method", METHODS)
def test_shares_keep_sign_and_proportion_and_add_up_to_one_without_signs(
    tiny_pair: Sides[Model], side: str, method: str
) -> None:
    attribution = attributed(tiny_pair[side], method)
    total = np.abs(attribution.scores).sum() + abs(attribution.special_tokens_score)
    np.testing.assert_allclose(attribution.shares * total, attribution.scores)
    assert np.abs(attribution.shares).sum() + abs(attribution.special_tokens_score) / total == pytest.approx(1)
