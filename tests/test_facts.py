"""Facts about transformers that the analysis rests on; `test_models.py` has those that loading rests on.

Where one of these fails after an update, the code that names it in its comments can be simplified or must change.
"""

import pytest
import torch
from transformers import pipelines

from analysis.inputs.examples import Example
from analysis.models.forward import read
from analysis.models.model import Model
from analysis.models.pairs import Sides


def test_fact_there_is_no_pipeline_for_question_answering() -> None:
    assert "question-answering" not in pipelines.get_supported_tasks()


def test_fact_there_are_pipelines_for_the_tasks_that_are_checked_against_them() -> None:
    assert {"fill-mask", "text-classification", "token-classification"} <= set(pipelines.get_supported_tasks())


def test_fact_hidden_states_begin_with_the_output_of_the_embeddings(
    tiny_pairs: dict[str, Sides[Model]], side: str
) -> None:
    model = tiny_pairs["sentiment"][side]
    tokens = model.tokenizer("the film was good", return_tensors="pt")
    with torch.no_grad():
        states = model.network(**tokens, output_hidden_states=True).hidden_states
        embedded = model.network.base_model.embeddings(tokens["input_ids"])
    assert len(states) == model.network.config.num_hidden_layers + 1
    assert torch.equal(states[0], embedded)


def test_fact_distilbert_ignores_segments_without_a_word(tiny_pairs: dict[str, Sides[Model]]) -> None:
    model = tiny_pairs["sentence-pair"].student
    tokens = model.tokenizer("the film", "was good", return_tensors="pt")
    assert "token_type_ids" not in tokens
    with torch.no_grad():
        given = model.network(**tokens, token_type_ids=torch.ones_like(tokens["input_ids"])).logits
        assert torch.equal(given, model.network(**tokens).logits)


def test_fact_bert_tells_its_two_texts_apart_by_segments(tiny_pairs: dict[str, Sides[Model]]) -> None:
    model = tiny_pairs["sentence-pair"].teacher
    tokens = model.tokenizer("the film", "was good", return_tensors="pt")
    with torch.no_grad():
        told = model.network(**tokens).logits[0].numpy()
        untold = model.network(**{**tokens, "token_type_ids": torch.zeros_like(tokens["input_ids"])}).logits[0].numpy()
    (reading,) = read(model, Example("sentence-pair", "the film", "was good"))
    assert told != pytest.approx(untold)
    assert reading.logits == pytest.approx(told)


def test_fact_added_special_tokens_are_found_inside_words(tiny_pairs: dict[str, Sides[Model]], side: str) -> None:
    """So a typed [MASK] ends the word before it, and `analysis.inputs.words` must cut there too."""
    tokenizer = tiny_pairs["fill-mask"][side].tokenizer
    assert tokenizer.tokenize("good[MASK]film") == ["good", "[MASK]", "film"]
    assert "[MASK]" not in tokenizer.tokenize("[mask] [ MASK]")


def test_fact_switching_to_eager_attention_and_back_gives_the_same_bits(
    tiny_pairs: dict[str, Sides[Model]], side: str
) -> None:
    model = tiny_pairs["sentiment"][side]
    before = read(model, Example("sentiment", "the film was good"))[0].logits.tobytes()
    with model.lock:
        model.network.set_attn_implementation("eager")
        model.network.set_attn_implementation("sdpa")
    assert read(model, Example("sentiment", "the film was good"))[0].logits.tobytes() == before
