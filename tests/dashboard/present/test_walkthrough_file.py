"""Walkthroughs as files: read as they were written, and refused in one sentence otherwise."""

from __future__ import annotations

import string
from dataclasses import replace
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import AnalysisError
from dashboard.address_keys import TABS
from dashboard.links import packed
from dashboard.page_list import PAGES
from dashboard.present.findings import FINDINGS
from dashboard.present.points import POINTS
from dashboard.present.walkthrough import (
    MOST_CHARACTERS,
    MOST_STEPS,
    PATHS,
    TABS_OF,
    Step,
    Walkthrough,
    checked,
    points_of,
)
from dashboard.present.walkthrough_file import MOST_BYTES, read_walkthrough, written

STEP = Step("Look", "One. Two.", "layer-map", "Slowly.", "similarity?task=sentiment&text=Not+good.", "layer-map")
WALKTHROUGH = Walkthrough("A talk", "About layers.", (STEP,))
TEXTS = st.text(max_size=40)
TITLES = TEXTS.filter(lambda text: bool(text.strip()))


@st.composite
def steps(draw: st.DrawFn) -> Step:
    point = POINTS[name := draw(st.sampled_from(list(POINTS)))]
    tab = f"&tab={point.tab}" if point.tab else ""
    text = draw(st.sampled_from(["A%20b", "%00", "%26", "", "%F0%9F%98%80"]))
    address = f"{point.page}?text={text}{tab}"
    return Step(draw(TITLES), draw(TEXTS), name, draw(TEXTS), address, draw(st.sampled_from(["", *FINDINGS])))


WALKTHROUGHS = st.builds(Walkthrough, TITLES, TEXTS, st.lists(steps(), min_size=1, max_size=4).map(tuple))


@given(WALKTHROUGHS)
def test_what_is_written_is_read_as_the_same(walkthrough: Walkthrough) -> None:
    content = written(walkthrough)
    assert read_walkthrough(content.encode()) == walkthrough
    assert written(read_walkthrough(content.encode())) == content


def test_optional_texts_may_be_left_out_and_lines_may_be_long() -> None:
    content = '''
        title = "A talk"
        [[step]]
        title = "Look"
        text = """One.
        Two."""
        point = "layer-map"
        address = "similarity"
    '''
    (step,) = read_walkthrough(content.encode()).steps
    assert (step.notes, step.finding, step.page, step.query) == ("", "", "similarity", {})
    assert step.text.split() == ["One.", "Two."]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"title": " "}, "Step 1 has no title"),
        ({"text": "x" * (MOST_CHARACTERS["text"] + 1)}, "Step 1 has 601 characters of text; up to 600"),
        ({"notes": "\ud800"}, "Step 1 has half of a surrogate pair in its notes"),
        ({"address": "https://elsewhere.example/attention"}, "Step 1 names a page that is not known"),
        (
            {"address": "/similarity"},
            "Step 1 names a page that is not known, “/similarity”; there are the first page (“”),",
        ),
        ({"address": "finding"}, "Step 1 names a page"),
        ({"address": ""}, "Step 1 names a point on the first page (“”) as its address opens it"),
        ({"address": "similarity?present=x"}, "Step 1 chooses “present” in its address, which no page knows"),
        ({"address": "similarity?text.key=20261128-0"}, "Step 1 chooses “text.key”"),
        ({"address": f"similarity?{'&'.join(['text=a'] * 101)}"}, "Step 1 chooses more than 100 things"),
        ({"address": "similarity?tab=logit-lens"}, "Step 1 names a point on similarity as its address opens it"),
        ({"point": "two-heads"}, "“two-heads”; there are layer-map."),
        ({"finding": "gone"}, "Step 1 names a finding that is not known, “gone”"),
    ],
)
def test_a_fault_of_a_step_is_said_with_its_number(changes: dict[str, str], sentence: str) -> None:
    with pytest.raises(AnalysisError, match=r".") as raised:
        checked(replace(WALKTHROUGH, steps=(replace(STEP, **changes),)))
    assert sentence in str(raised.value)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "no title"),
        (b"\xff", "This is no walkthrough"),
        (b"title = ", "This is no walkthrough"),
        (b"x = " + b"[" * 20_000, "This is no walkthrough"),
        (b'title = "a"', "has 1 to 40 steps, and this one has 0: add one"),
        (b'title = "a"\nstep = 3', "each begins with [[step]]"),
        (b'title = "a"\nstep = [3]', "each begins with [[step]]"),
        (b'title = "a"\ncolour = "red"', "The walkthrough has “colour”, which is not known"),
        (b"title = 3", "has a title that is no text"),
        (b'title = "a"\n[[step]]\ntitle = "b"', "Step 1 has no text"),
        (b'title = "a"\n' + b"[[step]]\n" * (MOST_STEPS + 1), "up to 40 steps, and this one 41"),
        (b"#" * (MOST_BYTES + 1), "up to 256 kB"),
    ],
)
def test_a_file_that_is_no_walkthrough_is_refused(content: bytes, sentence: str) -> None:
    with pytest.raises(AnalysisError) as raised:
        read_walkthrough(content)
    assert sentence in str(raised.value)


@pytest.mark.parametrize(
    "content",
    [
        "a." * 120_000 + "b = 1",
        "[" + ".".join(["a"] * 120_000) + "]",
        "x = {" + "a . " * 60_000 + "b = 1}",
        '"a\\"=".' * 30_000 + "b = 1",
        "'\"'." * 60_000 + "b = 1",
    ],
)
def test_names_on_which_its_reader_would_choke_are_refused_before(content: str) -> None:
    with mock.patch("tomllib.loads", side_effect=AssertionError), pytest.raises(AnalysisError, match="no walkthrough"):
        read_walkthrough(content.encode())


def test_a_packed_text_may_stand_in_an_address() -> None:
    step = replace(STEP, address=f"similarity?text.z={packed('A long text.')}")
    assert checked(replace(WALKTHROUGH, steps=(step,)))


@pytest.mark.parametrize("name", POINTS)
def test_every_point_is_on_a_page_and_tab_that_is_there(name: str) -> None:
    point = POINTS[name]
    assert point.page in PATHS
    assert set(name) <= set(string.ascii_lowercase + "-")
    tabs = [tab for key in TABS_OF.get(point.page, ()) for tab in TABS[key]]
    assert point.tab in tabs if tabs else point.tab == ""
    assert name in points_of(point.page, {"tab": [point.tab]})


def test_every_page_and_every_tab_has_a_point() -> None:
    assert {point.page for point in POINTS.values()} == {"", *(entry.path for entry in PAGES if entry.bench)}
    for page, keys in TABS_OF.items():
        for tab in (tab for key in keys for tab in TABS[key]):
            assert points_of(page, {"tab": [tab]}), tab
