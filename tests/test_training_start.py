"""What the teacher and the student know before their first step."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from small_pair import small_config
from transformers import (
    BertConfig,
    BertForMaskedLM,
    DistilBertForMaskedLM,
    PreTrainedTokenizerBase,
)

from training.distil import TEACHER_LAYERS, student_of
from training.pretrain import stacked
from training.start import NEIGHBOURS, extend_positions, new_teacher, sinusoids, word_vectors

CPU = torch.device("cpu")


def test_stacking_copies_each_layer_and_says_from_where(tokenizer: PreTrainedTokenizerBase) -> None:
    shallow = BertForMaskedLM(small_config(len(tokenizer), layers=3))
    deep, sources = stacked(shallow, 6)
    assert deep.config.num_hidden_layers == 6
    assert shallow.config.num_hidden_layers == 3
    weights = dict(shallow.named_parameters())
    assert set(sources.values()) == set(weights)
    for name, parameter in deep.named_parameters():
        assert torch.equal(parameter, weights[sources[name]])
    assert sources["bert.encoder.layer.4.output.dense.weight"] == "bert.encoder.layer.1.output.dense.weight"


@torch.no_grad()
def test_a_new_teacher_looks_at_neighbours_and_knows_frequencies() -> None:
    """Each head of the first layer attends most to its offset, as positions alone would have it; the bias is log p."""
    config = BertConfig(vocab_size=300, hidden_size=192, num_hidden_layers=1, num_attention_heads=12)
    tokens = np.repeat(np.arange(300), np.arange(300))
    model = new_teacher(config, tokens, special=5)
    attention = model.bert.encoder.layer[0].attention.self
    waves = model.bert.embeddings.position_embeddings.weight[:64]
    queries, keys = (layer(waves).view(64, 12, 16) for layer in (attention.query, attention.key))
    scores = torch.einsum("phf,jhf->hpj", queries, keys)
    for head, offset in enumerate(NEIGHBOURS):
        assert torch.equal(scores[head, 3:-3].argmax(-1), torch.arange(3, 61) + offset)
    bias = model.cls.predictions.bias
    assert float(bias.exp().sum()) == pytest.approx(1, abs=1e-5)
    assert float((bias[9] - bias[1]).exp()) == pytest.approx(5, rel=1e-4)


def test_late_positions_go_on_as_the_learned_ones_began() -> None:
    """Embeddings that are a linear map of the waves are continued by that map, the trained ones left alone."""
    generator = torch.Generator().manual_seed(0)
    waves = sinusoids(200, 16)
    learned = waves @ torch.randn(16, 16, generator=generator) + torch.randn(16, generator=generator)
    weight = torch.where(torch.arange(200)[:, None] < 150, learned, waves)
    extend_positions(weight, 150, ridge=1e-4)
    assert torch.equal(weight[:150], learned[:150])
    torch.testing.assert_close(weight[150:], learned[150:], atol=0.1, rtol=0)


def test_pieces_with_like_neighbours_get_like_vectors() -> None:
    """0 and 1, and no other piece, stand between 19 and 10."""
    generator = np.random.default_rng(0)
    lines = [np.array([19, generator.integers(2), 10, *generator.permutation(np.arange(2, 10))]) for _ in range(500)]
    vectors = torch.nn.functional.normalize(word_vectors(np.concatenate(lines), 20, 8), dim=1)
    likeness = vectors @ vectors[0]
    assert int(likeness[1:].argmax()) + 1 == 1
    assert float(likeness[1]) > 0.9


def test_student_starts_as_every_other_teacher_layer(random_bert: BertForMaskedLM) -> None:
    student = student_of(random_bert).eval()
    hidden = torch.randn(2, 7, 32)
    assert TEACHER_LAYERS == (0, 2, 4, 7, 9, 11)  # as in the authors' code
    for number, layer in enumerate(TEACHER_LAYERS):
        theirs = random_bert.bert.encoder.layer[layer](hidden)
        ours = student.distilbert.transformer.layer[number](hidden)
        theirs, ours = (each[0] if isinstance(each, tuple) else each for each in (theirs, ours))
        torch.testing.assert_close(ours, theirs)
    pieces = torch.randint(0, 100, (2, 9))
    no_segments = torch.zeros_like(random_bert.bert.embeddings.token_type_embeddings.weight)
    words, positions = random_bert.bert.embeddings.word_embeddings, random_bert.bert.embeddings.position_embeddings
    expected = random_bert.bert.embeddings.LayerNorm(words(pieces) + positions(torch.arange(9)) + no_segments[0])
    torch.testing.assert_close(student.distilbert.embeddings(pieces), expected)
    assert student.vocab_projector.weight is student.distilbert.embeddings.word_embeddings.weight


def test_student_class_is_distilbert(random_bert: BertForMaskedLM) -> None:
    student = student_of(random_bert)
    assert isinstance(student, DistilBertForMaskedLM)
    assert student.config.n_layers == 6
