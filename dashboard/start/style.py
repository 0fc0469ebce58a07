"""How the first page looks: the sentence large, the numbers and the cards side by side where there is room."""

STYLE = """<style>
.stMain h1.dl-headline { font-size: clamp(1.6rem, 4vw, 2.4rem); font-weight: 700; line-height: 1.15; padding: 0;
  margin: 0.25rem 0; }
.stMain h2.dl-part-of-start { font-size: 1.25rem; font-weight: 600; padding: 0; margin: 0.9rem 0 0; }
.dl-lead, .dl-verdict-line, .dl-number-of-start { margin: 0; }
.dl-verdict-line { font-weight: 600; }
.dl-hero { display: grid; gap: 0.5rem; }
.dl-reading { display: grid; grid-template-columns: 10.5rem minmax(0, 1fr) auto; gap: 0.25rem 1rem; align-items: center;
  border-left: 5px solid var(--dl-side); padding: 0.25rem 0.75rem;
  background: color-mix(in srgb, var(--dl-side) 7%, transparent); border-radius: 4px; }
.dl-reading .dl-text { font-size: 1.35rem; line-height: 1.6; }
.dl-reading .dl-answer { font-size: 1.2rem; }
.st-key-ways .stPageLink a, .st-key-faster .stPageLink a { border: 1px solid var(--dl-grey); border-radius: 8px; }
.st-key-numbers { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 1rem; align-items: start; }
.st-key-numbers > * { width: auto; min-width: 0; }
.dl-number-of-start { font-size: 1.5rem; font-weight: 700; line-height: 1.25; }
.st-key-cards { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 0.75rem; }
.st-key-cards > * { width: auto; min-width: 0; height: 100%; }
[class*="st-key-card_"] { position: relative; height: 100%; }
[class*="st-key-card_"] .stPageLink a::after { content: ""; position: absolute; inset: 0; }  /* all of it is the link */
[class*="st-key-card_"] :is(:has(> .stPageLink), .stPageLink, .stPageLink div, .stPageLink a) { position: static; }
[class*="st-key-card_"]:hover { border-color: var(--dl-grey); }
[class*="st-key-card_"] .stPageLink a { padding: 0; margin: 0; font-weight: 600; }
[class*="st-key-card_"] p { margin: 0 0 0.35rem; }
[class*="st-key-card_"] .dl-text { line-height: 1.4; }
[class*="st-key-card_"] .dl-said { white-space: normal; overflow-wrap: anywhere; }
@media (max-width: 640px) {
  .dl-reading { grid-template-columns: minmax(0, 1fr); }
  .st-key-numbers, .st-key-cards { grid-template-columns: minmax(0, 1fr); }
  .st-key-ways { flex-wrap: wrap; }
}
</style>"""
