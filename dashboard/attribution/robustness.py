"""How steady each method is while what the model reads moves a little, and how well it foretells what words do."""

from __future__ import annotations

import streamlit as st

from analysis.attribution.methods import METHODS
from analysis.attribution.robustness import MOVES, RADIUS, SUBSETS, Robustness
from analysis.models.pairs import Sides
from cache import attribution as remembered
from dashboard.attribution.controls import Asked
from dashboard.ui import markup
from dashboard.ui.figures import numbers
from dashboard.ui.progress import progress_bar
from dashboard.ui.theme import NAMES, SHORT

Graded = dict[str, Sides[Robustness]]  # by method
GRADES = ("sensitivity", "infidelity")


def steadiness(asked: Asked) -> None:
    """Sensitivity and infidelity of every method for both models, on request, each row as soon as it is known."""
    if not st.toggle("Measure sensitivity and infidelity of all methods", key="steady", bind="query-params"):
        st.html(markup.note(f"This runs every method {MOVES + 3} times on both models, which can take minutes."))
        return
    table, found = st.empty(), {}
    for method in sorted(METHODS, key=lambda method: method != asked.method):  # the chosen one first
        found[method] = _graded(asked, method)
        table.html(_shown(found))
    st.caption(
        "How to read this, lower is better in both. Sensitivity: by how much of its size the attribution changes at "
        f"most while the embeddings move by up to {RADIUS:.0%} of their spread ({MOVES} draws); 0 is perfectly steady. "
        f"Infidelity: how far, in logits squared, the values of {SUBSETS} random sets of words are from what the score "
        "loses without them (the baseline in their place), each method scaled to fit best; 0 foretells it exactly. A "
        "method can be steady because it looks at little: read the two together (Yeh et al. 2019, "
        "https://arxiv.org/abs/1901.09392)."
    )
    numbers("Sensitivity and infidelity as a table", "steadiness", lambda: _table(found))


def _graded(asked: Asked, method: str) -> Sides[Robustness]:
    """Remembered by method and model: what is done stays done where the reader goes on to something else."""
    found = []
    for name, side in zip(NAMES, asked.sides, strict=True):
        with progress_bar(f"{name}: {method.lower()}, while the embeddings move …") as progress:
            found.append(remembered.robustness(side, method, progress))
    return Sides(*found)


def _shown(found: Graded) -> str:
    header = ("Method", *(f"{name}: {grade}" for name in SHORT for grade in GRADES))
    rows = [
        (method, *(f"{grade:.3f}" for side in sides for grade in (side.sensitivity, side.infidelity)))
        for method, sides in found.items()
    ]
    return markup.table(header, rows, range(1, len(header)))


def _table(found: Graded) -> dict[str, list[object]]:
    columns: dict[str, list[object]] = {"Method": list(found)}
    for place, name in enumerate(SHORT):
        for grade in GRADES:
            values = [getattr(list(sides)[place], grade) for sides in found.values()]
            columns[f"{name}: {grade}"] = [round(value, 6) for value in values]
    return columns
