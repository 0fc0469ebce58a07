"""A finding of others is shown as it was measured, or refused in one sentence: whatever the file holds."""

from __future__ import annotations

import base64
import io
import json
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from analysis.errors import AnalysisError
from dashboard.named_files import content_of
from dashboard.report import saved_finding as module
from dashboard.report.files import archive, files_of
from dashboard.report.finding import Finding, Section
from dashboard.report.saved_finding import MEMBER, MOST_FILES, MOST_UNPACKED, read_finding
from dashboard.report.saved_sections import SECTIONS as SHOWN
from dashboard.report.sections import SECTIONS
from dashboard.ui.theme import SHORT

Change = Callable[[dict[str, Any]], object]


def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return stream.getvalue()


def results_of(finding: Finding) -> dict[str, Any]:
    results: dict[str, Any] = json.loads(files_of(finding, {})["results.json"])
    return results


def changed(finding: Finding, change: Change) -> bytes:
    """The finding's zip file after a change of what its results hold."""
    results = results_of(finding)
    change(results)
    return zipped({MEMBER: json.dumps(results).encode()})


def array_of(figure: go.Figure, key: str) -> np.ndarray:
    """An array of a figure's first trace, which Plotly has encoded."""
    values = figure.to_dict()["data"][0][key]
    return np.frombuffer(base64.b64decode(values["bdata"]), values["dtype"]).reshape(
        [int(length) for length in values["shape"].split(",")]
    )


def likeliest_of(answers: Section, name: str) -> list[tuple[object, object]]:
    """The outcomes that are shown of a model, likeliest first: in the figures, or in the table if there are none."""
    if answers.tables:
        rows = answers.tables[0].columns
        return [
            (outcome, probability)
            for outcome, probability, model in zip(rows["Outcome"], rows["Probability"], rows["Model"], strict=True)
            if model == name
        ]
    places = [figure.table.columns for figure in answers.figures]
    return [
        pair
        for columns in places
        for pair in sorted(
            ((o, p) for o, p in zip(columns["Outcome"], columns[name], strict=True) if p is not None),
            key=lambda each: -float(each[1]),
        )
    ]


def test_it_is_read_as_it_was_saved(finding: Finding) -> None:
    saved = read_finding(archive(files_of(finding, {})))
    assert (saved.headline, saved.answers) == (finding.headline, finding.answers)
    assert saved.example == finding.request.example
    assert saved.made.isoformat() == finding.made
    assert [section.key for section in saved.sections] == [section.key for section in finding.sections]
    for read, written in zip(saved.sections, finding.sections, strict=True):
        assert (read.title, read.finding, read.problem) == (written.title, written.finding, written.problem)


def test_what_is_drawn_are_the_numbers_that_it_holds(finding: Finding) -> None:
    sections = results_of(finding)["sections"]
    drawn = {part.key: part for part in read_finding(archive(files_of(finding, {}))).sections}
    for side, figure in zip(("teacher", "student"), drawn["attention"].figures, strict=True):
        weights = sections["attention"]["numbers"][side]["weights"]["values"]
        assert array_of(figure.figure, "z") == pytest.approx(np.array(weights), abs=1e-6)
        assert figure.table.columns["Weight"] == pytest.approx(np.ravel(weights))
    for key, name in (("layers", "values"), ("matching", "distance")):
        values = np.array(sections[key]["numbers"][name]["values"], dtype=float)
        assert array_of(drawn[key].figures[0].figure, "z") == pytest.approx(values, nan_ok=True)
    for side, name in SHORT.items():
        scores = sections["attributions"]["numbers"][side]["scores"]["values"]
        (bars,) = [one for one in drawn["attributions"].figures[0].figure.to_dict()["data"] if name in one["name"]]
        assert list(bars["y"]) == pytest.approx(scores)
        assert drawn["attributions"].figures[0].table.columns[name] == pytest.approx(scores)
        likeliest = sections["answers"]["numbers"][side]["likeliest"]
        told = likeliest_of(drawn["answers"], name)
        assert told == [(one["outcome"], one["probability"]) for place in likeliest for one in place]
    claims = drawn["claims"].tables[0].columns
    assert claims["Verdict"] == [one["verdict"] for one in sections["claims"]["numbers"]["claims"]]


