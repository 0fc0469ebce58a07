"""Measuring on a button: nothing begins by itself, and what was measured before it was stopped is kept."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest


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
