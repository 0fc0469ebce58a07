"""What stands below the two heads: one tab each, of which only the open one is computed."""

from __future__ import annotations

from collections.abc import Callable

from analysis.pairs import Sides
from analysis.trace import Trace
from dashboard.attention.ablation import ablation
from dashboard.attention.answer import answer
from dashboard.attention.bertviz import bertviz
from dashboard.attention.choice import Choice
from dashboard.attention.matching import matching
from dashboard.attention.summaries import summaries
from dashboard.frame import Question

PARTS: dict[str, Callable[[Question, Sides[Trace], Choice], None]] = {
    "Head matching": matching,
    "What heads do": summaries,
    "To the answer": answer,
    "Switch off": ablation,
    "BertViz": bertviz,
}
