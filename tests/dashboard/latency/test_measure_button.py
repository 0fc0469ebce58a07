"""Measuring on a button: nothing begins by itself, and what was measured before it was stopped is kept."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from tests.support.app import html_of


def page() -> None:
    """Measures four things, and is interrupted after the second as by any click of the reader."""
    from collections.abc import Callable

    import streamlit as st

    from analysis.latency.profile import Progress
    from dashboard.latency.measure_button import measured

    def measure(told: Callable[[Progress], None]) -> str:
        for count in range(1, 5):
            told(Progress(f"{count} rounds", count / 4, 1.0))
            if count == st.session_state.get("interrupt"):
                st.stop()  # raises what an interrupted page raises
        return "all rounds"

    st.text(f"first: {measured('first', 'Measure', measure)}")
    st.text(f"second: {measured('second', 'Weigh', measure)}")


def said(app: AppTest) -> list[str]:
    assert not app.exception
    return [text.value for text in app.text]


def buttons(app: AppTest) -> list[tuple[str, bool]]:
    return [(button.label, button.disabled) for button in app.button]


def test_nothing_is_measured_before_the_button_and_each_keeps_its_own() -> None:
    app = AppTest.from_function(page).run()
    assert said(app) == ["first: None", "second: None"]
    app.button(key="start Weigh").click().run()
    assert said(app) == ["first: None", "second: all rounds"]
    assert buttons(app) == [("Measure", False), ("Weigh again", False)]


def test_what_was_measured_before_an_interruption_is_kept_and_does_not_go_on() -> None:
    app = AppTest.from_function(page).run()
    app.session_state["interrupt"] = 2
    app.button(key="start Measure").click().run()
    assert ("Measure", True) in buttons(app)
    assert ("Stop and keep what is measured", False) in buttons(app)
    app.button(key="stop Measure").click().run()
    assert said(app) == ["first: 2 rounds", "second: None"]
    assert buttons(app) == [("Measure again", False), ("Weigh", False)]


def page_with_shipped() -> None:
    """One measurement that ships and one that does not."""
    from types import SimpleNamespace

    import streamlit as st

    from dashboard.latency.measure_button import measured
    from tests.support.made_up_profiles import MACHINE

    shipped = SimpleNamespace(machine=MACHINE, started="2026-11-28T23:59:00+00:00", name="elsewhere")
    here = SimpleNamespace(name="here")
    st.text(measured("first", "Measure", lambda _: here, lambda: shipped).name)
    st.text(measured("second", "Weigh", lambda _: here, lambda: None))


def test_what_ships_is_shown_with_machine_and_day_until_the_reader_measures() -> None:
    app = AppTest.from_function(page_with_shipped).run()
    assert said(app) == ["elsewhere", "None"]
    [sentence] = html_of(app).splitlines()
    assert "Shipped with the pair: measured on an abacus (2 cores), on 28 November 2026." in sentence
    assert "To measure here, press “Measure”." in sentence
    assert buttons(app) == [("Measure", False), ("Weigh", False)]
    app.button(key="start Measure").click().run()
    assert said(app) == ["here", "None"]
    assert html_of(app) == ""
    assert buttons(app) == [("Measure again", False), ("Weigh", False)]
