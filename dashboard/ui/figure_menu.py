"""A menu on each figure: full screen together with the figure beside it, SVG, PNG, the data behind it, the link.

Plotly's own tool bar is made of what JSON can say: which picture its camera saves, and nothing that takes in a second
figure. So a component without any look of its own puts a menu on the figure, which acts as a reader would; its look is
in `markup.STYLE`.
"""

from __future__ import annotations

import re

import streamlit as st

MENU = "Menu of this figure"

# As in `linked_hover`, the figure may come later and be drawn anew: it is looked for as long as the component lives.
SCRIPT = """
export default function ({ data, parentElement }) {
  parentElement.stop?.();  // each run of the app calls anew
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
    folded.querySelector("summary")?.innerText.includes("Data table") && host().compareDocumentPosition(folded) & 4);
  const open = () => {
    const folded = table();
    if (!folded.querySelector("details[open]")) folded.querySelector("summary").click();
    folded.scrollIntoView({ block: "center" });
  };
  const grow = () => {
    const at = host(), large = document.fullscreenElement?.contains(at);
    at?.style.setProperty("--dl-height", `${at.querySelector(".js-plotly-plot")?._fullLayout.height}px`);
    at?.classList.toggle("dl-large", !!large);
    window.dispatchEvent(new Event("resize"));
  };
  document.addEventListener("fullscreenchange", grow);
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
  // Plotly takes every touch for a drag, and the page would not scroll; a tap comes to it as a click all the same.
  const pass = (event) => { if (event.target.closest(".js-plotly-plot")) event.stopPropagation(); };
  const timer = setInterval(() => {
    const at = host();
    if (!at || menu.parentElement === at) return;
    at.append(menu);
    at.addEventListener("touchstart", pass, { capture: true, passive: true });
  }, 250);
  return (parentElement.stop = () => {
    clearInterval(timer);
    host()?.removeEventListener("touchstart", pass, { capture: true });
    document.removeEventListener("fullscreenchange", grow);
    document.removeEventListener("pointerdown", close);
    menu.remove();
  });
}
"""

_menu = st.components.v2.component("dl_figure_menu", js=SCRIPT)


def menu(key: str, name: str) -> None:
    """The menu of the figure under this key; `name` is that of its files."""
    css = re.sub(r"[^\w-]", "-", key, flags=re.ASCII)  # as Streamlit makes a class of a key
    data = {"key": css, "name": name, "title": MENU}
    _menu(data=data, key=f"{key} menu of figure", height=1)
