"""The four rows: what is measured, this pair's number, the published one, a verdict with its rule, where to read on."""

from __future__ import annotations

from functools import partial

import streamlit as st

from analysis.claims.claim import Result
from analysis.claims.criteria import FAILS, HOLDS, INCONCLUSIVE, PENDING, UNMEASURABLE
from analysis.claims.judging import measurement_text, number
from analysis.claims.scorecard import QUALITY, RULES, SAME, SIZE, SPEED, finding, scorecard
from cache import claims as remembered
from dashboard.claims.lines import STYLE as CLAIMS_STYLE
from dashboard.export.scorecard import scorecard_table
from dashboard.frame import Question
from dashboard.measured_speed import HOW_MEASURED, WAITS, measured_speed
from dashboard.page_links import link_to_page
from dashboard.ui.figures import numbers
from dashboard.ui.markup import element, escaped, link

LIGHTS = {  # verdict -> its sign, its CSS class and its word
    HOLDS: ("✓", "holds", "passes"),
    FAILS: ("✗", "fails", "fails"),
    INCONCLUSIVE: ("≈", "part", "inconclusive"),
    PENDING: ("…", "open", PENDING),
    UNMEASURABLE: ("?", "open", UNMEASURABLE),
}
READ_ON = {SIZE: "Models", SPEED: "Latency", QUALITY: "Distillation", SAME: "Distillation"}
WIDTHS = (3, 5, 5, 5, 3)
HOW_JUDGED = (
    "The thresholds are this page's own, a little below what the paper reports; your application may need others. The "
    "published figures are of full-size models, which this pair need not be; their authors gave no intervals."
)

STYLE = (
    CLAIMS_STYLE
    + """<style>
.dl-finding { font-size: 1.05rem; font-weight: 600; line-height: 1.4; margin: 0; }
.st-key-scorecard [data-testid="stHorizontalBlock"] { padding: 0.5rem 0 0.25rem;
  border-top: 1px solid color-mix(in srgb, currentColor 18%, transparent); }
.st-key-scorecard [data-testid="stVerticalBlock"] { gap: 0.25rem; }
.dl-score { font-size: 1.15rem; font-weight: 600; overflow-wrap: anywhere; }
.dl-score.dl-verdict { display: block; }
.dl-cell { line-height: 1.35; }
.dl-cell summary { cursor: pointer; }
.dl-cell summary:focus-visible { outline: 3px solid var(--dl-teacher); outline-offset: 1px; border-radius: 4px; }
</style>"""
)


def score_rows(question: Question) -> tuple[Result, ...]:
    """The finding in a sentence, and the four rows that it is made from."""
    st.html(STYLE)
    summary = st.container()
    with st.container(key="scorecard"):
        rows = {name: st.columns(WIDTHS) for name in RULES}
    number_of_speed = rows[SPEED][1].container()
    with rows[SPEED][1]:
        speed = measured_speed(question)
        st.caption(WAITS, help=HOW_MEASURED)
    evidence = remembered.evidence(question.pair, question.example.task, speed)
    card = scorecard(evidence)
    summary.html(element("p", "dl-finding", escaped(finding(evidence.task, card))))
    for result in card:
        name = result.definition.name
        what, here, published, verdict, more = rows[name]
        what.markdown(f"**{name}**", help=result.definition.meaning)
        (number_of_speed if name == SPEED else here).html(_here(result))
        published.html(_published(result))
        verdict.html(_verdict(result))
        with more:
            link_to_page(READ_ON[name], short=True)
    st.caption("A row passes or fails if its whole 95% CI is on one side of the threshold.", help=HOW_JUDGED)
    numbers("Data table", "scorecard", partial(scorecard_table, card))
    return card


def _here(result: Result) -> str:
    """This pair's number with its interval and conditions, or why there is none."""
    measured = result.measured
    if measured is None:
        return element("div", "dl-cell", _small("this pair"), _small(result.reason))
    exact = measured.estimate.low == measured.estimate.high
    conditions = element("summary", "", "Counted" if exact else "95% CI") + escaped(measured.conditions)
    return element(
        "div",
        "dl-cell",
        _small("this pair"),
        element("div", "dl-score", escaped(measurement_text(measured, result.definition.unit))),
        _small(measured.detail),
        element("details", "dl-small", conditions),
    )


def _published(result: Result) -> str:
    """The published number of the full-size pair, what it is of, and its source."""
    figure = "none" if result.reported is None else number(result.reported, result.definition.unit)
    source = link(result.reported_by.citation, result.reported_by.url) if result.reported_by else ""
    return element(
        "div",
        "dl-cell",
        _small("published, full size"),
        element("div", "dl-score", escaped(figure)),
        _small(result.reported_as),
        element("div", "dl-small", source),
    )


def _verdict(result: Result) -> str:
    """The verdict as a sign and a word, and the rule that it follows from."""
    sign, css, word = LIGHTS[result.verdict]
    light = element("span", f"dl-score dl-verdict dl-{css}", f'<i aria-hidden="true">{sign}</i> ', escaped(word))
    return element("div", "dl-cell", light, _small(RULES[result.definition.name].text))


def _small(text: str) -> str:
    return element("div", "dl-small", escaped(text)) if text else ""
