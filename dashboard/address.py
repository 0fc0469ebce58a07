"""The address: what its values were called before, so that links that people have copied keep working."""

from __future__ import annotations

import streamlit as st

# key -> the value of an older link: today's
RENAMED: dict[str, dict[str, str]] = {
    "part": {"To the answer": "Attention flow", "Switch off": "Ablate heads"},
    "tab": {"Where words go": "Word drift"},
}


def read_older_names() -> None:
    """Puts today's names into the address of an older link, and begins again: bound widgets read it at the start."""
    older = {key: value for key in RENAMED if (value := st.query_params.get(key)) in RENAMED[key]}
    for key, value in older.items():
        st.query_params[key] = RENAMED[key][value]
    if older:
        st.rerun()
