"""A walkthrough's slides as files: a deck for reveal.js, or a static site; either works from disk without a network.

write(deck_files(walkthrough, slides), Path("talk"))

Their Content-Security-Policy allows the scripts that lie beside the page and no other: what others wrote goes in
through Jinja's autoescape or `markup`, and into JSON without `<`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from dashboard.deck.reveal import reveal_files, speaker_scripts
from dashboard.deck.slides import Slide
from dashboard.present.walkthrough import Walkthrough
from dashboard.report.command import server_address
from dashboard.report.document import environment, figures_json, own, plotly_js, sha256, style
from dashboard.report.files import table_files
from dashboard.report.finding import Figure, Section, Table

HERE = Path(__file__).parent
FRAMED = "frame-src 'self' file:; "  # the speaker's window shows the deck twice

Files = dict[str, bytes]


def deck_files(walkthrough: Walkthrough, slides: Sequence[Slide]) -> Files:
    """The deck: its page is index.html. Raises `AnalysisError` where reveal.js is not installed."""
    reveal, own_slides = reveal_files(), _with_names_of_their_own(slides)
    page = _page(
        "deck.html",
        walkthrough=walkthrough,
        slides=own_slides,
        policy=FRAMED + _policy(*speaker_scripts()),
        figures=figures_json(figure for slide in own_slides for figure in slide.figures),
    )
    return {
        "index.html": page,
        "deck.js": (own("look.js") + own("deck.js", HERE)).encode(),
        "deck.css": own("deck.css", HERE).encode(),
        "plotly.min.js": plotly_js().encode(),
        **reveal,
        **_tables(own_slides),
    }


def site_files(walkthrough: Walkthrough, slides: Sequence[Slide]) -> Files:
    """The site: index.html lists the steps, and each has a page."""
    own_slides = _with_names_of_their_own(slides)
    common = {"walkthrough": walkthrough, "slides": own_slides, "policy": _policy()}
    steps = {
        f"step-{slide.number}.html": _page(
            "step.html",
            slide=slide,
            link=server_address(slide.step.address),
            figures=figures_json(slide.figures),
            **common,
        )
        for slide in own_slides
    }
    return {
        "index.html": _page("site.html", **common),
        **steps,
        "site.js": (own("look.js") + own("figures.js") + "draw().then(follow).catch(sayNone);\n").encode(),
        "site.css": own("site.css", HERE).encode(),
        "plotly.min.js": plotly_js().encode(),
        **_tables(own_slides),
    }


def _page(template: str, **values: object) -> bytes:
    return environment(HERE).get_template(template).render(style=style(), **values).encode()


def _policy(*inline: str) -> str:
    """`file:` is for browsers to which a page from disk is not of one origin with what lies beside it."""
    hashes = "".join(f" 'sha256-{sha256(script)}'" for script in inline)
    return (
        f"default-src 'none'; script-src 'self' file:{hashes}; style-src 'self' file: 'unsafe-inline'; "
        "img-src data: blob:; base-uri 'none'; form-action 'none'"
    )


def _with_names_of_their_own(slides: Sequence[Slide]) -> tuple[Slide, ...]:
    """Figures and tables named after their step, since two steps may show the same part."""
    return tuple(replace(slide, section=_named(slide.section, f"step-{slide.number}-")) for slide in slides)


def _named(section: Section, prefix: str) -> Section:
    def table(one: Table) -> Table:
        return replace(one, name=prefix + one.name)

    def figure(one: Figure) -> Figure:
        return replace(one, name=prefix + one.name, table=table(one.table))

    return replace(section, figures=tuple(map(figure, section.figures)), tables=tuple(map(table, section.tables)))


def _tables(slides: Iterable[Slide]) -> Files:
    """A figure whose numbers are in another table has none."""
    return table_files(table for slide in slides for table in slide.section.all_tables if table.length)
