"""A claim as a card: its verdict in a word and a sign, who says it, why, and a line for each exact meaning."""

from __future__ import annotations

from collections.abc import Container, Mapping

from analysis.claims.claim import Judged, Line, Quotation
from analysis.claims.criteria import FAILS, HOLDS, IN_PART, UNMEASURED
from analysis.claims.judging import COMPARED, asked_in_words, in_words, number
from dashboard.claims.gauge import Scale, drawable, scales, strip
from dashboard.ui.markup import element, escaped, link

SIGNS = {HOLDS: ("✓", "holds"), IN_PART: ("◐", "part"), FAILS: ("✗", "fails"), UNMEASURED: ("?", "open")}  # and a class

STYLE = """<style>
.dl-claim { border: 1px solid color-mix(in srgb, currentColor 18%, transparent); border-radius: 6px;
  border-left: 5px solid var(--dl-verdict); padding: 0.7rem 1rem; }
.dl-claim p { margin: 0.35rem 0; overflow-wrap: anywhere; }
.dl-claim h3 { display: inline; font-size: 1.15rem; font-weight: 600; margin: 0 0.6rem 0 0; padding: 0; }
.dl-verdict { font-weight: 600; white-space: nowrap; }
.dl-verdict i { font-style: normal; color: var(--dl-verdict); display: inline-block; min-width: 1.1em; }
.dl-holds { --dl-verdict: #00916A; } .dl-part { --dl-verdict: #B7791F; }
.dl-fails { --dl-verdict: #D0473C; } .dl-open { --dl-verdict: #8A8F98; }
.dl-quote { font-style: italic; }
.dl-line { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 0.2rem 1.5rem;
  line-height: 1.4; padding: 0.5rem 0; border-top: 1px solid color-mix(in srgb, currentColor 15%, transparent); }
.dl-line > div { min-width: 0; overflow-wrap: anywhere; }
.dl-line b { font-weight: 600; }
.dl-gauge { position: relative; height: 1.1rem; margin: 0.3rem 0 0; border-radius: 3px;
  background: color-mix(in srgb, currentColor 6%, transparent); }
.dl-gauge span { position: absolute; top: 0; bottom: 0; }
.dl-asked { background: color-mix(in srgb, #00916A 22%, transparent); }
.dl-figure { border-left: 2px solid currentColor; margin-left: -1px; }
.dl-gauge .dl-interval { top: 50%; bottom: auto; height: 3px; margin-top: -1.5px; background: #D9661F; }
.dl-gauge .dl-dot { top: 50%; bottom: auto; width: 10px; height: 10px; margin: -5px; background: #D9661F; }
.dl-gauge .dl-reported { top: 50%; bottom: auto; width: 9px; height: 9px; margin: -5.5px; border: 2px solid #8A8F98;
  transform: rotate(45deg); }
.dl-ends { display: flex; justify-content: space-between; font-size: 0.75rem; opacity: 0.75; }
.dl-counts { display: flex; flex-wrap: wrap; gap: 0.4rem 1.6rem; font-size: 1.05rem; }
@media (max-width: 640px) { .dl-line { grid-template-columns: minmax(0, 1fr); } }
</style>"""


def counts(found: tuple[Judged, ...]) -> str:
    """How many claims got each verdict."""
    verdicts = [judged.verdict for judged in found]
    return element("div", "dl-counts", *(_verdict(verdict, f" {verdicts.count(verdict)}") for verdict in SIGNS))


def card(judged: Judged) -> str:
    """One claim, as HTML. What its judged lines share, what is asked and under which conditions, is told once."""
    claim, drawn = judged.claim, scales(judged.lines)
    asked = _shared([_asked(line) for line in judged.lines if line.verdict])
    conditions = _shared([line.measured.conditions for line in judged.lines if line.measured and line.verdict])
    return element(
        "div",
        f"dl-claim dl-{SIGNS[judged.verdict][1]}",
        element("h3", "dl-claim-title", escaped(claim.title)),
        _verdict(judged.verdict),
        *(element("p", "dl-small", _quotation(said)) for said in claim.said),
        element("p", "", escaped(judged.why)),
        element("p", "dl-small", escaped(judged.published)) if judged.published else "",
        element("p", "dl-small", escaped(f"Asked: {asked}.")) if asked else "",
        *(_line(line, drawn, {asked, conditions}) for line in judged.lines),
        element("p", "dl-small", escaped(f"Conditions: {conditions}.")) if conditions else "",
    )


def _shared(told: list[str]) -> str:
    """The one thing that is told several times, or "" where there are several things."""
    return told[0] if len(told) > 1 and len(set(told)) == 1 else ""


def _verdict(verdict: str, after: str = "") -> str:
    sign, css = SIGNS[verdict]
    return element("span", f"dl-verdict dl-{css}", f'<i aria-hidden="true">{sign}</i> ', escaped(verdict + after))


def _quotation(said: Quotation) -> str:
    source = link(said.source.words, said.source.url)
    return f"{element('span', 'dl-quote', escaped(f'“{said.wording}”'))} — {source}"


def _line(line: Line, drawn: Mapping[str, Scale], told: Container[str]) -> str:
    """One meaning, without what is `told` elsewhere in the card."""
    verdict = "to compare" if line.verdict == COMPARED else _verdict(line.verdict)
    return element(
        "div",
        "dl-line",
        element(
            "div", "", element("b", "", escaped(line.name)), " · ", verdict, f"<br>{_small(line.definition.meaning)}"
        ),
        element(
            "div",
            "",
            _numbers(line, told),
            _published(line),
            strip(line, drawn[line.definition.unit]) if drawable(line) else "",
            element("div", "", _small(_conditions(line, told))),
        ),
    )


def _asked(line: Line) -> str:
    return asked_in_words(line.definition.target, line.definition.unit)


def _numbers(line: Line, told: Container[str]) -> str:
    """What was measured, and what is asked."""
    measured = line.measured
    here = in_words(measured, line.definition.unit) if measured else "not measured here"
    detail = f" ({measured.detail})" if measured and measured.detail else ""
    asked = f" · asked: {_asked(line)}" if line.verdict and _asked(line) not in told else ""
    return element("b", "", escaped(here)) + escaped(detail + asked)


def _conditions(line: Line, told: Container[str]) -> str:
    """Why there is no verdict, or how the number was measured."""
    conditions = line.measured.conditions if line.measured else ""
    if not conditions or conditions in told:
        return line.reason
    return f"{line.reason} ({conditions})" if line.reason else conditions


def _published(line: Line) -> str:
    """The published number, what it is made of, and where it stands."""
    figure = "" if line.reported is None else number(line.reported, line.definition.unit)
    told = ", ".join(filter(None, (figure, line.reported_as)))
    where = f" ({link(line.reported_by.words, line.reported_by.url)})" if line.reported_by else ""
    return element("div", "dl-small", escaped(f"published: {told}"), where) if told else ""


def _small(text: str) -> str:
    return element("span", "dl-small", escaped(text))
