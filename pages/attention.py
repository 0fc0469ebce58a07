"""What every head of both models attends to, side by side."""

from cache.traces import trace
from dashboard import address
from dashboard.attention.tabs import TABS
from dashboard.frame import current_question

question = current_question()
traces = question.sides.map(lambda checkpoint: trace(checkpoint, question.example))

address.tabs(TABS, "attention_tab", question, traces)
