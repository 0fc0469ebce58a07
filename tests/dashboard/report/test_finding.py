"""A finding says what the pages say, in files that can be read, and that another run makes again."""

from __future__ import annotations

import csv
import io
import json
import math
import re
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from analysis.claims.statements.table import CLAIMS
from analysis.inputs.examples import Example
from analysis.models.pairs import Pair
from analysis.predictions.comparison import compare
from analysis.predictions.heads import predict
from dashboard.frame import Question
from dashboard.report.files import archive, command_of, files_of, write
from dashboard.report.finding import Finding, FindingRequest, Table
from dashboard.report.rerun import differences
from dashboard.report.sections import SECTIONS, make_finding, sections_of
from tests.support.findings import rerun_in
from tests.support.tiny import EXAMPLES

CHOICES = {
    "unit": "tokens",
    "added": "left-out",
    "teacher_head": "2.1",
    "student_head": "1.2",
    "matched_on": "probe-corpus",
    "matched_with": "one-to-one",
    "on": "this-text-alone",
    "method": "occlusion",
    "baseline": "zero",
}
LONGER = "the old man was not in paris, and the young woman lives in the city of london and works with a dog."


def numbers_of(finding: Finding) -> dict[str, Any]:
    return {section.key: section.numbers for section in finding.sections}


def test_what_it_says_of_the_answers_is_what_the_models_say(finding: Finding, tiny_pairs: dict) -> None:
    example = finding.request.example
    predictions = tiny_pairs[example.task].map(lambda model: predict(model, example))
    assert finding.headline == compare(predictions).sentence
    numbers = numbers_of(finding)["answers"]
    assert numbers["divergence"]["value"] == pytest.approx(compare(predictions).divergence)
    for side, prediction in predictions.items():
        assert finding.answers[side] == prediction.summary
        for row, likeliest in zip(prediction.distributions, numbers[side]["likeliest"], strict=True):
            assert likeliest[0]["probability"] == pytest.approx(float(np.max(row)))
            assert likeliest[0]["outcome"] == prediction.outcomes[int(np.argmax(row))]


def test_every_section_is_there_but_for_what_was_not_measured(finding: Finding) -> None:
    assert [section.key for section in finding.sections] == list(SECTIONS)
    assert [section.key for section in finding.sections if section.problem] == ["speed"]
    assert all(section.finding for section in finding.sections if not section.problem)


def test_every_figure_has_its_numbers_beside_it(finding: Finding) -> None:
    names = [table.name for table in finding.tables]
    assert len(names) == len(set(names))
    for figure in finding.figures:
        assert figure.table.length > 0
        assert all(len(column) == figure.table.length for column in figure.table.columns.values())


def test_the_claims_that_are_counted_are_those_that_are_shown(finding: Finding) -> None:
    claims = next(section for section in finding.sections if section.key == "claims")
    counted, could, *by_verdict = map(int, re.findall(r"\d+", claims.finding))
    assert counted == len(CLAIMS)
    assert sum(by_verdict[:-1]) == could == claims.body.count("<details")
    assert by_verdict[-1] == counted - could > 0


def test_rows_of_attention_sum_to_one_and_attributions_to_the_change(finding: Finding) -> None:
    numbers = numbers_of(finding)
    for side in ("teacher", "student"):
        weights = numbers["attention"][side]["weights"]
        assert np.shape(weights["values"]) == tuple(weights["shape"])
        assert np.sum(weights["values"], axis=1) == pytest.approx(1.0, abs=1e-4)
        own = numbers["attributions"][side]
        change = own["score"]["value"] - own["baseline_score"]["value"]
        total = sum(own["scores"]["values"]) + own["special_tokens"]["value"]
        assert total == pytest.approx(change, abs=0.02 + 0.02 * abs(change))


@pytest.mark.parametrize(
    "task", ["question-answering", *(pytest.param(task, marks=pytest.mark.long) for task in ("sentiment", "entities"))]
)
@pytest.mark.parametrize(
    "choices", [CHOICES, pytest.param({}, marks=pytest.mark.long)], ids=["as chosen", "as at first"]
)
def test_its_script_makes_the_same_numbers_again(
    requests: dict[str, FindingRequest], task: str, choices: dict[str, str], tmp_path: Path
) -> None:
    longer = replace(EXAMPLES[task], **{"text_pair" if EXAMPLES[task].text_pair else "text": LONGER})
    question = Question(requests[task].question.pair, longer)
    made = make_finding(replace(requests[task], question=question, choices=choices), "http://127.0.0.1/")
    write(files_of(made, {}), tmp_path)
    assert rerun_in(tmp_path).main() == 0
    again = json.loads((tmp_path / "results-again.json").read_text(encoding="utf-8"))
    assert set(again) == set(SECTIONS) - {"speed"}


