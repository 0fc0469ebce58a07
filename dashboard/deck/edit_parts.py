"""Parts of the page Attributions on edited words and on baselines, which a report has no section for."""

from __future__ import annotations

from analysis.inputs.edits import edited
from analysis.progress import Progress
from cache import attribution as remembered
from dashboard.attribution import baselines as baselines_tab
from dashboard.attribution.before_and_after import (
    asked_after,
    before_and_after,
    edits_in,
    tinted_rows,
)
from dashboard.attribution.controls import METHOD
from dashboard.attribution.tinted_text import html_of_rows, sign_legend
from dashboard.export.columns import of_rows
from dashboard.report.choices import chosen
from dashboard.report.finding import FindingRequest, Section, Table
from dashboard.report.why_section import explained
from dashboard.ui.theme import NAMES


def edited_words(request: FindingRequest, progress: Progress) -> Section:
    """Both answers and the tinted words before and after the edits of the step."""
    asked, method = explained(request), chosen(request.choices, METHOD)
    edit = edited(request.example, edits_in(request.choices, request.example))
    later = asked_after(asked, edit)
    answers = before_and_after(asked, later)
    effect = remembered.edit_effect(edit, asked, later, method)
    columns = of_rows(("Model", *answers.header[1:]), answers.rows)
    return Section(
        "edited-words",
        "Edited words",
        answers.sentence,
        body=html_of_rows(tinted_rows(edit, effect, asked.map(lambda one: one.target))),
        tables=(Table("edited-words", columns, "Both answers"),),
        reading=f"{sign_legend(method)} Frames mark edited words.",
    )


def baselines(request: FindingRequest, progress: Progress) -> Section:
    """For each model the rank correlation of the words between every two baselines."""
    method, names = chosen(request.choices, METHOD), baselines_tab.NAMES_OF_BASELINES
    tables = explained(request).map(lambda one: remembered.baseline_agreement(one, method, names))
    rows = [(name, *cells) for name, table in zip(NAMES, tables, strict=True) for cells in baselines_tab.rows_of(table)]
    columns = of_rows(("Model", *baselines_tab.HEADER), rows)
    return Section(
        "baselines",
        "Baselines",
        baselines_tab.least_alike(tables),
        tables=(Table("baselines", columns, "How alike the words rank from two baselines"),),
        reading="The baseline is what a word is compared with. 1 is the same order of the words; low numbers mean that "
        "the attribution depends on the baseline.",
    )
