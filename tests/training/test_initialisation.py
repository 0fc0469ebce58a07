"""What the teacher and the student know before their first step."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import (
    AutoModelForMaskedLM,
    AutoTokenizer,
    BertForMaskedLM,
    BertForSequenceClassification,
    BertModel,
    DistilBertForMaskedLM,
    PreTrainedTokenizerBase,
)

from tests.support.small_pair import SENTENCES, small_config
from tests.support.tiny import tiny_tokenizer, tiny_vocabulary
from training.distil import TEACHER_LAYERS, student_of
from training.initialisation import check_shape, prepare, start_of
from training.tokenizer import SPECIAL_PIECES, kept_pieces, piece_counts, pruned

PIECES = 110  # of the tiny tokenizer's 151
TEXT = [*SENTENCES, "the old man likes the river and the old film", "The TEACHER was kindly, naïve: 1932!"]


@pytest.fixture
def text(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the pieces are counted in, in place of a folder of texts."""
    monkeypatch.setattr("training.initialisation.vocabulary_text", lambda data: iter(TEXT))
    return TEXT


def saved(model: BertModel, tokenizer: PreTrainedTokenizerBase, folder: Path) -> str:
    """The name of the folder, which now has this encoder."""
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return str(folder)


@pytest.fixture
def encoder(tokenizer: PreTrainedTokenizerBase) -> BertModel:
    torch.manual_seed(0)
    return BertModel(small_config(len(tokenizer)))


def test_a_kept_piece_has_its_old_vector_and_the_layers_stay(
    encoder: BertModel, tokenizer: PreTrainedTokenizerBase, text: list[str], tmp_path: Path
) -> None:
    model, kept = start_of(saved(encoder, tokenizer, tmp_path), tmp_path, PIECES)
    old, new = tokenizer.get_vocab(), kept.get_vocab()
    assert len(new) == model.config.vocab_size == PIECES < len(old)
    before, after = encoder.embeddings.word_embeddings.weight, model.bert.embeddings.word_embeddings.weight
    for piece, number in new.items():
        assert torch.equal(after[number], before[old[piece]]), piece
    assert model.cls.predictions.decoder.weight is after
    for ours, theirs in zip(model.bert.encoder.parameters(), encoder.encoder.parameters(), strict=True):
        assert torch.equal(ours, theirs)
    assert {module.p for module in model.modules() if isinstance(module, torch.nn.Dropout)} == {0.0}


def test_a_kept_masked_language_head_answers_as_before_among_the_kept_pieces(
    random_bert: BertForMaskedLM, tokenizer: PreTrainedTokenizerBase, text: list[str], tmp_path: Path
) -> None:
    torch.nn.init.normal_(random_bert.cls.predictions.bias)
    origin = saved(random_bert, tokenizer, tmp_path)
    torch.nn.init.zeros_(random_bert.cls.predictions.bias)
    before = AutoModelForMaskedLM.from_pretrained(origin).eval()
    model, kept = start_of(origin, tmp_path, PIECES)
    places = [tokenizer.get_vocab()[piece] for piece in sorted(kept.get_vocab(), key=kept.get_vocab().get)]
    sentence = "the old film was [MASK]."
    with torch.no_grad():
        expected = before(**tokenizer(sentence, return_tensors="pt")).logits[..., places]
        torch.testing.assert_close(model.eval()(**kept(sentence, return_tensors="pt")).logits, expected)


def test_the_bias_is_the_logarithm_of_the_share_of_the_text(
    encoder: BertModel, tokenizer: PreTrainedTokenizerBase, text: list[str], tmp_path: Path
) -> None:
    """One more than a piece was seen, over all of them, as counted by cutting the text piece by piece."""
    model, kept = start_of(saved(encoder, tokenizer, tmp_path), tmp_path, PIECES)
    seen = [piece for line in text for piece in tokenizer.tokenize(line)]
    expected = torch.tensor([seen.count(piece) + 1.0 for piece in kept.convert_ids_to_tokens(range(PIECES))])
    torch.testing.assert_close(model.cls.predictions.decoder.bias.detach(), (expected / expected.sum()).log())


