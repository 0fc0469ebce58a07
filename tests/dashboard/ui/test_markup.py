"""User text comes out as typed, and never as a tag, an attribute or a script."""

from __future__ import annotations

from html.parser import HTMLParser

from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.ui import markup
from dashboard.ui.markup import Mark

OURS = {"div", "span", "b", "mark", "sub", "table", "tr", "th", "td", "wbr"}
TYPED = st.one_of(
    st.text(max_size=60).filter(lambda text: not any("\ud800" <= c <= "\udfff" for c in text)),
    st.sampled_from(
        ["<script>alert(1)</script>", "</div><img src=x onerror=y>", "&lt;b&gt;", '"><svg onload=x>', "a\0b"]
    ),
)


class Reader(HTMLParser):
    """Collects tags, attributes and text as a browser would."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text += data


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    reader.close()
    assert reader.tags <= OURS
    assert reader.attributes <= {"class", "role", "tabindex", "aria-label"}
    return reader


def shown(text: str) -> str:
    return text.translate(markup.PICTURES)


@settings(max_examples=150)
@given(TYPED, TYPED)
def test_every_builder_shows_text_as_typed(first: str, second: str) -> None:
    cell = markup.table((first, "b"), [(second, "c")])
    for html in (markup.element("b", "dl-answer", markup.escaped(first)), markup.note(first), markup.problem(first)):
        assert read(html).text == shown(first)
    assert read(markup.token_row([(first, False), (second, True)])).text == shown(first + second)
    assert read(cell).text == shown(first) + "b" + shown(second) + "c"


@settings(max_examples=150)
@given(TYPED, st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=5))
def test_marks_change_no_character(text: str, places: list[tuple[int, int]]) -> None:
    marks = [Mark(min(place), min(max(place), len(text))) for place in places if min(place) < len(text)]
    assert read(markup.marked(text, marks, "student")).text == shown(text)


def test_marks_stand_where_they_should() -> None:
    html = markup.marked("Ada met Bob.", [Mark(8, 11, "per", only=True), Mark(0, 3, "per")], "teacher")
    assert (
        '<mark class="dl-mark">Ada<sub>per</sub></mark> met <mark class="dl-mark dl-only">Bob<sub>per</sub></mark>.'
        in html
    )
