"""Panel: the logit lens, for fill-mask."""

from __future__ import annotations

from functools import partial

import streamlit as st

from analysis.inputs.tasks import MASK, TASKS
from analysis.models.pairs import Sides
from analysis.similarity.logit_lens import Lens, lens
from analysis.wording import per_cent
from cache.loaded_models import model
from cache.remember import compute_queue
from dashboard.charts import similarity as charts
from dashboard.export.similarity import lens_table
from dashboard.similarity.controls import Asked
from dashboard.ui import markup
from dashboard.ui.figures import chart, numbers
from dashboard.ui.theme import NAMES


def logit_lens(asked: Asked) -> None:
    """What each layer of each model would already answer."""
    example = asked.question.example
    if not TASKS[example.task].needs_mask:
        st.html(markup.note(f"The logit lens reads what stands at {MASK}: choose the task Fill-mask."))
        return
    count = example.text.count(MASK)
    mask = st.selectbox("Mask", range(1, count + 1), key="lens_mask") if count > 1 else 1
    lenses = _lenses(asked, mask - 1)
    chart(charts.lens_ranks(lenses), "logit lens")
    for column, name, found in zip(st.columns(2), NAMES, lenses, strict=True):
        rows = [
            (str(layer), piece, per_cent(probability), f"{rank:,}")
            for layer, (piece, probability, rank) in enumerate(
                zip(found.pieces, found.probabilities.tolist(), found.ranks.tolist(), strict=True)
            )
        ]
        header = ("Layer", "Would answer", "Probability", f"Rank of “{found.final}”")
        column.html(markup.element("div", "dl-name", name) + markup.table(header, rows, (0, 2, 3)))
    st.caption(
        "How to read this: each layer's state at the mask is read by the model's own head, as if it were the last. "
        "Rank 1 is the likeliest of all pieces. The head was trained on the last layer only, so that a bad rank in an "
        "early layer can also mean that the answer is there in another form."
    )
    numbers("Both as one table, to sort and to save", "logit lens", partial(lens_table, lenses))


def _lenses(asked: Asked, mask: int) -> Sides[Lens]:
    models = asked.question.sides.map(lambda checkpoint: model(checkpoint, asked.question.example.task))
    traces = asked.traces()
    with compute_queue().acquire():
        return Sides(*(lens(one, inside, mask) for one, inside in zip(models, traces, strict=True)))
