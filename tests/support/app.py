"""The app, run without a browser: what it shows, and asking it."""

from __future__ import annotations

from pathlib import Path

from streamlit.testing.v1 import AppTest

from analysis.inputs.tasks import TASKS

APP = str(Path(__file__).resolve().parents[2] / "dashboard" / "app.py")
KINDS = ("old", "new", "young", "great")
THINGS = ("film", "cat", "dog", "city")


def short_corpus(file: Path) -> Path:
    """Sentences that a model of 64 tokens can read, whatever it knows, in place of the probe corpus."""
    file.write_text("\n".join(f"the {kind} {what} was {how}." for kind in KINDS for what in THINGS for how in "ab"))
    return file


def html_of(app: AppTest) -> str:
    """All HTML on the page, style sheet left out."""
    return "\n".join(str(block.proto.body) for block in app.get("html") if "<style>" not in block.proto.body)


def problems(app: AppTest) -> list[str]:
    assert not app.exception, app.exception
    return [line for line in html_of(app).splitlines() if "dl-problem" in line]


def ask_in_one_window(app: AppTest, task: str) -> None:
    """The tiny models read 64 tokens, and what looks inside a model takes one window: a short question and context."""
    app.query_params["task"] = TASKS[task].title
    if TASKS[task].needs_context:
        app.query_params["text"], app.query_params["text_pair"] = "Who lives in Paris?", "Mary lives in Paris."
    app.run()
