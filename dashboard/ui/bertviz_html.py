"""BertViz's head view and model view (Vig 2019, https://aclanthology.org/P19-3007), offline and safe.

BertViz's own HTML loads three scripts from a CDN and writes tokens into a script as they are. Here its scripts are from
the installed package, d3 and jQuery from packages that carry them (mpld3, XStatic-jQuery), a two-line `requirejs` hands
them over, and the parameters are JSON in which no tag can begin. One layer is sent, rounded: all of 12 x 12 heads would
be 107 MB at 128 tokens.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

from analysis.attention.maps import AttentionMap

MOST_UNITS = 128  # more and the browser is busy for seconds
DIGITS = 4
REQUIRE = "const require = {config() {}}; const requirejs = (_, make) => make(window.jQuery, window.d3);"
STYLE = "body{margin:0;padding:8px;background:#fff;color:#111;overflow:auto;font-family:sans-serif}"
DARK = ":root{filter:invert(0.92) hue-rotate(180deg)}"
VIEWS = {"head": "Layer: <select id='layer'></select> <div id='vis'></div>", "model": "<div id='vis'></div>"}


def bertviz_html(view: str, map_: AttentionMap, layer: int, head: int, dark: bool = False) -> str:
    """A page with BertViz's `view` ("head" or "model") of a layer, counted from 0; nothing in it asks the network.

    `map_` has that layer's heads alone. Layers and heads are numbered from 1 there. BertViz draws black on white: on a
    `dark` page its lightness is turned round, its hues are kept.
    """
    if len(map_.labels) > MOST_UNITS:
        raise ValueError(f"at most {MOST_UNITS} words or tokens, not {len(map_.labels)}")
    script = (files("bertviz") / f"{view}_view.js").read_text(encoding="utf-8")
    script = script.replace("PYTHON_PARAMS", _json(_parameters(view, map_, layer, head)), 1)
    return (
        f"<!doctype html><meta charset='utf-8'><style>{STYLE}{DARK if dark else ''}</style>"
        f"<div id='bertviz'>{VIEWS[view]}</div>"
        f"<script>{library('mpld3', 'js/d3.v5.min.js')}</script>"
        f"<script>{library('xstatic.pkg.jquery', 'data/jquery.min.js')}</script>"
        f"<script>{REQUIRE}\n{script}</script>"
    )


def _parameters(view: str, map_: AttentionMap, layer: int, head: int) -> dict[str, Any]:
    weights = np.round(map_.weights[0].astype(np.float64), DIGITS).tolist()  # [head, query, key]
    labels = list(map_.labels)
    attention = [{"name": None, "attn": [weights], "left_text": labels, "right_text": labels}]
    shared = {"attention": attention, "default_filter": "0", "root_div_id": "bertviz", "include_layers": [layer + 1]}
    heads = map_.weights.shape[1]
    own: dict[str, dict[str, Any]] = {
        "head": {"layer": layer + 1, "heads": [head]},
        "model": {"display_mode": "light", "include_heads": list(range(1, heads + 1)), "total_heads": heads},
    }
    return shared | own[view]


def _json(value: Any) -> str:
    """JSON that can stand in a script: no `<`, so that no tag and no comment begins in it."""
    text = json.dumps(value, ensure_ascii=True)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


@cache
def library(package: str, path: str) -> str:
    """A script that an installed package carries."""
    return (files(package) / path).read_text(encoding="utf-8")
