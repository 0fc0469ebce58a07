"""Where things stand on a page: little room for what is the same on all pages, and the answers always in sight."""

from __future__ import annotations

from dashboard.ui.markup import element, escaped

STYLE = """<style>
.stAppHeader { height: 3rem; min-height: 3rem; }
.stMainBlockContainer { padding-top: 3rem; padding-bottom: 2rem; }
.stMainBlockContainer > .stVerticalBlock { gap: 0.4rem; }
.st-key-answer_figures, .st-key-ten_best { gap: 0.4rem; }
.stMainBlockContainer > .stVerticalBlock { position: relative; }
.st-key-heading { flex-wrap: nowrap; padding-right: 29rem; }
[data-testid="stLayoutWrapper"]:has(> .st-key-heading_tools) { position: absolute; top: 0; right: 0;
  width: max-content; }
.st-key-heading_tools { flex-wrap: nowrap; gap: 0.5rem; }
.st-key-heading > .st-key-sample { flex: 1 1 0; min-width: 0; }
.dl-page { font-size: 1.5rem; font-weight: 700; padding: 0; margin: 0 0.5rem 0 0; line-height: 2.25rem; }
[data-testid="stLayoutWrapper"]:has(> .st-key-bench) { position: sticky; top: 3rem; z-index: 90;
  background: var(--dl-ground); }
.st-key-bench { flex-wrap: nowrap; min-height: 3rem; gap: 0.5rem; }
.st-key-bench > :has(> .st-key-answers) { flex: 0 1 auto; width: auto; max-width: 55%; min-width: 0; }
.st-key-text_field:has(.dl-bench) > .st-key-text, .st-key-text_pair_field:has(.dl-bench) > .st-key-text_pair
  { display: none; }
.dl-bench { display: flex; align-items: center; gap: 0.25rem; position: relative; font-size: 1.25rem; line-height: 1.4;
  border: 1px solid color-mix(in srgb, currentColor 30%, transparent); border-radius: 8px; padding: 0.25rem 0.5rem;
  background: var(--st-secondary-background-color); min-height: 2.75rem; }
.st-key-text_pair_field .dl-bench { font-size: 1rem; min-height: 2.25rem; }
.dl-words { flex: 1 1 0; min-width: 0; white-space: pre-wrap; overflow-wrap: anywhere; unicode-bidi: plaintext;
  cursor: text; max-height: 3.6rem; overflow-y: auto; }
.dl-bench button { font: inherit; color: inherit; background: none; border: 0; padding: 0; cursor: pointer; }
.dl-word { border-radius: 4px; white-space: pre-wrap; }
.dl-word:hover, .dl-word[aria-expanded="true"]
  { background: color-mix(in srgb, var(--st-primary-color) 22%, transparent) !important; }
.dl-bench button:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 1px; }
.dl-bench .dl-write { min-width: 1.75rem; min-height: 1.75rem; }
.dl-menu { position: absolute; left: 0; top: 100%; z-index: 95; width: min(30rem, 100%); font-size: 0.95rem;
  padding: 0.6rem; border-radius: 8px; border: 1px solid color-mix(in srgb, currentColor 30%, transparent);
  background: var(--st-background-color); box-shadow: 0 4px 16px rgba(0, 0, 0, 0.25); white-space: normal; }
.dl-menu input, .dl-field { font: inherit; color: inherit; background: var(--st-background-color); width: 100%;
  border: 1px solid color-mix(in srgb, currentColor 40%, transparent); border-radius: 6px; padding: 0.25rem 0.5rem; }
.dl-candidates { display: flex; flex-wrap: wrap; gap: 0.4rem; margin-top: 0.5rem; }
.dl-bench .dl-item { border: 1px solid color-mix(in srgb, currentColor 35%, transparent); border-radius: 999px;
  padding: 0.1rem 0.7rem; min-height: 1.75rem; font-size: 0.95rem; white-space: nowrap; }
.dl-bench .dl-item:hover { border-color: var(--st-primary-color); }
.dl-bench .dl-ask { background: var(--st-primary-color); border-color: transparent; }
.dl-bench .dl-ask, [data-testid="stBaseButton-primary"] { color: var(--dl-ground); }  /* 4.5 : 1 in both */
.dl-said-of, .dl-draft { font-size: 0.85rem; }
.dl-field { flex: 1 1 0; resize: none; max-height: 12rem; }
.dl-draft { flex: 0 1 9rem; color: var(--dl-amber); font-weight: 600; line-height: 1.15; }
.dl-both { display: flex; align-items: center; gap: 0.5rem; white-space: nowrap; }
.dl-said { min-width: 0; overflow: hidden; text-overflow: ellipsis; border-left: 4px solid var(--dl-side);
  padding: 0 0.4rem; line-height: 1.25; }
.dl-who { display: block; font-size: 0.8rem; }
.dl-sign { font-size: 1.4rem; font-weight: 700; }
[role="tabpanel"] { padding-top: 0.4rem !important; }
.stHeading [data-testid="stMarkdownContainer"] { margin-bottom: -0.4rem; }  /* by -1rem the next thing would cover it */
[role="tabpanel"] h3 { font-size: 1.2rem; padding: 0.2rem 0; }
[role="tabpanel"] > .stVerticalBlock, [role="tabpanel"] .stColumn > .stVerticalBlock { gap: 0.4rem; }
.stElementContainer:has(> .stHtml > #page) { margin-bottom: -0.4rem; }
.stElementContainer:has(.dl-name) + .stElementContainer:has(.stPlotlyChart)
  { margin-top: -1.7rem; }  /* the figure's menu stands beside its name */
.stElementContainer:has(.dl-note) + .stElementContainer:has(.stPlotlyChart)
  { margin-top: 0; }  /* below a sentence with a ground it stands lower */
.stMainBlockContainer [data-testid="stPopover"] button { min-height: 2.25rem; }
.st-key-attention_controls [data-baseweb="select"] > div { min-height: 2.25rem; height: 2.25rem; }
.dl-skip { position: absolute; left: -100vw; z-index: 1000000; padding: 0.4rem 0.8rem; border-radius: 6px;
  background: #1B1F24; color: #FFFFFF !important; }
.dl-skip:focus { left: 0.5rem; top: 0.3rem; position: fixed; }
[data-testid="stHeader"] :is(a, button):focus-visible, [role="tab"]:focus-visible
  { outline: 2px solid currentColor !important; outline-offset: -2px; }
.st-key-heading_end { flex-wrap: nowrap; gap: 0.5rem; }
.dl-code { width: 12.5rem; max-width: 100%; }
.dl-copy { display: flex; flex-wrap: wrap; gap: 0.5rem; align-items: center; }
.dl-link { flex: 1 1 100%; max-height: 8rem; overflow-y: auto; overflow-wrap: anywhere; user-select: all; }
.dl-copy button { font: inherit; color: inherit; background: none; min-height: 2.25rem; padding: 0 0.75rem;
  border: 1px solid color-mix(in srgb, currentColor 35%, transparent); border-radius: 8px; cursor: pointer; }
.dl-copy button:hover { border-color: var(--st-primary-color); }
.dl-copy :focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 1px; }
.dl-keys { border: 1px solid GrayText; border-radius: 8px; padding: 1rem 1.5rem; font-family: inherit; }
.dl-keys h2 { font-size: 1.1rem; } .dl-keys td { padding: 0.25rem 0.75rem 0.25rem 0; }
.dl-keys kbd { border: 1px solid GrayText; border-radius: 4px; padding: 0 0.4rem; }
[data-testid="stPageLink"] :is(a, span, p) { white-space: normal; overflow: visible; }
.st-key-add_view button { min-height: 2.25rem; height: 2.25rem; }
.st-key-add_view button p { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; }
@media (prefers-reduced-motion: reduce) { * { animation: none !important; transition: none !important; } }
@media (max-width: 640px) {
  .st-key-heading_end { gap: 0.25rem; }
  .st-key-heading_end [data-testid="stPopover"] button [data-testid="stIconMaterial"]:last-of-type:not(:first-of-type),
  .st-key-heading_end [data-testid="stPopover"] button > div > div:last-child:not(:first-child) { display: none; }
  .st-key-heading_end :is(.st-key-save_finding, .st-key-copy_link) button p
    { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; }
  .st-key-heading { flex-wrap: wrap; gap: 0.5rem; padding-right: 0; }
  .st-key-heading_tools { gap: 0.25rem; } .st-key-heading_tools button { padding-inline: 0.5rem; }
  .st-key-heading > .st-key-sample { flex: 1 1 100%; order: 1; }
  .st-key-bench { flex-wrap: wrap; }
  .st-key-bench > * { flex: 1 1 100% !important; max-width: 100% !important; }
  [data-testid="stLayoutWrapper"]:has(> .st-key-bench) { top: -3.5rem; }
}
</style>"""


SKIP = '<a class="dl-skip" href="#page">Skip to the page</a>'
PAGE = '<div id="page" tabindex="-1"></div>'


def title(name: str) -> str:
    """The page's name, after a link over it for the keyboard."""
    return SKIP + element("h1", "dl-page", escaped(name))
