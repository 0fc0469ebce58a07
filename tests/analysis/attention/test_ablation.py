from concurrent.futures import ThreadPoolExecutor
from itertools import product
from typing import Any

import numpy as np
import pytest
import torch

from analysis.arrays import Array
from analysis.attention.ablation import ablated, importance
from analysis.errors import AnalysisError
from analysis.inputs.examples import Example
from analysis.inputs.words import Word
from analysis.models.forward import read, trace
from analysis.models.model import Model
from analysis.models.pairs import Sides
from analysis.models.tokens import tokenize
from analysis.predictions.classification import Classification
from analysis.predictions.fill_mask import MaskPredictions
from analysis.predictions.heads import predict
from analysis.predictions.resolve import resolve_prediction
from analysis.predictions.targets import ResolvedTarget
from analysis.predictions.values import Prediction
from tests.support.tiny import EXAMPLES, hooks_of

PLACES = {
    "fill-mask": ((1, 70), (0, 12)),
    "sentiment": ((1,),),
    "entities": ((3, 2), (4, 0)),
    "question-answering": ((0, 9), (1, 11)),
    "sentence-pair": ((2,),),
}
PROJECTIONS = {
    "bert": lambda network, layer: network.base_model.encoder.layer[layer].attention.output.dense,
    "distilbert": lambda network, layer: network.base_model.transformer.layer[layer].attention.out_lin,
}
LAYERS, HEADS = range(2), range(2)  # of the tiny models
EVERY_HEAD = list(product(LAYERS, HEADS))


def logits_of(model: Model) -> Array:
    return read(model, EXAMPLES[model.task])[0].logits


@pytest.mark.parametrize("head", EVERY_HEAD)
def test_a_head_off_changes_the_answer(tiny_pair: Sides[Model], side: str, head: tuple[int, int]) -> None:
    model = tiny_pair[side]
    whole = logits_of(model)
    with ablated(model, heads=[head]):
        assert not np.allclose(logits_of(model), whole, atol=1e-4)
    assert np.array_equal(logits_of(model), whole)


@pytest.mark.parametrize("head", EVERY_HEAD)
def test_a_head_off_is_a_head_whose_part_of_the_output_projection_is_zero(
    tiny_pair: Sides[Model], side: str, head: tuple[int, int]
) -> None:
    """The same taken out of the weights instead: the projection of a layer reads each head in columns of its own."""
    model, (layer, number) = tiny_pair[side], head
    with ablated(model, heads=[head]):
        found = logits_of(model)
    weight = PROJECTIONS[model.architecture](model.network, layer).weight
    size = weight.shape[1] // len(HEADS)
    kept = weight.detach().clone()
    with model.lock, torch.no_grad():
        weight[:, number * size : (number + 1) * size] = 0
        try:
            expected = logits_of(model)
        finally:
            weight.copy_(kept)
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_nothing_off_changes_no_bit(tiny_pair: Sides[Model], side: str) -> None:
    model = tiny_pair[side]
    whole = logits_of(model).tobytes()
    with ablated(model):
        assert logits_of(model).tobytes() == whole
    with ablated(model, heads=[(0, 0), (1, 1)], layers=[1]):
        assert logits_of(model).tobytes() != whole
    assert logits_of(model).tobytes() == whole


@pytest.mark.parametrize("layer", LAYERS)
def test_a_layer_off_hands_on_what_it_was_given(tiny_pair: Sides[Model], side: str, layer: int) -> None:
    model = tiny_pair[side]
    whole = trace(model, EXAMPLES[model.task])
    with ablated(model, layers=[layer]):
        inside = trace(model, EXAMPLES[model.task])
    assert np.array_equal(inside.hidden_states[layer + 1], inside.hidden_states[layer])
    assert np.array_equal(inside.hidden_states[: layer + 1], whole.hidden_states[: layer + 1])
    assert not np.allclose(inside.logits, whole.logits, atol=1e-4)


def test_no_hook_remains(tiny_pair: Sides[Model], side: str) -> None:
    model = tiny_pair[side]
    trace(model, EXAMPLES[model.task])  # puts transformers' own hooks in, which stay
    before = hooks_of(model)
    with pytest.raises(RuntimeError, match="half-way"), ablated(model, heads=[(0, 1)], layers=[1]):
        assert hooks_of(model) != before
        raise RuntimeError("half-way")
    importance(model, EXAMPLES[model.task], ResolvedTarget(PLACES[model.task], "it"))
    assert hooks_of(model) == before


