"""The tabs of the page in their order; only the open one is computed."""

from __future__ import annotations

from collections.abc import Callable

from analysis.models.forward import Trace
from analysis.models.pairs import Sides
from dashboard.attention.ablation import ablation
from dashboard.attention.answer_flow import answer_flow
from dashboard.attention.bertviz import bertviz
from dashboard.attention.controls import COMPARE
from dashboard.attention.head_maps import heads
from dashboard.attention.head_matching import head_matching
from dashboard.attention.head_statistics import head_statistics
from dashboard.attention.overview import overview
from dashboard.frame import Question

TABS: dict[str, Callable[[Question, Sides[Trace]], None]] = {
    "All heads": overview,
    COMPARE: heads,
    "Head matching": head_matching,
    "What heads do": head_statistics,
    "Attention flow": answer_flow,
    "Ablate heads": ablation,
    "BertViz": bertviz,
}
