"""Through which words the score's change flows, layer by layer."""

from __future__ import annotations

import streamlit as st

from analysis.attribution.layers import LayerFlow
from cache import attribution as remembered
from dashboard.attribution.controls import choose
from dashboard.attribution.tinted_text import completeness
from dashboard.charts.attribution import SPECIAL_TOKENS, layer_map
from dashboard.export.columns import Columns
from dashboard.frame import Question
from dashboard.ui.figures import chart, drawn, numbers
from dashboard.ui.theme import SHORT

METHOD = "Layer conductance"
HELP = (
    "What flows is the score's change from the baseline to the text. Each value is a share of all attribution at its "
    "layer: without their signs, those of all words, [CLS] and [SEP] add up to 100% in each. In row 0 a position is "
    "its word, as in integrated gradients. In higher layers it holds less of its own word, and more has moved to where "
    "the answer is read. [CLS] and [SEP] are apart on the right and can exceed the scale, which ends at the largest "
    "share of a word (layer conductance, Dhamdhere et al. 2018)."
)


def layers(question: Question) -> None:
    """Layer conductance of both models in one figure, whatever method is chosen for the other tabs."""
    controls = choose(question, shown=("baseline",))
    attributions = controls.attributions(METHOD)
    flow = remembered.layer_flow(controls.requests, METHOD)
    controls.say(flow.finding)
    chart(drawn(layer_map, flow), "attribution by layer")
    st.caption(
        "Each row is a layer, 0 the embeddings: through which words the answer's score flows there. Green speaks for "
        "the answer, purple against it.",
        help=HELP,
    )
    completeness(attributions)
    numbers("Data table", "attribution by layer", lambda: layer_table(flow))


def layer_table(flow: LayerFlow) -> Columns:
    """One row per layer and position, in long form, since the two models differ in depth."""
    table: dict[str, list[object]] = {name: [] for name in ("Model", "Layer", "Place", "Word", "Share")}
    for name, shares, special_tokens in zip(SHORT, flow.shares, flow.special_tokens, strict=True):
        for layer, (row, special) in enumerate(zip(shares, special_tokens, strict=True)):
            table["Model"] += [name] * (len(row) + 1)
            table["Layer"] += [layer] * (len(row) + 1)
            table["Place"] += list(range(1, len(row) + 2))
            table["Word"] += [*(word.text for word in flow.words), SPECIAL_TOKENS]
            table["Share"] += [*row.round(6).tolist(), round(float(special), 6)]
    return dict(table)
