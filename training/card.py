"""The model card, every number of it from the run's records and the evaluation."""

from __future__ import annotations

from typing import Any

from .evaluate import ABLATION, ADDS
from .sources import SOURCES

Record = dict[str, Any]

HEAD = """---
language: en
license: apache-2.0
library_name: transformers
tags:
  - bert
  - distilbert
  - knowledge-distillation
  - fill-mask
  - text-classification
  - token-classification
  - question-answering
datasets: [squad, nyu-mll/glue]
metrics: [perplexity, accuracy, f1, exact_match]
---
# A small BERT and the DistilBERT distilled from it

A teacher and its student, small enough to live in the project's repository and really trained: pre-training,
distillation and fine-tuning follow the papers ([BERT](https://arxiv.org/abs/1810.04805),
[DistilBERT](https://arxiv.org/abs/1910.01108)) at about a fifteenth of their size and a minute part of their compute.
They show what distillation keeps and loses; they are **not** models to rely on.

| folder | teacher | student |
|---|---|---|
{folders}

`config.json`, `model.safetensors` (half precision; loaded as float32), `tokenizer.json`. No file needs unpickling.

```python
from transformers import AutoModelForMaskedLM, AutoTokenizer

folder = "checkpoints/fill-mask/student"
tokenizer, model = AutoTokenizer.from_pretrained(folder), AutoModelForMaskedLM.from_pretrained(folder)
```
"""

LIMITS = """## Limits
* Small models, trained briefly on little text: expect grammar, common phrases and frequent facts at best.
* {share_of_pass} of one pass over the packed corpus was read. Two thirds of the raw text are novels of the 19th
  century; expository text is read three times as often, and still the pair knows old fiction better than the present.
* The text has the biases of its sources (film reviews of the 2000s, news of one broadcaster, Victorian novels), and
  the models repeat them.
* Texts of more than 128 tokens were read in the last {late:.2f} M tokens of the teacher's training alone.
* English only, lower-cased; letters outside the common Latin ones become `[UNK]`.
* Documents are held out as blocks of neighbouring lines (about 6,000 words, one block in 64), since the files do not
  mark where articles end: other chapters of a held-out book may have been read.
* Unlabelled text of the tasks' training parts was read in pre-training, that of their dev and test parts was not.
* Each task is measured on the data set it was learned from; how well a text of another kind is judged was not measured.
* One run of each stage: another random start would move the numbers; the intervals speak of other examples alone.
"""


ABOUT_CURVES = (
    "Losses in nats but for the cosine distance; the student's last loss is the weighted sum. A peak in the teacher's "
    "curve is the change of sequence length."
)


def table(header: list[str], rows: list[list[str]]) -> str:
    """A Markdown table."""
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def number(row: Record) -> str:
    """A measured value with its interval: shares in per cent, the rest as it is."""
    scale, digits, unit = (1, 2, "") if row["metric"] in ("perplexity", "kappa") else (100, 1, " %")
    value, low, high = (f"{row[name] * scale:.{digits}f}" for name in ("value", "low", "high"))
    return f"{value}{unit} ({low}–{high})"


def points(row: Record) -> str:
    """A difference of shares with its interval, in percentage points."""
    value, low, high = (f"{100 * row[name]:+.1f}" for name in ("value", "low", "high"))
    return f"{value} ({low} to {high})"


def results(evaluation: Record) -> str:
    """Both sides' scores beside each other, and what the student keeps."""
    rows = evaluation["rows"]
    keys = list(dict.fromkeys((row["task"], row["metric"]) for row in rows))
    body = []
    for task, metric in keys:
        sides = {row["side"]: row for row in rows if (row["task"], row["metric"]) == (task, metric)}
        kept = kept_by(evaluation, task, metric, None)
        body.append(
            [
                task,
                metric,
                number(sides["teacher"]),
                number(sides["student"]),
                number(kept[0]) if kept else "–",
                str(sides["teacher"]["n"]),
            ]
        )
    together = [
        [row["task"], row["metric"], number(row), str(row["n"])]
        for row in evaluation["pairs"]
        if not row["metric"].startswith(("share_kept", ADDS))
    ]
    parts = [
        table(["task", "metric", "teacher", "student", "student keeps", "n"], body),
        table(["task", "the two sides together", "value", "n"], together),
    ]
    return "\n\n".join(parts + ablation(evaluation))


