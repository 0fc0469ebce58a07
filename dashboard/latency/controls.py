"""The controls of the latency page. Their values are in the URL, and changing them measures nothing yet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from analysis.inputs.examples import Example, checked
from analysis.latency.config import BenchmarkConfig
from analysis.latency.profile import FEWEST_FOR_P99
from analysis.latency.summary import place
from analysis.latency.sweep import AXES
from analysis.settings import settings
from dashboard import address
from dashboard.frame import Question

ROUNDS = address.Choice((20, 100, 300, FEWEST_FOR_P99), "latency_rounds", default=100)
TOKENS = 64  # per sequence, where the reader's own text is not measured
LENGTH = address.Choice(AXES["tokens"], "latency_tokens", default=TOKENS)
HELP = {  # field of `BenchmarkConfig` -> label and help of its control
    "batch": ("Batch", "Sequences per forward pass."),
    "threads": ("Threads", "Threads that torch computes with; more of them help with long texts and large batches."),
    "attention": (
        "Attention",
        "sdpa: one fused operation. eager: step by step, as is needed to show attention weights.",
    ),
    "precision": ("Number format", "float32: as trained. bfloat16: half the bits. int8: in the linear layers only."),
    "device": ("Device", "cuda: a GPU, if there is one."),
}
WEIGHTS = "Speed depends on size, not on weights. For full-size speed without a download, choose “Random weights”."


@dataclass(frozen=True, slots=True)
class MeasurementRequest:
    """The checked question and the configuration under which it is measured; `config.tokens` is for random tokens.

    The tab's own controls and its button stand in `row`, beside these unless a part of the tab has a row of its own.
    """

    question: Question
    example: Example
    config: BenchmarkConfig
    rounds: int
    row: DeltaGenerator = field(compare=False)

    @property
    def text_config(self) -> BenchmarkConfig:
        """The configuration for the reader's own text, which has a length of its own."""
        return replace(self.config, tokens=None)


def controls(question: Question) -> MeasurementRequest:
    """Draws the controls, folded into a button that says what is chosen, and returns what they are set to."""
    choices = {name: address.Choice(AXES[name], f"latency_{name}") for name in HELP}
    fields: dict[str, Any] = {name: choice.value() for name, choice in choices.items()}
    tokens, rounds = LENGTH.value(), ROUNDS.value()
    threads = place("threads", fields["threads"])
    chosen = (f"batch {fields['batch']}", threads, fields["attention"], fields["precision"])
    row = st.container(horizontal=True, vertical_alignment="bottom")
    with row.popover(" · ".join((*chosen, f"{tokens} tokens", f"{rounds:,} rounds")), key="latency_view"):
        for name, (label, help_text) in HELP.items():
            choices[name].draw(st.selectbox, label, help=help_text)
        LENGTH.draw(st.selectbox, "Length", help="Tokens per sequence, unless your own text is measured.")
        ROUNDS.draw(
            st.selectbox,
            "Rounds",
            help=f"Each round measures both models, and the teacher twice. p99 needs {FEWEST_FOR_P99:,} rounds.",
        )
        limit = settings().measure_s
        ends = f" On this server a measurement ends after {limit:.0f} s." if limit else ""
        st.caption(WEIGHTS + ends, help="Random weights take the same time as trained ones of the same size.")
    return MeasurementRequest(
        question, checked(question.example), BenchmarkConfig(tokens=int(tokens), **fields), rounds, row
    )


def with_controls(draw: Callable[[MeasurementRequest], None]) -> Callable[[Question], None]:
    """A tab: the controls, and below them what `draw` makes of them."""
    return lambda question: draw(controls(question))
