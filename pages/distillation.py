"""How the embedded pair was trained, and what distillation kept and lost."""

from analysis.distillation.record import read_experiment
from analysis.models.pairs import EMBEDDED
from dashboard import address
from dashboard.distillation.tabs import TABS

address.tabs(TABS, "distillation_tab", read_experiment(EMBEDDED))
