"""The report is one file that asks for nothing, runs its own scripts alone, and shows hostile text as typed."""

from __future__ import annotations

import base64
import gzip
import hashlib
import html
import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from analysis.models.pairs import Pair
from dashboard.frame import Question
from dashboard.report.document import MOST_ROWS, document, figures_json, plotly_js
from dashboard.report.finding import Finding, FindingRequest, Table
from dashboard.report.sections import SECTIONS, make_finding
from tests.support.tiny import EXAMPLES

LATER = ("sentiment", "question-answering", "sentence-pair")  # of the long tests
HOSTILE = """</script><img src=x onerror=alert(2)>{{7*7}} "'&"""


class Tags(HTMLParser):
    """The elements of a document, each (tag, attributes), and the text of its scripts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: dict[str, str] = {}
        self.script = ""  # that is being read
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self.script = (dict(attrs).get("id") or "own") if tag == "script" else ""

    def handle_endtag(self, tag: str) -> None:
        self.script = ""

    def handle_data(self, data: str) -> None:
        if self.script:
            self.scripts[self.script] = self.scripts.get(self.script, "") + data


def report_of(finding: Finding) -> str:
    return document(finding, [("Models", "Tiny")], "distillens report", "Beside it.")


def test_it_asks_for_nothing_from_outside(finding: Finding) -> None:
    for tag, attributes in Tags(report_of(finding)).elements:
        assert not {"src", "srcset", "data", "action", "onload", "onerror"} & attributes.keys()
        assert "href" not in attributes or tag == "a"


def test_its_policy_allows_the_two_scripts_that_it_has_and_no_other(of_sentiment: Finding) -> None:
    tags = Tags(report_of(of_sentiment))
    policy = next(one["content"] for tag, one in tags.elements if one.get("http-equiv") == "Content-Security-Policy")
    (allowed,) = re.findall(r"script-src ([^;]*);", policy)
    packed = gzip.decompress(base64.b64decode(tags.scripts["plotly"])).decode()
    assert packed == plotly_js()
    digests = [
        base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in (tags.scripts["own"], packed)
    ]
    assert allowed.split() == [f"'sha256-{digest}'" for digest in digests]
    assert policy.startswith("default-src 'none';")


@pytest.mark.parametrize(
    "task", ["fill-mask", "entities", *(pytest.param(task, marks=pytest.mark.long) for task in LATER)]
)
def test_hostile_text_is_shown_as_typed(pair: Pair, task: str) -> None:
    example = replace(EXAMPLES[task], text=f"{HOSTILE} [MASK]")
    asked = FindingRequest(Question(pair, example), {}, ("answers", "attributions", "attention"))
    report = report_of(make_finding(asked, "http://127.0.0.1/?a=1&b=2"))
    tags = [tag for tag, _ in Tags(report).elements]
    assert (tags.count("script"), tags.count("img")) == (3, 0)
    assert html.escape(example.text, quote=False) in report.replace("&#34;", '"').replace("&#39;", "'")


def test_a_report_of_64_tokens_is_small_enough_to_send(pair: Pair) -> None:
    """Plotly's script, which is half of it, and the maps of attention do not depend on how wide the models are."""
    words = ("the", "old", "film", "was", "good") * 13
    example = replace(EXAMPLES["sentiment"], text=" ".join(words[:62]))
    finding = make_finding(FindingRequest(Question(pair, example), {}, tuple(SECTIONS)), "http://127.0.0.1/")
    lengths = {table.name: table.length for table in finding.tables}
    assert lengths["attention-teacher"] >= 62**2
    assert len(report_of(finding).encode()) < 3_000_000


def test_a_long_text_can_be_scrolled_by_the_keyboard_in_its_place(pair: Pair) -> None:
    for times, long in ((1, False), (40, True)):
        example = replace(EXAMPLES["sentiment"], text="the old film was unlovely. " * times)
        finding = make_finding(FindingRequest(Question(pair, example), {}, ("answers",)), "")
        (asked,) = (found for tag, found in Tags(report_of(finding)).elements if "asked" in (found.get("class") or ""))
        assert asked == ({"class": "asked long", "tabindex": "0"} if long else {"class": "asked"})


def test_figures_are_json_in_which_no_tag_begins(finding: Finding) -> None:
    text = figures_json(finding.figures)
    assert not set("<>&") & set(text)
    drawings = json.loads(text)
    assert list(drawings) == [figure.name for figure in finding.figures]
    assert all("template" not in drawing["layout"] for drawing in drawings.values())


def test_a_long_table_says_that_it_is_a_part_and_begins_with_the_largest(of_sentiment: Finding) -> None:
    first, *rest = of_sentiment.sections
    values = [0.001 * place for place in range(100)]
    long = Table("long", {"Place": list(range(100)), "Value": values}, "Weights", largest="Value")
    report = report_of(replace(of_sentiment, sections=(replace(first, tables=(long,)), *rest)))
    assert f"Weights: the largest {MOST_ROWS} of 100 rows; all are in tables/long.csv" in report
    assert '<td class="number">0.099</td>' in report
    assert '<td class="number">0.001</td>' not in report


@pytest.mark.parametrize(
    ("cell", "shown"), [(None, "—"), (True, "yes"), (-0.123456, "−0.1235"), (1234567, "1,234,567"), ("-x", "-x")]
)
def test_cells_are_written_for_people(cell: object, shown: str, of_sentiment: Finding) -> None:
    first, *rest = of_sentiment.sections
    table = Table("one", {"A column": [cell]})
    report = report_of(replace(of_sentiment, sections=(replace(first, tables=(table,)), *rest)))
    assert re.search(rf"<td[^>]*>{re.escape(shown)}</td>", report)
