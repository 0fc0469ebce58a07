"""The cost of an answer on this machine: the time of both models, where it goes, and the quality that it buys."""

from dashboard import address
from dashboard.frame import current_question
from dashboard.latency.controls import controls
from dashboard.latency.tabs import TABS

request = controls(current_question())

for tab, draw in zip(address.tabs(TABS, "latency_tab"), TABS.values(), strict=True):
    if tab.open:  # the hidden tabs compute nothing
        with tab:
            draw(request)
