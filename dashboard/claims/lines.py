"""A claim as a line that opens: verdict as word and sign, and the number that decides; in it, every exact meaning."""

from __future__ import annotations

from collections.abc import Container, Mapping

from analysis.claims.claim import JudgedClaim, Quotation, Result
from analysis.claims.criteria import FAILS, HOLDS, IN_PART, INCONCLUSIVE, PENDING, UNMEASURABLE
from analysis.claims.judging import COMPARED, criterion_text, decisive, measurement_text, number
from dashboard.address_keys import slug
from dashboard.claims.gauge import Scale, drawable, gauge, scales
from dashboard.ui.markup import element, escaped, link

SIGNS = {  # verdict -> its sign and its CSS class
    HOLDS: ("✓", "holds"),
    IN_PART: ("◐", "part"),
    FAILS: ("✗", "fails"),
    PENDING: ("…", "open"),
    INCONCLUSIVE: ("≈", "open"),
    UNMEASURABLE: ("?", "open"),
}

STYLE = """<style>
.dl-claim { border: 1px solid color-mix(in srgb, currentColor 18%, transparent); border-radius: 6px;
  border-left: 5px solid var(--dl-verdict); margin: 0.3rem 0; }
.dl-claim summary { display: grid; grid-template-columns: 1rem 11rem minmax(0, 4fr) minmax(0, 5fr) minmax(0, 3fr);
  gap: 0.2rem 1rem; align-items: center; padding: 0.35rem 1rem; line-height: 1.4; cursor: pointer; list-style: none; }
.dl-claim summary::-webkit-details-marker { display: none; }
.dl-claim summary::before { content: "▸"; } .dl-claim[open] summary::before { content: "▾"; }
.dl-claim summary:hover { background: color-mix(in srgb, currentColor 5%, transparent); }
.dl-claim summary:focus-visible { outline: 3px solid var(--dl-teacher); outline-offset: 1px; border-radius: 4px; }
.dl-claim .dl-claim-body { padding: 0 1rem 0.6rem; }
.dl-claim p { margin: 0.35rem 0; overflow-wrap: anywhere; }
.dl-claim h3 { font-size: 1.05rem; font-weight: 600; line-height: 1.3; margin: 0; padding: 0; }
.dl-verdict { font-weight: 600; white-space: nowrap; }
.dl-verdict i { font-style: normal; color: var(--dl-verdict); display: inline-block; min-width: 1.1em; }
.dl-holds { --dl-verdict: var(--dl-supports); } .dl-part { --dl-verdict: var(--dl-amber); }
.dl-fails { --dl-verdict: var(--dl-red); } .dl-open { --dl-verdict: var(--dl-grey); }
.dl-quote { font-style: italic; }
.dl-line { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 0.2rem 1.5rem;
  line-height: 1.4; padding: 0.5rem 0; border-top: 1px solid color-mix(in srgb, currentColor 15%, transparent); }
.dl-line > div { min-width: 0; overflow-wrap: anywhere; }
.dl-line b { font-weight: 600; }
.dl-gauge { position: relative; height: 1.1rem; margin: 0.3rem 0 0; border-radius: 3px;
  background: color-mix(in srgb, currentColor 6%, transparent); }
.dl-gauge span { position: absolute; top: 0; bottom: 0; }
.dl-asked { background: color-mix(in srgb, var(--dl-supports) 22%, transparent); }
.dl-figure { border-left: 2px solid currentColor; margin-left: -1px; }
.dl-gauge .dl-interval { top: 50%; bottom: auto; height: 3px; margin-top: -1.5px; background: var(--dl-student); }
.dl-gauge .dl-dot { top: 50%; bottom: auto; width: 10px; height: 10px; margin: -5px; background: var(--dl-student); }
.dl-gauge .dl-reported { top: 50%; bottom: auto; width: 9px; height: 9px; margin: -5.5px;
  border: 2px solid var(--dl-grey); transform: rotate(45deg); }
.dl-ends { display: flex; justify-content: space-between; font-size: 0.75rem; opacity: 0.75; }
@media (max-width: 640px) {
  .dl-line { grid-template-columns: minmax(0, 1fr); }
  .dl-claim summary { grid-template-columns: 1rem minmax(0, 1fr); }
  .dl-claim summary > * { grid-column: 2; } .dl-claim summary h3 { grid-row: 1; }
  .dl-claim summary > :empty { display: none; }
}
</style>"""


def line(judged: JudgedClaim, pair: str) -> str:
    """One claim as HTML: verdict, title, and the number that decides; it opens to all that is known about the claim."""
    return (
        f'<details class="dl-claim dl-{SIGNS[judged.verdict][1]} dl-claim-{slug(judged.claim.title)}">'
        + element("summary", "", *_summary(judged, pair))
        + element("div", "dl-claim-body", *_body(judged))
        + "</details>"
    )