def kept_by(evaluation: Record, task: str, metric: str, side: str | None) -> list[Record]:
    """The row of what a student keeps of the teacher's score, if it was measured; the student has no `side` there."""
    wanted = (task, f"share_kept:{metric}", side)
    return [row for row in evaluation["pairs"] if (row["task"], row["metric"], row.get("side")) == wanted]


def ablation(evaluation: Record) -> list[str]:
    """The student beside the one that was trained without its teacher; nothing where that was not measured."""
    rows = {(row["metric"], row["side"]): row for row in evaluation["rows"] if row["task"] == "fill-mask"}
    added = {row["metric"].removeprefix(ADDS): row for row in evaluation["pairs"] if row["metric"].startswith(ADDS)}
    body = [
        [
            metric,
            number(rows[metric, "student"]),
            number(row),
            points(added[metric]) if metric in added else "–",
        ]
        for (metric, side), row in rows.items()
        if side == ABLATION
    ]
    if not body:
        return []
    told = (
        "What distillation adds: the same student from the same start on the same batches for as many steps, with "
        "its teacher's three losses and with the masked-language loss alone. The difference is of the same sequences, "
        "in percentage points."
    )
    return [told, table(["fill-mask", "distilled", "without its teacher", "distillation adds"], body)]


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


def overtaken(evaluation: Record) -> str:
    """A word on the metrics where the student is ahead by more than chance, as a finished teacher's is not."""
    ahead = [
        f"{row['task']} {row['metric'].removeprefix('share_kept:')}"
        for row in evaluation["pairs"]
        if row["metric"].startswith("share_kept") and row["low"] > 1
    ]
    if not ahead:
        return ""
    return (
        f"\nThe student is ahead of its teacher here in: {', '.join(ahead)}. The likely reason is that both trainings "
        "ended early: the student started where the teacher stopped and read on, and of a task fewer layers may learn "
        "more in the same steps.\n"
    )


def late_tokens(points: list[Record]) -> int:
    """Tokens that were read in sequences of the full length."""
    befores = [0, *(point["tokens"] for point in points)]
    read = (point["tokens"] - before for before, point in zip(befores, points, strict=False) if longer(point))
    return sum(read)


def longer(point: Record) -> bool:
    """Whether the sequences were longer than most of the training's."""
    return int(point.get("length", 128)) > 128


def card(record: Record, evaluation: Record, notes: str = "") -> str:
    """The whole model card; `notes` are what a person has to tell of this run, as items of a Markdown list."""
    settings, stages = record["settings"], record["stages"]
    folders = [f"| `{task}` | {teacher} | {student} |" for task, teacher, student in settings["published"]]
    sources = [
        [source.title, source.licence, f"{settings['tokens_by_source'].get(source.name, 0) / 1e6:.2f} M"]
        for source in SOURCES
    ]
    read = stages["teacher"][-1]["tokens"] if "teacher" in stages else 0
    share = f"{100 * read / settings['tokens_a_pass']:.0f} %"
    parts = [
        HEAD.format(folders="\n".join(folders)),
        "## Data\nPre-training text, in tokens of the packed corpus (the novels are sampled to fit into 60 MB):\n",
        table(["source", "licence", "tokens"], sources),
        "\nLabelled data of the tasks:\n",
        table(["task", "data and licence", "learned from", "measured on"], settings["task_data"]),
        "",
        "## Training",
        table(["setting", "value"], [[name, value] for name, value in settings["table"]]),
        "## Compute and curves",
        table(
            ["stage", "steps", "tokens read", "time", "tokens/s", "last loss", "held-out loss or accuracy"],
            stage_rows(stages),
        ),
        f"\nDevice of the last stage: {settings['device']}. {ABOUT_CURVES}\n",
        "![Loss curves](curves.svg)\n",
        "## Results\nIn brackets the central 95 % of 1,000 bootstrap samples (of sequences for fill-mask, of examples "
        "otherwise). `probes` is the share of our own sentences that a side answers as a person would. "
        "`evaluation.json` holds the same figures.\n",
        results(evaluation),
        overtaken(evaluation),
        LIMITS.format(share_of_pass=share, late=late_tokens(stages.get("teacher", [])) / 1e6) + notes,
        "## Made with\n`python -m training all --data <folder>`; see `training/README.md`.\n",
    ]
    return "\n".join(parts)
