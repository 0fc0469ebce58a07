"""The laws of the text that is learned from: documents, batches and masked places."""

from __future__ import annotations

import json
import lzma
import math
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import (
    PreTrainedTokenizerBase,
)

from tests.support.small_pair import SENTENCES
from training.batches import Batches, held_out_batches, mask, sequences
from training.corpus import WORDS_PER_DOCUMENT, Corpus, check_vocabulary, documents, load_corpus, pack
from training.finetune import bucketed_order
from training.sources import Source
from training.tokenizer import pruned, retarget, vocabulary_text

CPU = torch.device("cpu")


def binomial_bound(share: float, count: int) -> float:
    """Six standard deviations: a fixed seed that fails it shows a wrong share, not bad luck."""
    return 6 * math.sqrt(share * (1 - share) / count)


def test_masking_chooses_15_percent_and_splits_them_80_10_10() -> None:
    ids = torch.randint(5, 1_000, (400, 128), generator=torch.Generator().manual_seed(1))
    special = torch.zeros_like(ids, dtype=torch.bool)
    special[:, 0] = True
    masked, places, labels = mask(ids, special, 4, 1_000, torch.Generator().manual_seed(2))
    assert len(places) / (400 * 127) == pytest.approx(0.15, abs=binomial_bound(0.15, 400 * 127))
    assert torch.equal(labels, ids.flatten()[places])
    assert not (places % 128 == 0).any()
    now = masked.flatten()[places]
    shares = [(now == 4), (now == labels), (now != 4) & (now != labels)]
    for share, expected in zip(shares, (0.8, 0.1 + 0.1 / 995, 0.1 - 0.1 / 995), strict=True):
        assert float(share.float().mean()) == pytest.approx(expected, abs=binomial_bound(expected, len(places)))
    untouched = torch.ones(ids.numel(), dtype=torch.bool)
    untouched[places] = False
    assert torch.equal(masked.flatten()[untouched], ids.flatten()[untouched])


def test_two_segments_are_consecutive_and_meet_at_a_separator() -> None:
    windows = torch.arange(10, 40).repeat(6, 1)
    ids, segments = sequences(windows, 2, 3, torch.Generator().manual_seed(0))
    assert (ids[:, 0] == 2).all()
    assert (ids[:, -1] == 3).all()
    assert torch.equal(ids[::2, 1:-1], windows[::2])
    assert not segments[::2].any()
    for row, segment in zip(ids[1::2], segments[1::2], strict=True):
        (middle,) = (row[:-1] == 3).nonzero()
        assert torch.equal(torch.cat([row[1:middle], row[middle + 1 : -1]]), windows[0, :-1])
        assert torch.equal(segment, (torch.arange(len(row)) > middle).long())


def test_batches_never_show_a_held_out_document_and_do_not_depend_on_history(
    corpus: Corpus, tokenizer: PreTrainedTokenizerBase
) -> None:
    marked = Corpus(corpus.tokens.copy(), corpus.ends, corpus.source, corpus.held_out, corpus.sentence_ends)
    marked.tokens[5_600:6_400] = 5  # the held-out document alone has this piece in a row
    first, second = (Batches(marked, tokenizer, 256, seed=1) for _ in range(2))
    seen = [first(step, 32) for step in range(40)]
    for step in reversed(range(40)):
        again = second(step, 32)
        assert torch.equal(seen[step].input_ids, again.input_ids)
        assert torch.equal(seen[step].places, again.places)
        assert int((again.input_ids == 5).sum(1).max()) < 16
    held_out, starts = held_out_batches(marked, tokenizer, 32, 10)
    assert ((starts >= 5_600) & (starts < 6_400)).all()
    assert sum(len(each.input_ids) for each in held_out) == len(starts)


