"""The panel of the button “Save this finding”: what it offers, what it makes, and what it says of an older one."""

from __future__ import annotations

import io
import json
import zipfile

import pytest
from streamlit.testing.v1 import AppTest

from analysis.models.pairs import Pair
from dashboard.report import save_panel
from dashboard.report.finding import FindingRequest
from dashboard.report.save_panel import COMPUTED, MADE, MAKE, zipped
from dashboard.report.sections import SECTIONS


def panel() -> None:
    from analysis.models.pairs import PAIRS
    from dashboard.frame import Question
    from dashboard.report.save_panel import save_panel
    from tests.support.tiny import EXAMPLES

    save_panel(
        Question(PAIRS["embedded"], EXAMPLES["sentiment"]), {"method": "saliency", "right": "x"}, "http://a/?b=c"
    )


@pytest.fixture
def app(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setattr(save_panel, "pictures", lambda figures, progress: {})
    return AppTest.from_function(panel, default_timeout=120).run()


def press(app: AppTest, label: str) -> AppTest:
    app = next(button for button in app.button if button.label == label).click().run()
    assert not app.exception
    return app


def results_of(app: AppTest) -> dict:
    with zipfile.ZipFile(io.BytesIO(app.session_state[MADE].zipped)) as files:
        return json.loads(files.read("finding/results.json"))


def test_it_makes_what_the_reader_sees(app: AppTest) -> None:
    results = results_of(press(app, MAKE))
    assert list(results["sections"]) == list(SECTIONS)
    assert results["question"]["choices"] == {"method": "saliency"}
    assert results["sections"]["attributions"]["numbers"]["settings"]["method"] == "Saliency"
    assert results["link"] == "http://a/?b=c"
    assert [one.label for one in app.get("download_button")] == [
        f"Download finding.zip ({len(app.session_state[MADE].zipped) / 1e6:.1f} MB)"
    ]


def test_it_holds_the_sections_that_are_chosen_and_an_older_one_is_not_offered(app: AppTest) -> None:
    press(app, MAKE)
    app.pills[0].set_value(["answers", "claims"]).run()
    assert not app.get("download_button")
    assert "made before" in "".join(str(block.proto.body) for block in app.get("html"))
    assert list(results_of(press(app, MAKE))["sections"]) == ["answers", "claims"]


def test_nothing_can_be_made_of_nothing(app: AppTest) -> None:
    app.pills[0].set_value([]).run()
    assert next(button for button in app.button if button.label == MAKE).disabled


def test_whatever_progress_raises_ends_it(requests: dict[str, FindingRequest]) -> None:
    class Cancelled(Exception):
        pass

    def cancel(share: float) -> None:
        if share > COMPUTED / 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        zipped(requests["sentiment"], "", cancel)


def test_a_server_for_strangers_starts_no_browser(
    requests: dict[str, FindingRequest], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISTILLENS_HOSTED", "1")
    monkeypatch.setattr(save_panel, "pictures", lambda figures, progress: pytest.fail("a browser was started"))
    with zipfile.ZipFile(io.BytesIO(zipped(requests["sentiment"], "", lambda share: None))) as files:
        assert not [name for name in files.namelist() if "figures/" in name]
        assert "no Chromium was at hand" in files.read("finding/report.html").decode()
