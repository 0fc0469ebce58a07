"""The report as one HTML file, which asks for nothing from outside and runs no script but its own.

Its Content-Security-Policy names the hashes of its two scripts. What was typed goes in through Jinja's autoescape or
through `markup`, and into JSON without `<`. plotly.js is that of the installed package, compressed; the browser unpacks
it.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import plotly
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from plotly.utils import PlotlyJSONEncoder

from analysis.inputs.tasks import TASKS
from dashboard.claims.lines import STYLE as CLAIMS_STYLE
from dashboard.report.finding import Figure, Finding, Table
from dashboard.ui import markup
from dashboard.ui.theme import NAMES

HERE = Path(__file__).parent
MOST_ROWS = 40  # of a table in the report; its file has all
HEIGHT = 450  # pixels of a figure that does not say its own: Plotly's default
PLOTLY = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"

# (what it is called, what it is)
Origin = Sequence[tuple[str, str]]


def document(finding: Finding, origin: Origin, command: str, beside: str) -> str:
    """The report. `origin` says where its numbers come from, `command` makes it again, `beside` what lies beside it."""
    script = _script()
    example = finding.request.example
    labels = TASKS[example.task].fields
    return (
        environment()
        .get_template("report.html")
        .render(
            finding=finding,
            policy=_policy(script, plotly_js()),
            style=style(),
            made=datetime.fromisoformat(finding.made).strftime("%d %B %Y, %H:%M UTC").lstrip("0"),
            texts=[(label, text) for label, text in zip(labels, example.texts, strict=False)],
            answers=[(side, NAMES[side], answer) for side, answer in finding.answers.items()],
            origin=origin,
            command=command,
            beside=beside,
            figures=figures_json(finding.figures),
            plotly=Markup(packed_plotly()),  # base64
            script=Markup(script),  # ours
        )
    )


def figures_json(figures: Iterable[Figure]) -> Markup:
    """Data and layout of each figure by its name, as JSON in which no tag can begin."""
    text = json.dumps({figure.name: _drawing(figure) for figure in figures}, cls=PlotlyJSONEncoder)
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))


@cache
def plotly_js() -> str:
    """The script of the installed plotly."""
    return PLOTLY.read_text(encoding="utf-8")


def _drawing(figure: Figure) -> dict[str, Any]:
    drawing = figure.figure.to_dict()
    layout = {key: value for key, value in drawing["layout"].items() if key not in ("template", "width")}
    return {"data": drawing["data"], "layout": layout}


@cache
def packed_plotly() -> str:
    return base64.b64encode(gzip.compress(plotly_js().encode(), 9, mtime=0)).decode("ascii")


@cache
def _script() -> str:
    return own("look.js") + own("figures.js") + own("report.js")


@cache
def own(name: str, folder: Path = HERE) -> str:
    """A script or a style of ours, by the name of its file."""
    return (folder / name).read_text(encoding="utf-8")


def _policy(*scripts: str) -> str:
    hashes = " ".join(f"'sha256-{sha256(script)}'" for script in scripts)
    return f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src data: blob:; base-uri 'none'"


@lru_cache(maxsize=8)
def sha256(script: str) -> str:
    """A script's hash, by which a policy allows it."""
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode("ascii")


def style() -> Markup:
    """The look of a report, for its head."""
    return Markup(f"{markup.STYLE}{CLAIMS_STYLE}<style>{own('report.css')}</style>")  # ours


@cache
def environment(folder: Path = HERE) -> Environment:
    """The templates of a folder and those of the report, which escape all that is put into them."""
    made = Environment(
        loader=FileSystemLoader([folder, HERE]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "made_by_markup": Markup,
        "rows": _rows,
        "titles": _titles,
        "numeric": _numeric,
        "caption": _caption,
        "height": lambda figure: int(figure.figure.to_dict()["layout"].get("height") or HEIGHT),
    }
    return made


def _titles(table: Table) -> tuple[str, ...]:
    return table.shown or tuple(table.columns)


def _numeric(table: Table) -> list[bool]:
    """Which of the shown columns are numbers."""
    return [all(_is_number(cell) or cell is None for cell in table.columns[title]) for title in _titles(table)]


def _rows(table: Table) -> list[list[str]]:
    """The rows that the report shows, each cell as text."""
    places: Iterable[int] = range(table.length)
    if table.largest and table.length > MOST_ROWS:
        values = table.columns[table.largest]
        places = sorted(places, key=lambda place: -abs(_number(values[place])))
    return [[_cell(table.columns[title][place]) for title in _titles(table)] for place in list(places)[:MOST_ROWS]]


def _caption(table: Table) -> str:
    if table.length <= MOST_ROWS:
        return table.title
    which = "largest" if table.largest else "first"
    return f"{table.title}: the {which} {MOST_ROWS} of {table.length:,} rows; all are in tables/{table.name}.csv"


def _is_number(cell: object) -> bool:
    return isinstance(cell, int | float) and not isinstance(cell, bool)


def _number(cell: object) -> float:
    return float(cell) if isinstance(cell, int | float) else 0.0


def _cell(cell: object) -> str:
    """A cell as text, numbers with four digits."""
    if cell is None:
        return "—"
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if _is_number(cell):
        return (f"{cell:.4g}" if isinstance(cell, float) else f"{cell:,}").replace("-", "\N{MINUS SIGN}")
    return str(cell).translate(markup.PICTURES)
