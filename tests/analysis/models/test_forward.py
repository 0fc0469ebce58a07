import logging
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import PreTrainedModel

from analysis.arrays import Array
from analysis.errors import AnalysisError
from analysis.inputs.examples import Example
from analysis.models.forward import eager_attention, read, trace
from analysis.models.model import Model, load
from analysis.models.pairs import Checkpoint, Sides
from tests.support.hostile import HOSTILE
from tests.support.tiny import HEADS, tiny_checkpoint

TEXTS = (
    "the old film was not bad.",
    "mary lives in paris, and [MASK] works in london.",
    "[MASK] dog and a [MASK] cat!",
    *(text for text in HOSTILE if len(text) < 36),
)
PAIRED = ("question-answering", "sentence-pair")


def example_for(task: str, text: str) -> Example:
    text = f"{text} [MASK]" if task == "fill-mask" else text
    return Example(task, *(("who is it?", text) if task in PAIRED else (text,)))


def test_an_answer_that_is_not_finite_is_refused(tmp_path: Path) -> None:
    folder = tiny_checkpoint(tmp_path, "bert", "sentiment")
    weights = load_file(folder / "model.safetensors")
    ones = torch.ones(1, 16)
    large = {"bert.pooler.dense.bias": 50 * ones[0], "classifier.weight": torch.cat([1.6e38 * ones, -1.6e38 * ones])}
    save_file(weights | large, folder / "model.safetensors")  # finite themselves
    model = load(Checkpoint(str(folder), "bert"), "sentiment")
    for ask in (read, trace):
        with pytest.raises(AnalysisError, match="answers with numbers that are not finite"):
            ask(model, Example("sentiment", "the old film"))


@pytest.fixture(scope="module")
def eager_networks(tiny_pairs: dict[str, Sides[Model]]) -> dict[tuple[str, str], PreTrainedModel]:
    """The same checkpoints, loaded by transformers alone with eager attention."""
    import transformers

    return {
        (task, side): getattr(transformers, HEADS[task])
        .from_pretrained(model.checkpoint.source, attn_implementation="eager")
        .eval()
        for task, pair in tiny_pairs.items()
        for side, model in pair.items()
    }


def own_call(model: Model, network: PreTrainedModel, example: Example, **options: bool) -> Any:
    """What transformers answers, asked as its documentation has it."""
    import torch

    with torch.no_grad():
        return network(**model.tokenizer(*example.texts, return_tensors="pt"), **options)


def as_reading(outputs: Any, model: Model, example: Example) -> Array:
    if model.task == "question-answering":
        return np.stack([outputs.start_logits[0].numpy(), outputs.end_logits[0].numpy()])
    logits = outputs.logits[0].numpy()
    if model.task == "fill-mask":
        ids = np.array(model.tokenizer(*example.texts)["input_ids"])
        return logits[ids == model.tokenizer.mask_token_id]
    return logits


@pytest.mark.parametrize("text", TEXTS)
def test_read_gives_the_logits_of_transformers_bit_for_bit(tiny_pair: Sides[Model], side: str, text: str) -> None:
    model = tiny_pair[side]
    example = example_for(model.task, text)
    (reading,) = read(model, example)
    expected = as_reading(own_call(model, model.network, example), model, example)
    assert reading.logits.shape == expected.shape
    assert np.array_equal(reading.logits, expected)


