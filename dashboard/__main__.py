"""The command line: `distillens serve`, `predict`, `profile`, `report`, `deck`, `open` (`python -m dashboard …`)."""

from __future__ import annotations

import json
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from analysis.errors import AnalysisError
from analysis.inputs.examples import Example, checked
from analysis.models.pairs import Pair, Sides, check_trained, own_pair, pair_named
from analysis.progress import Progress
from analysis.settings import VARIABLES, check_settings

if TYPE_CHECKING:
    from analysis.models.model import Model

# Of a request's line and headers: an address of 16 KB, also one that arrives in pieces, and as much for the headers.
MOST_REQUEST_BYTES = 32_768

UNANSWERABLE_HELP = "Both were trained with questions that have no answer, as in SQuAD 2.0."
LABELS_HELP = 'What the labels of a teacher of your own mean: "LABEL_0 = negative, LABEL_1 = positive".'

# What several commands take.
Task = Annotated[str, typer.Option(help="fill-mask, sentiment, entities, question-answering or sentence-pair.")]
Teacher = Annotated[str | None, typer.Option(help="A teacher of your own: folder or owner/name@revision.")]
Student = Annotated[str | None, typer.Option(help="A student of your own: folder or owner/name@revision.")]
TeacherLabels = Annotated[str, typer.Option(help=LABELS_HELP)]
StudentLabels = Annotated[str, typer.Option(help="The same of the student.")]
Unanswerable = Annotated[bool, typer.Option("--unanswerable", help=UNANSWERABLE_HELP)]
SecondText = Annotated[str | None, typer.Option(help="The second text; for question answering the context.")]
Host = Annotated[str | None, typer.Option(help="Address to listen on; 0.0.0.0 for all.")]
Port = Annotated[str | None, typer.Option(help="Port to listen on.")]
BasePath = Annotated[str | None, typer.Option(help="Path under which a proxy serves it.")]

