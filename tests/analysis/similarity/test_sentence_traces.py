"""The encoder of any checkpoint on plain sentences: what transformers sees inside, whatever the model's task."""

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from analysis.arrays import Array
from analysis.errors import AnalysisError
from analysis.inputs.examples import Example
from analysis.inputs.probe_corpus import probe_sentences
from analysis.models.forward import trace, traces_of
from analysis.models.model import Model, load
from analysis.models.pairs import PAIRS, Sides
from tests.support.tiny import HEADS

SENTENCES = ("mary lives in paris.", "The old film was not bad, was it?", "mary lives in paris.", "é!", "no")


def seen_by_transformers(model: Model, sentence: str) -> tuple[Array, Array]:
    """Attentions and hidden states of the checkpoint as transformers' documentation has it."""
    import torch
    import transformers

    network = getattr(transformers, HEADS[model.task]).from_pretrained(
        model.checkpoint.source, attn_implementation="eager", dtype=torch.float32
    )
    with torch.no_grad():
        outputs = network.eval()(
            **model.tokenizer(sentence, return_tensors="pt"), output_attentions=True, output_hidden_states=True
        )
    return torch.cat(outputs.attentions).numpy(), torch.cat(outputs.hidden_states).numpy()


def assert_as_transformers_has_it(model: Model, sentences: tuple[str, ...]) -> None:
    traces = list(traces_of(model, sentences))
    assert [kept.tokens.texts for kept in traces] == [(sentence,) for sentence in sentences]
    for kept, sentence in zip(traces, sentences, strict=True):
        attentions, hidden_states = seen_by_transformers(model, sentence)
        np.testing.assert_allclose(kept.attentions, attentions, rtol=0, atol=1e-6)
        np.testing.assert_allclose(kept.hidden_states, hidden_states, rtol=1e-6, atol=1e-6)
        assert kept.tokens.ids.tolist() == model.tokenizer(sentence)["input_ids"]
        assert kept.logits is None


def test_traces_are_those_of_an_eager_forward_for_every_task(tiny_pair: Sides[Model], side: str) -> None:
    assert_as_transformers_has_it(tiny_pair[side], SENTENCES)


def test_traces_are_those_of_an_eager_forward_for_the_embedded_pair(side: str) -> None:
    checkpoint = getattr(PAIRS["embedded"].sides("fill-mask"), side)
    assert_as_transformers_has_it(load(checkpoint, "fill-mask"), probe_sentences()[:3])


def test_the_task_head_changes_nothing_inside(tiny_pairs: dict[str, Sides[Model]], side: str) -> None:
    model = tiny_pairs["sentiment"][side]
    (kept,) = traces_of(model, SENTENCES[:1])
    whole = trace(model, Example("sentiment", SENTENCES[0]))
    assert np.array_equal(kept.attentions, whole.attentions)
    assert np.array_equal(kept.hidden_states, whole.hidden_states)


def is_free(lock: threading.RLock) -> bool:
    """Whether another thread could take it now."""

    def take() -> bool:
        taken = lock.acquire(blocking=False)
        if taken:
            lock.release()
        return taken

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(take).result()


def test_progress_is_told_outside_the_lock_and_can_stop_it(tiny_pairs: dict[str, Sides[Model]]) -> None:
    model, told, taken = tiny_pairs["entities"].teacher, [], 0

    def tell(share: float) -> None:
        told.append((share, is_free(model.lock)))
        if len(told) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        for _ in traces_of(model, SENTENCES, tell):
            assert is_free(model.lock)
            taken += 1
    assert taken == 3
    assert told == [(1 / 5, True), (2 / 5, True), (3 / 5, True)]


def test_attention_is_sdpa_again_between_sentences(tiny_pairs: dict[str, Sides[Model]], side: str) -> None:
    model = tiny_pairs["sentiment"][side]
    for _ in traces_of(model, SENTENCES):
        assert model.network.config._attn_implementation == "sdpa"


def test_a_sentence_that_is_too_long_is_refused(tiny_pair: Sides[Model], side: str) -> None:
    with pytest.raises(
        AnalysisError, match=r"The sentence “.*…” has 102 tokens; .* at most 64: choose shorter sentences"
    ):
        list(traces_of(tiny_pair[side], ("cat " * 100,)))