def test_it_has_a_row_for_each_section() -> None:
    assert {key: row.title for key, row in SHOWN.items()} == {key: row.title for key, row in SECTIONS.items()}


def test_it_says_that_it_is_loaded_from_which_machine_and_when(of_sentiment: Finding) -> None:
    def elsewhere(results: dict[str, Any]) -> None:
        results["machine"] |= {"processor": "Abacus 3", "cores": 1}
        results["made"] = "2026-03-01T10:20:30+00:00"

    saved = read_finding(changed(of_sentiment, elsewhere))
    assert saved.where_and_when == "Loaded, measured on Abacus 3, 1 core, 1 March 2026."


def test_measured_times_are_shown_by_round(of_sentiment: Finding) -> None:
    def measured(results: dict[str, Any]) -> None:
        samples = {"teacher": [2.0, 3.0], "student": [1.0, 1.5], "teacher again": [2.0, 2.5]}
        results["sections"]["speed"] |= {"problem": "", "numbers": {"measured": {"samples_ms": samples}}}

    speed = next(one for one in read_finding(changed(of_sentiment, measured)).sections if one.key == "speed")
    assert speed.figures[0].table.columns == {"Round": ["1", "2"], "Teacher": [2.0, 3.0], "Student": [1.0, 1.5]}


def test_a_verdict_that_times_have_changed_stands_in_place_of_the_one_without(of_sentiment: Finding) -> None:
    judged = results_of(of_sentiment)["sections"]["claims"]["numbers"]["claims"]
    timed = judged[3] | {"verdict": "of times", "measured": {"value": 2.5, "low": 2.0, "high": 3.0}}
    saved = read_finding(changed(of_sentiment, put("sections", "claims", "numbers", "measured", value=[timed])))
    columns = saved.sections[-1].tables[0].columns
    assert len(columns["Verdict"]) == len(judged)
    assert (columns["Verdict"][3], columns["Measured there"][3]) == ("of times", 2.5)


def put(*path: str | int, value: object) -> Change:
    """A change that puts a value at a place."""

    def change(results: Any) -> None:
        for step in path[:-1]:
            results = results[step]
        results[path[-1]] = value

    return change


NUMBERS = ("sections", "attention", "numbers", "teacher")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (put("format", value=2), "results.json/format is another one than 1"),
        (put("headline", value=["x"]), "results.json/headline is no text"),
        (put("headline", value="\ud800"), "half of a surrogate pair"),
        (put("headline", value="x" * 200_001), "is no text of up to 200,000 characters"),
        (put("made", value="yesterday"), "results.json/made is no date"),
        (put("question", "task", value="magic"), "is none of the tasks here"),
        (put("machine", value=None), "results.json/machine has no “processor”"),
        (put("machine", "cores", value=True), "is no whole number"),
        (put("sections", "magic", value={}), "is no section that this version of DistilLens knows"),
        (put(*NUMBERS, "weights", "shape", value=[2**31, 2**31]), "is no whole number from 0 to 5,000"),
        (put(*NUMBERS, "weights", "shape", value=[5000, 5000]), "has not 2 axes with up to 1,000,000 cells"),
        (put(*NUMBERS, "weights", "shape", value=[]), "has not 2 axes"),
        (put(*NUMBERS, "weights", "shape", value=[1, 1]), "is not of the shape that is given"),
        (put(*NUMBERS, "weights", "values", 0, 0, value="1"), "is no number that can be shown"),
        (put(*NUMBERS, "weights", "values", 0, 0, value=None), "is no map of attention"),
        (put(*NUMBERS, "weights", "values", 0, 0, value=10**400), "is no number that can be shown"),
        (put(*NUMBERS, "labels", value=["one"]), "is no map of attention"),
        (put("sections", value={f"{at}": {} for at in range(21)}), "are more than 20"),
        (put("versions", value={f"{at}": "1" for at in range(5_001)}), "is no object of up to 5,000"),
    ],
)
def test_a_value_that_is_not_as_it_should_be_is_named(of_sentiment: Finding, change: Change, sentence: str) -> None:
    with pytest.raises(AnalysisError) as refused:
        read_finding(changed(of_sentiment, change))
    assert sentence in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "content",
    [b"", b"no zip file", zipped({}), zipped({"results.json": b"{}"}), zipped({"../finding/results.json": b"{}"})],
    ids=["empty", "text", "nothing in it", "elsewhere", "outside"],
)
def test_what_is_no_finding_is_said_to_be_none(content: bytes) -> None:
    with pytest.raises(AnalysisError, match="This is no finding: choose a finding.zip"):
        read_finding(content)


