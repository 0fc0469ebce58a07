"""What the experiment says, in words: metrics by name, findings with their intervals, and how it was done.

Every number in these sentences comes from the records.
"""

from __future__ import annotations

from dataclasses import dataclass

from analysis.experiment import ABLATION, AGAIN, Curve, Experiment, Measurement
from analysis.tasks import TASKS

SHARE, PERPLEXITY, KAPPA = "share", "perplexity", "kappa"  # the units; each has an axis of its own


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric as readers know it: `title` on an axis, `noun` inside a sentence."""

    title: str
    noun: str
    unit: str = SHARE


METRICS = {
    "top1": Metric("right at the first guess", "right first guesses"),
    "top5": Metric("right within five guesses", "words found within five guesses"),
    "top1:expository": Metric("first guess, expository text", "right first guesses in expository text"),
    "top1:novels": Metric("first guess, novels", "right first guesses in novels"),
    "perplexity": Metric("perplexity", "perplexity", PERPLEXITY),
    "accuracy": Metric("accuracy", "accuracy"),
    "f1": Metric("F1", "F1"),
    "precision": Metric("precision", "precision"),
    "recall": Metric("recall", "recall"),
    "exact_match": Metric("exact match", "exact matches"),
    "probes": Metric("our own sentences", "right answers to our own sentences"),
    "agreement": Metric("same answer", "equal answers"),
    "kappa": Metric("Cohen's kappa", "kappa", KAPPA),
}
LEADING = {  # the metric that stands for a task where one number must
    "fill-mask": "top1",
    "sentiment": "accuracy",
    "entities": "f1",
    "question-answering": "f1",
    "sentence-pair": "accuracy",
}
OTHER_STUDENTS = {  # a student that was trained otherwise, and beside it the one of the pair
    ABLATION: ("the same student trained without its teacher", "the distilled one"),
    AGAIN: ("the same student, taught the task by its teacher too,", "the one that learned from the examples alone"),
}
NOUNS = {"fill-mask": "filling in words", "sentence-pair": "sentence pairs"}  # elsewhere the task's title will do


def metric_named(key: str) -> Metric:
    """The metric as readers know it; one that is not in the table goes by its key, as a share."""
    words = key.replace("_", " ").replace(":", ", ")
    return METRICS.get(key, Metric(words, words))


def task_title(key: str) -> str:
    """The task's title, or its key where the dashboard does not have it."""
    return TASKS[key].title if key in TASKS else key


def in_words(row: Measurement, unit: str | None = None) -> str:
    """A value with its interval: “97.1 % [95.0, 99.2]”."""
    if (unit or metric_named(row.metric).unit) == SHARE:
        return f"{100 * row.value:.1f} % [{100 * row.low:.1f}, {100 * row.high:.1f}]"
    return f"{row.value:.2f} [{row.low:.2f}, {row.high:.2f}]"


def leading(rows: tuple[Measurement, ...]) -> tuple[Measurement, ...]:
    """For each task and side the row of the task's leading metric, else the first row."""
    chosen: dict[tuple[str, str | None], Measurement] = {}
    for row in rows:
        key = row.task, row.side
        if key not in chosen or row.metric == LEADING.get(row.task):
            chosen[key] = row
    return tuple(chosen.values())


def findings(experiment: Experiment) -> tuple[str, ...]:
    """One sentence a task on what the student keeps, then one a student that was trained otherwise."""
    kept = leading(tuple(row for row in experiment.kept if row.side == "student"))
    others = [leading(tuple(row for row in experiment.measurements if row.side == side)) for side in OTHER_STUDENTS]
    compared = (_compared(experiment, row) for rows in others for row in rows[:1])  # the chart shows the other tasks
    return (*map(kept_sentence, kept), *(sentence for sentence in compared if sentence))


def kept_sentence(row: Measurement) -> str:
    """What a share kept says, with its interval."""
    share, noun = in_words(row, SHARE), metric_named(row.metric).noun
    return f"On {_noun(row.task)} the student keeps {share} of the teacher's {noun}{_certainty(row)}."


def _certainty(row: Measurement) -> str:
    if row.low > 1:
        return "; it is ahead of its teacher, which longer training would likely change"
    return "" if row.high < 1 else "; the interval reaches 100 %, so that it may have lost nothing"


def _compared(experiment: Experiment, row: Measurement) -> str | None:
    student = experiment.measured(row.task, row.metric, "student")
    if student is None or row.side is None:
        return None
    other, own = OTHER_STUDENTS[row.side]
    return (
        f"On {_noun(row.task)} {other} reaches {in_words(row)} in {metric_named(row.metric).noun}, {own} "
        f"{in_words(student)}{_added(experiment.added(row.task, row.metric))}."
    )


