"""HTML made of user text, safe by construction: text goes in through `escaped`, tags come from here only.

Everything that a person typed reaches the page through this module or through `st.text`; never as Markdown, in which
`:red[…]`, `$…$` and links are live.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dashboard.ui.theme import COLOURS, CSS, OPPOSES, SUPPORTS

# Control characters cannot be shown (and HTML forbids NUL): their pictures stand for them.
PICTURES = {code: 0x2400 + code for code in range(32) if chr(code) not in "\t\n\r"} | {127: 0x2421}

STYLE = (
    f"<style>{CSS}"
    + """
.dl-name { color: inherit; font-weight: 600; }
.dl-answer { font-weight: 600; unicode-bidi: plaintext; }
.dl-small { font-size: 0.85rem; overflow-wrap: anywhere; }
.dl-teacher { --dl-side: var(--dl-teacher); } .dl-student { --dl-side: var(--dl-student); }
.dl-text { white-space: pre-wrap; overflow-wrap: anywhere; unicode-bidi: plaintext; line-height: 2.1; }
.dl-mark { background: color-mix(in srgb, var(--dl-side) 26%, transparent); color: inherit; border-radius: 4px;
  padding: 0.1em 0.25em; border-bottom: 2px solid var(--dl-side); }
.dl-mark.dl-only { border: 2px dashed var(--dl-side); }
.dl-mark sub { font-size: 0.72em; margin-left: 0.3em; bottom: 0; }
.dl-token { display: inline-block; padding: 0 0.35em; margin: 0.12em; border-radius: 4px; white-space: pre-wrap;
  overflow-wrap: anywhere; font-family: monospace; font-size: 0.85rem;
  border: 1px solid color-mix(in srgb, currentColor 30%, transparent); }
.dl-token.dl-added { opacity: 0.8; border-style: dotted; }
.dl-token.dl-part { border-left: none; margin-left: -0.25em; border-top-left-radius: 0; border-bottom-left-radius: 0; }
.dl-for, .dl-against { border-radius: 3px; padding: 0.1em 0.15em; }
.dl-for { border-bottom: 2px solid var(--dl-supports); } .dl-against { border-bottom: 2px dashed var(--dl-opposes); }
.dl-more-teacher, .dl-more-student { border-radius: 3px; padding: 0.1em 0.15em; }
.dl-more-teacher { border-bottom: 2px solid var(--dl-teacher); }
.dl-more-student { border-bottom: 2px dashed var(--dl-student); }
.dl-framed { outline: 2px solid currentColor; outline-offset: 1px; margin: 0 2px; }
.dl-rows { display: grid; grid-template-columns: max-content minmax(0, 1fr); column-gap: 1rem; align-items: baseline; }
.dl-rows small { display: block; font-weight: 400; }
.dl-finding { font-weight: 600; margin: 0; line-height: 1.35; overflow-wrap: anywhere; }
.dl-scroll { overflow-x: auto; }
.dl-table { border-collapse: collapse; font-size: 0.92rem; }
.dl-table th, .dl-table td { padding: 0.3rem 0.6rem; text-align: left; vertical-align: top; min-width: 3.5rem;
  max-width: 32rem; overflow-wrap: anywhere; unicode-bidi: plaintext;
  border-bottom: 1px solid color-mix(in srgb, currentColor 15%, transparent); }
.dl-table th { overflow-wrap: break-word; }
.dl-table td:first-child:not(.dl-number) { min-width: 6.5rem; }
.dl-table .dl-number { text-align: right; font-variant-numeric: tabular-nums; }
.dl-table td.dl-number { white-space: nowrap; }
@media (max-width: 640px) {
  .dl-rows { grid-template-columns: minmax(0, 1fr); }
  .dl-table th, .dl-table td { padding-inline: 0.3rem; overflow-wrap: break-word; }  /* no word is parted to fit */
  .dl-table td:first-child:not(.dl-number) { min-width: 6rem; }
  .dl-table td.dl-number { white-space: normal; overflow-wrap: normal; }  /* an interval below its number */
}
.dl-problem { border-left: 4px solid var(--dl-red); padding: 0.6rem 0.9rem; border-radius: 4px; overflow-wrap: anywhere;
  background: color-mix(in srgb, var(--dl-red) 12%, transparent); }
