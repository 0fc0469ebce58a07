"""Which walkthroughs there are: our own, the reader's, and those that this server keeps for a while.

walkthrough_named("is-it-really-60-faster").title
"""

from __future__ import annotations

import functools
from pathlib import Path

import streamlit as st

from analysis.errors import AnalysisError
from analysis.wording import shown
from cache import long_texts
from dashboard.present.walkthrough import Walkthrough
from dashboard.present.walkthrough_file import read_walkthrough, written

FOLDER = Path(__file__).with_name("walkthroughs")
OURS = (
    "what-did-distillation-keep",
    "where-the-student-goes-wrong",
    "is-it-really-60-faster",
    "attention-is-not-explanation",
)
TOUR = OURS[0]  # the one that newcomers are offered
OWN = "own"  # the name of the reader's, as long as the session lasts
DRAFT = "own walkthrough"  # in the session
EMPTY = Walkthrough("My walkthrough", "", ())


@functools.cache
def our_walkthrough(name: str) -> Walkthrough:
    """One of `OURS`."""
    return read_walkthrough((FOLDER / f"{name}.toml").read_bytes())


def own() -> Walkthrough:
    """The reader's; it may have no steps yet, and words that are too many."""
    walkthrough: Walkthrough = st.session_state.get(DRAFT, EMPTY)
    return walkthrough


def keep_own(walkthrough: Walkthrough) -> None:
    """Makes it the reader's, in place of the one before."""
    st.session_state[DRAFT] = walkthrough


def name_to_present(walkthrough: Walkthrough) -> str:
    """A name by which a checked walkthrough can be presented: beyond this session, where the server keeps texts."""
    return long_texts.keep(written(walkthrough)) or OWN


def walkthrough_named(name: str) -> Walkthrough:
    """The walkthrough of this name. Raises `AnalysisError` if there is none, or none any more."""
    if name in OURS:
        return our_walkthrough(name)
    if name == OWN and own().steps:
        return own()
    if (kept := long_texts.recall(name)) is not None:
        return read_walkthrough(kept.encode("utf-8", "surrogatepass"))
    raise AnalysisError(
        f"There is no walkthrough “{shown(name)}” here, or not any more: choose one on the page Talks, or open its "
        "TOML file there."
    )
