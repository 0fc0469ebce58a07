"""The tab on fine-tuning: how far it moved each layer from the pre-trained checkpoint."""

from __future__ import annotations

from functools import partial

import numpy as np
import streamlit as st

from analysis.distillation.metrics import noun_of
from analysis.models.pairs import Sides
from analysis.similarity.layer_maps import LayerMap
from analysis.wording import listed
from cache import similarity
from cache.similarity import LayerComparison
from dashboard.address_keys import slug
from dashboard.charts import similarity as charts
from dashboard.export.similarity import fine_tuning_table
from dashboard.page_links import LINK, script_of
from dashboard.similarity.controls import Controls
from dashboard.ui import markup
from dashboard.ui.figures import chart, drawn, numbers
from dashboard.ui.progress import progress_bar
from dashboard.ui.theme import SHORT

PRETRAINED = "fill-mask"
FINE_TUNING = "fine tuning"


def fine_tuning(controls: Controls) -> None:
    """Each model's pre-trained checkpoint against its fine-tuned one, layer by layer."""
    task, known = controls.question.example.task, controls.question.pair.checkpoints
    if task == PRETRAINED or PRETRAINED not in known:
        _elsewhere([name for name in known if name != PRETRAINED])
        return
    layer_maps = Sides(*(_before_and_after(controls, task, side) for side in ("teacher", "student")))
    kept = " and ".join(
        f"{_last(layer_map)} in the {name.lower()}" for name, layer_map in zip(SHORT, layer_maps, strict=True)
    )
    st.html(markup.note(f"CKA of the last layer before and after fine-tuning: {kept}."))
    chart(drawn(charts.fine_tuning_similarity, layer_maps), FINE_TUNING)
    st.caption(
        "The lower, the more fine-tuning changed a layer: 1 is unchanged. Bars are 95% CI.",
        help="Linear CKA, debiased, of each layer with the same layer of the pre-trained checkpoint, over "
        f"{layer_maps.teacher.amount}; intervals are over sentences. Depth runs from the embedding output (0%) to the "
        "last layer (100%).",
    )
    numbers("Data table", FINE_TUNING, partial(fine_tuning_table, layer_maps))


def _last(layer_map: LayerMap) -> str:
    value, low, high = (float(np.diagonal(array)[-1]) for array in (layer_map.values, layer_map.low, layer_map.high))
    return f"{value:.2f} [{low:.2f}, {high:.2f}]"


def _elsewhere(tasks: list[str]) -> None:
    """Which tasks there is something to see for, and a way there."""
    if not tasks:
        st.html(markup.note("This pair was not fine-tuned for any task."))
        return
    said = f"Choose a task that this pair was fine-tuned for: {listed([noun_of(task) for task in tasks])}."
    st.html(markup.note(said))
    view = {"task": tasks[0], "tab": slug("Fine-tuning")}
    st.page_link(script_of("Similarity"), label=f"See it for {noun_of(tasks[0])}", icon=LINK, query_params=view)


def _before_and_after(controls: Controls, task: str, side: str) -> LayerMap:
    before, after = (controls.question.pair.checkpoints[name][side] for name in (PRETRAINED, task))
    comparison = LayerComparison(
        Sides(before, after),
        Sides(PRETRAINED, task),
        controls.comparison.sentences,
        controls.granularity,
        controls.with_special_tokens,
    )
    with progress_bar(
        f"Reading {len(comparison.sentences):,} sentences with the {side} before and after …"
    ) as progress:
        return similarity.layer_maps(comparison, progress).across