.dl-note { border-left: 4px solid var(--dl-grey); padding: 0.5rem 0.9rem; border-radius: 4px; overflow-wrap: anywhere;
  background: color-mix(in srgb, var(--dl-grey) 14%, transparent); }
div[data-testid="stCaptionContainer"], div[data-testid="stCaptionContainer"] p { color: inherit; opacity: 1; }
.js-plotly-plot :is([class*="axislayer"], .textpoint, .infolayer :is([class^="g-"], .legend, [class*="colorbar"])) text,
.js-plotly-plot .bartext-outside { fill: currentColor !important; }  /* as readable as text, in both themes */
@media (max-width: 640px) {  /* not all names below the columns of a map: they would cover each other */
  .js-plotly-plot:has(.hm) .xaxislayer-above:has(.xtick:nth-child(14)) .xtick:nth-child(even),
  .js-plotly-plot:has(.hm) .xaxislayer-above:has(.xtick:nth-child(28)) .xtick:not(:nth-child(4n + 1)),
  .js-plotly-plot:has(.hm) .xaxislayer-above:has(.xtick:nth-child(56)) .xtick:not(:nth-child(8n + 1))
    { display: none; }
}
/* The tool bar and the menu of a figure stand above it, where they cover nothing. */
.stElementContainer:has(.stPlotlyChart) { position: relative; margin-top: -1rem; padding-top: 1rem;
  box-sizing: content-box; }
.stElementContainer[class*="-menu-of-figure"] { position: absolute; right: 0; width: 1px !important; overflow: hidden; }
.js-plotly-plot .modebar { top: -0.25rem !important; right: 2rem !important; }
@media (hover: none) { .js-plotly-plot .modebar { display: none; } }  /* the menu has its buttons */
.dl-figure-menu { position: absolute; top: 0; right: 0; z-index: 80; }
.dl-figure-menu summary { list-style: none; cursor: pointer; width: 1.75rem; height: 1.5rem; line-height: 1.25rem;
  text-align: center; font-weight: 700; border-radius: 4px; }
.dl-figure-menu summary:hover { background: color-mix(in srgb, currentColor 14%, transparent); }
.dl-figure-menu > div { position: absolute; right: 0; width: max-content; padding: 0.25rem; border-radius: 6px;
  border: 1px solid color-mix(in srgb, currentColor 30%, transparent); background: var(--dl-ground); }
.dl-figure-menu button { display: block; width: 100%; min-height: 2rem; padding: 0 0.75rem; text-align: left;
  font: inherit; color: inherit; background: none; border: 0; border-radius: 4px; cursor: pointer; }
.dl-figure-menu button[hidden] { display: none; }
.dl-figure-menu button:hover { background: color-mix(in srgb, currentColor 14%, transparent); }
.dl-figure-menu :focus-visible { outline: 2px solid currentColor; }
/* For a class, half as large again: 14 px are 21. With the mouse, Plotly follows a transform but no zoom; a transform
   leaves the room as it was, so the height is the menu's to say. */
:is(.stElementContainer, [data-testid="stLayoutWrapper"]):fullscreen { overflow: auto; padding: 1rem;
  background: var(--dl-ground); }
