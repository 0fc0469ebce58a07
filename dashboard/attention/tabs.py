"""What stands below the two heads: one tab each, of which only the open one is computed."""

from __future__ import annotations

from collections.abc import Callable

from analysis.models.forward import Trace
from analysis.models.pairs import Sides
from dashboard.attention.ablation import ablation
from dashboard.attention.answer_flow import answer
from dashboard.attention.bertviz import bertviz
from dashboard.attention.controls import Choice
from dashboard.attention.head_matching import matching
from dashboard.attention.head_statistics import summaries
from dashboard.frame import Question

PARTS: dict[str, Callable[[Question, Sides[Trace], Choice], None]] = {
    "Head matching": matching,
    "What heads do": summaries,
    "To the answer": answer,
    "Switch off": ablation,
    "BertViz": bertviz,
}