def test_the_start_of_a_classifier_is_its_encoder(
    tokenizer: PreTrainedTokenizerBase, text: list[str], tmp_path: Path
) -> None:
    classifier = BertForSequenceClassification(small_config(len(tokenizer)))
    model, _ = start_of(saved(classifier, tokenizer, tmp_path), tmp_path, len(tokenizer))
    for ours, theirs in zip(model.bert.parameters(), classifier.bert.parameters(), strict=False):
        assert torch.equal(ours, theirs)
    assert float(model.cls.predictions.bias.detach().exp().sum()) == pytest.approx(1, abs=1e-5)


def test_a_start_of_that_size_is_not_pruned_again(
    encoder: BertModel, tokenizer: PreTrainedTokenizerBase, text: list[str], tmp_path: Path
) -> None:
    origin = saved(encoder, tokenizer, tmp_path / "published")
    (tmp_path / "published" / "LICENSE.txt").write_text("As you like.", encoding="utf-8")
    prepare(origin, tmp_path, tmp_path / "once", PIECES)
    prepare(str(tmp_path / "once"), tmp_path, tmp_path / "twice", PIECES)
    once, twice = (BertForMaskedLM.from_pretrained(tmp_path / name) for name in ("once", "twice"))
    assert once.state_dict().keys() == twice.state_dict().keys()
    for name, value in once.state_dict().items():
        assert torch.equal(value, twice.state_dict()[name]), name
    vocabularies = [AutoTokenizer.from_pretrained(tmp_path / name).get_vocab() for name in ("once", "twice")]
    assert vocabularies[0] == vocabularies[1]
    assert (tmp_path / "twice" / "LICENSE.txt").read_text(encoding="utf-8") == "As you like."


def test_pruned_pieces_are_the_special_ones_every_character_and_those_used_most(
    tokenizer: PreTrainedTokenizerBase,
) -> None:
    counts = piece_counts(tokenizer, TEXT)
    kept = kept_pieces(tokenizer, counts, PIECES)
    names = tokenizer.convert_ids_to_tokens(kept)
    assert tuple(names[:5]) == SPECIAL_PIECES
    assert kept[5:] == sorted(kept[5:])
    characters = {piece for piece in tokenizer.get_vocab() if len(piece.removeprefix("##")) == 1}
    assert characters <= set(names)
    least = min(counts[number] for number in kept[5:] if tokenizer.convert_ids_to_tokens(number) not in characters)
    left_out = set(range(len(tokenizer))) - set(kept)
    assert len(left_out) == len(tokenizer) - PIECES
    assert max(counts[number] for number in left_out) <= least
    with pytest.raises(ValueError, match="50 pieces have no room for the special ones and 83"):
        kept_pieces(tokenizer, counts, 50)


def test_a_pruned_tokenizer_cuts_texts_of_kept_pieces_as_before(tokenizer: PreTrainedTokenizerBase) -> None:
    """A word whose piece went is cut finer; a character that is in no piece makes its word unknown."""
    kept = kept_pieces(tokenizer, piece_counts(tokenizer, TEXT), PIECES)
    smaller = pruned(tokenizer, kept)
    for line in TEXT:
        if set(tokenizer(line)["input_ids"]) <= set(kept):
            assert smaller.tokenize(line) == tokenizer.tokenize(line)
    assert smaller.tokenize("The OLD river!") == tokenizer.tokenize("The OLD river!") == ["the", "old", "river", "!"]
    (gone,) = {"paris"} - set(smaller.get_vocab())
    assert smaller.tokenize(gone) == ["p", "##a", "##r", "##i", "##s"]
    assert smaller.tokenize("the ж river") == ["the", "[UNK]", "river"]


def test_capitals_and_accents_are_read_as_the_starts_tokenizer_reads_them() -> None:
    cased = tiny_tokenizer("bert", tiny_vocabulary(lower_case=False), lower_case=False, max_positions=64)
    smaller = pruned(cased, kept_pieces(cased, np.zeros(len(cased)), len(cased) - 1))
    assert smaller.tokenize("A Dog é") == ["A", "Dog", "[UNK]"]
    assert smaller.model_max_length == 512


def test_what_is_no_start_for_the_student_is_refused() -> None:
    check_shape(small_config(100))
    with pytest.raises(ValueError, match="starts with 12 layers and 512 positions or more, not with 6 layers and 512"):
        check_shape(small_config(100, layers=6))
    config = small_config(100)
    config.model_type = "roberta"
    with pytest.raises(ValueError, match="starts as a BERT, not as roberta"):
        check_shape(config)


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
