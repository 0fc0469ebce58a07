"""The tabs of the page in their order; only the open one is drawn."""

from __future__ import annotations

from collections.abc import Callable

from analysis.distillation.record import Experiment
from dashboard.distillation.kept import what_was_kept
from dashboard.distillation.recipe import recipe_and_limits
from dashboard.distillation.same_answers import same_answers
from dashboard.distillation.scores import scores
from dashboard.distillation.training import training

TABS: dict[str, Callable[[Experiment], None]] = {
    "What was kept": what_was_kept,
    "Scores": scores,
    "Same answers": same_answers,
    "Training": training,
    "Recipe and limits": recipe_and_limits,
}
