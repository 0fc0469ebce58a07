"""Where every head of both models reads from, held side by side."""

import streamlit as st

from analysis.attention import head_summary
from cache import results
from dashboard import attention_panels as panels
from dashboard.attention import matching as matches

question = st.session_state["question"]
traces = question.sides.map(lambda checkpoint: results.trace(checkpoint, question.example))

view = panels.view(traces)
matching = matches.on_text(question, traces, view)
panels.overview(traces, view)
panels.heads(view.of(traces), view, matching)
matches.matching(question, view, matching)
panels.summaries(traces.map(lambda trace: head_summary(trace.attentions, trace.tokens)))
panels.rollouts(traces)
panels.ablation(question, view)
panels.bertviz(view.of(traces), view)
