"""How faithful the methods are on this text: how the score changes without the words that they rank highest."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from analysis.attribution.faithfulness import FaithfulnessCurves, most_faithful
from analysis.attribution.methods import METHODS
from analysis.attribution.occlusion import PERTURBATIONS
from analysis.models.pairs import Sides
from cache import attribution as remembered
from dashboard import address
from dashboard.attribution.controls import Controls
from dashboard.attribution.robustness import robustness
from dashboard.charts.attribution import faithfulness_lines
from dashboard.ui import markup
from dashboard.ui.figures import chart, drawn, numbers
from dashboard.ui.progress import progress_bar
from dashboard.ui.theme import NAMES, SHORT


def faithfulness(controls: Controls) -> None:
    """Faithfulness by removing words, and robustness, each on request: they run every method on both models."""
    perturbation = address.choose(
        st.segmented_control, "Remove words by", PERTURBATIONS, "erased", default="[MASK]", required=True
    )
    if st.toggle("Grade all methods on this text", key=address.keep("graded", False, address.FLAG)):
        _curves(controls, perturbation)
    else:
        st.html(markup.note("This runs every method on both models, which takes a few seconds."))
    robustness(controls)


def _curves(controls: Controls, perturbation: str) -> None:
    computed = []
    for name, request in zip(NAMES, controls.requests, strict=True):
        with progress_bar(f"{name}: removing words …") as progress:
            computed.append(remembered.faithfulness_curves(request, tuple(METHODS), perturbation, progress))
    both = Sides(*computed)
    for name, curves in zip(NAMES, both, strict=True):
        st.html(markup.element("p", "", markup.escaped(f"{name}: {most_faithful(curves)}")))
    header = ("Order by", *(f"{name}: {grade}" for name in SHORT for grade in ("comprehensiveness", "sufficiency")))
    st.html(markup.table(header, _grades(both), range(1, len(header))))
    for name, curves in zip(NAMES, both, strict=True):
        st.html(markup.element("div", "dl-name", name))
        chart(drawn(faithfulness_lines, curves), f"erasure {name}")
        numbers("Data table", f"erasure {name}", partial(_table, curves))
    st.caption(
        "Each method orders the words, those that speak most for the target first. Left: the score without its top "
        "words; if the method is faithful, it falls early. Right: the score with them alone; if the method is "
        "faithful, it rises early. Grey: 20 random orders (5th to 95th percentile). Comprehensiveness is the mean fall "
        "(higher is better), sufficiency the mean shortfall (lower is better), in logits (ERASER, DeYoung et al. "
        "2020). The models were not trained on texts with words missing, which explains a part of any fall."
    )


def _grades(both: Sides[FaithfulnessCurves]) -> list[tuple[str, ...]]:
    """One row per order, and one for random orders; one column per grade of each model."""
    named = [values for curves in both for values in (curves.comprehensiveness, curves.sufficiency)]
    bands = [band for curves in both for band in (curves.random_comprehensiveness, curves.random_sufficiency)]
    rows = [(name, *(f"{values[place]:.3f}" for values in named)) for place, name in enumerate(both.teacher.names)]
    return [*rows, ("random orders", *(f"{low:.3f} to {high:.3f}" for low, _, high in bands))]


def _table(curves: FaithfulnessCurves) -> dict[str, Sequence[object]]:
    columns: dict[str, Sequence[object]] = {"Share of words": curves.shares.round(4).tolist()}
    for name, removed, kept in zip(curves.names, curves.removed, curves.kept, strict=True):
        columns[f"without: {name}"] = removed.round(5).tolist()
        columns[f"only: {name}"] = kept.round(5).tolist()
    return columns
