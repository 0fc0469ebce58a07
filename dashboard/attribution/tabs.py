"""The tabs of the page in their order, each title with the function that draws it."""

from __future__ import annotations

from collections.abc import Callable

from dashboard.attribution.baselines import baselines
from dashboard.attribution.edit_words import edit_words
from dashboard.attribution.faithfulness import faithfulness
from dashboard.attribution.layers import layers
from dashboard.attribution.word_scores import word_scores
from dashboard.frame import Question

TABS: dict[str, Callable[[Question], None]] = {
    "Words": word_scores,
    "Edit a word": edit_words,
    "Layers": layers,
    "Faithfulness": faithfulness,
    "Baselines": baselines,
}
