"""The panels of the page in their order, each under the title of its tab."""

from __future__ import annotations

from collections.abc import Callable

from dashboard.similarity.controls import Asked
from dashboard.similarity.finetuning import fine_tuning
from dashboard.similarity.layer_map import TAB_OF_WORDS, layers
from dashboard.similarity.logit_lens import logit_lens
from dashboard.similarity.within import within
from dashboard.similarity.word_drift import words

PANELS: dict[str, Callable[[Asked], None]] = {
    "Layer by layer": layers,
    "Within each model": within,
    TAB_OF_WORDS: words,
    "Logit lens": logit_lens,
    "Fine-tuning": fine_tuning,
}
