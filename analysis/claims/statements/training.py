"""Claims about the student's training."""

from __future__ import annotations

from analysis.claims.claim import Claim, Definition, Quotation
from analysis.claims.criteria import above, at_least
from analysis.claims.evidence_from import training
from analysis.literature import ABSTRACT, DATA, GUIDE, MODEL_CARD, WITHOUT_LOSS, paper

WITHOUT = ", ".join(f"{change:+.2f} without {training.LOSSES[name]}" for name, change in WITHOUT_LOSS.items())

CORPORA = Claim(
    "The same training corpora",
    (
        Quotation("We train DistilBERT on the same corpus as the original BERT model", DATA),
        Quotation("pretrained on the same corpus in a self-supervised fashion", MODEL_CARD),
        Quotation(
            "trained on the same extensive datasets as BERT, including the BooksCorpus and English Wikipedia", GUIDE
        ),
    ),
    (
        Definition(
            "the same sources",
            "From how many sources of text both models were pre-trained.",
            training.shared_sources,
            at_least(1),
            "",
            reported=2,
            reported_as="English Wikipedia and Toronto Book Corpus",
            reported_by=DATA,
        ),
        Definition(
            "as much of them",
            "For comparison only: the tokens that the student read, in per cent of those that the teacher read.",
            training.tokens_read,
        ),
    ),
    about_weights=True,
)

TRIPLE_LOSS = Claim(
    "A triple loss",
    (Quotation("a triple loss combining language modeling, distillation and cosine-distance losses", ABSTRACT),),
    (
        Definition(
            "the number of losses",
            "Which of the three losses were minimised in the student's training.",
            training.losses,
            at_least(len(training.LOSSES)),
            "",
            reported=len(training.LOSSES),
            reported_by=paper("section 2"),
        ),
        Definition(
            "what the teacher's two add",
            "Points that distillation and cosine distance add to the share of masked words predicted correctly.",
            training.teacher_adds,
            above(0),
            "points",
            reported_as=f"points of GLUE: {WITHOUT}",
            reported_by=paper("table 4"),
        ),
    ),
    about_weights=True,
)
