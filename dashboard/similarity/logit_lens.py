"""The tab on the logit lens, for fill-mask."""

from __future__ import annotations

from functools import partial

import streamlit as st

from analysis.inputs.tasks import MASK, TASKS
from analysis.similarity.logit_lens import finding
from analysis.wording import per_cent
from cache import similarity
from dashboard import address
from dashboard.address_keys import slug
from dashboard.charts import similarity as charts
from dashboard.export.similarity import logit_lens_table
from dashboard.page_links import LINK, script_of
from dashboard.similarity.controls import Controls
from dashboard.ui import markup
from dashboard.ui.figures import chart, drawn, numbers
from dashboard.ui.theme import NAMES


def logit_lens(controls: Controls) -> None:
    """What each layer of each model would already answer."""
    example = controls.question.example
    if not TASKS[example.task].needs_mask:
        st.html(markup.note(f"The logit lens reads each layer at {MASK}, which the task Fill-mask has."))
        view = {"task": next(task for task, row in TASKS.items() if row.needs_mask), "tab": slug("Logit lens")}
        st.page_link(script_of("Similarity"), label="See it for the embedded pair", icon=LINK, query_params=view)
        return
    count = example.text.count(MASK)
    mask = address.Choice(range(1, count + 1), "lens_mask").draw(st.selectbox, "Mask") if count > 1 else 1
    logit_lenses = similarity.logit_lenses(controls.question.sides, example, mask - 1)
    st.html(markup.note(finding(logit_lenses)))
    chart(drawn(charts.logit_lens_ranks, logit_lenses), "logit lens")
    for column, name, model_lens in zip(st.columns(2), NAMES, logit_lenses, strict=True):
        rows = [
            (str(layer), piece, per_cent(probability), f"{rank:,}")
            for layer, (piece, probability, rank) in enumerate(
                zip(model_lens.pieces, model_lens.probabilities.tolist(), model_lens.ranks.tolist(), strict=True)
            )
        ]
        header = ("Layer", "Would answer", "Probability", f"Rank of “{model_lens.final}”")
        column.html(markup.element("div", "dl-name", name) + markup.table(header, rows, (0, 2, 3)))
    st.caption(
        "What each layer would answer already. Rank 1 is the likeliest of all word pieces.",
        help="The model's own head reads each layer's state at the mask as if it were the last layer's. The head was "
        "trained on the last layer only, so a bad rank in an early layer can also mean that the answer is there in "
        "another form.",
    )
    numbers("Data table", "logit lens", partial(logit_lens_table, logit_lenses))