@pytest.mark.long
def test_its_script_makes_grades_again(requests: dict[str, FindingRequest], tmp_path: Path) -> None:
    asked = replace(requests["sentiment"], choices={"graded": "true"}, sections=("attributions",))
    write(files_of(make_finding(asked, ""), {}), tmp_path)
    assert rerun_in(tmp_path).main() == 0
    again = json.loads((tmp_path / "results-again.json").read_text(encoding="utf-8"))
    assert len(again["attributions"]["grades"]["teacher"]["methods"]) == 8


def test_its_script_notices_a_number_that_was_changed(requests: dict[str, FindingRequest], tmp_path: Path) -> None:
    write(files_of(make_finding(replace(requests["sentiment"], sections=("answers",)), ""), {}), tmp_path)
    results = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    results["sections"]["answers"]["numbers"]["divergence"]["value"] += 2e-4
    (tmp_path / "results.json").write_text(json.dumps(results), encoding="utf-8")
    assert rerun_in(tmp_path).main() == 1


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        ({"a": [1.0, 2.0]}, {"a": [1.0, 2.5]}, 0.25),
        ({"a": 1}, {"b": 1}, math.inf),
        ([1.0], [1.0, 2.0], math.inf),
        ("yes", "no", math.inf),
        (None, 1.0, math.inf),
        ({"a": None, "b": "c"}, {"a": None, "b": "c"}, 0.0),
    ],
)
def test_differences_are_of_numbers_and_of_all_else(one: object, other: object, apart: float) -> None:
    assert max(most for _, most in differences(one, other)) == apart


def test_tables_are_safe_and_read_as_utf_8_by_spreadsheets(of_sentiment: Finding) -> None:
    (first, *rest) = of_sentiment.sections
    hostile = replace(first, tables=(Table("hostile", {"Word": ["=1+1", "漢字"], "=Value": [1.5, -2.0]}),))
    content = files_of(replace(of_sentiment, sections=(hostile, *rest)), {})["tables/hostile.csv"]
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    assert rows == [["Word", "'=Value"], ["'=1+1", "1.5"], ["漢字", "-2.0"]]


def test_results_are_json_without_anything_that_is_none(finding: Finding) -> None:
    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    results = json.loads(files_of(finding, {})["results.json"], parse_constant=refuse)
    assert results["question"]["text"] == finding.request.example.text
    assert set(results["checkpoints"]) == {"teacher", "student"}


def test_the_archive_holds_the_files_and_is_the_same_every_time(of_sentiment: Finding) -> None:
    files = files_of(of_sentiment, {"answers.svg": b"<svg/>"})
    assert archive(files) == archive(files)
    with zipfile.ZipFile(io.BytesIO(archive(files))) as zipped:
        assert {name.removeprefix("finding/"): zipped.read(name) for name in zipped.namelist()} == files
        assert zipped.getinfo("finding/rerun.sh").external_attr >> 16 & 0o111


def test_a_section_that_cannot_be_made_says_why_and_the_others_are_there(pair: Pair) -> None:
    asked = FindingRequest(
        Question(pair, EXAMPLES["sentiment"]), {"method": "magic"}, ("answers", "attributions", "claims")
    )
    answers, attributions, claims = make_finding(asked, "").sections
    assert (answers.problem, claims.problem) == ("", "")
    assert "There is no method called “magic”" in attributions.problem


def test_a_target_of_another_text_is_said_to_be_and_the_answers_are_explained(requests: dict) -> None:
    asked = replace(requests["sentiment"], sections=("attributions",))
    (default,) = make_finding(asked, "").sections
    (section,) = make_finding(replace(asked, choices={"target": "<b>dog</b>"}), "").sections
    assert "There is no target called “&lt;b&gt;dog&lt;/b&gt;”" in section.body
    assert section.numbers == default.numbers


def test_the_command_is_the_question(pair: Pair) -> None:
    question = Question(pair, Example("sentence-pair", "It's $HOME", "-x"))
    command = command_of(FindingRequest(question, {"teacher_head": "2.1"}, sections_of(["attention"])))
    assert command == (
        """distillens report --task sentence-pair --text 'It'"'"'s $HOME' --text-pair=-x --pair embedded """
        "--pages attention --choose teacher-head=2.1 --out finding"
    )


def test_progress_goes_up_to_its_end(requests: dict[str, FindingRequest]) -> None:
    heard: list[float] = []
    make_finding(requests["sentiment"], "", heard.append)
    assert heard == sorted(heard)
    assert heard[-1] == pytest.approx(1.0)
