"""Measuring on a button: nothing begins by itself, and what was measured before it was stopped is kept."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from cache import measurements
from cache.measurements import Measured
from dashboard.measurements import RUNS
from tests.support.app import html_of
from tests.support.made_up_profiles import profile

pytestmark = pytest.mark.usefixtures("nothing_remembered")


def page() -> None:
    """Measures four things, and is interrupted after the second as by any click of the reader."""
    from collections.abc import Callable
    from dataclasses import replace

    import streamlit as st

    from analysis.latency.profile import LatencyProfile, Progress
    from cache.measurements import Asked
    from dashboard.latency.measure_button import measured
    from tests.support.made_up_profiles import profile

    def of(rounds: int) -> LatencyProfile:
        return replace(profile(1.9, 2.0), rounds_requested=rounds)

    def measure(report: Callable[[Progress], None]) -> LatencyProfile:
        for count in range(1, 5):
            report(Progress(of(count), count / 4, 1.0))
            if count == st.session_state.get("interrupt"):
                st.stop()  # raises what an interrupted page raises
        return of(100)

    for kind, label in (("text", "Measure"), ("quality", "Weigh")):
        value = measured(Asked(kind), label, measure, st.container())
        st.text(f"{kind}: {value and value.rounds_requested} rounds")


def said(app: AppTest) -> list[str]:
    assert not app.exception
    return [text.value for text in app.text]


def buttons(app: AppTest) -> list[tuple[str, bool]]:
    return [(button.label, button.disabled) for button in app.button]


def test_nothing_is_measured_before_the_button_and_each_keeps_its_own() -> None:
    app = AppTest.from_function(page).run()
    assert said(app) == ["text: None rounds", "quality: None rounds"]
    app.button(key="start Weigh").click().run()
    assert said(app) == ["text: None rounds", "quality: 100 rounds"]
    assert buttons(app) == [("Measure", False), ("Weigh again", False)]


def test_what_was_measured_before_an_interruption_is_kept_and_does_not_go_on() -> None:
    app = AppTest.from_function(page).run()
    app.session_state["interrupt"] = 2
    app.button(key="start Measure").click().run()
    assert ("Measure", True) in buttons(app)
    assert ("Stop and keep what is measured", False) in buttons(app)
    app.button(key="stop Measure").click().run()
    assert said(app) == ["text: 2 rounds", "quality: None rounds"]
    assert buttons(app) == [("Measure again", False), ("Weigh", False)]


def test_the_store_is_written_once_when_measuring_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    put, keep = [], measurements.keep

    def noted(measured: Measured) -> str | None:
        put.append(measured.value.rounds_requested)
        return keep(measured)

    monkeypatch.setattr(measurements, "keep", noted)
    app = AppTest.from_function(page).run()
    app.session_state["interrupt"] = 3
    app.button(key="start Measure").click().run()
    assert put == []  # writing would disturb what is measured
    app.button(key="stop Measure").click().run()
    app.run()
    assert put == [3]
    found = measurements.recall(*app.session_state[RUNS])
    assert found and found.value.rounds_requested == 3


def page_with_shipped() -> None:
    """One measurement that ships and one that does not."""
    from dataclasses import replace

    import streamlit as st

    from cache.measurements import Asked
    from dashboard.latency.measure_button import measured
    from tests.support.made_up_profiles import MACHINE, profile

    here = profile(1.9, 2.0)
    shipped = replace(here, machine=MACHINE, started="2026-11-28T23:59:00+00:00", rounds_requested=77)
    first = measured(Asked("text"), "Measure", lambda _: here, st.container(), lambda: shipped)
    second = measured(Asked("quality"), "Weigh", lambda _: here, st.container())
    for kind, value in (("text", first), ("quality", second)):
        st.text(f"{kind}: {value and value.rounds_requested} rounds")


def test_what_ships_is_shown_with_machine_and_day_until_the_reader_measures() -> None:
    app = AppTest.from_function(page_with_shipped).run()
    assert said(app) == ["text: 77 rounds", "quality: None rounds"]
    [sentence] = html_of(app).splitlines()
    assert "Shipped with the pair: measured on an abacus (2 cores), on 28 November 2026." in sentence
    assert "To measure here, press “Measure”." in sentence
    assert buttons(app) == [("Measure", False), ("Weigh", False)]
    app.button(key="start Measure").click().run()
    assert said(app) == [f"text: {profile(1.9, 2.0).rounds_requested} rounds", "quality: None rounds"]
    assert "Shipped" not in html_of(app)
    assert buttons(app) == [("Measure again", False), ("Weigh", False)]
