"""The section on attributions: which words each answer rests on, and how faithful the method is."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from analysis import results
from analysis.attribution.faithfulness import FaithfulnessCurves, most_faithful
from analysis.attribution.measured import AverageGrades, average_grades
from analysis.attribution.methods import METHODS
from analysis.attribution.unit_scores import part_of
from analysis.errors import AnalysisError
from analysis.models.pairs import Sides
from analysis.predictions.targets import LOGITS, Target, Term
from analysis.progress import Progress
from cache import attribution as remembered
from cache.attribution import AttributionRequest
from dashboard.attribution.controls import BASELINE, METHOD
from dashboard.attribution.faithfulness import CURVES, PERTURBATION, curves_table, measured
from dashboard.attribution.tinted_text import NOT_REASONS, SHARES, completeness_text, html_of_rows, sign_legend
from dashboard.attribution.word_scores import attribution_table, tinted_rows
from dashboard.charts.attribution import faithfulness_lines, word_bars
from dashboard.export.columns import Columns
from dashboard.report.answer_section import predictions_of
from dashboard.report.choices import chosen, flag
from dashboard.report.chosen_targets import chosen_targets
from dashboard.report.finding import Figure, FindingRequest, Section, Table
from dashboard.ui import markup
from dashboard.ui.figures import drawn
from dashboard.ui.theme import NAMES, SHORT

LEAST_TOLD = 6  # decimals of a number in a table


def attributions(request: FindingRequest, progress: Progress) -> Section:
    """The words tinted by how much they contribute in both models, the agreement of the two, and the grade."""
    how, (targets, said) = _how_explained(request), _targets(request)
    unit = targets.teacher.unit
    asked = _requests(request, targets, how.baseline)
    end = 0.3 if how.graded else 1.0  # grading takes the most
    both = Sides(
        remembered.attribution(asked.teacher, how.method, part_of(progress, 0.0, end / 2)),
        remembered.attribution(asked.student, how.method, part_of(progress, end / 2, end)),
    )
    agreed = remembered.agreement(asked, how.method)
    curves = _graded(asked, how.removed_by, part_of(progress, end, 1.0)) if how.graded else None
    average = None if curves else average_grades(request.example.task, how.removed_by, how.baseline)
    table = Table("attributions", attribution_table(agreed, both))
    return Section(
        key="attributions",
        title="Attributions",
        finding=agreed.finding,
        body=said + html_of_rows(tinted_rows(request.example, agreed)),
        figures=(
            Figure("attributions", f"{how.method}, share of each word", drawn(word_bars, agreed), table),
            *(_curves_figures(curves, unit) if curves else ()),
        ),
        tables=_grade_tables(curves, average, unit),
        reading=f"{sign_legend(how.method)} {SHARES} {completeness_text(both)} {agreed.ranking} {NOT_REASONS} "
        f"{_grade_reading(curves, average, unit)}",
        numbers={
            "settings": {
                **asdict(how),
                "targets": {side: target_json(target) for side, target in targets.items()},
            },
            **results.attributions(both, agreed),
            **({"grades": results.grades(curves)} if curves else {}),
        },
    )


@dataclass(frozen=True, slots=True)
class _Explanation:
    """How answers are explained and graded, under the names that results.json has."""

    method: str
    baseline: str
    removed_by: str
    graded: bool


def _how_explained(request: FindingRequest) -> _Explanation:
    method, baseline, removed_by = (chosen(request.choices, choice) for choice in (METHOD, BASELINE, PERTURBATION))
    return _Explanation(method, baseline, removed_by, flag(request.choices, "graded"))


def explained(request: FindingRequest) -> Sides[AttributionRequest]:
    """What each model is asked about its score."""
    return _requests(request, _targets(request)[0], chosen(request.choices, BASELINE))


def target_json(target: Target) -> dict[str, object]:
    """A target as JSON values, each term with its word's text and place."""
    return {"name": target.name, "terms": _terms(target.terms), "foil": _terms(target.foil)}


def _terms(terms: tuple[Term, ...]) -> list[object]:
    return [asdict(term) for term in terms]


def _targets(request: FindingRequest) -> tuple[Sides[Target], str]:
    """What is explained, and a note where another target was chosen, such as one of the text before."""
    predictions = predictions_of(request)
    try:
        return chosen_targets(predictions, request.choices), ""
    except AnalysisError as error:
        others = {key: value for key, value in request.choices.items() if not key.startswith(("target", "rather"))}
        return chosen_targets(predictions, others), markup.note(f"{error} The answers are explained instead.")


def _requests(request: FindingRequest, targets: Sides[Target], baseline: str) -> Sides[AttributionRequest]:
    asked = zip(request.question.sides, targets, strict=True)
    return Sides(*(AttributionRequest(checkpoint, request.example, target, baseline) for checkpoint, target in asked))


def _graded(asked: Sides[AttributionRequest], perturbation: str, progress: Progress) -> Sides[FaithfulnessCurves]:
    return Sides(
        remembered.faithfulness_curves(asked.teacher, tuple(METHODS), perturbation, part_of(progress, 0.0, 0.5)),
        remembered.faithfulness_curves(asked.student, tuple(METHODS), perturbation, part_of(progress, 0.5, 1.0)),
    )


def _curves_figures(curves: Sides[FaithfulnessCurves], unit: str) -> tuple[Figure, ...]:
    return tuple(
        Figure(
            f"faithfulness-{side}",
            f"{name}: the score without the top words, and with them alone",
            drawn(faithfulness_lines, one, unit),
            Table(f"faithfulness-{side}", curves_table(one)),
        )
        for (side, one), name in zip(curves.items(), NAMES, strict=True)
    )


def _grade_tables(
    curves: Sides[FaithfulnessCurves] | None, average: AverageGrades | None, unit: str
) -> tuple[Table, ...]:
    """The grades on this text if it was graded, else those measured on many texts, if there are any."""
    columns = _own_grades(curves) if curves else _average_columns(average) if average else None
    where = "on this text" if curves else "mean over many texts, with the embedded pair"
    title = f"How faithful each method is, {where}, in {unit if curves else LOGITS}"
    return (Table("grades", columns, title),) if columns else ()


def _own_grades(curves: Sides[FaithfulnessCurves]) -> Columns:
    return {
        "Order by": list(curves.teacher.names),
        **{
            f"{name}: {grade}": getattr(one, grade).round(LEAST_TOLD).tolist()
            for name, one in zip(SHORT, curves, strict=True)
            for grade in ("comprehensiveness", "sufficiency")
        },
    }


def _average_columns(average: AverageGrades) -> Columns:
    return {
        "Order by": [grade.order for grade in average.grades],
        **{
            f"{name}: {title}": [getattr(grade, title)[side].value for grade in average.grades]
            for side, name in SHORT.items()
            for title in ("comprehensiveness", "sufficiency")
        },
        "Texts": [grade.texts for grade in average.grades],
    }


def _grade_reading(curves: Sides[FaithfulnessCurves] | None, average: AverageGrades | None, unit: str) -> str:
    if curves:
        return f"{CURVES} {most_faithful(curves)} {measured(unit)}"
    return f"Grades, measured with the embedded pair on many texts: {average.finding} {measured()}" if average else ""
