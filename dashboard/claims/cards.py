"""A claim as a card: its verdict in a word and a sign, who says it, why, and a line for each exact meaning."""

from __future__ import annotations

from analysis.claims.targets import FAILS, HOLDS, IN_PART, UNMEASURED
from analysis.claims.values import Judged, Line, Quotation
from analysis.claims.verdicts import COMPARED, asked_in_words, in_words, number
from dashboard.claims.strip import Scale, scales, strip
from dashboard.markup import element, escaped, link

SIGNS = {HOLDS: ("✓", "holds"), IN_PART: ("◐", "part"), FAILS: ("✗", "fails"), UNMEASURED: ("?", "open")}  # and a class

STYLE = """<style>
.dl-claim { border: 1px solid color-mix(in srgb, currentColor 18%, transparent); border-radius: 6px;
  border-left: 5px solid var(--dl-verdict); padding: 0.7rem 1rem; }
.dl-claim p { margin: 0.35rem 0; overflow-wrap: anywhere; }
.dl-claim-title { font-size: 1.15rem; font-weight: 600; margin-right: 0.6rem; }
.dl-verdict { font-weight: 600; white-space: nowrap; }
.dl-verdict i { font-style: normal; color: var(--dl-verdict); display: inline-block; min-width: 1.1em; }
.dl-holds { --dl-verdict: #00916A; } .dl-part { --dl-verdict: #B7791F; }
.dl-fails { --dl-verdict: #D0473C; } .dl-open { --dl-verdict: #8A8F98; }
.dl-quote { font-style: italic; }
.dl-line { display: grid; grid-template-columns: 10.5rem minmax(0, 5fr) minmax(0, 6fr); gap: 0.2rem 1rem;
  line-height: 1.4;  padding: 0.5rem 0; border-top: 1px solid color-mix(in srgb, currentColor 15%, transparent); }
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
    """One claim, as HTML."""
    claim, drawn = judged.claim, scales(judged.lines)
    return element(
        "div",
        f"dl-claim dl-{SIGNS[judged.verdict][1]}",
        element("span", "dl-claim-title", escaped(claim.title)),
        _verdict(judged.verdict),
        *(element("p", "dl-small", _quotation(said)) for said in claim.said),
        element("p", "", escaped(judged.why)),
        element("p", "dl-small", escaped(judged.published)) if judged.published else "",
        *(_line(line, drawn.get(line.definition.unit)) for line in judged.lines),
    )


def _verdict(verdict: str, after: str = "") -> str:
    sign, css = SIGNS[verdict]
    return element("span", f"dl-verdict dl-{css}", f'<i aria-hidden="true">{sign}</i> ', escaped(verdict + after))


def _quotation(said: Quotation) -> str:
    source = link(said.source.words, said.source.url)
    return f"{element('span', 'dl-quote', escaped(f'“{said.wording}”'))} — {source}"


def _line(line: Line, scale: Scale | None) -> str:
    verdict = "to compare" if line.verdict == COMPARED else _verdict(line.verdict)
    return element(
        "div",
        "dl-line",
        element("div", "", verdict),
        element("div", "", element("b", "", escaped(line.name)), f"<br>{_small(line.definition.meaning)}"),
        element("div", "", *_numbers(line), strip(line, scale) if scale and _drawn(line) else "", _conditions(line)),
    )


def _drawn(line: Line) -> bool:
    return line.definition.target is not None and (line.measured is not None or line.reported is not None)


def _numbers(line: Line) -> list[str]:
    """What was measured, what is asked, and what was published, each under its name."""
    unit, measured = line.definition.unit, line.measured
    here = in_words(measured, unit) if measured else "not measured here"
    detail = f" ({measured.detail})" if measured and measured.detail else ""
    parts = [element("b", "", escaped(here)), escaped(detail)]
    if asked := asked_in_words(line.definition.target, unit):
        parts.append(escaped(f" · asked: {asked}"))
    return [*parts, _published(line)]


def _published(line: Line) -> str:
    """The published number, what it is made of, and where it stands."""
    figure = "" if line.reported is None else number(line.reported, line.definition.unit)
    told = ", ".join(filter(None, (figure, line.reported_as)))
    where = f" ({link(line.reported_by.words, line.reported_by.url)})" if line.reported_by else ""
    return element("div", "dl-small", escaped(f"published: {told}"), where) if told else ""


def _conditions(line: Line) -> str:
    told = line.reason or (line.measured.conditions if line.measured else "")
    if line.reason and line.measured:
        told = f"{line.reason} {line.measured.conditions.capitalize()}."
    return element("div", "", _small(told))


def _small(text: str) -> str:
    return element("span", "dl-small", escaped(text))
