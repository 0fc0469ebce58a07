"""Claims about the student's architecture."""

from __future__ import annotations

from analysis.claims.claim import Claim, Definition, Quotation
from analysis.claims.criteria import at_least, exactly_equal, fewer_by
from analysis.claims.evidence_from import sizes
from analysis.literature import AUTHORS_CODE, GUIDE, STUDENT
from analysis.models.architecture import Architecture

SAME_WIDTH = "“6 layers, 768 dimension and 12 heads”; BERT-base has 768 and 12, too"


def _layers(size: Architecture) -> int:
    return size.layers


LAYERS = Claim(
    "6 encoder layers instead of 12",
    (
        Quotation("the number of layers is reduced by a factor of 2", STUDENT),
        Quotation("It has 6 encoder layers", GUIDE),
    ),
    (
        Definition(
            "layers of the student",
            "How many encoder layers it has.",
            sizes.of_the_student(_layers),
            exactly_equal(6),
            "",
        ),
        Definition(
            "layers of the teacher", "The same for the teacher.", sizes.of_the_teacher(_layers), exactly_equal(12), ""
        ),
        Definition(
            "the student's share",
            "The student's layers in per cent of the teacher's.",
            sizes.share(_layers),
            exactly_equal(50),
            reported=50,
            reported_as="a factor of 2",
            reported_by=STUDENT,
        ),
    ),
)

HIDDEN_UNITS = Claim(
    "Fewer hidden units",
    (Quotation("fewer hidden units, and attention heads compared to BERT's 12 layers", GUIDE),),
    (
        Definition(
            "hidden size",
            "The width of a token's vector between layers: at least one less in the student.",
            sizes.fewer(lambda size: size.width),
            fewer_by(1),
            "",
            reported_as=SAME_WIDTH,
            reported_by=AUTHORS_CODE,
        ),
        Definition(
            "feed-forward size",
            "The number of units in the feed-forward part of a layer: at least one less in the student.",
            sizes.fewer(lambda size: size.feed_forward),
            fewer_by(1),
            "",
        ),
    ),
)

HEADS = Claim(
    "Fewer attention heads",
    (Quotation("fewer hidden units, and attention heads compared to BERT's 12 layers", GUIDE),),
    (
        Definition(
            "heads per layer",
            "How many attention heads each layer has: at least one fewer in the student.",
            sizes.fewer(lambda size: size.heads),
            fewer_by(1),
            "",
            reported_as=SAME_WIDTH,
            reported_by=AUTHORS_CODE,
        ),
        Definition(
            "heads in all layers together",
            "For comparison only: fewer layers have fewer heads in total, which is nothing new.",
            sizes.fewer(lambda size: size.heads * size.layers),
            unit="",
        ),
    ),
)

EMBEDDINGS = Claim(
    "Token, segment and position embeddings",
    (
        Quotation("several types of embeddings (token, segment, and position embeddings)", GUIDE),
        Quotation("The token-type embeddings and the pooler are removed", STUDENT),
    ),
    (
        Definition(
            "token embeddings",
            "Vectors for word pieces in the student.",
            sizes.of_the_student(lambda size: size.vocabulary),
            at_least(1),
            "",
        ),
        Definition(
            "position embeddings",
            "Vectors for positions in the text in the student.",
            sizes.of_the_student(lambda size: size.positions),
            at_least(1),
            "",
        ),
        Definition(
            "segment embeddings",
            "Vectors in the student that distinguish a first from a second text (token-type embeddings).",
            sizes.of_the_student(lambda size: size.segments),
            at_least(1),
            "",
            reported_as="removed",
            reported_by=STUDENT,
        ),
        Definition(
            "pooler",
            "For comparison only: parameters of the layer after [CLS], which BERT has for some tasks only.",
            sizes.of_the_student(lambda size: size.pooler_parameters),
            unit="",
            reported_as="removed",
            reported_by=STUDENT,
        ),
    ),
)
