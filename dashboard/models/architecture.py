"""Both models' sizes, and by how much the student differs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from analysis.models.architecture import Architecture
from analysis.models.pairs import Sides
from dashboard.ui import markup
from dashboard.ui.theme import SHORT


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the architecture table; `scale` is the unit that the label names, in parameters or bytes."""

    label: str
    value: Callable[[Architecture], float]
    scale: float = 1.0


ARCHITECTURE = (
    Row("Layers", lambda a: a.layers),
    Row("Attention heads per layer", lambda a: a.heads),
    Row("Hidden size", lambda a: a.width),
    Row("Feed-forward size", lambda a: a.feed_forward),
    Row("Vocabulary (word pieces)", lambda a: a.vocabulary),
    Row("Longest input (tokens)", lambda a: a.positions),
    Row("Parameters in embeddings (M)", lambda a: a.embedding_parameters, 1e6),
    Row("Parameters in encoder (M)", lambda a: a.encoder_parameters, 1e6),
    Row("Parameters in task head (M)", lambda a: a.head_parameters, 1e6),
    Row("All parameters (M)", lambda a: a.parameters, 1e6),
    Row("Size on disk (MB)", lambda a: a.disk_bytes, 1e6),
    Row("Size in memory (MB)", lambda a: a.memory_bytes, 1e6),
)


def architecture(sizes: Sides[Architecture]) -> None:
    """Both models' sizes, and by how much the student differs."""
    st.subheader("Architecture")
    rows = [architecture_cells(row, sizes) for row in ARCHITECTURE]
    with st.container(key="architecture"):
        st.html(markup.table(("", *SHORT, "Difference"), rows, numeric=(1, 2, 3)))
    st.caption(
        "The difference is the student's size relative to the teacher's.",
        help="The task head counts all that is not embeddings or encoder (in BERT also the pooler); a decoder tied to "
        "the embeddings is counted there. In memory the weights are float32. On disk, an adapter counts together with "
        "its base.",
    )


def architecture_cells(row: Row, sizes: Sides[Architecture]) -> tuple[str, ...]:
    """A row of the table: what it is of, both sizes, and the difference."""
    teacher, student = sizes.map(row.value)
    if not teacher:
        return row.label, "—", "—", "—"  # random weights are on no disk
    shown = [f"{value / row.scale:,.{0 if row.scale == 1 else 2}f}" for value in (teacher, student)]
    return row.label, *shown, difference(teacher, student)


def difference(teacher: float, student: float) -> str:
    """The student's size relative to the teacher's, in per cent; small differences are not rounded away.

    >>> difference(100, 61), difference(10_000, 9_999), difference(12, 12)
    ('−39.0%', '−0.01%', 'same')
    """
    if teacher == student:
        return "same"
    change = 100 * (student / teacher - 1)
    return (f"{change:+.1f}%" if abs(change) >= 0.05 else f"{change:+.1g}%").replace("-", "−")
