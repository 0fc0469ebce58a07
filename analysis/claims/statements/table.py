"""The table of claims: each with quotations, their sources, and every exact meaning with its measurement.

The table contains no verdicts: they follow from a pair's networks, records and profile.
"""

from __future__ import annotations

from analysis.claims.claim import Claim
from analysis.claims.statements.architecture import EMBEDDINGS, HEADS, HIDDEN_UNITS, LAYERS
from analysis.claims.statements.cost import FASTER, ON_A_DEVICE, SMALLER
from analysis.claims.statements.quality import COMPLEX_TASKS, MANY_TASKS, UNDERSTANDING
from analysis.claims.statements.training import CORPORA, TRIPLE_LOSS

CLAIMS: tuple[Claim, ...] = (
    SMALLER,
    FASTER,
    UNDERSTANDING,
    LAYERS,
    HIDDEN_UNITS,
    HEADS,
    EMBEDDINGS,
    CORPORA,
    TRIPLE_LOSS,
    ON_A_DEVICE,
    COMPLEX_TASKS,
    MANY_TASKS,
)
