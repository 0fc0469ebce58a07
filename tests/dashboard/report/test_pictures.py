"""Figures become SVG and PNG where a browser is at hand; where none is or it fails, the finding goes without."""

from __future__ import annotations

import io
import stat
from pathlib import Path
from xml.etree import ElementTree

import plotly.graph_objects as go
import pytest
from PIL import Image

from dashboard.report import pictures as module
from dashboard.report.finding import Figure, Table
from dashboard.report.pictures import SCALE, WIDTH, chromium, pictures

HOSTILE = "</script><script>x</script> & 'quoted' 漢字"


def figure(name: str) -> Figure:
    drawing = go.Figure(go.Bar(x=[HOSTILE, "b"], y=[1.0, 2.0]), layout={"height": 300})
    return Figure(name, name, drawing, Table(name, {"Value": [1.0, 2.0]}))


@pytest.mark.long
@pytest.mark.skipif(chromium() is None, reason="needs a Chromium")
def test_each_figure_is_drawn_in_both_formats() -> None:
    taken = pictures([figure("one"), figure("two")])
    assert list(taken) == ["one.svg", "one.png", "two.svg", "two.png"]
    drawing = ElementTree.fromstring(taken["one.svg"])
    assert (drawing.get("width"), drawing.get("height")) == (str(WIDTH), "300")
    assert Image.open(io.BytesIO(taken["one.png"])).size == (WIDTH * SCALE, 300 * SCALE)


@pytest.mark.parametrize("script", ["exit 1", "echo nothing", "exec sleep 60"], ids=["fails", "is dumb", "hangs"])
def test_without_a_browser_that_answers_there_are_none(
    script: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = tmp_path / "browser"
    browser.write_text(f"#!/bin/sh\n{script}\n")
    browser.chmod(browser.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("CHROMIUM", str(browser))
    monkeypatch.setattr(module, "PATIENCE_S", 0.5)
    assert pictures([figure("one")]) == {}
    monkeypatch.setattr(module, "chromium", lambda: None)
    assert pictures([figure("one")]) == {}


def test_whatever_progress_raises_ends_the_browser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    browser, ended = tmp_path / "browser", tmp_path / "ended"
    browser.write_text(f"#!/bin/sh\nsleep 5\ntouch {ended}\n")
    browser.chmod(browser.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("CHROMIUM", str(browser))

    def cancel(share: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pictures([figure("one")], cancel)
    assert not ended.exists()