def test_a_sweep_that_is_stopped_leaves_no_hook_and_no_lock(tiny_pair: Sides[Model], side: str) -> None:
    model = tiny_pair[side]
    trace(model, EXAMPLES[model.task])
    before, seen = hooks_of(model), []

    def stop(share: float) -> None:
        seen.append(share)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        importance(model, EXAMPLES[model.task], ResolvedTarget(PLACES[model.task], "it"), progress=stop)
    assert seen == [0.5]
    assert hooks_of(model) == before
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(model.lock.acquire, timeout=1).result()
        pool.submit(model.lock.release).result()


def test_a_pass_that_fails_leaves_no_hook(tiny_pair: Sides[Model], side: str, monkeypatch: pytest.MonkeyPatch) -> None:
    model = tiny_pair[side]
    trace(model, EXAMPLES[model.task])
    before = hooks_of(model)
    with monkeypatch.context() as patched, pytest.raises(RuntimeError, match="half-way"):
        projection = PROJECTIONS[model.architecture](model.network, 1)
        patched.setattr(projection, "forward", lambda _: (_ for _ in ()).throw(RuntimeError("half-way")))
        importance(model, EXAMPLES[model.task], ResolvedTarget(PLACES[model.task], "it"))
    assert hooks_of(model) == before


@pytest.mark.parametrize("pass_tokens", [2_048, 1])
def test_the_sweep_gives_what_one_forward_a_head_gives(
    tiny_pair: Sides[Model], side: str, pass_tokens: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("analysis.attention.ablation.PASS_TOKENS", pass_tokens)
    model = tiny_pair[side]
    shares: list[Any] = []
    target = ResolvedTarget(PLACES[model.task], "it")
    found = importance(model, EXAMPLES[model.task], target, progress=shares.append)
    whole = logits_of(model)
    assert found.score == pytest.approx(sum(float(whole[place]) for place in target.logit_indices), abs=1e-5)
    for layer, head in EVERY_HEAD:
        with ablated(model, heads=[(layer, head)]):
            one = logits_of(model)
        drop = sum(float(whole[place]) - float(one[place]) for place in target.logit_indices)
        assert found.drops[layer, head] == pytest.approx(drop, abs=1e-5)
    assert np.abs(found.drops).min() > 1e-4
    assert shares == [0.5, 1.0]
    with pytest.raises(ValueError, match="read-only"):
        found.drops[0, 0] = 0


def test_one_label_over_another_is_the_difference_of_both(tiny_pairs: dict[str, Sides[Model]], side: str) -> None:
    model = tiny_pairs["sentence-pair"][side]

    def drops(*targets: ResolvedTarget) -> list[Array]:
        return [importance(model, EXAMPLES[model.task], target).drops for target in targets]

    one, other, both = drops(
        ResolvedTarget(((0,),), "0"), ResolvedTarget(((2,),), "2"), ResolvedTarget(((0,),), "0 over 2", foil=((2,),))
    )
    np.testing.assert_allclose(both, one - other, atol=1e-12)


def test_a_target_is_what_the_prediction_says(tiny_pair: Sides[Model], side: str) -> None:
    """Its place in the logits is where the model's own answer stands out."""
    model = tiny_pair[side]
    example = EXAMPLES[model.task]
    (tokens,), (reading,) = tokenize(model, example), read(model, example)
    prediction: Any = predict(model, example)
    target = resolve_prediction(prediction, model, tokens)
    match model.task:
        case "sentiment" | "sentence-pair":
            assert target.logit_indices == ((int(reading.logits.argmax()),),)
        case "fill-mask":
            assert target.logit_indices == ((0, int(reading.logits[0].argmax())),)
        case "entities":
            assert all(reading.logits[place] == reading.logits[place[0]].max() for place in target.logit_indices)
            assert target.name in (prediction.targets or prediction.wording)
        case "question-answering":
            (_, start), (_, end) = target.logit_indices
            best = prediction.answers[0]
            assert (tokens.offsets[start, 0], tokens.offsets[end, 1]) == (best.start, best.end)
    assert target.score(reading.logits) == sum(float(reading.logits[place]) for place in target.logit_indices)


def test_the_teachers_target_is_found_in_a_student_that_cuts_words_otherwise(
    tiny_pairs: dict[str, Sides[Model]], cased_student: Model
) -> None:
    teacher = tiny_pairs["entities"].teacher
    example = Example("entities", "Unforgettable Mary and Johnny lived in Paris.")
    prediction = predict(teacher, example)
    ours, theirs = ((tokenize(model, example)[0], model) for model in (teacher, cased_student))
    places = [resolve_prediction(prediction, model, tokens).logit_indices for tokens, model in (ours, theirs)]
    words = [
        [tokens.word_ids[token] for token, _ in at] for (tokens, _), at in zip((ours, theirs), places, strict=True)
    ]
    assert ours[0].pieces != theirs[0].pieces
    assert words[0] == words[1]
    assert [label for _, label in places[0]] == [label for _, label in places[1]]


def test_no_answer_is_a_target_at_cls(tiny_pairs: dict[str, Sides[Model]], side: str) -> None:
    model = tiny_pairs["question-answering"][side]
    (tokens,) = tokenize(model, EXAMPLES[model.task])
    prediction: Any = predict(model, EXAMPLES[model.task])
    silent = type(prediction)(
        prediction.words, prediction.answers, prediction.starts, prediction.ends, no_answer=1.0, windows=1
    )
    assert resolve_prediction(silent, model, tokens) == ResolvedTarget(((0, 0), (1, 0)), "no answer")


@pytest.mark.parametrize(
    ("task", "prediction", "sentence"),
    [
        (
            "sentiment",
            Classification(("mixed",), np.ones(1), np.ones(1)),
            "has no label “mixed”: choose another target.",
        ),
        (
            "fill-mask",
            MaskPredictions((Word("[MASK]", 13, 19),), ("Quito",), np.ones((1, 1))),
            "has no word piece “Quito”: choose another target.",
        ),
    ],
)
def test_a_target_that_the_model_does_not_know_is_refused(
    tiny_pairs: dict[str, Sides[Model]], side: str, task: str, prediction: Prediction, sentence: str
) -> None:
    model = tiny_pairs[task][side]
    (tokens,) = tokenize(model, EXAMPLES[task])
    with pytest.raises(AnalysisError, match=sentence):
        resolve_prediction(prediction, model, tokens)


@pytest.mark.parametrize(
    ("heads", "layers", "what"),
    [([(0, 2)], [], "head 3 in layer 1"), ([(-1, 0)], [], "head 1 in layer 0"), ([], [2], "layer 3")],
)
def test_a_head_or_layer_that_is_not_there_is_refused(
    tiny_pairs: dict[str, Sides[Model]], side: str, heads: list[tuple[int, int]], layers: list[int], what: str
) -> None:
    model = tiny_pairs["sentiment"][side]
    with (
        pytest.raises(AnalysisError, match=f"has no {what}; it has 2 layers of 2 heads. Choose another."),
        ablated(model, heads, layers),
    ):
        pass


def test_a_context_of_several_windows_is_refused(tiny_pairs: dict[str, Sides[Model]], side: str) -> None:
    model = tiny_pairs["question-answering"][side]
    example = Example("question-answering", "who is it?", "a cat and a dog. " * 20)
    with pytest.raises(AnalysisError, match=r"takes \d+ windows of at most 64 tokens; .* Shorten the text\."):
        importance(model, example, ResolvedTarget(((0, 1),), "it"))


@pytest.mark.parametrize("task", ["sentiment", "fill-mask"])
def test_eight_threads_ablate_and_read_one_model_undisturbed(tiny_pairs: dict[str, Sides[Model]], task: str) -> None:
    """Ablations, sweeps, readings and traces on one shared pair, all at once, give what each gives alone."""
    example = EXAMPLES[task]

    def ablated_score(model: Model, head: tuple[int, int]) -> list[Array]:
        with ablated(model, heads=[head]):
            return [read(model, example)[0].logits, predict(model, example).distributions]

    def swept(model: Model, _: object) -> list[Array]:
        return [importance(model, example, ResolvedTarget(PLACES[task], "it")).drops]

    def plain(model: Model, _: object) -> list[Any]:
        inside = trace(model, example)
        return [read(model, example)[0].logits, inside.logits, inside.hidden_states]

    jobs = [
        (work, model, head)
        for head in EVERY_HEAD
        for model in tiny_pairs[task]
        for work in (ablated_score, plain, swept, plain)
    ] * 2
    alone = [work(model, head) for work, model, head in jobs]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda job: job[0](*job[1:]), jobs))
    for expected, found in zip(alone, together, strict=True):
        assert all(np.array_equal(one, other) for one, other in zip(expected, found, strict=True))


def test_fact_head_masks_are_ignored_without_a_word(tiny_pairs: dict[str, Sides[Model]], side: str) -> None:
    """The reason for the hooks. Where this fails, transformers can switch heads off again."""
    model = tiny_pairs["sentiment"][side]
    tokens = model.tokenizer("the film was good", return_tensors="pt")
    with torch.no_grad():
        masked = model.network(**tokens, head_mask=torch.zeros(len(LAYERS), len(HEADS))).logits
        assert torch.equal(masked, model.network(**tokens).logits)
