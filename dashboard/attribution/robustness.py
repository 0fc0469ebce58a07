"""How stable each method is while its input moves a little, and how well it predicts the effect of words."""

from __future__ import annotations

import streamlit as st

from analysis.attribution.methods import METHODS
from analysis.attribution.robustness import MOVES, RADIUS, SUBSETS, Robustness
from analysis.models.pairs import Sides
from cache import attribution as remembered
from dashboard import address
from dashboard.attribution.controls import Controls
from dashboard.ui import markup
from dashboard.ui.figures import numbers
from dashboard.ui.progress import progress_bar
from dashboard.ui.theme import NAMES, SHORT

ByMethod = dict[str, Sides[Robustness]]
MEASURES = ("sensitivity", "infidelity")
STEADY = "steady"  # in the session and the address
HOW_LONG = f"This runs every method {MOVES + 3} times on both models, which can take minutes."


def robustness(controls: Controls) -> None:
    """Sensitivity and infidelity of every method for both models, on request, each row as soon as it is known."""
    if not st.session_state[address.keep(STEADY, False, address.FLAG)]:
        st.button("Measure how stable and predictive the methods are", on_click=_measure, help=HOW_LONG)
        return
    table, by_method = st.empty(), {}
    for method in sorted(METHODS, key=lambda method: method != controls.method):  # the chosen one first
        by_method[method] = _of_both(controls, method)
        table.html(_html(by_method))
    st.caption(
        "Lower is better in both: sensitivity to small moves of the embeddings, and infidelity.",
        help=_measured(controls.targets.teacher.unit),
    )
    numbers("Data table: sensitivity and infidelity", "steadiness", lambda: _table(by_method))


def _measured(unit: str) -> str:
    """What the measures are, of scores in `unit`."""
    return (
        "Sensitivity: the largest change of the attribution, relative to its size, while the embeddings move by up to "
        f"{RADIUS:.0%} of their standard deviation ({MOVES} draws); 0 is perfectly stable. Infidelity: how far, in "
        f"{unit} squared, the summed values of {SUBSETS} random sets of words are from how much the score drops "
        "without them (the baseline in their place), each method scaled to fit best; 0 predicts it exactly. A method "
        "can be stable because it ignores most of the input, so read the two together (Yeh et al. 2019, "
        "https://arxiv.org/abs/1901.09392)."
    )


def _measure() -> None:
    st.session_state[STEADY] = True


def _of_both(controls: Controls, method: str) -> Sides[Robustness]:
    """Remembered by method and model: whatever is done stays done if the reader goes on to something else."""
    measured = []
    for name, request in zip(NAMES, controls.requests, strict=True):
        with progress_bar(f"{name}: {method.lower()}, while the embeddings move …") as progress:
            measured.append(remembered.robustness(request, method, progress))
    return Sides(*measured)


def _html(by_method: ByMethod) -> str:
    header = ("Method", *(f"{name}: {measure}" for name in SHORT for measure in MEASURES))
    rows = [
        (method, *(f"{value:.3f}" for side in sides for value in (side.sensitivity, side.infidelity)))
        for method, sides in by_method.items()
    ]
    return markup.table(header, rows, range(1, len(header)))


def _table(by_method: ByMethod) -> dict[str, list[object]]:
    columns: dict[str, list[object]] = {"Method": list(by_method)}
    for place, name in enumerate(SHORT):
        for measure in MEASURES:
            values = [getattr(list(sides)[place], measure) for sides in by_method.values()]
            columns[f"{name}: {measure}"] = [round(value, 6) for value in values]
    return columns