def _summary(judged: JudgedClaim, pair: str) -> tuple[str, ...]:
    """What is seen of a closed claim. What a pair has learned is its own: such a verdict names the pair."""
    result, drawn = decisive(judged.results), scales(judged.results)
    named = judged.claim.about_weights and result.measured
    return (
        element("div", "", _verdict(judged.verdict), _small_line(f"for the pair {pair}") if named else ""),
        element("h3", "dl-claim-title", escaped(judged.claim.title)),
        element("div", "", *_decisive(result)),
        element("div", "", gauge(result, drawn[result.definition.unit]) if drawable(result) else ""),
    )


def _decisive(result: Result) -> tuple[str, ...]:
    """The number with its interval and what it is of, or why there is none; and the published one."""
    published = "" if result.reported is None else f"published: {number(result.reported, result.definition.unit)}"
    if result.measured is None:
        return _small_line(result.reason), _small_line(published)
    measured = measurement_text(result.measured, result.definition.unit)
    return element("b", "", escaped(measured)), _small_line(" · ".join(filter(None, (result.name, published))))


def _small_line(text: str) -> str:
    """A small line of its own."""
    return element("div", "dl-small", escaped(text)) if text else ""


def _body(judged: JudgedClaim) -> tuple[str, ...]:
    """Sources, reasons and every meaning. A criterion or conditions that all judged results share are shown once."""
    claim, drawn = judged.claim, scales(judged.results)
    criterion = _shared([_criterion(result) for result in judged.results if result.verdict])
    conditions = _shared(
        [result.measured.conditions for result in judged.results if result.measured and result.verdict]
    )
    return (
        *(element("p", "dl-small", _quotation(quotation)) for quotation in claim.quotations),
        element("p", "", escaped(judged.why)),
        element("p", "dl-small", escaped(judged.published)) if judged.published else "",
        element("p", "dl-small", escaped(f"Passes if the value is {criterion}.")) if criterion else "",
        *(_result(result, drawn, {criterion, conditions}) for result in judged.results),
        element("p", "dl-small", escaped(f"Conditions: {conditions}.")) if conditions else "",
    )


def _shared(texts: list[str]) -> str:
    """The text that occurs several times, or "" if the texts differ."""
    return texts[0] if len(texts) > 1 and len(set(texts)) == 1 else ""


def _verdict(verdict: str) -> str:
    sign, css = SIGNS[verdict]
    return element("span", f"dl-verdict dl-{css}", f'<i aria-hidden="true">{sign}</i> ', escaped(verdict))


def _quotation(quotation: Quotation) -> str:
    source = link(quotation.source.citation, quotation.source.url)
    return f"{element('span', 'dl-quote', escaped(f'“{quotation.wording}”'))} — {source}"


def _result(result: Result, drawn: Mapping[str, Scale], shown: Container[str]) -> str:
    """One meaning, without what is `shown` elsewhere in the claim."""
    verdict = "to compare" if result.verdict == COMPARED else _verdict(result.verdict)
    return element(
        "div",
        "dl-line",
        element(
            "div",
            "",
            element("b", "", escaped(result.name)),
            " · ",
            verdict,
            f"<br>{_small(result.definition.meaning)}",
        ),
        element(
            "div",
            "",
            _numbers(result, shown),
            _published(result),
            gauge(result, drawn[result.definition.unit]) if drawable(result) else "",
            element("div", "", _small(_conditions(result, shown))),
        ),
    )


def _criterion(result: Result) -> str:
    return criterion_text(result.definition.criterion, result.definition.unit)


def _numbers(result: Result, shown: Container[str]) -> str:
    """What was measured, and the criterion."""
    measured = result.measured
    here = measurement_text(measured, result.definition.unit) if measured else _missing(result)
    detail = f" ({measured.detail})" if measured and measured.detail else ""
    criterion = _criterion(result)
    passes = f" · passes if {criterion}" if result.verdict and criterion not in shown else ""
    return element("b", "", escaped(here)) + escaped(detail + passes)


def _missing(result: Result) -> str:
    return PENDING if result.verdict == PENDING else "not measured here"


def _conditions(result: Result, shown: Container[str]) -> str:
    """Why there is no verdict, and how the number was measured."""
    conditions = result.measured.conditions if result.measured else ""
    if not conditions or conditions in shown:
        return result.reason
    return f"{result.reason} ({conditions})" if result.reason else conditions


def _published(result: Result) -> str:
    """The published number, what it is made of, and its source."""
    figure = "" if result.reported is None else number(result.reported, result.definition.unit)
    published = ", ".join(filter(None, (figure, result.reported_as)))
    source = f" ({link(result.reported_by.citation, result.reported_by.url)})" if result.reported_by else ""
    return element("div", "dl-small", escaped(f"published: {published}"), source) if published else ""


def _small(text: str) -> str:
    return element("span", "dl-small", escaped(text))
