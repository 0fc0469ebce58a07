"""The controls of the latency page. Their values are in the URL, and changing them measures nothing yet."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from analysis.inputs.examples import Example, checked
from analysis.latency.config import BenchmarkConfig
from analysis.latency.profile import FEWEST_FOR_P99
from analysis.latency.sweep import AXES
from analysis.settings import settings
from dashboard import address
from dashboard.frame import Question

ROUNDS = (20, 100, 300, FEWEST_FOR_P99)
WIDE, NARROW = 130, 92  # pixels: all controls fit into one row on a desktop
HELP = {  # field of `BenchmarkConfig` -> label, help and width of its control
    "batch": ("Batch", "Sequences per forward pass.", NARROW),
    "threads": (
        "Threads",
        "Threads that torch computes with; more of them help with long texts and large batches.",
        NARROW,
    ),
    "attention": (
        "Attention",
        "sdpa: one fused operation. eager: step by step, as is needed to show attention weights.",
        NARROW + 18,
    ),
    "precision": (
        "Number format",
        "float32: as trained. bfloat16: half the bits. int8: in the linear layers only.",
        WIDE,
    ),
    "device": ("Device", "cuda: a GPU, if there is one.", NARROW),
}
WEIGHTS = "Speed depends on size, not on weights. For full-size speed without a download, choose “Random weights”."


@dataclass(frozen=True, slots=True)
class MeasurementRequest:
    """The checked question and the configuration under which it is measured; `config.tokens` is for random tokens."""

    question: Question
    example: Example
    config: BenchmarkConfig
    rounds: int

    @property
    def text_config(self) -> BenchmarkConfig:
        """The configuration for the reader's own text, which has a length of its own."""
        return replace(self.config, tokens=None)


def controls(question: Question) -> MeasurementRequest:
    """Draws the controls and returns what they are set to."""
    with st.container(horizontal=True):
        fields = {name: _choice(name) for name in HELP}
        tokens = address.choose(
            st.selectbox,
            "Length",
            AXES["tokens"],
            "latency_tokens",
            default=64,
            width=NARROW,
            help="Tokens per sequence, unless your own text is measured.",
        )
        rounds = address.choose(
            st.selectbox,
            "Rounds",
            ROUNDS,
            "latency_rounds",
            default=ROUNDS[1],
            width=NARROW,
            help=f"Each round measures both models, and the teacher twice. p99 needs {FEWEST_FOR_P99:,} rounds.",
        )
    limit = settings().measure_s
    ends = f" On this server a measurement ends after {limit:.0f} s." if limit else ""
    st.caption(WEIGHTS + ends, help="Random weights take the same time as trained ones of the same size.")
    return MeasurementRequest(
        question, checked(question.example), BenchmarkConfig(tokens=int(tokens), **fields), rounds
    )


def _choice(name: str) -> Any:
    label, help_text, width = HELP[name]
    return address.choose(st.selectbox, label, AXES[name], f"latency_{name}", width=width, help=help_text)
