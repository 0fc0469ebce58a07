"""Figures as SVG and PNG, by the Chromium that is at hand: nothing is downloaded, and without one there are none."""

from __future__ import annotations

import base64
import html
import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from urllib.parse import unquote

from cache.turns import turn
from dashboard.report.document import PLOTLY, figures_json, own
from dashboard.report.finding import Figure

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
WIDTH = 960  # pixels
PATIENCE_S = 60
SCALE = 2  # pixels of a PNG for each of the SVG
DONE = re.compile(r'<pre id="pictures">(.*?)</pre>', re.DOTALL)
FLAGS = (
    *("--headless=new", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--host-resolver-rules=MAP * ~NOTFOUND"),
    "--virtual-time-budget=60000",
)


def chromium() -> str | None:
    """Its path: the one that the variable CHROMIUM names, or the first on the path; None if there is none."""
    return next(filter(None, map(shutil.which, (os.environ.get("CHROMIUM", ""), *NAMES))), None)


def pictures(figures: Iterable[Figure]) -> Mapping[str, bytes]:
    """Each figure's SVG and PNG by the name of its file; {} if no browser is at hand or it does not answer."""
    browser = chromium()
    if browser is None:
        return {}
    with tempfile.TemporaryDirectory() as folder, turn("pictures"):
        page = Path(folder) / "pictures.html"
        page.write_text(_page(figures), encoding="utf-8")
        return _taken(browser, page)


def _taken(browser: str, page: Path) -> Mapping[str, bytes]:
    root = ("--no-sandbox",) if hasattr(os, "geteuid") and os.geteuid() == 0 else ()  # Chromium's own rule
    command = [browser, *FLAGS, *root, f"--user-data-dir={page.parent / 'profile'}", "--dump-dom", page.as_uri()]
    try:
        shown = subprocess.run(command, capture_output=True, timeout=PATIENCE_S, check=True).stdout.decode()
        found = DONE.search(shown)
        return {name: _bytes(address) for name, address in json.loads(html.unescape(found[1])).items()} if found else {}
    except (OSError, subprocess.SubprocessError, ValueError):
        return {}


def _bytes(address: str) -> bytes:
    """What a data address holds, which is in base64 or quoted."""
    head, _, data = address.partition(",")
    return base64.b64decode(data) if head.endswith(";base64") else unquote(data).encode()


def _page(figures: Iterable[Figure]) -> str:
    """A page that draws every figure and then writes the pictures into itself."""
    return (
        "<!doctype html><meta charset='utf-8'><body>"
        f"<script src='{PLOTLY.as_uri()}'></script>"
        f"<script type='application/json' id='figures'>{figures_json(figures)}</script>"
        f"<script>const WIDTH = {WIDTH}, SCALE = {SCALE};</script>"
        f"<script>{own('look.js')}{own('pictures.js')}</script>"
    )
