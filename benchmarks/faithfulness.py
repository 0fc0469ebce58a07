"""How faithful every method and baseline is on a pair: mean grades by erasure over texts of each task, with intervals.

    python -m benchmarks.faithfulness --data FOLDER --records grades.jsonl [--tasks sentiment entities] [--texts 100]
        [--methods "Integrated gradients"] [--checkpoints FOLDER] [--seed 0] [--threads 1] [--json figures.json]

The texts are short ones, drawn from the tasks' test parts in `--data`. Each model is asked about its own top answer,
and words go in both ways of `WAYS`. A method that takes a baseline is graded from each, and its difference to [PAD] is
paired: on the same texts, with the interval over texts drawn anew. Grades are added to `--records` text by text, so
that a run that was broken off, or that wants more texts or methods, computes only what is missing. The tables are
Markdown; `--json` has the same figures and is written after each task (checkpoints/faithfulness.json is one).
"""

from __future__ import annotations

import argparse
import io
import json
import sys
import zlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict
from pathlib import Path

from analysis.attribution.baselines import BASELINES
from analysis.attribution.faithfulness import LEAVE_ONE_OUT, erasure
from analysis.attribution.methods import METHODS, attribute
from analysis.attribution.occlusion import WAYS
from analysis.errors import AnalysisError
from analysis.inputs.examples import Example
from analysis.inputs.tasks import TASKS
from analysis.models.model import Model, load
from analysis.models.pairs import EMBEDDED, Checkpoint, Sides
from analysis.predictions.entities import vocabulary
from analysis.predictions.heads import predict
from analysis.predictions.targets import default_target
from benchmarks.faithfulness_tables import GRADES, REFERENCE, Grade, Order, gains, rounded, rows_of, table
from benchmarks.faithfulness_texts import SOURCES, drawn

RANDOM = "Orders at random"
DRAWS = 1  # orders at random of a text: the mean is over texts


def main() -> None:
    import torch

    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)
    options = arguments()
    torch.set_num_threads(options.threads)
    orders, rows = orders_of(options.methods), []
    for task in options.tasks:
        models = Sides(
            load(Checkpoint(str(options.checkpoints / task / "teacher"), "bert"), task),
            load(Checkpoint(str(options.checkpoints / task / "student"), "distilbert"), task),
        )
        examples = drawn(task, options.data, frozenset(vocabulary(models.teacher)), options.seed)
        grades, left_out = graded(models, examples, options.texts, orders, options.records)
        found = rows_of(grades, [*orders, (LEAVE_ONE_OUT, ""), (RANDOM, "")])
        print(f"\n## {TASKS[task].title}\n\n{options.texts} texts; {left_out} more could not be asked about.")
        for way in WAYS:
            print(f"\nWords go by {way}:\n\n{table([row for row in found if row.way == way])}")
        rows += found
        if options.json:
            lines = [json.dumps(rounded(asdict(row))) for row in rows]
            options.json.write_text("[\n" + ",\n".join(lines) + "\n]\n", encoding="utf-8")
    for grade in GRADES:
        print(f"\n## By how much {grade} is higher than from {REFERENCE}\n\n{gains(rows, grade)}")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--records", type=Path, required=True)
    parser.add_argument("--tasks", nargs="+", default=list(SOURCES), choices=list(SOURCES))
    parser.add_argument("--texts", type=int, default=100)
    parser.add_argument("--methods", nargs="+", default=list(METHODS), choices=list(METHODS))
    parser.add_argument("--checkpoints", type=Path, default=EMBEDDED, help="with <task>/teacher and <task>/student")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


def orders_of(methods: Iterable[str]) -> list[Order]:
    """Each method, from every baseline where it takes one."""
    baselines = {method: tuple(BASELINES) if METHODS[method].from_baseline else ("",) for method in methods}
    return [(method, baseline) for method, each in baselines.items() for baseline in each]


def graded(
    models: Sides[Model], examples: Iterable[Example], texts: int, orders: Sequence[Order], records: Path
) -> tuple[list[Grade], int]:
    """The grades of the first examples that both models can be asked about, and how many before could not.

    Raises `ValueError` where the examples do not suffice.
    """
    known, grades, left_out, count = read_grades(records), [], 0, 0
    for example in examples:
        if count == texts:
            break
        try:
            found = [grade for side, model in models.items() for grade in of_text(side, model, example, orders, known)]
        except AnalysisError:  # no entity was found, say: no word can be deleted where all are asked about
            left_out += 1
            continue
        with records.open("a", encoding="utf-8") as lines:
            lines.writelines(json.dumps(asdict(grade)) + "\n" for grade in found if grade not in known)
        grades += found
        count += 1
    if count < texts:
        raise ValueError(f"There are only {count} texts, not {texts}")
    return grades, left_out


def of_text(
    side: str, model: Model, example: Example, orders: Sequence[Order], known: Collection[Grade]
) -> list[Grade]:
    """The grades of one text in one model, those that are known as they are."""
    text = "\n".join(example.texts)
    had = [grade for grade in known if (grade.task, grade.side, grade.text) == (example.task, side, text)]
    done = {grade.order for grade in had}
    wanted = [order for order in orders if order not in done]
    if not wanted:
        return had
    target = default_target(predict(model, example))
    told = [attribute(model, example, target, method, baseline or REFERENCE) for method, baseline in wanted]
    for way in WAYS:
        curves = erasure(model, example, target, told, way, draws=DRAWS, seed=zlib.crc32(text.encode()))
        named = [*wanted, (LEAVE_ONE_OUT, ""), (RANDOM, "")]
        falls = [*curves.comprehensiveness, curves.random_comprehensiveness[1]]
        lacks = [*curves.sufficiency, curves.random_sufficiency[1]]
        had += [
            Grade(example.task, side, text, way, *order, float(fall), float(lack))
            for order, fall, lack in zip(named, falls, lacks, strict=True)
            if order not in done
        ]
    return had


def read_grades(records: Path) -> dict[Grade, None]:
    """What earlier runs have graded, in their sequence."""
    lines = records.read_text(encoding="utf-8").splitlines() if records.exists() else []
    return dict.fromkeys(Grade(**json.loads(line)) for line in lines)


if __name__ == "__main__":
    main()
