"""The claims page: lines with words and signs, a filter, drawings at their places, a table, speed on request."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from analysis.claims.claim import JudgedClaim
from analysis.claims.criteria import FAILS, HOLDS, INCONCLUSIVE, PENDING, VERDICTS
from analysis.claims.evidence import Evidence, Speed
from analysis.claims.evidence_from.speed import NOT_YET, timing
from analysis.claims.judging import decisive, judge, measurement_text
from analysis.claims.statements.table import CLAIMS
from analysis.models.pairs import PAIRS, Checkpoint, Sides
from cache import claims as remembered
from cache.claims import ShippedSpeed
from dashboard.claims.controls import ALL
from dashboard.claims.gauge import Scale, drawable, gauge, scales
from dashboard.claims.lines import SIGNS, line
from dashboard.export.claims import claims_table
from tests.support.made_up_profiles import MACHINE, profile
from tests.support.tiny import tiny_checkpoint

APP = str(Path(__file__).resolve().parents[3] / "dashboard" / "app.py")


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> tuple[JudgedClaim, ...]:
    """The embedded pair's claims, with a made-up speed."""
    evidence: Evidence = remembered.evidence(
        PAIRS["embedded"], "sentiment", Speed(timing(profile(1.9, 2.0)), "Not here.")
    )
    return tuple(judge(claim, evidence) for claim in CLAIMS)


