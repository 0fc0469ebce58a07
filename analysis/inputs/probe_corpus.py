"""The probe corpus: 600 English sentences on which the inner workings of two models are compared.

One sentence is too little for similarity between layers, and a measure of attention heads taken on a handful of texts
says more about the texts than about the heads. These sentences were written for this project and vary in topic, syntax
and length (5 to 40 words). None is taken from a book, a data set or the web, so they come under the licence of the
project (Apache-2.0) as the code does.
"""

from __future__ import annotations

from pathlib import Path

SENTENCES = Path(__file__).with_name("probe_sentences.txt")


def probe_sentences() -> tuple[str, ...]:
    """All 600 sentences in the order of the file, each once. Topics and lengths are mixed throughout."""
    return tuple(SENTENCES.read_text(encoding="utf-8").splitlines())
