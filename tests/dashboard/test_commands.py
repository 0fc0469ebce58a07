"""The command line: `distillens predict` says what the models say, and `distillens serve` comes and goes cleanly."""

from __future__ import annotations

import json
import math
import signal
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
import transformers
from typer.testing import CliRunner, Result

from analysis.inputs.tasks import TASKS
from analysis.models.model import Model
from analysis.models.pairs import PAIRS, Checkpoint, Pair, Sides
from dashboard.__main__ import commands, main
from tests.support.servers import dashboard_server
from tests.support.tiny import tiny_checkpoint

ROOT = Path(__file__).resolve().parents[2]
TEXT = "The film is not bad."
START_S = 60


@pytest.fixture(scope="module")
def tiny_pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """A teacher and a student with random weights for every task but one."""
    folder = tmp_path_factory.mktemp("pair")
    return Pair(
        "Tiny", "For tests.", {task: tiny_sides(folder / task, task) for task in TASKS if task != "sentence-pair"}
    )


def tiny_sides(folder: Path, task: str) -> Sides[Checkpoint]:
    return Sides("bert", "distilbert").map(
        lambda architecture: Checkpoint(
            str(tiny_checkpoint(folder / architecture, architecture, task, max_positions=512)), architecture
        )
    )


@pytest.fixture
def embedded(tiny_pair: Pair, monkeypatch: pytest.MonkeyPatch) -> Pair:
    """The tiny pair in place of the embedded one."""
    monkeypatch.setitem(PAIRS, "embedded", tiny_pair)
    return tiny_pair


def predict(*arguments: str) -> Result:
    return CliRunner().invoke(commands, ["predict", *arguments])


def report_of(*arguments: str) -> dict[str, Any]:
    result = predict(*arguments, "--json")
    assert (result.exit_code, result.stderr) == (0, "")
    report: dict[str, Any] = json.loads(result.stdout)
    return report


def entropy(probabilities: list[float]) -> float:
    return -sum(p * math.log2(p) for p in probabilities if p > 0)


def test_the_probabilities_are_those_of_the_pipeline_of_transformers(embedded: Pair) -> None:
    report = report_of("--task", "sentiment", "--text", TEXT)
    for side, checkpoint in embedded.sides("sentiment").items():
        pipeline: Any = transformers.pipeline("text-classification", checkpoint.source, top_k=None, device="cpu")
        (rows,) = pipeline([TEXT])
        expected = {row["label"]: row["score"] for row in rows}
        assert report[side]["probabilities"] == pytest.approx(expected, abs=1e-6)


def test_divergence_and_agreement_follow_from_the_probabilities(embedded: Pair) -> None:
    report = report_of("--task", "sentiment", "--text", TEXT)
    teacher, student = (report[side]["probabilities"] for side in ("teacher", "student"))
    middle = [(teacher[label] + student[label]) / 2 for label in teacher]
    apart = entropy(middle) - (entropy([*teacher.values()]) + entropy([*student.values()])) / 2
    assert report["divergence_bits"] == pytest.approx(apart, abs=1e-6)
    assert report["agree"] == (max(teacher, key=teacher.get) == max(student, key=student.get))


def test_json_repeats_what_was_asked(embedded: Pair) -> None:
    text = 'She said "ß" — <b>no</b> 🙂.'
    report = report_of("--task", "question-answering", "--text", text, "--text-pair", "In Paris.\nNot in London.")
    asked = {"task": "question-answering", "text": text, "text_pair": "In Paris.\nNot in London.", "pair": "Tiny"}
    assert asked.items() <= report.items()


@pytest.mark.parametrize(
    "chosen",
    [
        ["--pair", "architecture"],
        ["--teacher", "random:bert", "--student", "random:distilbert"],
        ["--teacher", "random:bert", "--student", "owner/name"],
        ["--teacher", "owner/name", "--student", "random:distilbert"],
    ],
)
def test_random_weights_answer_nothing(chosen: list[str]) -> None:
    result = predict("--task", "sentiment", "--text", "the film", *chosen)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "has random weights, which answer nothing" in result.stderr


def test_labels_are_compared_as_the_options_say(tmp_path: Path) -> None:
    asked = ["--task", "sentiment", "--text", "the film"]
    for side, kind, labels in (("teacher", "bert", ["LABEL_0", "LABEL_1"]), ("student", "distilbert", ["neg", "pos"])):
        asked += [f"--{side}", str(tiny_checkpoint(tmp_path / kind, kind, "sentiment", labels=labels))]
    report = report_of(*asked)
    assert (report["agree"], report["divergence_bits"]) == (None, None)
    assert "Their labels cannot be compared" in predict(*asked).stdout
    told = report_of(*asked, "--teacher-labels", "LABEL_0=negative, LABEL_1=positive")
    assert set(told["teacher"]["probabilities"]) == {"negative", "positive"}
    assert told["divergence_bits"] > 0
    assert "does not say" in predict(*asked, "--student-labels", "neg").stderr
    assert "of your own" in predict("--task", "sentiment", "--text", "a", "--student-labels", "neg=bad").stderr


