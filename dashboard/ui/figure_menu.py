"""A menu on each figure: full screen together with the figure beside it, SVG, PNG, the data behind it, the link.

Plotly's own tool bar is made of what JSON can say: which picture its camera saves, and nothing that takes in a second
figure. So a component without any look of its own puts a menu on the figure, which acts on the page as a reader would.
"""

from __future__ import annotations

import re

import streamlit as st

MENU = "Menu of this figure"

# The tool bar and the menu stand above the figure, where they cover nothing.
STYLE = """
.stElementContainer:has(.stPlotlyChart) { position: relative; margin-top: -1rem; padding-top: 1rem; }
.stElementContainer[class*="-menu-of-figure"] { position: absolute; }
.js-plotly-plot .modebar { top: -0.25rem !important; right: 2rem !important; }
@media (hover: none) { .js-plotly-plot .modebar { display: none; } }  /* the menu has its buttons */
.dl-figure-menu { position: absolute; top: -0.25rem; right: 0; z-index: 80; }
.dl-figure-menu summary { list-style: none; cursor: pointer; width: 1.75rem; height: 1.5rem; line-height: 1.25rem;
  text-align: center; font-weight: 700; border-radius: 4px; }
.dl-figure-menu summary:hover { background: color-mix(in srgb, currentColor 14%, transparent); }
.dl-figure-menu > div { position: absolute; right: 0; width: max-content; padding: 0.25rem; border-radius: 6px;
  border: 1px solid color-mix(in srgb, currentColor 30%, transparent); background: light-dark(#FFFFFF, #14171B); }
.dl-figure-menu button { display: block; width: 100%; min-height: 2rem; padding: 0 0.75rem; text-align: left;
  font: inherit; color: inherit; background: none; border: 0; border-radius: 4px; cursor: pointer; }
.dl-figure-menu button[hidden] { display: none; }
.dl-figure-menu button:hover { background: color-mix(in srgb, currentColor 14%, transparent); }
.dl-figure-menu :focus-visible { outline: 2px solid currentColor; }
/* For a class, half as large again: 14 px are 21. With the mouse, Plotly follows a transform but no zoom. */
:is(.stElementContainer, [data-testid="stLayoutWrapper"]):fullscreen { overflow: auto; padding: 1rem;
  background: light-dark(#FFFFFF, #14171B); }
.stElementContainer:fullscreen > :not(.dl-figure-menu), [data-testid="stLayoutWrapper"]:fullscreen > *
  { transform: scale(1.5); transform-origin: 0 0; width: calc(100% / 1.5) !important; }
"""

# As in `linked_hover`, the figure may come later and be drawn anew: it is looked for as long as the component lives.
SCRIPT = """
export default function ({ data }) {
  const menu = document.createElement("details");
  menu.className = "dl-figure-menu";
  menu.innerHTML = `<summary aria-label="${data.title}" title="${data.title}">⋯</summary><div></div>`;
  const host = () => document.querySelector(`.st-key-${data.key}`);
  const save = (format) => {
    const figure = host().querySelector(".js-plotly-plot");
    figure._context.toImageButtonOptions = { format, filename: data.name, scale: format === "png" ? 2 : 1 };
    figure.querySelector('[data-attr="toImage"], [data-title^="Download plot"]').click();
  };
  const together = () => {
    const row = host().closest('[data-testid="stHorizontalBlock"]');
    return row?.querySelectorAll(".stPlotlyChart").length > 1 ? row.parentElement : host();
  };
  const table = () => [...document.querySelectorAll('[data-testid="stExpander"]')].find((folded) =>
    folded.innerText.startsWith("Data table") && host().compareDocumentPosition(folded) & 4);
  const open = () => {
    const folded = table();
    if (!folded.querySelector("details[open]")) folded.querySelector("summary").click();
    folded.scrollIntoView({ block: "center" });
  };
  const full = () => (document.fullscreenElement ? document.exitFullscreen() : together().requestFullscreen());
  const items = [
    ["Full screen", full, () => document.fullscreenEnabled],
    ["Save as SVG", () => save("svg"), () => true],
    ["Save as PNG", () => save("png"), () => true],
    ["Show the data", open, () => !document.fullscreenElement && table()],
    ["Copy the link", () => navigator.clipboard.writeText(location.href), () => navigator.clipboard],
  ].map(([label, act, possible]) => {
    const item = document.createElement("button");
    Object.assign(item, { type: "button", textContent: label, onclick: () => { menu.open = false; act(); } });
    menu.lastChild.append(item);
    return [item, possible];
  });
  menu.addEventListener("toggle", () => items.forEach(([item, possible]) => { item.hidden = !possible(); }));
  const close = (event) => { if (event.key === "Escape" || !menu.contains(event.target)) menu.open = false; };
  document.addEventListener("pointerdown", close);
  menu.addEventListener("keydown", (event) => { if (event.key === "Escape") close(event); });
  const timer = setInterval(() => { const at = host(); if (at && menu.parentElement !== at) at.append(menu); }, 250);
  return () => {
    clearInterval(timer);
    document.removeEventListener("pointerdown", close);
    menu.remove();
  };
}
"""

_menu = st.components.v2.component("dl_figure_menu", css=STYLE, js=SCRIPT)


def menu(key: str, name: str) -> None:
    """The menu of the figure under this key; `name` is that of its files."""
    css = re.sub(r"[^\w-]", "-", key, flags=re.ASCII)  # as Streamlit makes a class of a key
    data = {"key": css, "name": name, "title": MENU}
    _menu(data=data, key=f"{key} menu of figure", height=1, isolate_styles=False)
