"""A lower-cased WordPiece vocabulary, and the fast tokenizer of BERT and of DistilBERT that reads with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
from transformers import AutoTokenizer, BertTokenizerFast, DistilBertTokenizerFast, PreTrainedTokenizerBase

from .sources import SOURCES

VOCABULARY_SIZE = 8_000
LONGEST_INPUT = 512
SPECIAL_PIECES = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
TOKENIZER_CLASSES = {"bert": BertTokenizerFast, "distilbert": DistilBertTokenizerFast}
NOVEL_LINES_PER_FILE = 6_000  # a few per cent of the text the vocabulary is built on


def vocabulary_text(data: Path) -> Iterator[str]:
    """Every expository line and a thin sample of the novels, so that the pieces are those of modern prose."""
    for source in SOURCES:
        yield from source.lines(data) if source.expository else islice(source.lines(data), NOVEL_LINES_PER_FILE)


def learn_vocabulary(lines: Iterable[str], size: int = VOCABULARY_SIZE) -> dict[str, int]:
    """Piece -> id, the five special pieces first. Pieces that are equally frequent may come out in another order."""
    learner = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    learner.normalizer = normalizers.BertNormalizer(lowercase=True)
    learner.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    learner.decoder = decoders.WordPiece(prefix="##")
    trainer = trainers.WordPieceTrainer(
        vocab_size=size, special_tokens=list(SPECIAL_PIECES), limit_alphabet=200, show_progress=False
    )
    learner.train_from_iterator(lines, trainer)
    return dict(sorted(learner.get_vocab().items(), key=lambda item: item[1]))


def tokenizer_for(kind: str, vocabulary: dict[str, int]) -> PreTrainedTokenizerBase:
    """The fast tokenizer of an architecture: `kind` is "bert" or "distilbert"; both cut a text into the same pieces."""
    return TOKENIZER_CLASSES[kind](vocab=vocabulary, do_lower_case=True, model_max_length=LONGEST_INPUT)


def build_tokenizer(data: Path, folder: Path) -> PreTrainedTokenizerBase:
    """The BERT tokenizer in `folder`, learned from `data` if it is not there yet."""
    if not (folder / "tokenizer.json").exists():
        tokenizer_for("bert", learn_vocabulary(vocabulary_text(data))).save_pretrained(folder)
    return AutoTokenizer.from_pretrained(folder)


def retarget(tokenizer: PreTrainedTokenizerBase, kind: str) -> PreTrainedTokenizerBase:
    """The same vocabulary as the tokenizer of another architecture (DistilBERT takes no segment ids)."""
    return tokenizer_for(kind, dict(sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])))