@pytest.mark.parametrize("text", TEXTS)
def test_trace_gives_the_insides_of_an_eager_model(
    tiny_pair: Sides[Model], side: str, text: str, eager_networks: dict[tuple[str, str], PreTrainedModel]
) -> None:
    model = tiny_pair[side]
    example = example_for(model.task, text)
    inside = trace(model, example)
    outputs = own_call(
        model, eager_networks[model.task, side], example, output_attentions=True, output_hidden_states=True
    )
    config, count = model.network.config, len(inside.tokens)
    layers = config.num_hidden_layers
    assert inside.attentions.shape == (layers, config.num_attention_heads, count, count)
    assert inside.hidden_states.shape == (layers + 1, count, config.hidden_size)
    for ours, theirs in zip(inside.attentions, outputs.attentions, strict=True):
        np.testing.assert_allclose(ours, theirs[0].numpy(), atol=1e-6)
    for ours, theirs in zip(inside.hidden_states, outputs.hidden_states, strict=True):
        np.testing.assert_allclose(ours, theirs[0].numpy(), atol=1e-5)
    np.testing.assert_allclose(inside.logits, as_reading(outputs, model, example), atol=1e-5)
    np.testing.assert_allclose(inside.attentions.sum(axis=-1), 1, atol=1e-6)


def test_a_trace_and_a_reading_agree(tiny_pair: Sides[Model], side: str) -> None:
    model = tiny_pair[side]
    example = example_for(model.task, TEXTS[0])
    np.testing.assert_allclose(trace(model, example).logits, read(model, example)[0].logits, atol=1e-5)


def test_arrays_are_read_only_and_hold_no_gradient(tiny_pair: Sides[Model], side: str) -> None:
    inside = trace(tiny_pair[side], example_for(tiny_pair.teacher.task, TEXTS[0]))
    for array in (inside.attentions, inside.hidden_states, inside.logits):
        assert type(array) is np.ndarray
        assert array.dtype == np.float32
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0


def test_attention_is_sdpa_again_after_a_trace(tiny_pair: Sides[Model], side: str) -> None:
    model = tiny_pair[side]
    trace(model, example_for(model.task, TEXTS[0]))
    assert model.network.config._attn_implementation == "sdpa"


def test_attention_is_sdpa_again_after_an_error(tiny_pairs: dict[str, Sides[Model]], side: str) -> None:
    model = tiny_pairs["sentiment"][side]
    with pytest.raises(RuntimeError, match="stopped half-way"), eager_attention(model):
        assert model.network.config._attn_implementation == "eager"
        raise RuntimeError("stopped half-way")
    assert model.network.config._attn_implementation == "sdpa"


def test_a_context_of_several_windows_is_read_and_not_traced(tiny_pairs: dict[str, Sides[Model]], side: str) -> None:
    model = tiny_pairs["question-answering"][side]
    example = Example("question-answering", "who is it?", "a cat and a dog. " * 20)
    readings = read(model, example)
    assert len(readings) > 1
    assert all(reading.logits.shape == (2, len(reading.tokens)) for reading in readings)
    with pytest.raises(AnalysisError, match=rf"takes {len(readings)} windows of at most 64 tokens; .* Shorten"):
        trace(model, example)


def test_a_text_that_is_too_long_leaves_no_complaint_in_the_log(
    tiny_pairs: dict[str, Sides[Model]], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING), pytest.raises(AnalysisError):
        read(tiny_pairs["fill-mask"].teacher, Example("fill-mask", "[MASK] " * 100))
    assert not caplog.records


@pytest.mark.parametrize("task", ["sentiment", "question-answering"])
def test_eight_threads_see_what_one_thread_sees(tiny_pairs: dict[str, Sides[Model]], task: str) -> None:
    """Readings, which must run on sdpa, and traces, which switch attention over, on one shared pair, all at once."""
    texts = [f"{'the old ' * (number % 7)}film {number} was not {'bad' * (number % 3)}." for number in range(20)]
    models = list(tiny_pairs[task])

    def inside(job: tuple[Model, str]) -> list[Any]:
        model, text = job
        example = example_for(task, text)
        readings, kept = read(model, example), trace(model, example)
        return [reading.logits for reading in readings] + [kept.attentions, kept.hidden_states, kept.logits]

    jobs = [(model, text) for text in texts for model in models]
    alone = [inside(job) for job in jobs]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(inside, jobs))
    for expected, found in zip(alone, together, strict=True):
        assert all(np.array_equal(one, other) for one, other in zip(expected, found, strict=True))
