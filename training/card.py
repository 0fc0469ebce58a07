"""The model card, every number of it from the run's records and the evaluation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .card_text import ABOUT_CURVES, ABOUT_RESULTS, HEAD, LIMITS, ORIGIN
from .fill_mask import ABLATION, ADDS, SHORT
from .initialisation import START
from .sources import SOURCES

Record = dict[str, Any]


def table(header: list[str], rows: list[list[str]]) -> str:
    """A Markdown table."""
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def number(row: Record) -> str:
    """A measured value with its interval: shares in per cent, the rest as it is."""
    scale, digits, unit = (1, 2, "") if row["metric"].partition(":")[0] in ("perplexity", "kappa") else (100, 1, "%")
    value, low, high = (f"{row[name] * scale:.{digits}f}" for name in ("value", "low", "high"))
    return f"{value}{unit} ({low}–{high})"


def signed(row: Record) -> str:
    """A difference with its interval: of shares in percentage points, the rest as it is."""
    scale, digits = (1, 2) if row["metric"].endswith("perplexity") else (100, 1)
    texts = (f"{scale * row[name]:+.{digits}f}".replace("-", "−") for name in ("value", "low", "high"))
    value, low, high = texts
    return f"{value} ({low} to {high})"


def results(evaluation: Record) -> str:
    """Both sides' scores beside each other with the difference and what the student keeps, and how far sides agree."""
    parts = [scores(evaluation), agreements(evaluation), *ablation(evaluation)]
    return "\n\n".join(parts)


def scores(evaluation: Record) -> str:
    """The table of both sides' scores."""
    rows = {(row["task"], row["metric"], row["side"]): row for row in evaluation["rows"]}
    pairs = {(row["task"], row["metric"]): row for row in evaluation["pairs"]}
    body = []
    for task, metric in dict.fromkeys((task, metric) for task, metric, side in rows if side == "student"):
        teacher, student = (rows[task, metric, side] for side in ("teacher", "student"))
        less, kept = pairs.get((task, f"difference:{metric}")), pairs.get((task, f"share_kept:{metric}"))
        compared = [signed(less) if less else "–", number(kept) if kept else "–"]
        body.append([task, metric, number(teacher), number(student), *compared, f"{teacher['n']:,}"])
    return table(["task", "metric", "teacher", "student", "difference", "student keeps", "n"], body)


def agreements(evaluation: Record) -> str:
    """The table of how far teacher and student agree, and the teacher with its second training."""
    pairs = {(row["task"], row["metric"]): row for row in evaluation["pairs"]}
    body = []
    for task, metric in pairs:
        if metric in ("agreement", "kappa"):
            again = pairs.get((task, f"{metric}:second-seed"))
            row = pairs[task, metric]
            body.append([task, metric, number(row), number(again) if again else "not made", f"{row['n']:,}"])
    return table(["task", "", "teacher and student", "two trainings of the teacher", "n"], body)


def ablation(evaluation: Record) -> list[str]:
    """The short runs of the student with and without its teacher; nothing where they were not measured."""
    rows = {(row["metric"], row["side"]): row for row in evaluation["rows"] if row["task"] == "fill-mask"}
    added = {row["metric"].removeprefix(ADDS): row for row in evaluation["pairs"] if row["metric"].startswith(ADDS)}
    body = [
        [metric, number(rows[metric, SHORT]), number(rows[metric, ABLATION]), signed(row)]
        for metric, row in added.items()
    ]
    if not body:
        return []
    told = (
        f"What distillation adds: two short runs of the student (`{SHORT}` and `{ABLATION}` above) from the same start "
        "on the same batches for as many steps, with its teacher's three losses and with the masked-language loss "
        "alone. The difference is on the same sequences. It says nothing of runs as long as the published student's."
    )
    return [told, table(["fill-mask", "with its teacher", "without", "distillation adds"], body)]


def stage_rows(stages: dict[str, list[Record]]) -> list[list[str]]:
    """What each stage cost, from the last line of its log."""
    rows = []
    for name, points in stages.items():
        last = points[-1]
        held_out = [point for point in points if "held_out_loss" in point or "held_out_accuracy" in point]
        end = held_out[-1].get("held_out_loss", held_out[-1].get("held_out_accuracy")) if held_out else None
        rows.append(
            [
                name,
                f"{last['step']:,}",
                f"{last['tokens'] / 1e6:.2f} M",
                f"{last['seconds'] / 60:.1f} min",
                f"{last['tokens'] / max(last['seconds'], 1e-9):,.0f}",
                f"{last['loss']:.3f}",
                "–" if end is None else f"{end:.3f}",
            ]
        )
    return rows


def card(record: Record, evaluation: Record, findings: Sequence[str] = (), notes: str = "") -> str:
    """The whole model card; `findings` are sentences on what came out.

    `notes` are what a person has to tell of this run, as items of a Markdown list.
    """
    settings, stages = record["settings"], record["stages"]
    folders = [f"| {task} | `{teacher}` | `{student}` |" for task, teacher, student in settings["published"]]
    sources = [
        [source.title, source.licence, f"{settings['tokens_by_source'].get(source.name, 0) / 1e6:.2f} M"]
        for source in SOURCES
    ]
    read = stages["teacher"][-1]["tokens"] if "teacher" in stages else 0
    rows = [list(row) for row in settings["table"]]
    parts = [
        HEAD.format(start=START, folders="\n".join(folders)),
        ORIGIN.format(start=START, fewer=dict(rows).get("fewer parameters", "–")),
        "## Data\nPre-training text, in tokens of the packed corpus (the novels are sampled to fit into 86 MB):\n",
        table(["source", "licence", "tokens"], sources),
        "\nLabelled data of the tasks:\n",
        table(["task", "data and licence", "learned from", "measured on"], settings["task_data"]),
        "\n## Training",
        table(["setting", "value"], rows),
        "\n## Compute and curves",
        table(
            ["stage", "steps", "tokens read", "time", "tokens/s", "last loss", "held-out loss or accuracy"],
            stage_rows(stages),
        ),
        f"\nDevice of the stages: {settings['device']}. {ABOUT_CURVES}\n",
        "![Loss curves](curves.svg)\n",
        "## Results",
        *(f"* {sentence}" for sentence in findings),
        "",
        ABOUT_RESULTS,
        results(evaluation),
        "",
        LIMITS.format(passes=read / settings["tokens_a_pass"]) + notes,
        "## Made with\n`python -m training all --data <folder>`; see `training/README.md`.\n",
    ]
    return "\n".join(parts)
