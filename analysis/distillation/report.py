"""What the experiment found, one sentence per finding, each with its interval.

Every number in these sentences comes from the records.
"""

from __future__ import annotations

from analysis.distillation.metrics import LEADING, SHARE, in_words, leading, metric_named, noun_of, points
from analysis.distillation.record import ABLATION, SHORT, TEACHERS, Experiment, MetricValue
from analysis.wording import listed, signed


def findings(experiment: Experiment) -> tuple[str, ...]:
    """One sentence per task on what the student loses, then one on what distillation adds."""
    lost = (lost_sentence(experiment, row) for row in leading(experiment.differences))
    return tuple(sentence for sentence in (*lost, _adds(experiment)) if sentence)


def lost_sentence(experiment: Experiment, row: MetricValue) -> str | None:
    """A difference in words, claiming no more than its interval; None if either side's score is missing."""
    teacher, student = (experiment.measured(row.task, row.metric, side) for side in ("teacher", "student"))
    if teacher is None or student is None:
        return None
    noun = metric_named(row.metric).noun
    scores = f"{100 * student.value:.1f}% where the teacher has {100 * teacher.value:.1f}%"
    if row.high < 0:
        lost = f"the student loses {-100 * row.value:.1f} points in {noun} ({-100 * row.high:.1f} to"
        return f"On {noun_of(row.task)} {lost} {-100 * row.low:.1f}): {scores}."
    if row.low > 0:
        gained = f"{100 * row.value:.1f} points in {noun} ({100 * row.low:.1f} to {100 * row.high:.1f})"
        return f"On {noun_of(row.task)} the student is ahead of its teacher by {gained}: {scores}."
    return (
        f"On {noun_of(row.task)} no loss in {noun} can be shown with {row.n:,} test examples: {scores}, a difference "
        f"of {signed(row.value)} points ({signed(row.low)} to {signed(row.high)})."
    )


def _adds(experiment: Experiment) -> str | None:
    """What distillation adds in the ablation, in which both runs were measured on the same examples."""
    task = "fill-mask"
    row = experiment.added(task, LEADING[task])
    taught, alone = (experiment.measured(task, LEADING[task], side) for side in (SHORT, ABLATION))
    if row is None or taught is None or alone is None:
        return None
    chance = "" if row.low > 0 or row.high < 0 else ", which may be chance"
    return (
        f"Of two short runs of the student{_budget(experiment)}, alike but for the teacher, the one with it "
        f"reaches {in_words(taught)} in {metric_named(row.metric).noun}, the one without it {in_words(alone)}: on the "
        f"same texts distillation adds {points(row)}{chance}."
    )


def _budget(experiment: Experiment) -> str:
    """What each of the two short runs read."""
    read = {curve.tokens for curve in experiment.curves if curve.stage in (SHORT, ABLATION)}
    return f" ({' and '.join(f'{tokens / 1e6:.1f}' for tokens in sorted(read))} million tokens each)" if read else ""


def scores_sentence(experiment: Experiment) -> str | None:
    """On how many scores the student is behind its teacher, or ahead, and on how many neither can be shown."""
    rows = [row for row in experiment.differences if metric_named(row.metric).unit == SHARE]
    counts = {
        "is lower than its teacher": sum(row.high < 0 for row in rows),
        "is higher": sum(row.low > 0 for row in rows),
        "cannot be shown to differ": sum(row.low <= 0 <= row.high for row in rows),
    }
    clauses = [f"on {count} it {says}" for says, count in counts.items() if count]
    return f"Of the student's {len(rows)} scores: {', '.join(clauses)}." if rows else None


def training_sentence(experiment: Experiment) -> str | None:
    """The loss that the student reached on held-out documents, beside its teacher's; None if one has none."""
    student, teacher = experiment.curve("student"), experiment.curve("teacher")
    reached = [curve.line("held_out_loss") if curve else None for curve in (student, teacher)]
    if student is None or None in reached:
        return None
    own, teachers = (f"{line.values[-1]:.2f}" for line in reached if line)
    return (
        f"After {student.tokens / 1e6:.1f} million tokens the student's loss on masked words of held-out documents is "
        f"{own} nats, its teacher's {teachers}."
    )


def seed_sentences(experiment: Experiment) -> tuple[str, ...]:
    """How often two trainings of a task's teacher agree, compared with teacher and student."""
    rows = {(row.task, row.side): row for row in experiment.together if row.metric == "agreement"}
    both = [task for task, side in rows if side == TEACHERS and (task, None) in rows]
    sentences = tuple(_beside(rows[task, TEACHERS], rows[task, None]) for task in both)
    without = [noun_of(task) for task, side in rows if side is None and (task, TEACHERS) not in rows]
    if not without:
        return sentences
    return (*sentences, f"A second training of the teacher was not made for {listed(without)}.")


def _beside(teachers: MetricValue, pair: MetricValue) -> str:
    reference = f"{100 * teachers.value:.1f}% of the answers ({100 * teachers.low:.1f} to {100 * teachers.high:.1f})"
    own = f"{100 * pair.value:.1f}% ({100 * pair.low:.1f} to {100 * pair.high:.1f})"
    return (
        f"On {noun_of(pair.task)} two trainings of the teacher with different seeds agree on {reference}, teacher and "
        f"student on {own}: {_nearer(teachers, pair)}."
    )


def _nearer(teachers: MetricValue, pair: MetricValue) -> str:
    if pair.high < teachers.low:
        return "the student differs from its teacher by more than a second training of the teacher does"
    if pair.low > teachers.high:
        return "the student differs from its teacher by less than a second training of the teacher does"
    return "it cannot be shown that the student differs by more than a second training of the teacher does"