@pytest.mark.parametrize(
    "results",
    [b"", b"{", b"\xff", b"[" * 100_000, b"9" * 5_000, b'{"format": NaN}'],
    ids=["empty", "cut", "no text", "deep", "long number", "no number"],
)
def test_what_is_not_json_is_said_to_be_none(results: bytes) -> None:
    with pytest.raises(AnalysisError, match=r"results\.json is not JSON"):
        read_finding(zipped({MEMBER: results}))


def test_a_damaged_or_encrypted_file_is_refused(of_sentiment: Finding) -> None:
    content = bytearray(zipped({MEMBER: b"{}" * 99}, zipfile.ZIP_STORED))
    content[len(MEMBER) + 40] ^= 1
    encrypted = bytearray(zipped({MEMBER: b"{}"}))
    encrypted[6] |= 1
    encrypted[encrypted.rindex(b"PK\x01\x02") + 8] |= 1
    for broken in (content, encrypted):
        with pytest.raises(AnalysisError, match="This is no finding"):
            read_finding(bytes(broken))


def test_a_file_that_unpacks_to_too_much_is_refused_before_it_is_unpacked() -> None:
    bomb = zipped({MEMBER: b" " * 200_000_000})
    assert len(bomb) < 1_000_000
    tracemalloc.start()
    with pytest.raises(AnalysisError, match=r"results\.json of a finding has up to 16 MB"):
        read_finding(bomb)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 5 * MOST_UNPACKED


def test_too_many_files_and_too_large_a_file_are_refused_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zipfile, "ZipFile", lambda *arguments: pytest.fail("it was opened"))
    with pytest.raises(AnalysisError, match="up to 1,000 files"):
        read_finding(module.ENTRY * (MOST_FILES + 1))
    with pytest.raises(AnalysisError, match="up to 32 MB"):
        read_finding(bytes(32_000_001))


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(AnalysisError, match=r"“finding\.zip” cannot be read \(No such file or directory\)"):
        content_of(tmp_path / "finding.zip", 1)


def test_hostile_words_are_escaped_in_figures(of_sentiment: Finding) -> None:
    hostile = "<img src=x onerror=alert(1)>"

    def change(results: dict[str, Any]) -> None:
        for side in ("teacher", "student"):
            results["sections"]["attributions"]["numbers"][side]["words"][0] = hostile
            results["sections"]["answers"]["numbers"][side]["likeliest"][0][0]["outcome"] = hostile
            results["sections"]["attention"]["numbers"][side]["labels"][0] = hostile
        results["sections"]["layers"]["numbers"]["measure"] = hostile

    saved = read_finding(changed(of_sentiment, change))
    figures = [figure.figure for section in saved.sections for figure in section.figures]
    texts = json.dumps([figure.to_dict() for figure in figures], default=str)
    assert "&lt;img" in texts
    assert "<img" not in texts


def test_one_place_of_many_is_not_drawn_where_the_models_have_different_numbers(of_sentiment: Finding) -> None:
    place = [{"outcome": "a", "probability": 0.5}]
    change = put("sections", "answers", "numbers", "teacher", "likeliest", value=[place, place])
    answers = read_finding(changed(of_sentiment, change)).sections[0]
    assert (answers.figures, len(answers.tables)) == ((), 1)


def test_words_of_both_models_that_differ_stand_in_two_tables(of_sentiment: Finding) -> None:
    change = put("sections", "attributions", "numbers", "teacher", "words", 0, value="another")
    attributions = next(
        one for one in read_finding(changed(of_sentiment, change)).sections if one.key == "attributions"
    )
    assert (attributions.figures, len(attributions.tables)) == ((), 2)
