"""What a step says in numbers: functions by name, each of which makes its sentence of what was computed or measured.

    FINDINGS["speed"](request)  # "The student is 1.95 times as fast (95% CI …"

A number that a walkthrough states stands in no file: it comes from here, for the pair and the text of the step.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from analysis.attention.answer_flow import FLOW_METHODS
from analysis.attribution.agreement import beside_answer_flow
from analysis.attribution.baselines import DEFAULT_BASELINE
from analysis.attribution.measured import average_grades
from analysis.claims import scorecard as card
from analysis.claims.judging import judge
from analysis.claims.statements.cost import FASTER
from analysis.distillation.metrics import SHARE, in_words, leading, noun_of
from analysis.distillation.record import Experiment, MetricValue, read_experiment
from analysis.distillation.report import lost_sentence, seed_sentences
from analysis.errors import AnalysisError
from analysis.inputs.edits import edited
from analysis.inputs.tasks import TASKS
from analysis.latency.config import BenchmarkConfig
from analysis.latency.quality_tradeoff import tradeoffs
from analysis.latency.summary import stage_summary
from analysis.models.pairs import EMBEDDED, Sides
from analysis.predictions.disagreements import BOTH
from analysis.predictions.resolve import default_target
from analysis.progress import silent
from analysis.statistics import Estimate
from cache import attention, attribution, latency, models
from cache.attribution import AttributionRequest
from cache.predictions import prediction, sample_disagreements
from cache.traces import trace
from dashboard.attribution.before_and_after import asked_after, before_and_after, edits_in
from dashboard.report import answer_section, inside_sections, judged_sections, why_section
from dashboard.report.finding import FindingRequest, MakeSection
from dashboard.ui.theme import SHORT

METHOD = "Integrated gradients"
NOT_EDITED = "No word is edited in this step: edit one on the page Attributions, and add the view."
NOT_SHIPPED = "No such measurement ships with this pair: measure it on the page Latency."

StepFinding = Callable[[FindingRequest], str]


def _of(make: MakeSection) -> StepFinding:
    """The sentence of a section of the report."""
    return lambda request: make(request, silent).finding


def kept_most_and_least(_: FindingRequest) -> str:
    """The largest and the smallest share that the student keeps of its teacher's score, of the embedded pair."""
    rows = sorted(leading(_experiment().kept), key=lambda row: row.value)
    least, *_others, most = rows
    return (
        f"Of the teacher's score it keeps most on {noun_of(most.task)}, {in_words(most, SHARE)}, and least on "
        f"{noun_of(least.task)}, {in_words(least, SHARE)}."
    )


def lost(request: FindingRequest) -> str:
    """What the student loses on the task of the step."""
    experiment, task = _experiment(), request.example.task
    sentences = [lost_sentence(experiment, row) for row in leading(experiment.differences) if row.task == task]
    return sentences[0] or _not_measured(task) if sentences else _not_measured(task)


def same_answers(request: FindingRequest) -> str:
    """How often both give the same answer, by task."""
    rows = sorted(_agreements(_experiment()), key=lambda row: -row.value)
    by_task = ", ".join(f"{in_words(row)} on {noun_of(row.task)}" for row in rows)
    return f"The two give the same answer in {by_task}."


def second_teacher(request: FindingRequest) -> str:
    """Teacher and student beside two trainings of the teacher, on the task of the step."""
    noun = noun_of(request.example.task)
    sentences = [sentence for sentence in seed_sentences(_experiment()) if sentence.startswith(f"On {noun} ")]
    return sentences[0] if sentences else _not_measured(request.example.task)


def sizes(request: FindingRequest) -> str:
    """Layers and parameters of both."""
    size = request.question.sides.map(lambda checkpoint: models.architecture(checkpoint, request.example.task))
    millions = size.map(lambda one: f"{one.parameters / 1e6:.1f}")
    return (
        f"The student has {size.student.layers} layers instead of {size.teacher.layers}, and {millions.student} "
        f"instead of {millions.teacher} million parameters."
    )


def scorecard(request: FindingRequest) -> str:
    """The four numbers of the scorecard with its verdicts, in one sentence."""
    return card.finding(request.example.task, card.scorecard(judged_sections.evidence_of(request)))


def disagreements(request: FindingRequest) -> str:
    """On how many of the task's examples the two part, and in how many of those the teacher alone is right."""
    task = request.example.task
    parted = [one for one in sample_disagreements(request.question.sides, task) if one.right != BOTH]
    teacher, student = (sum(one.right == side for one in parted) for side in ("teacher", "student"))
    return (
        f"Of the {len(TASKS[task].samples)} examples of this task, which were chosen to show differences, the two "
        f"differ on {len(parted)}: the teacher alone is right on {teacher}, the student alone on {student}."
    )


