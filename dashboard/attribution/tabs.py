"""The panels of the page in their order, each under the title of its tab."""

from __future__ import annotations

from collections.abc import Callable

from dashboard.attribution.baselines import baselines
from dashboard.attribution.controls import Asked
from dashboard.attribution.edit_words import edit_a_word
from dashboard.attribution.faithfulness import faithfulness
from dashboard.attribution.layers import layers
from dashboard.attribution.word_scores import words

PANELS: dict[str, Callable[[Asked], None]] = {
    "Words": words,
    "Edit a word": edit_a_word,
    "Layers": layers,
    "Faithfulness": faithfulness,
    "Baselines": baselines,
}
