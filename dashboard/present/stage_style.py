"""How presenter mode looks: the page stays as it is and is hidden but for the part that the step points at.

What is hidden keeps its room and its state, so that nothing has to be drawn in another way. The part is lifted out of
the page, and `stage.js` makes it as large as its room allows.
"""

from __future__ import annotations

from dashboard.present.points import Point

# The words stand beside the part or, where that needs all of the width, and on a telephone, above it.
BESIDE = """
#stage-room { left: 40vw; top: 0; }
.st-key-stage { width: 38vw; }
"""
ABOVE = """
#stage-room { left: 0; top: var(--dl-stage-end, 45vh); }
.st-key-stage { width: 100vw; }
"""

SAID = ".dl-problem, .stProgress, .stProgress *"  # what is told of the page besides

STYLE = """<style>
[data-testid="stHeader"], .stAppHeader { display: none !important; }
.stMain { overflow: hidden !important; }
.stMain :not(:is(POINT, POINT *, .st-key-stage, .st-key-stage *, SAID)) { visibility: hidden !important; }
.st-key-stage { visibility: visible; position: fixed !important; z-index: 200; left: 0; top: 0; padding: 1rem 1.5rem 0;
  max-height: 100vh; overflow-y: auto; box-sizing: border-box; }
#stage-room { position: fixed; right: 0; bottom: 0; margin: 1rem; visibility: hidden; pointer-events: none; }
POINT { visibility: visible; position: fixed !important; z-index: 100; left: var(--dl-left, 40vw);
  top: var(--dl-top, 1rem); width: var(--dl-width, 58vw) !important; max-width: none !important;
  height: var(--dl-height, 90vh) !important; max-height: none !important;
  overflow: hidden var(--dl-scroll, auto);
  margin: 0 !important; padding: 0 0.5rem !important; box-sizing: border-box !important; opacity: 1 !important;
  transform: scale(var(--dl-whole, 1)); transform-origin: 0 0; border-radius: 6px; background: var(--dl-ground);
  outline: 2px solid color-mix(in srgb, currentColor 22%, transparent); }
POINT :is(.dl-figure-menu, .modebar, .dl-note, [data-testid="stPopover"], .stPageLink, .stTooltipIcon,
  [data-testid="stCaptionContainer"]),
POINT.st-key-scorecard details, POINT .st-key-ten_best,
POINT:not(.st-key-disagreements) .stButton { display: none !important; }
POINT .stElementContainer { overflow: visible !important; }
POINT { align-content: flex-start; }
POINT [data-testid="stFullScreenFrame"]:has(> .stPlotlyChart) { width: calc(100% / var(--dl-figure, 1)) !important; }
POINT .js-plotly-plot { transform: scale(var(--dl-figure, 1)); transform-origin: 0 0; }
POINT .dl-name { font-size: 1.25rem; }
POINT :is(.dl-small, .dl-who, .dl-ends) { font-size: 1rem; opacity: 1; }
POINT.st-key-scorecard .dl-small:has(a), POINT .dl-claim-body > p { display: none; }  /* for readers, not listeners */
POINT .js-plotly-plot:has(.imagelayer image) :is(.xtick, .ytick) text
  { font-size: calc(14px / min(1, var(--dl-figure, 1))) !important; }
.stMain :is(.dl-problem, .stProgress) { visibility: visible; position: fixed; z-index: 210; right: 1rem;
  bottom: 1rem; width: min(50vw, 40rem); background: var(--dl-ground); }
.st-key-stage .dl-problem { position: static; width: auto; }
.stMain h1.dl-stage-title { font-size: 40px; line-height: 1.15; font-weight: 700; margin: 0.75rem 0 0; padding: 0; }
.dl-stage-text, .dl-stage-finding { font-size: 26px; line-height: 1.35; margin: 0.75rem 0 0; overflow-wrap: anywhere; }
.dl-stage-finding { font-weight: 600; border-left: 5px solid var(--dl-grey); padding-left: 0.75rem; font-size: 24px; }
.st-key-stage_bar { flex-wrap: nowrap; }
.st-key-stage_bar > :has(.dl-line-of-talk), .st-key-stage_bar > .stElementContainer:has(.dl-line-of-talk)
  { flex: 1 1 0; min-width: 0; }
.dl-line-of-talk { height: 4px; border-radius: 2px; background: color-mix(in srgb, currentColor 18%, transparent); }
.dl-line-of-talk > div { height: 100%; border-radius: 2px; background: var(--dl-teacher); }
.dl-place { font-size: 0.9rem; white-space: nowrap; }
.st-key-stage_bar :is(button) p { position: absolute; clip-path: inset(50%); width: 1px; height: 1px;
  overflow: hidden; }
.st-key-stage_bar button { min-height: 2.25rem; padding-inline: 0.5rem; }
LAYOUT
@media (max-width: 640px) {
  #stage-room { left: 0; top: var(--dl-stage-end, 45vh); margin: 0.5rem; }
  .st-key-stage { width: 100vw; padding: 0.5rem 0.75rem 0; max-height: 70vh; }
  .stMain h1.dl-stage-title { font-size: 1.35rem; margin-top: 0.4rem; }
  .dl-stage-text, .dl-stage-finding { font-size: 1rem; margin-top: 0.4rem; }
  /* Where columns stand one above the other: the number and the verdict; of the grades, how far the score falls. */
  POINT.st-key-scorecard :is(.stColumn:nth-child(3), .stColumn:nth-child(5), .stColumn:nth-child(4) .dl-small,
    .stColumn:nth-child(2) .dl-small:first-child) { display: none; }
  POINT.st-key-scorecard, POINT.st-key-scorecard [data-testid="stHorizontalBlock"] { gap: 0.1rem; }
  POINT.st-key-average_grades :is(th, td):is(:nth-child(3), :nth-child(5), :nth-child(6)) { display: none; }
}
</style><div id="stage-room"></div>"""


def style(point: Point) -> str:
    """The style for a step that points there."""
    return (
        STYLE.replace("POINT", point.selector).replace("SAID", SAID).replace("LAYOUT", ABOVE if point.wide else BESIDE)
    )
