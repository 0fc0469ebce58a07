"""Parts of Scorecard, Latency, Distillation and Models that a report has no section for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from analysis.attribution.measured import average_grades
from analysis.claims.claim import Result
from analysis.claims.judging import judge, measurement_text, number
from analysis.claims.scorecard import RULES, finding, scorecard
from analysis.claims.statements.cost import FASTER
from analysis.distillation.metrics import KAPPA, SHARE, in_words, leading, metric_named, task_title
from analysis.distillation.record import Experiment, MetricValue, read_experiment
from analysis.distillation.report import findings, seed_sentences
from analysis.errors import AnalysisError
from analysis.latency.config import BenchmarkConfig
from analysis.latency.quality_tradeoff import graded, tradeoffs
from analysis.latency.summary import stage_summary
from analysis.literature import PUBLISHED
from analysis.models.pairs import EMBEDDED, PAIRS
from analysis.progress import Progress
from cache import latency, models
from cache.predictions import sample_disagreements
from dashboard.attribution.controls import BASELINE
from dashboard.attribution.faithfulness import HEADER, PERTURBATION, average_cells, measured
from dashboard.charts import cost as cost_charts
from dashboard.charts import distillation as charts
from dashboard.charts.stages import stage_bars
from dashboard.claims.controls import HOW_JUDGED
from dashboard.distillation.rows import cells
from dashboard.export.claims import claims_table
from dashboard.export.columns import of_rows
from dashboard.export.scorecard import scorecard_table
from dashboard.latency.controls import TOKENS
from dashboard.latency.cost import cost_table, parameters_table
from dashboard.latency.quality import ELSEWHERE, tradeoffs_table
from dashboard.latency.stages import stages_table
from dashboard.latency.wording import circumstances
from dashboard.models.architecture import ARCHITECTURE, architecture_cells
from dashboard.report.choices import chosen
from dashboard.report.finding import Figure, FindingRequest, Section, Table, of_figure
from dashboard.report.judged_sections import evidence_of
from dashboard.scorecard.disagreements import RIGHT
from dashboard.scorecard.score_rows import LIGHTS
from dashboard.ui import markup
from dashboard.ui.figures import drawn
from dashboard.ui.theme import SHORT

NOT_GRADED = "The methods were not graded on many texts of this task with these choices."
NOT_SHIPPED = "No such measurement ships with this pair, and a deck is made without measuring anything."
UNITS = {SHARE: "in per cent", KAPPA: "corrected for chance"}
SCORED = ("", "This pair [95% CI]", "Published", "Verdict")
MEANINGS = ("Meaning", "Measured here", "Low", "High", "Unit", "Verdict")
PARTED = ("Text", *(f"{name} answers" for name in SHORT), "Who is right")
SCORES = ("Task", "Metric", "Side", "Value [95% CI]", "Examples")


def card(request: FindingRequest, progress: Progress) -> Section:
    """The four rows of the scorecard."""
    results = scorecard(evidence_of(request))
    rules = " ".join(f"{result.definition.name}: {RULES[result.definition.name].text}" for result in results)
    return Section(
        "scorecard",
        "Scorecard",
        finding(request.example.task, results),
        body=markup.table(SCORED, map(_scored, results)),
        tables=(Table("scorecard", scorecard_table(results)),),
        reading=f"A row passes or fails if its whole 95% CI is on one side of the threshold. {rules}",
    )


def _scored(result: Result) -> tuple[str, ...]:
    unit, (sign, _, word) = result.definition.unit, LIGHTS[result.verdict]
    here = measurement_text(result.measured, unit) if result.measured else result.reason
    published = "none" if result.reported is None else number(result.reported, unit)
    return result.definition.name, here, published, f"{sign} {word}"


def grades(request: FindingRequest, progress: Progress) -> Section:
    """How faithful each method is, as it was measured on many texts with the embedded pair."""
    perturbation, baseline = chosen(request.choices, PERTURBATION), chosen(request.choices, BASELINE)
    average = average_grades(request.example.task, perturbation, baseline)
    if average is None:
        raise AnalysisError(NOT_GRADED)
    rows, header = [average_cells(grade) for grade in average.grades], (*HEADER, "Texts")
    section = _of_rows("grades", "How faithful each method is", header, rows, measured())
    return replace(section, finding=average.finding)


def claim_faster(request: FindingRequest, progress: Progress) -> Section:
    """Every exact meaning of the claim that the student is 60% faster."""
    judged = judge(FASTER, evidence_of(request))
    table = Table("claim-faster", claims_table((judged,)), f"“{FASTER.title}”, by meaning", MEANINGS)
    return Section("claim-faster", FASTER.title, judged.why, tables=(table,), reading=HOW_JUDGED)


def parted(request: FindingRequest, progress: Progress) -> Section:
    """The examples of the task that the two answer differently."""
    found = sample_disagreements(request.question.sides, request.example.task, progress)
    if not found:
        raise AnalysisError("The two answer all examples of this task alike.")
    rows = [(" · ".join(one.example.texts), *one.answers, RIGHT[one.right]) for one in found]
    reading = "The largest divergence of the two predictions comes first. The examples were chosen to show differences."
    return _of_rows("disagreements", "Where they disagree", PARTED, rows, reading)


def stages(request: FindingRequest, progress: Progress) -> Section:
    """Where the time goes, as it ships with the pair."""
    profile = latency.shipped_stages(request.question.sides, request.example)
    if profile is None:
        raise AnalysisError(NOT_SHIPPED)
    table = Table("stages", stages_table(profile))
    figure = Figure("stages", "Time of each stage", drawn(stage_bars, profile), table)
    reading = f"In the order of computation. {circumstances(profile.machine, profile.started)}"
    return of_figure(figure, stage_summary(profile), reading)


def parameters(request: FindingRequest, progress: Progress) -> Section:
    """The parameters of both models by part."""
    costs = latency.cost(request.question.sides, request.example.task, progress)
    table = Table("parameters", parameters_table(costs))
    figure = Figure("parameters", "Parameters by part", drawn(cost_charts.parameters, costs.architectures), table)
    reading = "Both models on the same scale."
    return of_figure(figure, costs.finding, reading)


def operations(request: FindingRequest, progress: Progress) -> Section:
    """Memory and operations of a pass, by length."""
    costs = latency.cost(request.question.sides, request.example.task, progress)
    titles = {"memory": "Peak memory of a pass", "operations": "Operations of a pass"}
    figures = tuple(
        Figure(name, title, drawn(getattr(cost_charts, name), costs), Table("", {}), wide=False)
        for name, title in titles.items()
    )
    table = Table("operations", cost_table(costs), "By length")
    reading = "Both are counted, not timed, for one sequence, and drawn on a logarithmic scale."
    return Section("operations", "Memory and operations", "", figures=figures, tables=(table,), reading=reading)


def quality(request: FindingRequest, progress: Progress) -> Section:
    """Quality by task against the median time of a pass, as both ship with the embedded pair."""
    pair, experiment, config = request.question.pair, _experiment(), BenchmarkConfig(tokens=TOKENS)
    if pair != PAIRS["embedded"]:
        raise AnalysisError(ELSEWHERE)
    known, _ = graded(experiment, pair.checkpoints)
    profiles = {task: latency.shipped_profile(pair.sides(task), task, config) for task in known}
    points = tradeoffs(experiment, {task: profile for task, profile in profiles.items() if profile})
    if not points:
        raise AnalysisError(NOT_SHIPPED)
    table = Table("quality", tradeoffs_table(points))
    figure = Figure("quality", "Quality and time, by task", drawn(cost_charts.quality, points), table)
    reading = "Farther up is better, farther left is faster. A dotted line joins the two models on a task."
    return of_figure(figure, " ".join(point.finding for point in points), reading)


def kept(request: FindingRequest, progress: Progress) -> Section:
    """The share of the teacher's score that the student keeps, by task."""
    experiment = _experiment()
    rows = [(task_title(row.task), metric_named(row.metric).title, in_words(row, SHARE)) for row in experiment.kept]
    columns = of_rows(("Task", "Metric", "Kept [95% CI]"), rows)
    drawing = drawn(charts.kept, leading(experiment.kept), PUBLISHED)
    figure = Figure("kept", "Share of the teacher's score, by task", drawing, Table("kept", columns))
    reading = "At 100% the student is as good as its teacher. Open diamonds are published, of the full-size pair."
    return of_figure(figure, " ".join(findings(experiment)), reading)


