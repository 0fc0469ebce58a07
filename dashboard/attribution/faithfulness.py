"""How faithful the methods are on this text: what happens to the score without the words that they name."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from analysis.attribution.faithfulness import Erasure, most_faithful
from analysis.attribution.methods import METHODS
from analysis.attribution.occlusion import WAYS
from analysis.models.pairs import Sides
from cache import attribution as remembered
from dashboard.attribution.controls import Asked
from dashboard.attribution.robustness import steadiness
from dashboard.charts.attribution import erasure_curves
from dashboard.ui import markup
from dashboard.ui.figures import chart, numbers
from dashboard.ui.progress import progress_bar
from dashboard.ui.theme import NAMES, SHORT


def faithfulness(asked: Asked) -> None:
    """Grades by erasure, and by moving what is read, each on request: they run every method on both models."""
    way = st.segmented_control(
        "Words go by", list(WAYS), default="[MASK]", required=True, key="erased", bind="query-params"
    )
    if st.toggle("Grade all methods on this text", key="graded", bind="query-params"):
        _erasure(asked, str(way))
    else:
        st.html(markup.note("This runs every method on both models, which takes some seconds."))
    steadiness(asked)


def _erasure(asked: Asked, way: str) -> None:
    found = []
    for name, side in zip(NAMES, asked.sides, strict=True):
        with progress_bar(f"{name}: taking words away …") as progress:
            found.append(remembered.erasure_curves(side, tuple(METHODS), way, progress))
    curves = Sides(*found)
    for name, one in zip(NAMES, curves, strict=True):
        st.html(markup.element("p", "", markup.escaped(f"{name}: {most_faithful(one)}")))
    header = ("Order by", *(f"{name}: {grade}" for name in SHORT for grade in ("comprehensiveness", "sufficiency")))
    st.html(markup.table(header, _grades(curves), range(1, len(header))))
    for name, one in zip(NAMES, curves, strict=True):
        st.html(markup.element("div", "dl-name", name))
        chart(erasure_curves(one), f"erasure {name}")
        numbers("The curves as a table", f"erasure {name}", partial(_table, one))
    st.caption(
        "How to read this: words go in the order of each method, those first that speak most for the target. Left: the "
        "score without them; a faithful method makes it fall early. Right: the score with only them; a faithful method "
        "holds it up early. The grey band is where 20 orders at random lie (5th to 95th percentile). "
        "Comprehensiveness is the mean fall (higher is better), sufficiency the mean lack (lower is better), in logits "
        "(ERASER, DeYoung et al. 2020). A text with words missing is one that the model was not trained on: part of "
        "any fall is that."
    )


def _grades(curves: Sides[Erasure]) -> list[tuple[str, ...]]:
    """A row an order, and one for orders at random; a column for each grade of each model."""
    named = [values for one in curves for values in (one.comprehensiveness, one.sufficiency)]
    bands = [band for one in curves for band in (one.random_comprehensiveness, one.random_sufficiency)]
    rows = [(name, *(f"{values[place]:.3f}" for values in named)) for place, name in enumerate(curves.teacher.names)]
    return [*rows, ("orders at random", *(f"{low:.3f} to {high:.3f}" for low, _, high in bands))]


def _table(curves: Erasure) -> dict[str, Sequence[object]]:
    columns: dict[str, Sequence[object]] = {"Share of words": curves.shares.round(4).tolist()}
    for name, removed, kept in zip(curves.names, curves.removed, curves.kept, strict=True):
        columns[f"without: {name}"] = removed.round(5).tolist()
        columns[f"only: {name}"] = kept.round(5).tolist()
    return columns
