"""Where the text comes from, what it may be used for, and how often it is read."""

from __future__ import annotations

import json
import lzma
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Source:
    """One file of text. `expository` files feed the vocabulary and are repeated; novels fill what room is left.

    `questioned`: people have asked about its paragraphs, and what they asked is read before each.
    """

    name: str
    title: str
    licence: str
    expository: bool = True
    questioned: bool = False

    def lines(self, data: Path) -> Iterator[str]:
        """The file's paragraphs or sentences, one a line, in the file's order."""
        with lzma.open(data / "pretraining" / f"{self.name}.txt.xz", "rt", encoding="utf-8") as stream:
            for line in stream:
                if text := line.strip():
                    yield text

    def questions(self, data: Path) -> Mapping[str, str]:
        """The questions about each paragraph, as one text.

        To fill in a word of a question, its paragraph has to be searched: this teaches to compare two texts, which
        running text seldom asks for. Answers are not read.
        """
        if not self.questioned:
            return {}
        articles = json.loads(lzma.decompress((data / "squad_v1" / "train.json.xz").read_bytes()))["data"]
        return {
            " ".join(paragraph["context"].split()): " ".join(row["question"].strip() for row in paragraph["qas"])
            for article in articles
            for paragraph in article["paragraphs"]
        }


SOURCES = (
    Source(
        "squad_contexts", "Wikipedia paragraphs and questions of SQuAD 1.1 (train)", "CC BY-SA 4.0", questioned=True
    ),
    Source("openstax_ccby", "11 OpenStax textbooks", "CC BY 4.0"),
    Source("factbook", "CIA World Factbook", "CC0"),
    Source("gmb_news_sentences", "News sentences of the Groningen Meaning Bank", "public-domain text"),
    Source("nltk_movie_reviews", "Film reviews, Pang & Lee 2.0", "CC BY 4.0"),
    Source("imdb_cad_orig", "Film reviews, CAD (Kaushik et al.)", "Apache 2.0"),
    Source("snli_captions", "SNLI premises in CAD", "CC BY-SA 4.0"),
    Source("sst2_phrases", "Phrases of SST-2 (train)", "GLUE terms"),
    Source("eltec_eng", "ELTeC, English novels", "CC BY 4.0", expository=False),
    Source("english_novels_100", "100 English novels of the 19th century", "public domain by age", expository=False),
)
