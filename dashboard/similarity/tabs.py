"""The tabs of the page in their order; only the open one is computed."""

from __future__ import annotations

from collections.abc import Callable

from dashboard.frame import Question
from dashboard.similarity.controls import with_controls
from dashboard.similarity.finetuning import fine_tuning
from dashboard.similarity.layer_map import WORD_DRIFT_TAB, layer_map
from dashboard.similarity.logit_lens import logit_lens
from dashboard.similarity.within import within
from dashboard.similarity.word_drift import word_drift

TABS: dict[str, Callable[[Question], None]] = {
    "Layer by layer": with_controls(layer_map),
    "Within each model": with_controls(within),
    WORD_DRIFT_TAB: with_controls(word_drift),
    "Logit lens": with_controls(logit_lens),
    "Fine-tuning": with_controls(fine_tuning),
}
