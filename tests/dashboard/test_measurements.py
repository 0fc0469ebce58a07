"""Measurements in the address: a copied link shows them to somebody else, for what was asked and for nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
import streamlit
from streamlit.testing.v1 import AppTest

from analysis.claims.evidence import Speed
from analysis.claims.evidence_from.speed import timing
from analysis.latency.config import BenchmarkConfig
from analysis.latency.machine import machine
from analysis.latency.profile import Sweep
from analysis.latency.roofline import Peaks
from analysis.models.pairs import PAIRS
from cache import claims as remembered
from cache import measurements as stored
from cache.measurements import Asked, Measured, Value
from dashboard.address import _Address
from dashboard.latency.machine import ELSEWHERE
from dashboard.measurements import GONE, KEPT, MOST, RUNS, Kept, about_links, labelled, where_and_when
from tests.support.app import APP, html_of, problems
from tests.support.made_up_profiles import MACHINE, profile

QUERY = {"task": "sentiment", "text": "the film was good.", "rounds": "20"}
TODAY = f"{datetime.now(UTC).day} {datetime.now(UTC):%B %Y}"


def opened(page: str, query: dict[str, str]) -> AppTest:
    """A fresh session that opens a link to a page."""
    app = AppTest.from_file(APP, default_timeout=120)
    app.query_params.update(query)
    app.switch_page(f"../pages/{page}.py").run()
    assert not problems(app)
    return app


def text_of(app: AppTest) -> Asked:
    """What the page Latency asks at first with the tiny pair, which `app` has put in place."""
    sides = PAIRS["embedded"].sides("sentiment")
    return stored.asked("text", sides, "sentiment", texts=(QUERY["text"],))


def in_store(asked: Asked, value: Value) -> str:
    """The id of a measurement that never was."""
    identity = stored.keep(stored.measured(asked, value))
    assert identity
    return identity


def measured(app: AppTest, label: str) -> dict[str, str]:
    """Measures by this button, and gives the address."""
    app.button(key=f"start {label}").click().run()
    assert not problems(app)
    return dict(app.query_params)


def numbers(app: AppTest) -> list[str]:
    """What the page says and draws of what was measured."""
    said = [line for line in html_of(app).splitlines() if "<table" in line or "begun" in line]
    return said + [chart.proto.spec for chart in app.get("plotly_chart")]


def labels(app: AppTest) -> list[str]:
    return [button.label for button in app.button]


@pytest.mark.parametrize(
    ("chosen", "label"),
    [
        ({}, "Measure this text"),
        ({"measured": "attention"}, "Measure by attention"),
        ({"tab": "where-the-time-goes"}, "Measure the stages of this answer"),
    ],
)
def test_a_link_shows_on_latency_what_was_measured_to_somebody_else(
    app: AppTest, chosen: dict[str, str], label: str
) -> None:
    first = opened("latency", QUERY | chosen)
    assert "Measured on" not in html_of(first)
    query = measured(first, label)
    assert query["runs"]
    assert f"{label} again" in labels(first)
    second = opened("latency", query)
    assert f"{label} here" in labels(second)
    assert f"Measured on {machine().processor}" in html_of(second) and TODAY in html_of(second)
    assert numbers(second) == numbers(first) != []


def test_a_measurement_is_not_shown_for_another_task_text_or_setting(app: AppTest) -> None:
    query = QUERY | {"runs": in_store(text_of(app), profile(1.9, 2.0))}
    assert "an abacus" in html_of(opened("latency", query))
    for changed in ({"task": "entities"}, {"text": "the film was bad."}, {"attention": "eager"}):
        other = opened("latency", query | changed)
        assert "an abacus" not in html_of(other), changed
        assert GONE not in html_of(other), changed
        assert "Measure this text" in labels(other), changed


def test_a_link_shows_the_speed_on_claims_and_the_times_on_latency(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remembered, "speed", lambda *_: Speed(timing(profile(1.9, 2.0)), "8-bit does not run here."))
    first = opened("latency", QUERY)
    measured(first, "Measure this text")
    first.switch_page("../pages/claims.py").run()
    query = measured(first, "Measure the speed")
    assert len(query["runs"].split(",")) == 2
    monkeypatch.setattr(remembered, "speed", lambda *_: pytest.fail("It was measured again."))
    second = opened("claims", query)
    assert "Measure the speed here" in labels(second)
    assert f"Measured on {machine().processor}" in html_of(second)
    assert "8-bit does not run here." in html_of(second)
    cards = [[line for line in html_of(app).splitlines() if "dl-claim" in line] for app in (first, second)]
    assert cards[0] == cards[1] != []
    second.switch_page("../pages/latency.py").run()
    assert "begun" in html_of(second)
    assert second.query_params["runs"] == first.query_params["runs"]
    assert "Not measured yet" in html_of(opened("claims", query | {"task": "entities"}))


def test_ids_that_lead_nowhere_are_one_sentence_until_something_is_measured(app: AppTest) -> None:
    found = opened("latency", QUERY | {"runs": "0123456789abcdef,<b>"})
    assert html_of(found).count(GONE) == 1
    assert "Measure this text" in labels(found)
    found.run()
    assert html_of(found).count(GONE) == 1
    query = measured(found, "Measure this text")
    assert GONE not in html_of(found)
    assert stored.recall(query["runs"])


def test_more_ids_than_an_address_may_hold_are_told(app: AppTest) -> None:
    runs = ",".join(f"{number:016x}" for number in range(MOST + 1))
    found = opened("latency", QUERY | {"runs": runs})
    assert "“no measurement” is shown instead" in html_of(found)


def test_measuring_again_replaces_the_id_and_back_shows_the_former(app: AppTest) -> None:
    before = QUERY | {"runs": in_store(text_of(app), profile(1.9, 2.0))}
    page = opened("latency", before)
    shown = numbers(page)
    after = measured(page, "Measure this text")
    assert len(after["runs"]) == len(before["runs"]) and after["runs"] != before["runs"]
    assert numbers(page) != shown
    page.query_params.update(before)  # as by Back
    page.run()
    assert numbers(page) == shown


def test_peaks_of_one_machine_are_no_roof_for_another_and_ids_have_one_order(app: AppTest) -> None:
    times = replace(profile(1.9, 2.0), machine=replace(MACHINE, processor="a slide rule"))
    sides = PAIRS["embedded"].sides("sentiment")
    asked = stored.asked("sweep", sides, "sentiment", config=BenchmarkConfig(tokens=64), axis="tokens")
    sweep = in_store(asked, Sweep("tokens", (times,)))
    for machine_of_peaks, comparable in ((MACHINE, False), (times.machine, True)):
        peaks = stored.keep(
            Measured(Asked("peaks"), Peaks(1, 50.0, 5.0), machine_of_peaks, "2026-11-27T10:00:00+00:00")
        )
        assert peaks
        query = QUERY | {"tab": "cost", "runs": ",".join(sorted([peaks, sweep]))}
        page = opened("latency", query)
        assert f"Measured on {machine_of_peaks.processor}, 2 cores, 27 November 2026." in html_of(page)
        assert "Measured on a slide rule, 2 cores, 1 January 2026." in html_of(page)
        assert (ELSEWHERE in html_of(page)) != comparable
        page.run()
        assert dict(page.query_params) == query


def test_where_and_when_is_one_line() -> None:
    one = stored.measured(Asked("text"), profile(1.9, 2.0))
    assert where_and_when(one) == "Measured on an abacus, 2 cores, 1 January 2026."


@pytest.mark.parametrize(
    ("linked", "label"), [([None], "Measure"), ([None, True], "Measure here"), ([True, False], "Measure again")]
)
def test_a_button_says_whether_it_measures_again_or_here(linked: list[bool | None], label: str) -> None:
    one = stored.measured(Asked("text"), profile(1.9, 2.0))
    assert labelled("Measure", [None if there is None else Kept(one, "", there) for there in linked]) == label


def test_a_link_says_how_long_it_leads_to_times(monkeypatch: pytest.MonkeyPatch) -> None:
    one = stored.measured(Asked("text"), profile(1.9, 2.0))
    session: dict[str, object] = {}
    monkeypatch.setattr(streamlit, "session_state", session)
    assert about_links() == []
    session["address"] = _Address(values={RUNS: "0123456789abcdef"})
    monkeypatch.setenv("DISTILLENS_KEEP_DAYS", "7")
    (sentence,) = about_links()
    assert sentence.startswith("Measured times are kept on this server for 7 days")
    session[KEPT] = {one.asked: Kept(one)}
    session["address"] = _Address()
    assert about_links() == ["Not in the link: measured times, for which this server's store has no room."]
