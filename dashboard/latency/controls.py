"""Under what the reader wants both models measured: all of it stands in the URL, and nothing of it measures yet."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from analysis.inputs.examples import Example, checked
from analysis.latency.config import Setting
from analysis.latency.profile import FEWEST_FOR_P99
from analysis.latency.sweep import AXES
from cache.latency import seconds
from dashboard.frame import Question

ROUNDS = (20, 100, 300, FEWEST_FOR_P99)
WIDE, NARROW = 130, 92  # pixels: all choices fit into one row on a desk
MEANT = {  # a choice of a setting -> its label, what it means, and its width
    "batch": ("Batch", "Sequences that are read in one forward pass.", NARROW),
    "threads": ("Threads", "How many threads torch computes with; more help long texts and large batches.", NARROW),
    "attention": (
        "Attention",
        "sdpa: one fused operation. eager: step by step, as where attention weights are shown.",
        NARROW + 18,
    ),
    "precision": ("Number format", "float32 as trained; bfloat16 has half the bits; int8 in the linear layers.", WIDE),
    "device": ("Device", "cuda is a GPU, where there is one.", NARROW),
}
WEIGHTS = (
    "Speed does not depend on what the weights are, only on how many there are and how they are used: the pair with "
    "random weights takes the same time as a trained one of its size."
)


@dataclass(frozen=True, slots=True)
class Asked:
    """The question, checked, and the setting under which it is measured. `setting.tokens` is for random tokens."""

    question: Question
    example: Example
    setting: Setting
    rounds: int

    @property
    def of_text(self) -> Setting:
        """The setting for the reader's own text, which has a length of its own."""
        return replace(self.setting, tokens=None)


def asked(question: Question) -> Asked:
    """Draws the choices and returns them."""
    with st.container(horizontal=True):
        found = {name: _choice(name) for name in MEANT}
        tokens = st.selectbox(
            "Length",
            AXES["tokens"],
            index=AXES["tokens"].index(64),
            key="latency_tokens",
            bind="query-params",
            width=NARROW,
            help="Tokens in a sequence, where it is not your own text that is measured.",
        )
        rounds = st.selectbox(
            "Rounds",
            ROUNDS,
            index=1,
            key="latency_rounds",
            bind="query-params",
            width=NARROW,
            help=f"In each both models are measured, and the teacher again. p99 is told from {FEWEST_FOR_P99:,} on.",
        )
    limit = seconds()
    st.caption(WEIGHTS + (f" On this server a measurement ends after {limit:.0f} s." if limit else ""))
    return Asked(question, checked(question.example), Setting(tokens=int(tokens), **found), int(rounds))


def _choice(name: str) -> Any:
    label, meaning, width = MEANT[name]
    return st.selectbox(label, AXES[name], key=f"latency_{name}", bind="query-params", width=width, help=meaning)
