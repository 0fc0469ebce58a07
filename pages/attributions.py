"""Which words the answer rests on, in both models, and how far such attributions can be trusted."""

from dashboard import address
from dashboard.attribution.tabs import TABS
from dashboard.frame import current_question

address.tabs(TABS, "attribution_tab", current_question())
