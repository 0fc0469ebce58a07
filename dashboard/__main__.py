"""The command line: `distillens serve`, `distillens predict` (also `python -m dashboard …`)."""

from __future__ import annotations

import json
import socket
import sys
from typing import Annotated, Any

import typer

from analysis.errors import AnalysisError
from analysis.examples import Example, checked
from analysis.pairs import Pair, own_pair, pair_named

commands = typer.Typer(
    help="What distillation kept and what it lost: BERT and DistilBERT side by side.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@commands.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on; 0.0.0.0 for all.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)] = 8501,
) -> None:
    """Start the dashboard."""
    try:
        socket.create_server((host, port)).close()
    except OSError as error:
        typer.echo(f"Nothing can listen on port {port} of {host}: choose another with --port or --host.", err=True)
        raise typer.Exit(2) from error
    typer.echo(f"DistilLens is starting on http://{host}:{port}")
    import uvicorn

    from dashboard.server import app  # before uvicorn sets up its logging, which Streamlit's would undo

    uvicorn.run(app, host=host, port=port, log_level="warning", access_log=False, timeout_graceful_shutdown=2)


@commands.command()
def predict(
    task: Annotated[str, typer.Option(help="fill-mask, sentiment, entities, question-answering or sentence-pair.")],
    text: Annotated[str, typer.Option(help="The text; for question answering the question.")],
    text_pair: Annotated[str | None, typer.Option(help="The second text; for question answering the context.")] = None,
    pair: Annotated[str, typer.Option(help="embedded or full-size.")] = "embedded",
    teacher: Annotated[str | None, typer.Option(help="A teacher of your own: folder or owner/name@revision.")] = None,
    student: Annotated[str | None, typer.Option(help="A student of your own: folder or owner/name@revision.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Print both models' answers: the numbers that the page shows."""
    try:
        example = checked(Example(task, text, text_pair))
        chosen = own_pair(task, teacher or "", student or "") if teacher or student else pair_named(pair)
        report = _report(chosen, example)
    except AnalysisError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
    typer.echo(json.dumps(report, ensure_ascii=False, indent=2) if as_json else _in_words(report))


def _report(pair: Pair, example: Example) -> dict[str, Any]:
    from analysis.comparison import compare
    from analysis.models import load
    from analysis.predict import predict as ask
    from dashboard.export.answers import as_json

    predictions = pair.sides(example.task).map(lambda checkpoint: ask(load(checkpoint, example.task), example))
    comparison = compare(predictions)
    return {
        "task": example.task,
        "text": example.text,
        "text_pair": example.text_pair,
        "pair": pair.title,
        "checkpoints": {side: checkpoint.name for side, checkpoint in pair.sides(example.task).items()},
        **{side: as_json(prediction) for side, prediction in predictions.items()},
        "agree": comparison.agree,
        "divergence_bits": comparison.divergence,
        "sentence": comparison.sentence,
    }


def _in_words(report: dict[str, Any]) -> str:
    lines = [f"{side:8} {report['checkpoints'][side]}: {report[side]['summary']}" for side in ("teacher", "student")]
    if report["divergence_bits"] is not None:
        lines.append(f"Jensen–Shannon divergence: {report['divergence_bits']:.3f} bits")
    return "\n".join([*lines, report["sentence"]])


def main() -> None:
    """The entry point of the console command."""
    try:
        commands()
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
