"""Through which words the score's change passes, layer after layer."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from analysis.attribution.layers import ByLayer, by_layer
from dashboard.attribution.controls import Asked
from dashboard.attribution.tinted_text import accounts
from dashboard.charts.attribution import ADDED, layer_words
from dashboard.ui import markup
from dashboard.ui.figures import chart, numbers
from dashboard.ui.theme import NAMES, SHORT

METHOD = "Layer conductance"


def layers(asked: Asked) -> None:
    """Layer conductance of both models as one picture, whatever method is chosen for the other tabs."""
    told = asked.told(METHOD)
    found = by_layer(told, asked.target)
    whole = "the change of the score" if found.of_change else "all values of the method"
    st.html(markup.note(f"Why “{asked.target.name}”? {found.finding}"))
    chart(layer_words(found, "the change" if found.of_change else "all values"), "attribution by layer")
    st.caption(
        "How to read this: each row is a layer, 0 the embeddings, and tells through which words that layer hands on "
        f"{whole} from the baseline to the text; green speaks for the target, purple against it, and a row adds up to "
        "all of it. In row 0 a place is its word, as integrated gradients have it; the further up, the less a place "
        "holds of its own word, and the more has moved to where the answer is read. [CLS] and [SEP] stand apart on the "
        "right, and can go beyond the scale, which ends at the largest share of a word (layer conductance, Dhamdhere "
        "et al. 2018)."
    )
    for name, one in zip(NAMES, told, strict=True):
        st.html(markup.element("div", "dl-name", name))
        accounts(name, one)
    numbers("The numbers as a table", "attribution by layer", lambda: _table(found))


def _table(found: ByLayer) -> dict[str, Sequence[object]]:
    """Each layer and place in a row, in long form: the two models differ in depth."""
    table: dict[str, list[object]] = {name: [] for name in ("Model", "Layer", "Place", "Word", "Share")}
    for name, shares, added in zip(SHORT, found.shares, found.added, strict=True):
        for layer, (row, rest) in enumerate(zip(shares, added, strict=True)):
            table["Model"] += [name] * (len(row) + 1)
            table["Layer"] += [layer] * (len(row) + 1)
            table["Place"] += list(range(1, len(row) + 2))
            table["Word"] += [*(word.text for word in found.words), ADDED]
            table["Share"] += [*row.round(6).tolist(), round(float(rest), 6)]
    return dict(table)
