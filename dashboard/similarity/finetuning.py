"""Panel: how far fine-tuning moved each layer from the pre-trained checkpoint."""

from __future__ import annotations

from functools import partial

import numpy as np
import streamlit as st

from analysis.models.pairs import Sides
from analysis.similarity.layer_maps import SimilarityMap
from cache import similarity
from cache.similarity import Compared
from dashboard.charts import similarity as charts
from dashboard.export.similarity import marks_table
from dashboard.similarity.controls import Asked
from dashboard.ui import markup
from dashboard.ui.figures import chart, numbers
from dashboard.ui.progress import progress_bar
from dashboard.ui.theme import SHORT

PRETRAINED = "fill-mask"
MARKS = "fine tuning"


def fine_tuning(asked: Asked) -> None:
    """Each side's pre-trained checkpoint against the one of the asked task, layer by layer."""
    task, known = asked.question.example.task, asked.question.pair.checkpoints
    if task == PRETRAINED or PRETRAINED not in known:
        others = [name for name in known if name != PRETRAINED]
        st.html(markup.note(f"Choose a task that this pair was fine-tuned for: {', '.join(others) or 'it has none'}."))
        return
    found = Sides(*(_mark(asked, task, side) for side in ("teacher", "student")))
    kept = " and ".join(f"{_last(map_)} in the {name.lower()}" for name, map_ in zip(SHORT, found, strict=True))
    st.html(markup.note(f"After fine-tuning, the last layer is like its pre-trained self by a CKA of {kept}."))
    chart(charts.marks(found), MARKS)
    st.caption(
        "How to read this: linear CKA, debiased, of each layer with the same layer of the pre-trained checkpoint, over "
        f"{found.teacher.amount}; bars are 95 % intervals over "
        "sentences. 1 is untouched. Depth counts layers from the embedding output (0 %) to the last (100 %)."
    )
    numbers("The same as a table, to sort and to save", MARKS, partial(marks_table, found))


def _last(found: SimilarityMap) -> str:
    value, low, high = (float(np.diagonal(array)[-1]) for array in (found.values, found.low, found.high))
    return f"{value:.2f} [{low:.2f}, {high:.2f}]"


def _mark(asked: Asked, task: str, side: str) -> SimilarityMap:
    before, after = (getattr(asked.question.pair.checkpoints[name], side) for name in (PRETRAINED, task))
    compared = Compared(
        Sides(before, after), Sides(PRETRAINED, task), asked.compared.sentences, asked.unit, asked.added
    )
    with progress_bar(f"Reading {len(compared.sentences):,} sentences with the {side} before and after …") as progress:
        return similarity.layer_maps(compared, progress).across
