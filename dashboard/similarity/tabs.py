"""The tabs of the page in their order; only the open one is computed."""

from __future__ import annotations

from collections.abc import Callable

from dashboard.similarity.controls import Controls
from dashboard.similarity.finetuning import fine_tuning
from dashboard.similarity.layer_map import WORD_DRIFT_TAB, layer_map
from dashboard.similarity.logit_lens import logit_lens
from dashboard.similarity.within import within
from dashboard.similarity.word_drift import word_drift

TABS: dict[str, Callable[[Controls], None]] = {
    "Layer by layer": layer_map,
    "Within each model": within,
    WORD_DRIFT_TAB: word_drift,
    "Logit lens": logit_lens,
    "Fine-tuning": fine_tuning,
}