def test_a_pair_of_ones_own_may_say_that_there_is_no_answer(tiny_pairs: dict[str, Sides[Model]]) -> None:
    asked = ["--task", "question-answering", "--text", "who?", "--text-pair", "mary lives in paris."]
    teacher, student = tiny_pairs["question-answering"].map(lambda model: model.checkpoint.source)
    assert "of your own" in predict(*asked, "--unanswerable").stderr
    asked += ["--teacher", teacher, "--student", student]
    without, may_be_none = report_of(*asked), report_of(*asked, "--unanswerable")
    for side in ("teacher", "student"):
        assert without[side]["no_answer"] is None
        share = may_be_none[side]["no_answer"]
        assert 0 < share < 1
        first, alone = may_be_none[side]["answers"][0], without[side]["answers"][0]
        assert first["probability"] == pytest.approx(alone["probability"] * (1 - share))


@pytest.mark.usefixtures("embedded")
def test_how_many_words_are_known_is_told() -> None:
    asked = ("--task", "sentiment", "--text", "the film 東京")
    report = report_of(*asked)
    assert (report["words"], report["words_known"]) == (4, {"teacher": 2, "student": 2})
    assert "the teacher knows 2 of 4 words; the student knows 2 of 4 words." in predict(*asked).stdout
    unread = predict("--task", "sentiment", "--text", "영화가")
    assert (unread.exit_code, unread.stdout) == (2, "")
    assert "knows no word" in unread.stderr


@pytest.mark.parametrize("task", [task for task in TASKS if task != "sentence-pair"])
def test_words_and_json_say_the_same(embedded: Pair, task: str) -> None:
    sample = TASKS[task].samples[0]
    asked = ["--task", task, "--text", sample.text, "--text-pair", sample.text_pair or ""]
    report, words = report_of(*asked), predict(*asked).stdout
    for side, checkpoint in embedded.sides(task).items():
        assert f"{checkpoint.name}: {report[side]['summary']}\n" in words
    assert words.endswith(f"{report['sentence']}\n")


def test_ones_own_checkpoints_answer_in_a_process_of_their_own(tiny_pair: Pair, embedded: Pair) -> None:
    asked = ["--task", "sentiment", "--text", TEXT]
    teacher, student = tiny_pair.sides("sentiment").map(lambda checkpoint: checkpoint.source)
    command = [sys.executable, "-m", "dashboard", "predict", *asked, "--teacher", teacher, "--student", student]
    done = subprocess.run([*command, "--json"], cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == {**report_of(*asked), "pair": "Your own"}


MISTAKES = {
    "unknown task": (["--task", "translation", "--text", "a"], "no task called “translation”"),
    "unknown pair": (["--task", "sentiment", "--text", "a", "--pair", "huge"], "no pair called “huge”"),
    "empty text": (["--task", "sentiment", "--text", " "], "“Text” is empty"),
    "no mask": (["--task", "fill-mask", "--text", "No mask here."], "has no [MASK]"),
    "no second text": (["--task", "question-answering", "--text", "Who?"], "“Context” is empty"),
    "too long": (["--task", "fill-mask", "--text", "[MASK] " * 600], "512"),
    "task that the pair lacks": (["--task", "sentence-pair", "--text", "a", "--text-pair", "b"], "no checkpoint for"),
    "one side only": (["--task", "sentiment", "--text", "a", "--teacher", "owner/name"], "Name a student"),
    "no such folder": (["--task", "sentiment", "--text", "a", "--teacher", "./no", "--student", "./no"], "./no"),
}


@pytest.mark.parametrize(("arguments", "part"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_one_sentence_on_standard_error(embedded: Pair, arguments: list[str], part: str) -> None:
    result = predict(*arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert part in result.stderr
    assert result.stderr.endswith(".\n")
    assert result.stderr.count("\n") == 1


def test_the_console_command_is_the_module() -> None:
    (command,) = entry_points(group="console_scripts", name="distillens")
    assert command.load() is main


def test_serve_answers_until_it_is_interrupted(tmp_path: Path) -> None:
    with dashboard_server(tmp_path) as server:
        with urlopen(server.url, timeout=60) as response:
            assert b"<title>" in response.read()
        server.process.send_signal(signal.SIGINT)
        code = server.process.wait(60)
    written = server.log.read_text()
    assert code in (0, 130, -signal.SIGINT)
    assert server.url in written
    assert "Traceback" not in written
