"""Keys of the page: to write, to go on to the next example or head, and a list of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from dashboard.attention.controls import step_heads
from dashboard.bench.examples import next_example

# What the script does by itself has no function here.
SHORTCUTS: dict[str, tuple[str, Callable[[], None] | None]] = {
    "/": ("Edit the text", None),
    "n": ("Ask the next example", next_example),
    "j": ("Open the next head (page Attention)", lambda: step_heads(1)),
    "k": ("Open the head before (page Attention)", lambda: step_heads(-1)),
    "?": ("Show this list", None),
}

_shortcuts = st.components.v2.component(
    "dl_shortcuts", js=Path(__file__).with_name("shortcuts.js").read_text(encoding="utf-8"), isolate_styles=False
)


def shortcuts() -> None:
    """Listens to the keys; draws nothing."""
    listed = [(key, meaning) for key, (meaning, _) in SHORTCUTS.items()]
    data = {"title": "Keyboard shortcuts", "close": "Close", "shortcuts": listed}
    _shortcuts(key="shortcuts", data=data, on_pressed_change=_act, height=1)


def _act() -> None:
    _, act = SHORTCUTS[st.session_state["shortcuts"]["pressed"]]
    if act:
        act()
