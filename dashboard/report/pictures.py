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
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from urllib.parse import unquote

from analysis.progress import Progress, silent
from cache.turns import turn
from dashboard.report.document import PLOTLY, figures_json, own
from dashboard.report.finding import Figure

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
WIDTH = 960  # pixels
PATIENCE_S, USUAL_S, BETWEEN_S = 60, 6, 0.1
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


def pictures(figures: Iterable[Figure], progress: Progress = silent) -> Mapping[str, bytes]:
    """Each figure's SVG and PNG by the name of its file; {} if no browser is at hand or it does not answer.

    `progress` is called many times a second; whatever it raises ends the browser.
    """
    browser = chromium()
    if browser is None:
        return {}
    with tempfile.TemporaryDirectory() as folder, turn("pictures"):
        page = Path(folder) / "pictures.html"
        page.write_text(_page(figures), encoding="utf-8")
        return _taken(_dumped(browser, page, progress))


def _dumped(browser: str, page: Path, progress: Progress) -> str:
    """The page as it is once its script has run; "" if that takes too long or fails."""
    root = ("--no-sandbox",) if hasattr(os, "geteuid") and os.geteuid() == 0 else ()  # Chromium's own rule
    command = [browser, *FLAGS, *root, f"--user-data-dir={page.parent / 'profile'}", "--dump-dom", page.as_uri()]
    dump, began = page.with_name("dump.html"), time.monotonic()
    with dump.open("wb") as file, subprocess.Popen(command, stdout=file, stderr=subprocess.DEVNULL) as process:
        try:
            while process.poll() is None and time.monotonic() - began < PATIENCE_S:
                progress(min(1.0, (time.monotonic() - began) / USUAL_S))
                time.sleep(BETWEEN_S)
        finally:
            process.kill()
    return dump.read_text(encoding="utf-8", errors="replace") if process.returncode == 0 else ""


def _taken(dumped: str) -> Mapping[str, bytes]:
    """The pictures that the page has written into itself."""
    found = DONE.search(dumped)
    return {name: _bytes(address) for name, address in json.loads(html.unescape(found[1])).items()} if found else {}


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
