"""Linked hover: the mouse on one point of a figure shows where the same thing is in the other model.

Plotly cannot highlight a second point by itself, and Streamlit does not tell a page what is hovered. So a component
without any look of its own listens to a figure on the same page, and puts a ring on both ends, joined by a line.
"""

from __future__ import annotations

import streamlit as st

# The figure may be drawn after the component, and anew by a later run: it is looked for as long as the component lives.
SCRIPT = """
export default function ({ data }) {
  const rings = document.createElementNS("http://www.w3.org/2000/svg", "path");
  rings.setAttribute("class", "dl-linked");
  rings.setAttribute("style", "fill: none; stroke: currentColor; stroke-width: 2; pointer-events: none");
  const circle = (x, y) => `M${x - 9},${y}a9,9 0 1,0 18,0a9,9 0 1,0 -18,0`;
  const show = ({ points: [point] }) => {
    if (!point.customdata) return;
    const place = (x, y) => [point.xaxis._offset + point.xaxis.d2p(x), point.yaxis._offset + point.yaxis.d2p(y)];
    const one = place(point.x, point.y), other = place(...point.customdata);
    rings.setAttribute("d", `M${one}L${other}${circle(...one)}${circle(...other)}`);
  };
  const hide = () => rings.removeAttribute("d");
  const heard = { plotly_hover: show, plotly_unhover: hide, plotly_relayout: hide };
  let figure;
  const attach = () => {
    const found = document.querySelector(`.st-key-${data} .js-plotly-plot`);
    const labels = found?.querySelector(".hoverlayer");
    if (!labels || !found.on) return;
    if (!found.contains(rings)) labels.before(rings);
    if (found === figure) return;
    figure = found;
    for (const [event, listener] of Object.entries(heard)) figure.on(event, listener);
  };
  const timer = setInterval(attach, 250);
  return () => {
    clearInterval(timer);
    rings.remove();
    for (const [event, listener] of Object.entries(heard)) figure?.removeListener?.(event, listener);
  };
}
"""

_link = st.components.v2.component("dl_linked_hover", js=SCRIPT)


def link(key: str) -> None:
    """Links the points of the figure under this key, of which `customdata` begins with the other end's x and y."""
    _link(data="-".join(key.split()), key=f"{key} linked", height=1)
