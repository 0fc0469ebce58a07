"""Downloads of a measurement: every sample with its conditions, as JSON and as CSV."""

from __future__ import annotations

import json

import streamlit as st

from dashboard.export.latency import LatencyResult, latency_csv, latency_json


def save_buttons(measured: LatencyResult, name: str) -> None:
    """Two buttons; a file is made only when its button is pressed."""
    with st.container(horizontal=True):
        st.download_button(
            "Save everything as JSON",
            lambda: json.dumps(latency_json(measured), ensure_ascii=False, indent=1),
            f"distillens-{name}.json",
            "application/json",
            key=f"{name} json",
            on_click="ignore",
        )
        st.download_button(
            "Save every sample as CSV",
            lambda: latency_csv(measured),
            f"distillens-{name}-samples.csv",
            "text/csv",
            key=f"{name} samples",
            on_click="ignore",
        )
