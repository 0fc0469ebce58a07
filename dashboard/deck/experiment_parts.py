"""Parts of Start and Distillation that are about the embedded pair itself: where it parts, and how it was made."""

from __future__ import annotations

from analysis.distillation.record import read_experiment
from analysis.distillation.report import training_sentence
from analysis.errors import AnalysisError
from analysis.inputs.tasks import TASKS
from analysis.models.pairs import EMBEDDED
from analysis.predictions.disagreements import widest
from analysis.progress import Progress
from cache import start
from dashboard.charts.distillation import student_losses
from dashboard.distillation.recipe import listed_steps
from dashboard.distillation.rows import CURVE, curve_rows
from dashboard.export.columns import of_rows
from dashboard.report.finding import Figure, FindingRequest, Section, Table
from dashboard.scorecard.disagreements import RIGHT
from dashboard.start.disagreement_cards import CARDS, OF_A_TASK
from dashboard.ui.figures import drawn
from dashboard.ui.theme import SHORT

PARTED = ("Task", "Text", *(f"{name} answers" for name in SHORT), "Who is right")


def widest_parted(request: FindingRequest, progress: Progress) -> Section:
    """The examples of all tasks on which the two part most."""
    found = widest(start.disagreements(request.question.pair), CARDS, OF_A_TASK)
    if not found:
        raise AnalysisError("The two answer all examples alike.")
    rows = [
        (TASKS[one.example.task].title, " · ".join(one.example.texts), *one.answers, RIGHT[one.right]) for one in found
    ]
    columns = of_rows(PARTED, rows)
    reading = "These were chosen because the two disagree; the scorecard says how often they do."
    table = Table("cards", columns, "Where they disagree")
    return Section("cards", "Where they disagree", "", tables=(table,), reading=reading)


def training(request: FindingRequest, progress: Progress) -> Section:
    """How the student's losses fell."""
    experiment = read_experiment(EMBEDDED)
    student, teacher = experiment.curve("student"), experiment.curve("teacher")
    if student is None:
        raise AnalysisError("The record of this experiment has no curve of the student.")
    columns = of_rows(CURVE, curve_rows([student]))
    drawing = drawn(student_losses, student, teacher)
    figure = Figure("training", "The student's three losses", drawing, Table("training", columns))
    reading = "A loss measures how wrong the model still is; training lowers it. Dashed: the teacher's final loss."
    found = training_sentence(experiment) or ""
    return Section("training", "How the student learned", found, figures=(figure,), reading=reading)


def recipe(request: FindingRequest, progress: Progress) -> Section:
    """How the experiment was done, step by step."""
    reading = "Every number comes from the records that ship with the pair."
    body = listed_steps(read_experiment(EMBEDDED))
    return Section("recipe", "How the experiment was done", "", body=body, reading=reading)
