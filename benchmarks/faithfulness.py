"""How faithful every method and baseline is on a pair: mean grades over texts of each task, with intervals.

    python -m benchmarks.faithfulness --data FOLDER --records grades.jsonl [--tasks sentiment entities] [--texts 100]
        [--methods "Integrated gradients"] [--checkpoints FOLDER] [--seed 0] [--threads 1] [--json figures.json]

The texts are short ones, drawn from the tasks' test parts in `--data`. Each model is asked about its own top answer,
and words are removed by each of `PERTURBATIONS`. A method that takes a baseline is graded from each, and its difference
from [PAD] is paired: on the same texts, with an interval over resampled texts. Grades are added to `--records` text by
text, so that a run that was interrupted, or that wants more texts or methods, computes only what is missing. The tables
are Markdown; `--json` has the same figures and is written after each task (checkpoints/faithfulness.json is one).
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
from analysis.attribution.faithfulness import LEAVE_ONE_OUT, faithfulness_curves
from analysis.attribution.methods import METHODS, attribute
from analysis.attribution.occlusion import PERTURBATIONS
from analysis.errors import AnalysisError
from analysis.inputs.examples import Example
from analysis.inputs.tasks import TASKS
from analysis.models.model import Model, load
from analysis.models.pairs import EMBEDDED, Checkpoint, Sides, folder_of
from analysis.predictions.fill_mask import vocabulary
from analysis.predictions.heads import predict
from analysis.predictions.resolve import default_target
from benchmarks.faithfulness_tables import GRADES, REFERENCE, Grade, Order, gains, rounded, rows_of, table
from benchmarks.faithfulness_texts import SOURCES, drawn
from benchmarks.running import options_of

RANDOM = "Orders at random"
DRAWS = 1  # random orders per text: the mean is over texts


def main() -> None:
    import torch

    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)
    options = arguments()
    torch.set_num_threads(options.threads)
    orders, rows = orders_of(options.methods), []
    for task in options.tasks:
        models = Sides(
            load(Checkpoint(str(folder_of(options.checkpoints, task, "teacher")), "bert"), task),
            load(Checkpoint(str(folder_of(options.checkpoints, task, "student")), "distilbert"), task),
        )
        examples = drawn(task, options.data, frozenset(vocabulary(models.teacher)), options.seed)
        grades, left_out = graded(models, examples, options.texts, orders, options.records)
        of_task = rows_of(grades, [*orders, (LEAVE_ONE_OUT, ""), (RANDOM, "")])
        print(f"\n## {TASKS[task].title}\n\n{options.texts} texts; {left_out} more were left out.")
        for perturbation in PERTURBATIONS:
            alike = [row for row in of_task if row.perturbation == perturbation]
            print(f"\nWords removed by {perturbation}:\n\n{table(alike)}")
        rows += of_task
        if options.json:
            lines = [json.dumps(rounded(asdict(row))) for row in rows]
            options.json.write_text("[\n" + ",\n".join(lines) + "\n]\n", encoding="utf-8")
    for grade in GRADES:
        print(f"\n## How much higher {grade} is than from {REFERENCE}\n\n{gains(rows, grade)}")


def arguments() -> argparse.Namespace:
    parser = options_of(__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--records", type=Path, required=True)
    parser.add_argument("--tasks", nargs="+", default=list(SOURCES), choices=list(SOURCES))
    parser.add_argument("--texts", type=int, default=100)
    parser.add_argument("--methods", nargs="+", default=list(METHODS), choices=list(METHODS))
    parser.add_argument("--checkpoints", type=Path, default=EMBEDDED, help="laid out as `training` publishes it")
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
    """The grades of the first examples that can be graded in both models, and how many before could not.

    Raises `ValueError` if there are too few examples.
    """
    known, grades, left_out, count = read_grades(records), [], 0, 0
    for example in examples:
        if count == texts:
            break
        try:
            new = [grade for side, model in models.items() for grade in of_text(side, model, example, orders, known)]
        except AnalysisError:  # such as no entity: then every word is of the target, and none can be deleted
            left_out += 1
            continue
        with records.open("a", encoding="utf-8") as lines:
            lines.writelines(json.dumps(asdict(grade)) + "\n" for grade in new if grade not in known)
        grades += new
        count += 1
    if count < texts:
        raise ValueError(f"There are only {count} texts, not {texts}")
    return grades, left_out


def of_text(
    side: str, model: Model, example: Example, orders: Sequence[Order], known: Collection[Grade]
) -> list[Grade]:
    """The grades of one text in one model; those that are known are not computed again."""
    text = "\n".join(example.texts)
    had = [grade for grade in known if (grade.task, grade.side, grade.text) == (example.task, side, text)]
    done = {grade.order for grade in had}
    wanted = [order for order in orders if order not in done]
    if not wanted:
        return had
    target = default_target(predict(model, example))
    attributions = [attribute(model, example, target, method, baseline or REFERENCE) for method, baseline in wanted]
    for perturbation in PERTURBATIONS:
        curves = faithfulness_curves(
            model, example, target, attributions, perturbation, draws=DRAWS, seed=zlib.crc32(text.encode())
        )
        named = [*wanted, (LEAVE_ONE_OUT, ""), (RANDOM, "")]
        falls = [*curves.comprehensiveness, curves.random_comprehensiveness[1]]
        lacks = [*curves.sufficiency, curves.random_sufficiency[1]]
        had += [
            Grade(example.task, side, text, perturbation, *order, float(fall), float(lack))
            for order, fall, lack in zip(named, falls, lacks, strict=True)
            if order not in done
        ]
    return had


def read_grades(records: Path) -> dict[Grade, None]:
    """The grades of earlier runs, in their order."""
    lines = records.read_text(encoding="utf-8").splitlines() if records.exists() else []
    return dict.fromkeys(Grade(**json.loads(line)) for line in lines)


if __name__ == "__main__":
    main()