def test_both_architectures_cut_a_text_into_the_same_pieces(tokenizer: PreTrainedTokenizerBase) -> None:
    distilbert = retarget(tokenizer, "distilbert")
    assert distilbert.get_vocab() == tokenizer.get_vocab()
    for sentence in SENTENCES:
        read = distilbert(sentence.upper())
        assert read["input_ids"] == tokenizer(sentence)["input_ids"]
        assert "token_type_ids" not in read


def test_the_text_of_the_vocabulary_is_every_expository_line_every_question_and_some_of_the_novels(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = {name: [f"{name} {number}" for number in range(40)] for name in ("articles", "novels")}
    (tmp_path / "pretraining").mkdir()
    for name, text in lines.items():
        (tmp_path / "pretraining" / f"{name}.txt.xz").write_bytes(lzma.compress("\n".join(text).encode()))
    sources = Source("articles", "", ""), Source("novels", "", "", expository=False)
    monkeypatch.setattr("training.tokenizer.SOURCES", sources)
    monkeypatch.setattr("training.tokenizer.NOVEL_LINES_PER_FILE", 7)
    monkeypatch.setattr(Source, "questions", lambda self, data: {"articles 3": "Why?"} if self.expository else {})
    read = list(vocabulary_text(tmp_path))
    assert read[:41] == [*lines["articles"], "Why?"]
    assert len(set(read[41:])) == 7
    assert set(read[41:]) <= set(lines["novels"])
    assert read == list(vocabulary_text(tmp_path))


def test_documents_keep_the_lines_in_order() -> None:
    lines = [f"line {number} of many words" for number in range(50)]
    blocks = documents(lines, words=30)
    assert [line for block in blocks for line in block] == lines
    assert {len(block) for block in blocks[:-1]} == {6}


def test_questions_stand_before_their_paragraphs_but_not_in_held_out_text(
    tokenizer: PreTrainedTokenizerBase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paragraphs = [f"{sentence} {'river ' * WORDS_PER_DOCUMENT}".strip() for sentence in SENTENCES * 2]
    asked = [{"context": text, "qas": [{"question": "who runs? "}, {"question": "why?"}]} for text in paragraphs[:5]]
    (tmp_path / "pretraining").mkdir()
    (tmp_path / "squad_v1").mkdir()
    text = "\n".join(paragraphs)
    (tmp_path / "pretraining" / "asked.txt.xz").write_bytes(lzma.compress(text.encode()))
    articles = json.dumps({"data": [{"paragraphs": asked}]})
    (tmp_path / "squad_v1" / "train.json.xz").write_bytes(lzma.compress(articles.encode()))
    monkeypatch.setattr("training.corpus.SOURCES", (Source("asked", "", "", questioned=True),))
    pack(tmp_path, tokenizer, tmp_path / "corpus.safetensors")
    check_vocabulary(tmp_path / "corpus.safetensors", tokenizer)
    with pytest.raises(ValueError, match=r"corpus.safetensors was packed with another vocabulary: remove it"):
        check_vocabulary(tmp_path / "corpus.safetensors", pruned(tokenizer, list(range(1, len(tokenizer)))))
    packed = load_corpus(tmp_path / "corpus.safetensors")
    begins = [tokenizer.decode(packed.document(number)[:60]).replace(" ", "") for number in range(10)]
    wanted = ["" if number == 7 else "whoruns?why?" for number in range(10)]
    plain = [sentence.lower().replace(" ", "") for sentence in SENTENCES * 2]
    assert [begin[: len(want + text)] for begin, want, text in zip(begins, wanted, plain, strict=True)] == [
        want + text for want, text in zip(wanted, plain, strict=True)
    ]


def test_an_epoch_holds_every_example_once_with_like_lengths_together() -> None:
    lengths = np.random.default_rng(0).integers(3, 60, 1_000).tolist()
    batches = bucketed_order(lengths, 32, seed=0, epoch=0)
    assert sorted(number for batch in batches for number in batch) == list(range(1_000))
    spread = np.mean([np.ptp(np.array(lengths)[batch]) for batch in batches])
    assert spread < 5 < np.ptp(lengths)
