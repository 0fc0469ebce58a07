"""Where the two models come from."""

from __future__ import annotations

import streamlit as st

from analysis.models.model import Model
from analysis.models.pairs import Pair, Sides
from dashboard.ui import markup
from dashboard.ui.theme import NAMES


def origin(pair: Pair, models: Sides[Model]) -> None:
    """Where the two models come from, and what identifies them."""
    st.subheader("Origin")
    st.html(markup.note(pair.about))
    rows = [
        ("Checkpoint", *models.map(lambda model: model.checkpoint.name)),
        ("Adapter to", *models.map(lambda model: model.base or "—")),
        ("Architecture", *models.map(lambda model: model.architecture)),
        ("Revision", *models.map(lambda model: model.revision or "—")),
        ("Fingerprint", *models.map(lambda model: model.fingerprint[:16])),
    ]
    st.html(markup.table(("", *NAMES), rows))
    st.caption(
        "Equal fingerprints give equal answers.",
        help="An adapter holds what fine-tuning changed in a checkpoint, and is merged into its weights. The revision "
        "is the hub's commit. The fingerprint is the beginning of a SHA-256 over weights, configuration, tokenizer "
        "and label names.",
    )