def without_heads(request: FindingRequest) -> str:
    """What both answer without the head that is opened first."""
    sides, example = request.question.sides, request.example
    heads = attention.default_heads(sides, example, None)
    clauses = []
    for name, checkpoint, head in zip(SHORT, sides, heads, strict=True):
        with_it = prediction(checkpoint, example).summary
        without = attention.ablated_prediction(checkpoint, example, heads=(head,)).summary
        layer, place = (number + 1 for number in head)
        clauses.append(f"without head {layer}.{place} the {name.lower()} answers {without}, with it {with_it}")
    sentence = "; ".join(clauses)
    return f"{sentence[0].upper()}{sentence[1:]}."


def faster_claim(request: FindingRequest) -> str:
    """The verdict on the claim that the student is 60% faster, and why."""
    judged = judge(FASTER, judged_sections.evidence_of(request))
    return f"“{judged.claim.title}”, for this pair: {judged.verdict}. {judged.why}"


def operations(request: FindingRequest) -> str:
    """The operations of both at the longest text that was counted."""
    cost = latency.cost(request.question.sides, request.example.task)
    counts = cost.operations.map(lambda counted: f"{counted[-1].total / 1e9:.2f}")
    return (
        f"For a text of {cost.lengths[-1]} tokens the student takes {counts.student} billion operations, the teacher "
        f"{counts.teacher} billion."
    )


def edited_words(request: FindingRequest) -> str:
    """What the edits of the step change."""
    asked = why_section.explained(request)
    edit = edited(request.example, edits_in(request.choices, request.example))
    if not edit.edits:
        raise AnalysisError(NOT_EDITED)
    return before_and_after(asked, asked_after(asked, edit)).sentence


def score_flow(request: FindingRequest) -> str:
    """Through which words the score flows, by layer conductance of the teacher's answer."""
    return attribution.layer_flow(_requests(request), "Layer conductance").finding


def grades(request: FindingRequest) -> str:
    """The most faithful method of the task, as it was measured on many texts."""
    average = average_grades(request.example.task, "[MASK]", DEFAULT_BASELINE)
    if average is None:
        raise AnalysisError(_not_measured(request.example.task))
    return average.finding


def attention_beside_attribution(request: FindingRequest) -> str:
    """How alike attention flow and integrated gradients rank the words, in each model."""
    sides, example = request.question.sides, request.example
    flows = attention.answer_flows(sides, example, next(iter(FLOW_METHODS)))
    clauses = []
    for name, one, flow in zip(SHORT, _requests(request), flows, strict=True):
        words = trace(one.checkpoint, example).tokens.words
        _, correlation = beside_answer_flow(attribution.attribution(one, METHOD), flow, words)
        clauses.append(f"{_correlated(correlation)} in the {name.lower()}")
    return (
        f"Attention and attribution rank the words with a correlation of {' and of '.join(clauses)}, with 95% CI; 1 is "
        "the same order, 0 no relation."
    )


def stages(request: FindingRequest) -> str:
    """Where the time of the default example goes, as it ships with the pair."""
    profile = latency.shipped_stages(request.question.sides, request.example)
    if profile is None:
        raise AnalysisError(NOT_SHIPPED)
    return stage_summary(profile)


def quality(request: FindingRequest) -> str:
    """What share of the quality comes in what share of the time, on the task of the step."""
    task = request.example.task
    profile = latency.shipped_profile(request.question.sides, task, BenchmarkConfig(tokens=64))
    found = tradeoffs(_experiment(), {task: profile}) if profile else ()
    if not found:
        raise AnalysisError(NOT_SHIPPED)
    return found[0].finding


FINDINGS: Mapping[str, StepFinding] = {
    "answers": _of(answer_section.answers),
    "attributions": _of(why_section.attributions),
    "edited-words": edited_words,
    "score-flow": score_flow,
    "grades": grades,
    "two-heads": _of(inside_sections.attention),
    "head-origins": _of(inside_sections.matching),
    "attention-beside-attribution": attention_beside_attribution,
    "layer-map": _of(inside_sections.layers),
    "sizes": sizes,
    "scorecard": scorecard,
    "disagreements": disagreements,
    "kept": kept_most_and_least,
    "lost": lost,
    "same-answers": same_answers,
    "second-teacher": second_teacher,
    "speed": _of(judged_sections.speed),
    "stages": stages,
    "operations": operations,
    "quality": quality,
    "faster-claim": faster_claim,
    "without-heads": without_heads,
    "claims": _of(judged_sections.claims),
}


def _experiment() -> Experiment:
    return read_experiment(EMBEDDED)


def _agreements(experiment: Experiment) -> list[MetricValue]:
    return [row for row in experiment.together if row.metric == "agreement" and row.side is None]


def _requests(request: FindingRequest) -> Sides[AttributionRequest]:
    """Each model asked about the teacher's answer."""
    sides, example = request.question.sides, request.example
    target = default_target(prediction(sides.teacher, example))
    return sides.map(lambda checkpoint: AttributionRequest(checkpoint, example, target))


def _correlated(correlation: Estimate | None) -> str:
    if correlation is None:
        return "no value (too few words)"
    return f"{correlation.value:.2f} ({correlation.low:.2f} to {correlation.high:.2f})".replace("-", "−")


def _not_measured(task: str) -> str:
    return f"This was not measured for {noun_of(task)}."