def _measured(key: str, title: str, rows: Sequence[MetricValue], units: Sequence[str], reading: str) -> Section:
    """Scores of the experiment, a figure for each unit."""
    table = Table(key, of_rows(SCORES, map(cells, rows)), title)
    figures = tuple(
        Figure(
            f"{key}-{place}",
            f"{title}, {UNITS[unit]}",
            drawn(charts.scores, rows, unit),
            Table("", {}),
            wide=len(units) == 1,
        )
        for place, unit in enumerate(units, 1)
        if any(metric_named(row.metric).unit == unit for row in rows)
    )
    return Section(key, title, "", figures=figures, tables=(table,), reading=reading)


def scores(request: FindingRequest, progress: Progress) -> Section:
    """Every metric of every side."""
    reading = "Farther right is better. The line through a dot is its 95% CI over test examples."
    return _measured("scores", "What each side scores", _experiment().measurements, (SHARE,), reading)


def same_answers(request: FindingRequest, progress: Progress) -> Section:
    """How often the two give the same answer."""
    experiment = _experiment()
    reading = (
        "Left: the share of same answers, right or wrong. Right: the same, corrected for chance. "
        f"{' '.join(seed_sentences(experiment))}"
    )
    return _measured("same-answers", "How often they agree", experiment.together, (SHARE, KAPPA), reading)


def architecture(request: FindingRequest, progress: Progress) -> Section:
    """Both models' sizes, and by how much the student differs."""
    task = request.example.task
    sizes = request.question.sides.map(lambda checkpoint: models.architecture(checkpoint, task))
    rows = [architecture_cells(row, sizes) for row in ARCHITECTURE]
    reading = "The difference is the student's size relative to the teacher's."
    return _of_rows("architecture", "Architecture", ("Part", *SHORT, "Difference"), rows, reading)


def _of_rows(key: str, title: str, header: Sequence[str], rows: Iterable[Sequence[object]], reading: str) -> Section:
    """A section that is a table."""
    return Section(key, title, "", tables=(Table(key, of_rows(header, rows), title),), reading=reading)


def _experiment() -> Experiment:
    return read_experiment(EMBEDDED)
