"""Where every head of both models reads from, held side by side."""

import streamlit as st

from analysis.attention import head_summary
from cache import results
from dashboard import attention_panels as panels

question = st.session_state["question"]
traces = question.sides.map(lambda checkpoint: results.trace(checkpoint, question.example))
matching = results.head_matching(question.sides, question.example) if panels.can_match(traces) else None

view = panels.view(traces)
panels.overview(traces, view)
panels.heads(view.of(traces), view, matching)
panels.matching(matching)
panels.summaries(traces.map(lambda trace: head_summary(trace.attentions, trace.tokens)))
panels.rollouts(traces)
panels.ablation(question, view)
panels.bertviz(view.of(traces), view)