commands = typer.Typer(
    help="What distillation kept and what it lost: BERT and DistilBERT side by side.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@commands.command()
def serve(
    host: Host = None,
    port: Port = None,
    base_path: BasePath = None,
    hosted: Annotated[bool, typer.Option("--hosted", help="For strangers: with limits, see docs/hosting.md.")] = False,
) -> None:
    """Start the dashboard. Options go before the environment, which has more of them (docs/hosting.md)."""
    _serve(host, port, base_path, hosted)


def _serve(host: str | None, port: str | None, base_path: str | None, hosted: bool = False, page: str = "") -> None:
    """Serves until it is stopped, after saying at which address `page` is."""
    given = {"host": host, "port": port, "base_path": base_path, "hosted": "1" if hosted else None}
    for name, text in given.items():
        if text is not None:
            os.environ[VARIABLES[name].name] = text
    try:
        chosen = check_settings()
    except AnalysisError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
    try:
        socket.create_server((chosen.host, chosen.port)).close()
    except OSError as error:
        typer.echo(
            f"Nothing can listen on port {chosen.port} of {chosen.host}: choose another with --port or --host.",
            err=True,
        )
        raise typer.Exit(2) from error
    typer.echo(f"DistilLens is starting on http://{chosen.host}:{chosen.port}{chosen.base_path}{page}")
    import uvicorn

    from dashboard.server import app  # before uvicorn sets up its logging, which Streamlit's would undo
    from dashboard.serving.stopping import Server

    config = uvicorn.Config(
        app,
        host=chosen.host,
        port=chosen.port,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=2,
        h11_max_incomplete_event_size=MOST_REQUEST_BYTES,
    )
    Server(config).run()


@commands.command()
def predict(
    task: Task,
    text: Annotated[str | None, typer.Option(help="The text; for question answering the question.")] = None,
    text_pair: SecondText = None,
    file: Annotated[
        str | None,
        typer.Option(help='Instead: an example a line, {"text": "…", "text_pair": "…"} or a text alone; - for input.'),
    ] = None,
    pair: Annotated[str, typer.Option(help="embedded or full-size.")] = "embedded",
    teacher: Teacher = None,
    student: Student = None,
    teacher_labels: TeacherLabels = "",
    student_labels: StudentLabels = "",
    unanswerable: Unanswerable = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON; of a file always, a line for each.")] = False,
) -> None:
    """Print both models' answers: the numbers that the page shows."""
    from dashboard import predict_command

    refused = False
    try:
        asked = _pair(task, pair, teacher, student, Sides(teacher_labels, student_labels), unanswerable)
        check_trained(asked)
        if file is None:
            example = checked(Example(task, text or "", text_pair))
            report = predict_command.report_of(asked, _loaded(asked, task), example)
            typer.echo(
                json.dumps(report, ensure_ascii=False, indent=2) if as_json else predict_command.in_words(report)
            )
        elif text is not None or text_pair is not None:
            raise AnalysisError("Give either --text or --file, which has the texts.")
        else:
            with predict_command.lines_of(file) as lines:
                for report in predict_command.reports_of(asked, _loaded(asked, task), task, lines):
                    refused |= "error" in report
                    typer.echo(json.dumps(report, ensure_ascii=False))
    except AnalysisError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
    if refused:
        raise typer.Exit(1)


@commands.command()
def profile(
    task: Annotated[str, typer.Option(help="Whose checkpoints; as in predict.")] = "sentiment",
    text: Annotated[str | None, typer.Option(help="A text to measure on.")] = None,
    text_pair: Annotated[str | None, typer.Option(help="The second text.")] = None,
    tokens: Annotated[int | None, typer.Option(help="Instead of a text: a length, in random tokens.")] = None,
    sweep: Annotated[str | None, typer.Option(help="An axis to measure along: tokens, batch, threads …")] = None,
    stages: Annotated[bool, typer.Option("--stages", help="Where the time goes, for a text.")] = False,
    pair: Annotated[str, typer.Option(help="embedded, full-size or architecture (random weights).")] = "embedded",
    teacher: Teacher = None,
    student: Student = None,
    batch: Annotated[int, typer.Option(help="Sequences in one pass.")] = 1,
    threads: Annotated[int, typer.Option(help="Threads that torch uses.")] = 1,
    attention: Annotated[str, typer.Option(help="sdpa or eager.")] = "sdpa",
    precision: Annotated[str, typer.Option(help="float32, bfloat16 or int8 (dynamic).")] = "float32",
    device: Annotated[str, typer.Option(help="cpu or cuda.")] = "cpu",
    rounds: Annotated[int | None, typer.Option(help="How often each model is measured.")] = None,
    seconds: Annotated[float | None, typer.Option(help="When to stop, whatever the rounds.", min=0.001)] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write conditions and samples here.")] = None,
    csv_file: Annotated[Path | None, typer.Option("--csv", help="Write one line per sample here.")] = None,
) -> None:
    """Measure how long both models take, in interleaved rounds. Ctrl-C stops it and keeps what was measured."""
    from analysis.latency.config import BenchmarkConfig
    from dashboard.export.latency import latency_csv, latency_json
    from dashboard.profile_command import as_text, kept, measure_of

    config = BenchmarkConfig(tokens, batch, threads, attention, precision, device)
    try:
        example = None if text is None else checked(Example(task, text, text_pair))
        for path in filter(None, (json_file, csv_file)):
            _check_writable(path)
        models = _loaded(_pair(task, pair, teacher, student), task)
        measure = measure_of(models, example, config, sweep, stages, rounds=rounds, seconds=seconds)
        measured, stopped = kept(measure)
    except AnalysisError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
    if json_file:
        json_file.write_text(json.dumps(latency_json(measured), ensure_ascii=False, indent=2), encoding="utf-8")
    if csv_file:
        csv_file.write_text(latency_csv(measured), encoding="utf-8")
    typer.echo(as_text(measured))
    if stopped:
        typer.echo("Stopped; this is what had been measured.", err=True)
        raise typer.Exit(130)


@commands.command()
def report(
    task: Task,
    text: Annotated[str, typer.Option(help="The text; for question answering the question.")],
    out: Annotated[Path, typer.Option(help="The folder for the finding; beside it, the same as a zip file.")],
    text_pair: SecondText = None,
    pair: Annotated[str, typer.Option(help="embedded, full-size or architecture (random weights).")] = "embedded",
    teacher: Teacher = None,
    student: Student = None,
    teacher_labels: TeacherLabels = "",
    student_labels: StudentLabels = "",
    unanswerable: Unanswerable = False,
    pages: Annotated[
        str, typer.Option(help="Pages to report on, such as attention,claims; all if none is named.")
    ] = "",
    choose: Annotated[
        list[str] | None, typer.Option(help="What to choose on a page, as its address says: teacher-head=3.7")
    ] = None,
) -> None:
    """Save a finding: a report that opens without a network, its tables, its numbers, and a script to check them."""
    from dashboard.report.command import write_finding

    try:
        with _progress("Making the report") as progress:
            asked = _pair(task, pair, teacher, student, Sides(teacher_labels, student_labels), unanswerable)
            finding = write_finding(asked, Example(task, text, text_pair), pages, choose or [], out, progress)
    except AnalysisError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
    typer.echo(finding.headline)
    typer.echo(f"{out / 'report.html'}")


@commands.command()
def deck(
    file: Annotated[Path, typer.Argument(help="A walkthrough: a TOML file, as the page Talks makes.")],
    out: Annotated[Path, typer.Option(help="The folder for the slides; open its index.html.")],
    site: Annotated[bool, typer.Option("--site", help="A static site instead, a page for each step.")] = False,
) -> None:
    """Make slides of a walkthrough, or a site: a folder that works without a network."""
    from dashboard.deck.deck_command import write_deck

    try:
        with _progress("Making the site" if site else "Making the slides") as progress:
            said = list(write_deck(file, out, site, progress))
    except AnalysisError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
    for line in (*said, str(out / "index.html")):
        typer.echo(line)


@commands.command("open")
def open_finding(
    file: Annotated[Path, typer.Argument(help="A finding.zip that `distillens report` or the dashboard has made.")],
    host: Host = None,
    port: Port = None,
    base_path: BasePath = None,
) -> None:
    """Start the dashboard with a saved finding, which it shows without computing anything."""
    from dashboard.named_files import content_of
    from dashboard.report.saved_finding import MOST_BYTES, read_finding

    try:
        saved = read_finding(content_of(file, MOST_BYTES))
    except AnalysisError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
    typer.echo(f"{saved.headline} {saved.where_and_when}")
    os.environ[VARIABLES["finding"].name] = str(file.resolve())
    _serve(host, port, base_path, page="/finding")


@contextmanager
def _progress(label: str) -> Iterator[Progress]:
    """A progress bar on standard error, as the function that hears the share that is done."""
    with typer.progressbar(length=100, label=label, file=sys.stderr) as bar:
        yield lambda share: bar.update(round(100 * share) - bar.pos)


def _pair(
    task: str,
    pair: str,
    teacher: str | None,
    student: str | None,
    labels: Sides[str] | None = None,
    unanswerable: bool = False,
) -> Pair:
    if teacher or student:
        return own_pair(task, teacher or "", student or "", labels, unanswerable)
    if labels and any(labels):
        raise AnalysisError("Labels are named for checkpoints of your own: give --teacher and --student too.")
    if unanswerable:
        raise AnalysisError("--unanswerable is for checkpoints of your own: give --teacher and --student too.")
    return pair_named(pair)


def _check_writable(path: Path) -> None:
    """Before anything is measured, so that nothing measured is lost."""
    try:
        path.open("a").close()
    except OSError as error:
        raise AnalysisError(f"{path} cannot be written ({error.strerror}): name another file.") from error


def _loaded(pair: Pair, task: str) -> Sides[Model]:
    from analysis.models.model import load

    return pair.sides(task).map(lambda checkpoint: load(checkpoint, task))


def main() -> None:
    """The entry point of the console command."""
    try:
        commands()
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
