"""How the experiment was done, step by step, for readers who have never trained a model.

Every number in these sentences comes from the records.
"""

from __future__ import annotations

from dataclasses import dataclass

from analysis.distillation.metrics import noun_of, task_title
from analysis.distillation.record import ABLATION, SECOND_SEED, SHORT, Curve, Experiment
from analysis.wording import listed


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the experiment."""

    title: str
    text: str


def steps(experiment: Experiment) -> tuple[Step, ...]:
    """How the experiment was done, in order; steps without a record are left out."""
    makers = (_text, _teacher, _student, _distilled, _alone, _tasks, _seeds, _measured)
    made = (make(experiment) for make in makers)
    return tuple(step for step in made if step is not None)


def _text(experiment: Experiment) -> Step | None:
    if not experiment.sources:
        return None
    total = sum(tokens for _, tokens in experiment.sources)
    return Step(
        "Gather text",
        f"English text from {len(experiment.sources)} sources, {total / 1e6:.1f} million tokens, was split into "
        "word pieces. Some documents were held out: neither model was trained on them here, and they serve as test "
        "data.",
    )


def _teacher(experiment: Experiment) -> Step | None:
    curve = experiment.curve("teacher")
    if curve is None:
        return None
    start, vocabulary, masking = map(experiment.setting, ("start of the teacher", "vocabulary", "masking"))
    origin = f" It was not trained from scratch: it started as {start}." if start else ""
    pieces = f" Its vocabulary: {vocabulary}." if vocabulary else ""
    passes = curve.tokens / experiment.tokens_per_pass if experiment.tokens_per_pass else None
    return Step(
        "Train a published encoder further: the teacher" if start else "Train the teacher",
        f"{_described(experiment, 'teacher')}{origin}{pieces} Here it was trained further to predict masked words "
        f"{f'(masking: {masking})' if masking else 'in the text'}. It read {_reading(curve)}"
        f"{f', which is {passes:.1f} times the text' if passes else ''}.",
    )


def _student(experiment: Experiment) -> Step | None:
    start, fewer = experiment.setting("student starts as"), experiment.setting("fewer parameters")
    if start is None:
        return None
    size = f" It has {fewer} fewer parameters than the teacher." if fewer else ""
    return Step("Make the student", f"{_described(experiment, 'student')}{size} It started as a copy of {start}.")


def _distilled(experiment: Experiment) -> Step | None:
    curve, loss = experiment.curve("student"), experiment.setting("distillation loss")
    if curve is None:
        return None
    return Step(
        "Distil",
        f"The student read {_reading(curve)}, and at every masked word it saw not only the correct word but also the "
        "teacher's probabilities, and the states of the teacher's last layer. Three losses were minimised at "
        f"once{f': {loss}' if loss else ''}.",
    )


def _alone(experiment: Experiment) -> Step | None:
    taught, alone = experiment.curve(SHORT), experiment.curve(ABLATION)
    if taught is None or alone is None:
        return None
    return Step(
        "Leave the teacher out, for comparison",
        f"Two short runs of the student had the same initialisation and read the same text: one {_reading(taught)} "
        f"with its teacher, the other {_reading(alone)} with the masked words alone to learn from. What distillation "
        "adds is the difference between these two; the published student read more.",
    )


def _tasks(experiment: Experiment) -> Step | None:
    prefix = "fine-tuning, "
    recipes = [(name.removeprefix(prefix), value) for name, value in experiment.settings if name.startswith(prefix)]
    if not recipes:
        return None
    described = " ".join(f"{task_title(task)}: {value}." for task, value in recipes)
    return Step(
        "Teach both the tasks",
        "Teacher and student were trained on each task with the same recipe. Their own weights were frozen; each "
        f"learned a few additional weights per task, an adapter. {described}",
    )


def _seeds(experiment: Experiment) -> Step | None:
    tasks = dict.fromkeys(row.task for row in experiment.measurements if row.side == SECOND_SEED)
    if not tasks:
        return None
    return Step(
        "Train a teacher twice, for comparison",
        f"On {listed([noun_of(task) for task in tasks])} the teacher was trained again in the same way from another "
        "random seed. The differences between these two teachers are the reference for the student's differences.",
    )


def _measured(experiment: Experiment) -> Step | None:
    sizes: dict[str, int] = {}
    for row in experiment.measurements:
        if row.metric != "probes":
            sizes.setdefault(row.task, row.n)
    if not sizes:
        return None
    tasks = listed([f"{noun_of(task)} ({size:,})" for task, size in sizes.items()])
    return Step(
        "Measure",
        f"All sides answered the same examples, which none had been trained on here: {tasks}. The intervals are 95% "
        "bootstrap intervals: the examples are resampled at random many times.",
    )


def _described(experiment: Experiment, side: str) -> str:
    description = experiment.setting(side)
    return f"The {side} is a {description}." if description else f"The {side} was built."


def _reading(curve: Curve) -> str:
    return f"{curve.tokens / 1e6:.1f} million tokens in {curve.seconds / 60:.0f} minutes"