:fullscreen .dl-name { font-size: 1.5rem; }
.dl-large { overflow: visible !important; flex: none !important; height: calc(1.5 * var(--dl-height)) !important; }
.dl-large > :not(.dl-figure-menu) { width: calc(100% / 1.5) !important; }
.dl-large .stPlotlyChart { transform: scale(1.5); transform-origin: 0 0; overflow: visible !important; }
</style>"""
)

# What a tint above 0 and one below are drawn with, each (class, colour).
Poles = tuple[tuple[str, str], tuple[str, str]]
FOR_AND_AGAINST: Poles = ("dl-for", SUPPORTS), ("dl-against", OPPOSES)
TEACHER_AND_STUDENT: Poles = ("dl-more-teacher", COLOURS.teacher), ("dl-more-student", COLOURS.student)


@dataclass(frozen=True, slots=True)
class Mark:
    """A stretch of a text to set apart, `start` to `end` in characters; `only` where the other model has it not."""

    start: int
    end: int
    label: str = ""
    only: bool = False


@dataclass(frozen=True, slots=True)
class Tint:
    """A stretch to tint, `start` to `end` in characters, by `strength` from -1 to 1; `label` is shown on hover.

    `framed` where it is not the same in another text that stands beside.
    """

    start: int
    end: int
    strength: float
    label: str
    framed: bool = False


def escaped(text: str) -> str:
    """The text as HTML that shows it as typed."""
    return html.escape(text.translate(PICTURES))


def element(tag: str, classes: str, *content: str) -> str:
    """One element around content that is HTML already."""
    return f'<{tag} class="{classes}">{"".join(content)}</{tag}>'


def link(text: str, address: str) -> str:
    """A link of ours, opened beside the page."""
    return f'<a href="{escaped(address)}" target="_blank" rel="noopener">{escaped(text)}</a>'


def marked(text: str, marks: Sequence[Mark], side: str) -> str:
    """A text with stretches set apart in the colour of a side. Overlapping marks after the first are left out."""
    parts: list[str] = []
    position = 0
    for mark in sorted(marks, key=lambda mark: (mark.start, mark.end)):
        if mark.start < position:
            continue
        label = f"<sub>{escaped(mark.label)}</sub>" if mark.label else ""
        css = "dl-mark dl-only" if mark.only else "dl-mark"
        parts += [
            escaped(text[position : mark.start]),
            element("mark", css, escaped(text[mark.start : mark.end]), label),
        ]
        position = mark.end
    return element("div", f"dl-text dl-{side}", *parts, escaped(text[position:]))


def tinted(text: str, tints: Sequence[Tint], side: str, poles: Poles = FOR_AND_AGAINST) -> str:
    """A text with words tinted: by the first pole above 0, on a solid line, by the second below, on a dashed one.

    The number is shown on hover.
    """
    parts: list[str] = []
    position = 0
    for tint in sorted(tints, key=lambda tint: tint.start):
        css, colour = poles[tint.strength < 0]
        css += " dl-framed" if tint.framed else ""
        shade = f"background: color-mix(in srgb, {colour} {60 * min(abs(tint.strength), 1):.0f}%, transparent)"
        word = escaped(text[tint.start : tint.end])
        parts.append(escaped(text[position : tint.start]))
        parts.append(f'<span class="{css}" style="{shade}" title="{escaped(tint.label)}">{word}</span>')
        position = tint.end
    return element("div", f"dl-text dl-{side}", *parts, escaped(text[position:]))


def token_row(pieces: Iterable[tuple[str, bool]]) -> str:
    """Tokens as boxes, each (piece, whether the tokenizer added it). A piece that continues a word joins the last."""
    boxes = (
        element(
            "span", f"dl-token{' dl-added' if added else ' dl-part' if piece.startswith('##') else ''}", escaped(piece)
        )
        for piece, added in pieces
    )
    return element("div", "", *boxes)


def table(header: Sequence[str], rows: Iterable[Sequence[str]], numeric: Iterable[int] = ()) -> str:
    """A table of texts, columns in `numeric` aligned to the right. Where it is too wide, the arrow keys move it.

    In a narrow cell a path breaks behind a slash rather than within a name.
    """
    css = dict.fromkeys(numeric, "dl-number")

    def row(tag: str, cells: Sequence[str]) -> str:
        return element(
            "tr",
            "",
            *(element(tag, css.get(i, ""), escaped(cell).replace("/", "/<wbr>")) for i, cell in enumerate(cells)),
        )

    inside = element("table", "dl-table", row("th", header), *(row("td", r) for r in rows))
    return f'<div class="dl-scroll" tabindex="0" role="group" aria-label="{escaped(header[0])}">{inside}</div>'


def problem(sentence: str) -> str:
    """A sentence about what went wrong, announced by screen readers."""
    return f'<div class="dl-problem" role="alert">{escaped(sentence)}</div>'


def note(sentence: str) -> str:
    """A sentence set apart from the page."""
    return element("div", "dl-note", escaped(sentence))
