"""A bar that follows a computation and goes away at its end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import streamlit as st


@contextmanager
def progress_bar(text: str) -> Iterator[Callable[[float], None]]:
    """What is to be told the share that is done; nothing is drawn until it is."""
    bar = st.empty()

    def show(share: float) -> None:
        bar.progress(min(share, 1.0), text)

    try:
        yield show
    finally:
        bar.empty()  # also where the computation ends in a sentence to the reader
