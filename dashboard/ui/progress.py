"""A bar that follows a computation and goes away at its end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

import streamlit as st

from cache.turns import check_turn


@contextmanager
def progress_bar(text: str, between_s: float = 0.0) -> Iterator[Callable[[float], None]]:
    """What is to be told the share that is done; nothing is drawn until it is.

    Every step is also one at which a computation is given up that takes too long. Between two drawings `between_s`
    seconds pass at least, where drawing would disturb what is computed.
    """
    bar = st.empty()
    last = 0.0

    def show(share: float) -> None:
        nonlocal last
        check_turn()
        if monotonic() - last >= between_s:
            last = monotonic()
            bar.progress(min(share, 1.0), text)

    try:
        yield show
    finally:
        bar.empty()  # also where the computation ends in a sentence to the reader
