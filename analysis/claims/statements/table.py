"""The claims: what is said, by whom, and every exact meaning of it with what is measured for that.

A verdict is nowhere in this table: it follows from what a pair's networks, records and profile say when it is asked.
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