def _added(row: Measurement | None) -> str:
    """What distillation added, as both were measured on the same examples; their own intervals overlap sooner."""
    if row is None:
        return ""
    points = f"{100 * row.value:+.1f} points [{100 * row.low:+.1f}, {100 * row.high:+.1f}]"
    told = f": on the same examples distillation adds {points}"
    return told if row.low > 0 or row.high < 0 else f"{told}, which may be chance"


def _noun(task: str) -> str:
    return NOUNS.get(task, task_title(task).lower())


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the experiment, for somebody who has never trained a model."""

    title: str
    text: str


def steps(experiment: Experiment) -> tuple[Step, ...]:
    """How the experiment was done, in order; a step that the records know nothing of is left out."""
    made = (_text, _teacher, _student, _distilled, _alone, _tasks, _again, _measured)
    found = [make(experiment) for make in made]
    return tuple(step for step in found if step is not None)


def _text(experiment: Experiment) -> Step | None:
    if not experiment.sources:
        return None
    total = sum(tokens for _, tokens in experiment.sources)
    vocabulary = experiment.setting("vocabulary")
    return Step(
        "Gather text",
        f"English text from {len(experiment.sources)} sources, {total / 1e6:.1f} million tokens, was cut into word "
        f"pieces{f' ({vocabulary})' if vocabulary else ''}. Some documents were put aside: no model was trained on "
        "them, and they serve to measure.",
    )


def _teacher(experiment: Experiment) -> Step | None:
    curve = experiment.curve("teacher")
    if curve is None:
        return None
    masking = experiment.setting("masking")
    share = f", {curve.tokens / experiment.tokens_a_pass:.0%} of the text" if experiment.tokens_a_pass else ""
    return Step(
        "Train the teacher",
        f"{_described(experiment, 'teacher')} It learned by guessing words that had been taken out of the text"
        f"{f' (hidden: {masking})' if masking else ''}. It read {_reading(curve)}{share.replace('%', ' %')}.",
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
        f"The student read {_reading(curve)}, and at every hidden word saw not only the right answer but also how the "
        "teacher spread its guesses, and what the teacher's last layer made of the text. Three losses were lowered at "
        f"once{f': {loss}' if loss else ''}.",
    )


def _alone(experiment: Experiment) -> Step | None:
    curve = experiment.curve(ABLATION)
    if curve is None:
        return None
    return Step(
        "Leave the teacher out, for comparison",
        f"The same student, from the same start, also read {_reading(curve)} with the hidden words alone to learn "
        "from. What distillation adds is the difference between the two.",
    )


def _tasks(experiment: Experiment) -> Step | None:
    prefix = "fine-tuning, "
    recipes = [(name.removeprefix(prefix), value) for name, value in experiment.settings if name.startswith(prefix)]
    if not recipes:
        return None
    described = " ".join(f"{task_title(task)}: {value}." for task, value in recipes)
    second = experiment.setting("second objective")
    told = f" The second objective was {second.partition(';')[0]}." if second else ""
    return Step(
        "Teach both the tasks", f"Teacher and student were trained on each task by one recipe. {described}{told}"
    )


def _again(experiment: Experiment) -> Step | None:
    tasks = [task for task in TASKS if experiment.curve(f"{task}-{AGAIN}")]
    if not tasks:
        return None
    return Step(
        "Distil again, on a task, for comparison",
        f"On {', '.join(map(_noun, tasks))} the same student learned once more from the same start and examples, this "
        "time also from how the teacher, having learned the task, spread its answers. What this second distillation "
        "adds is the difference between the two students.",
    )


def _measured(experiment: Experiment) -> Step | None:
    sizes: dict[str, int] = {}
    for row in experiment.measurements:
        if row.metric != "probes":
            sizes.setdefault(row.task, row.n)
    if not sizes:
        return None
    listed = ", ".join(f"{_noun(task)} ({size:,})" for task, size in sizes.items())
    return Step(
        "Measure",
        f"All sides answered the same examples, which none had been trained on: {listed}. Each interval comes from "
        "drawing the examples again and again at random and looking how far the result moves.",
    )


def _described(experiment: Experiment, side: str) -> str:
    words = experiment.setting(side)
    return f"The {side} is a {words}." if words else f"The {side} was built."


def _reading(curve: Curve) -> str:
    return f"{curve.tokens / 1e6:.1f} million tokens in {curve.seconds / 60:.0f} minutes"
