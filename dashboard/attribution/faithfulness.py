"""How faithful the methods are on this text: what happens to the score without the words that they name."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from analysis.attribution.erased import WAYS
from analysis.attribution.erasure import Erasure, most_faithful
from analysis.attribution.methods import METHODS
from cache import attribution as remembered
from dashboard import markup
from dashboard.attribution.asked import Asked
from dashboard.charts.attribution import erasure_curves
from dashboard.palette import NAMES
from dashboard.pictures import chart, numbers
from dashboard.progress import progress_bar


def faithfulness(asked: Asked) -> None:
    """Erasure curves of every method and the grades, for both models; on request, since all methods must run."""
    way = st.segmented_control(
        "Words go by", list(WAYS), default="[MASK]", required=True, key="erased", bind="query-params"
    )
    if not st.toggle("Grade all methods on this text", key="graded", bind="query-params"):
        st.html(markup.note("This runs every method on both models, which takes some seconds."))
        return
    for name, side in zip(NAMES, asked.sides, strict=True):
        with progress_bar(f"{name}: taking words away …") as progress:
            curves = remembered.erasure_curves(side, tuple(METHODS), str(way), progress)
        st.subheader(name)
        st.html(markup.element("p", "", markup.escaped(most_faithful(curves))))
        chart(erasure_curves(curves), f"erasure {name}")
        st.html(markup.table(("Order by", "Comprehensiveness", "Sufficiency"), _grades(curves), (1, 2)))
        numbers("The curves as a table", f"erasure {name}", partial(_table, curves))
    st.caption(
        "How to read this: words are taken away in the order of each method, those first that speak most for the "
        "target. Left: the score without them; a faithful method makes it fall early. Right: the score with only them; "
        "a faithful method holds it up early. The grey band is where 20 orders at random lie (5th to 95th percentile). "
        "Comprehensiveness is the mean fall (higher is better), sufficiency the mean lack (lower is better), in logits "
        "(ERASER, DeYoung et al. 2020). A text with words missing is one that the model was not trained on: part of "
        "any fall is that."
    )


def _grades(curves: Erasure) -> list[tuple[str, str, str]]:
    rows = [
        (name, f"{falls:.3f}", f"{lacks:.3f}")
        for name, falls, lacks in zip(curves.names, curves.comprehensiveness, curves.sufficiency, strict=True)
    ]
    bands = curves.random_comprehensiveness, curves.random_sufficiency
    falls, lacks = (f"{low:.3f} to {high:.3f}" for low, _, high in bands)
    return [*rows, ("orders at random", falls, lacks)]


def _table(curves: Erasure) -> dict[str, Sequence[object]]:
    columns: dict[str, Sequence[object]] = {"Share of words": curves.shares.round(4).tolist()}
    for name, removed, kept in zip(curves.names, curves.removed, curves.kept, strict=True):
        columns[f"without: {name}"] = removed.round(5).tolist()
        columns[f"only: {name}"] = kept.round(5).tolist()
    return columns
