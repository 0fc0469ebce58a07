"""The cost of an answer on this machine: the time of both models, where it goes, and the quality that it buys."""

from dashboard import address
from dashboard.frame import current_question
from dashboard.latency.tabs import TABS

address.tabs(TABS, "latency_tab", current_question())