@pytest.fixture
def app(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The app on the claims page, asked about a pair of the reader's own."""
    root = tmp_path_factory.mktemp("own")
    monkeypatch.setenv("DISTILLENS_CACHE", str(root / "results"))
    app = AppTest.from_file(APP, default_timeout=120)
    app.query_params["pair"], app.query_params["task"] = "Your own", "Sentiment"
    for side, kind in (("teacher", "bert"), ("student", "distilbert")):
        app.query_params[side] = str(tiny_checkpoint(root / side, kind, "sentiment"))
    app.run()
    return app.switch_page("../pages/claims.py").run()


def html_of(app: AppTest) -> str:
    assert not app.exception
    return "\n".join(str(block.proto.body) for block in app.get("html"))


def lines_of(app: AppTest) -> dict[str, str]:
    """Each claim's HTML by its title."""
    lines = html_of(app).split('<details class="dl-claim ')[1:]
    return {re.findall(r'dl-claim-title">(.*?)</h3>', block)[0]: block for block in lines}


def summary_of(drawn: str) -> str:
    """What is seen of a closed claim."""
    return drawn.partition("</summary>")[0]


def counted(app: AppTest) -> dict[str, int]:
    """The number on each button of the filter, by its words."""
    labels = [option.content.rpartition(" ") for option in app.button_group(key="verdict").proto.options]
    return {label.lstrip("".join(sign for sign, _ in SIGNS.values()) + " "): int(number) for label, _, number in labels}


def test_every_verdict_is_a_word_and_a_sign_of_its_own(found: tuple[JudgedClaim, ...]) -> None:
    assert set(SIGNS) == set(VERDICTS)
    assert len({sign for sign, _ in SIGNS.values()}) == len(VERDICTS)
    for one in found:
        drawn = line(one, "Mine & yours")
        assert f">{SIGNS[one.verdict][0]}</i> {one.verdict}" in summary_of(drawn)
        assert all(f'href="{said.source.url}"' in drawn for said in one.claim.quotations)
        assert drawn.count('class="dl-line"') == len(one.results)


def test_a_closed_claim_has_its_number_and_names_the_pair_where_weights_decide(found: tuple[JudgedClaim, ...]) -> None:
    for one in found:
        result, seen = decisive(one.results), summary_of(line(one, "Mine & yours"))
        assert result.measured
        assert f'<b class="">{measurement_text(result.measured, result.definition.unit)}</b>' in seen
        assert ('class="dl-gauge"' in seen) == drawable(result)
        assert ("for the pair Mine &amp; yours" in seen) == one.claim.about_weights
    about_weights = {one.claim.title for one in found if one.claim.about_weights}
    assert "97% of BERT's language understanding" in about_weights
    assert not about_weights & {"40% smaller", "60% faster", "Fewer attention heads"}


def test_the_table_has_every_line_with_its_number(found: tuple[JudgedClaim, ...]) -> None:
    table = claims_table(found)
    results = [result for one in found for result in one.results]
    assert {len(column) for column in table.values()} == {len(results)}
    for row, result in enumerate(results):
        assert (table["Measured here"][row] is None) == (result.measured is None)
        if result.measured:
            ends = [table[title][row] for title in ("Low", "Measured here", "High")]
            estimate = result.measured.estimate
            assert ends == pytest.approx([estimate.low, estimate.value, estimate.high], abs=1e-3)
        assert table["Conditions, or why not"][row]
    assert set(table["Claim"]) == {claim.title for claim in CLAIMS}


def test_drawings_have_one_scale_a_claim_and_everything_on_it(found: tuple[JudgedClaim, ...]) -> None:
    (scale,) = scales(found[0].results).values()
    result = next(result for result in found[0].results if result.reported is not None)
    drawn = {kind: float(left) for kind, left in re.findall(r'dl-(\w+)" style="left: ([\d.]+)%', gauge(result, scale))}
    width = scale.high - scale.low
    expected = {"figure": 40.0, "asked": 35.0, "reported": 40.0, "dot": result.measured.estimate.value}
    for kind, number in expected.items():
        assert drawn[kind] == pytest.approx(100 * (number - scale.low) / width, abs=0.01)
    for one in found:
        for result in one.results:
            if result.measured and drawable(result):
                own = scales(one.results)[result.definition.unit]
                assert own.low <= result.measured.estimate.low <= result.measured.estimate.high < own.high


def test_what_lies_outside_of_a_scale_is_put_on_its_edge() -> None:
    scale = Scale(10, 20, "%")
    assert [scale.at(value) for value in (float("-inf"), 10, 15, 20, float("inf"))] == [0, 0, 50, 100, 100]


def test_a_pair_of_ones_own_is_judged_by_what_it_is(app: AppTest) -> None:
    lines = lines_of(app)
    assert list(lines) == [title.replace("'", "&#x27;") for title in (claim.title for claim in CLAIMS)]
    assert lines["6 encoder layers instead of 12"].startswith("dl-fails")
    assert lines["Fewer hidden units"].startswith("dl-fails")
    assert lines["Token, segment and position embeddings"].startswith("dl-part")
    assert "No evaluation lies beside these checkpoints." in lines["97% of BERT&#x27;s language understanding"]
    assert "No training record lies beside these checkpoints" in lines["A triple loss"]
    assert "for one task only" in lines["Can be fine-tuned on many tasks"]
    for title in ("97% of BERT&#x27;s language understanding", "A triple loss", "60% faster"):
        assert lines[title].startswith("dl-open")


def test_speed_is_measured_on_request_and_remembered(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Measure the speed" in NOT_YET
    assert NOT_YET.split(":")[0] in lines_of(app)["60% faster"]
    asked = []

    def speed(sides: Sides[Checkpoint], task: str, progress: Callable[[float], None]) -> Speed:
        asked.append((Path(sides.student.source).name, task))
        progress(1.0)
        return Speed(timing(profile(1.9, 2.0)), "8-bit integers do not run here.")

    monkeypatch.setattr(remembered, "speed", speed)
    next(button for button in app.button if button.label == "Measure the speed").click().run()
    assert asked == [("student", "sentiment")]
    assert lines_of(app)["60% faster"].startswith("dl-part")
    assert "8-bit integers do not run here." in lines_of(app)["Suited to on-device use"]
    app.run()
    assert lines_of(app)["60% faster"].startswith("dl-part")
    assert len(asked) == 1


def test_one_verdict_is_listed_and_stands_in_the_address(app: AppTest) -> None:
    everything = lines_of(app)
    told = counted(app)
    assert list(told) == [ALL, *SIGNS]
    assert told.pop(ALL) == sum(told.values()) == len(everything) == len(CLAIMS)
    for verdict, (_, css) in SIGNS.items():
        app.button_group(key="verdict").set_value(verdict).run()
        shown = lines_of(app)
        assert len(shown) == told[verdict]
        assert all(block.startswith(f"dl-{css}") and f"</i> {verdict}</span>" in block for block in shown.values())
        assert ("No claim has this verdict" in html_of(app)) == (not shown)
        assert app.query_params["verdict"] == verdict.replace(" ", "-")
    assert {told[verdict] > 0 for verdict in (HOLDS, FAILS, PENDING)} == {True}
    app.button_group(key="verdict").set_value(ALL).run()
    assert "verdict" not in app.query_params
    assert list(lines_of(app)) == list(everything)


def test_the_filter_stays_while_the_counts_change(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembered, "speed", lambda *_: Speed(timing(profile(1.9, 2.0)), "Not here."))
    app.button_group(key="verdict").set_value(PENDING).run()
    before = counted(app)
    assert list(lines_of(app)) == ["60% faster"]
    next(button for button in app.button if button.label == "Measure the speed").click().run()
    after = counted(app)
    assert app.session_state["verdict"] == PENDING
    assert after[PENDING] == before[PENDING] - 1
    assert after[ALL] == before[ALL] == len(CLAIMS)
    assert not lines_of(app)


def test_a_link_to_a_verdict_that_no_claim_has_is_known(app: AppTest) -> None:
    assert counted(app)[INCONCLUSIVE] == 0
    app.query_params["verdict"] = "inconclusive"
    app.run()
    assert "No claim has this verdict for this pair." in html_of(app)
    assert "not known here" not in html_of(app)


def test_a_speed_that_ships_is_judged_and_says_where_it_was_measured(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert NOT_YET in html_of(app)
    shipped = ShippedSpeed(Speed(timing(profile(1.9, 2.0)), "Not here."), MACHINE, "2026-11-28T12:00:00+00:00")
    monkeypatch.setattr(remembered, "shipped_speed", lambda *_: shipped)
    app.run()
    assert "measured on an abacus (2 cores), on 28 November 2026" in html_of(app)
    assert "press “Measure the speed”" in html_of(app)
    assert "times as fast" in html_of(app)
    assert NOT_YET not in "".join(block for block in lines_of(app).values() if "as fast" in block)
