"""Which words the answer rests on, in both models, and how far such attributions can be trusted."""

from dashboard import address
from dashboard.attribution.controls import controls
from dashboard.attribution.tabs import TABS
from dashboard.frame import current_question

chosen = controls(current_question())
tabs = address.tabs(TABS, "attribution_tab")

for tab, draw in zip(tabs, TABS.values(), strict=True):
    if tab.open:  # the others would compute for nobody
        with tab:
            draw(chosen)
