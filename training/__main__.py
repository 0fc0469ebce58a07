"""`python -m training <stage>`: one stage, or `all` of them; each goes on where it stopped."""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from transformers import AutoModelForMaskedLM, AutoTokenizer, PreTrainedTokenizerBase
from transformers.utils import logging as transformers_logging

from analysis.models.pairs import folder_of

from .adapters import publish_adapter
from .batches import Batch, Batches, held_out_batches
from .corpus import Corpus, check_vocabulary, load_corpus, pack
from .distil import Distillation
from .evaluate import SECOND_SEED, SIDES, Rows, write_evaluation
from .fill_mask import ABLATION, SHORT, evaluate_fill_mask
from .finetune import FineTuning
from .folders import copy_licence
from .initialisation import ORIGIN, START, prepare
from .loop import Budget, Network, Stage, compile_layers, restored, train
from .memory import keep_memory
from .pretrain import PreTraining
from .publish import logs_in, publish, publish_records, published_record
from .recipes import EVALUATIONS, RECIPES
from .second_seed import SecondSeed
from .settings import card_settings, describe_device
from .threads import SharedCores
from .tokenizer import VOCABULARY_SIZE

PRE_TRAINING_SHARE = 0.75  # of `all --minutes`; the student has the rest, and fine-tuning its epochs on top
WATCHED_SEQUENCES = 320  # held-out sequences measured at every saved state
WATCHED_EXAMPLES = 400  # the same of a task's examples


@dataclass(slots=True)
class Project:
    """The folders and the device of one invocation, and what several stages read."""

    data: Path
    state: Path
    checkpoints: Path
    device: torch.device
    batch_tokens: int
    seed: int
    origin: str = START
    pieces: int = VOCABULARY_SIZE
    compiled: bool = False

    def start(self) -> Path:
        """The folder that the teacher starts from; made now if it is not there."""
        folder = self.state / "start"
        if not folder.exists():
            prepare(self.origin, self.data, folder, self.pieces)
        asked, made = {"start": self.origin, "pieces": self.pieces}, json.loads((folder / ORIGIN).read_text("utf-8"))
        if asked != made:
            raise ValueError(f"{folder} was made of {made}, not of {asked}: name another folder with --state.")
        return folder

    def tokenizer(self) -> PreTrainedTokenizerBase:
        """The tokenizer of the teacher's start, or of the published teacher where no start was made."""
        start = self.state / "start"
        return AutoTokenizer.from_pretrained(start if start.exists() else existing(self.folder("fill-mask", "teacher")))

    def corpus(self) -> Corpus:
        """The packed corpus; packed now if it is not there."""
        path = self.state / "corpus.safetensors"
        if not path.exists():
            pack(self.data, self.tokenizer(), path)
        check_vocabulary(path, self.tokenizer())
        return load_corpus(path)

    def folder(self, task: str, side: str) -> Path:
        """Where a side is published: its encoder, which fills in masks, or its adapter for another task."""
        return folder_of(self.checkpoints, task, side)

    def adapter(self, task: str, side: str) -> tuple[str, Path]:
        """The name of a fine-tuning, and where its adapter is written: with the state if the seed is not 1."""
        if self.seed == 1:
            return f"{task}-{side}", self.folder(task, side)
        name = f"{task}-{side}-seed{self.seed}"
        return name, self.state / name

    def cores(self) -> SharedCores | None:
        """The sharing of a CPU with other work; a GPU is not shared."""
        return SharedCores() if self.device.type == "cpu" else None

    def batches(self) -> tuple[Batches, list[Batch]]:
        """Training batches and the held-out ones that are watched."""
        corpus, tokenizer = self.corpus(), self.tokenizer()
        watched, _ = held_out_batches(corpus, tokenizer, 128, WATCHED_SEQUENCES)
        return Batches(corpus, tokenizer, self.batch_tokens, self.seed), watched

    def run(
        self, name: str, stage: Stage[Network], budget: Budget, going_on: bool = False, compiled: bool = False
    ) -> Network:
        """The model of a stage trained to the end of its budget; if it is `going_on`, after its published curve."""
        state, log = self.state / f"{name}.safetensors", self.state / f"{name}.jsonl"
        earlier = published_record(self.checkpoints)["stages"].get(name, []) if going_on else []
        train(stage, budget, state, log, self.device, self.cores(), earlier, compiled)
        return restored(stage, state)


def distillation(project: Project, weights: Path | None, mlm_only: bool) -> Distillation:
    """The student's stage, taught by the published teacher."""
    batches, watched = project.batches()
    folder = existing(project.folder("fill-mask", "teacher"))
    teacher = AutoModelForMaskedLM.from_pretrained(folder, dtype=torch.float32)
    if project.compiled:
        compile_layers(teacher)
    student = AutoModelForMaskedLM.from_pretrained(weights, dtype=torch.float32) if weights else None
    return Distillation(teacher, batches, watched, project.device, mlm_only, student)


def fine_tuning(project: Project, task: str, side: str) -> FineTuning:
    """One side's stage on one task."""
    recipe, base = RECIPES[task], existing(project.folder("fill-mask", side))
    tokenizer = AutoTokenizer.from_pretrained(base)
    train, test = (recipe.read(project.data, part) for part in recipe.parts)
    watched = recipe.encode(tokenizer, test[:: max(1, len(test) // WATCHED_EXAMPLES)], recipe.length)
    examples = recipe.encode(tokenizer, train, recipe.length)
    return FineTuning(recipe, base, examples, watched, project.device, project.seed)


def existing(folder: Path) -> Path:
    """The folder, with a checkpoint that a stage builds on."""
    if not folder.is_dir():
        raise FileNotFoundError(f"There is no checkpoint at {folder}: train it first.")
    return folder


def run_pretrain(project: Project, arguments: argparse.Namespace) -> None:
    """Train the teacher and publish it, with the licence of what it started from."""
    start, folder = arguments.weights or project.start(), project.folder("fill-mask", "teacher")
    stage = PreTraining(start, *project.batches(), project.device)
    budget = Budget(arguments.minutes, arguments.tokens)
    model = project.run("teacher", stage, budget, bool(arguments.weights), project.compiled)
    publish(model, project.tokenizer(), folder)
    copy_licence(start, folder)


def run_distil(project: Project, arguments: argparse.Namespace) -> None:
    """Train the student and publish it; both sides of the ablation stay in the state folder, to be measured alone."""
    name = ABLATION if arguments.mlm_only else SHORT if arguments.short else "student"
    stage = distillation(project, arguments.weights, arguments.mlm_only)
    budget = Budget(arguments.minutes, arguments.tokens, arguments.steps)
    model = project.run(name, stage, budget, bool(arguments.weights), project.compiled)
    folder = project.folder("fill-mask", name) if name == "student" else project.state / name
    publish(model, project.tokenizer(), folder)
    copy_licence(project.folder("fill-mask", "teacher"), folder)


def run_finetune(project: Project, arguments: argparse.Namespace) -> None:
    """Train both sides, or those named, on the named tasks, or on all, and publish their adapters."""
    for task in arguments.tasks or RECIPES:
        for side in arguments.sides or SIDES:
            stage = fine_tuning(project, task, side)
            name, folder = project.adapter(task, side)
            model = project.run(name, stage, stage.budget())
            publish_adapter(model, stage.recipe.labels, stage.base, folder)


def run_evaluate(project: Project, arguments: argparse.Namespace) -> None:
    """Measure what is published, or of it the named tasks alone, and write evaluation.json."""
    results = [] if arguments.tasks else [evaluated_fill_mask(project)]
    results += [evaluated(project, task, arguments.questions) for task in arguments.tasks or published(project)]
    from .probing import probe_rows  # late: it asks as the dashboard does, which training alone does not need

    results.append((probe_rows(project.checkpoints), []))
    write_evaluation(results, project.checkpoints / "evaluation.json")


def evaluated_fill_mask(project: Project) -> tuple[Rows, Rows]:
    """The rows of masked-language modelling, of the ablation too if both its sides are there."""
    ablation = {name: project.state / name for name in (SHORT, ABLATION)}
    measured = ablation if all(folder.is_dir() for folder in ablation.values()) else {}
    return evaluate_fill_mask(project.corpus(), sides(project, "fill-mask") | measured, project.device)


def evaluated(project: Project, task: str, questions: int | None) -> tuple[Rows, Rows]:
    """The rows of a task, of the second training of its teacher too if that has answered."""
    recipe, evaluation = RECIPES[task], EVALUATIONS[task]
    if evaluation.most and questions:
        evaluation = replace(evaluation, most=questions)
    examples = evaluation.examples(recipe, project.data)
    answers = {
        side: evaluation.answers(task, recipe, folder, examples, project.device)
        for side, folder in sides(project, task).items()
    }
    second = SecondSeed(task, project.state, project.checkpoints).answers(evaluation, recipe, examples, project.device)
    return evaluation.rows(task, examples, answers | ({SECOND_SEED: second} if second else {}))


def run_publish(project: Project, arguments: argparse.Namespace) -> None:
    """Write the model card and the curves; the settings are told anew if a stage has been run here."""
    settings = published_record(project.checkpoints)["settings"]
    if not settings or logs_in(project.state):
        pairs = {task: sides(project, task) for task in ("fill-mask", *published(project))}
        device = arguments.trained_on or describe_device(project.device)
        settings = card_settings(project.corpus(), pairs, project.batch_tokens, device)
    publish_records(project.state, project.checkpoints, settings)


def run_all(project: Project, arguments: argparse.Namespace) -> None:
    """Every stage in turn; a stage whose budget is spent is passed over at once."""
    shares = {"pretrain": PRE_TRAINING_SHARE, "distil": 1 - PRE_TRAINING_SHARE}
    whole = vars(arguments)
    for name, stage in STAGES.items():
        if name == "all":
            continue
        share = shares.get(name, 1.0)
        minutes = arguments.minutes and arguments.minutes * share
        tokens = arguments.tokens and round(arguments.tokens * share)
        stage(project, argparse.Namespace(**{**whole, "minutes": minutes, "tokens": tokens, "weights": None}))


def sides(project: Project, task: str) -> dict[str, Path]:
    """Both published folders of a task."""
    return {side: project.folder(task, side) for side in SIDES}


def published(project: Project) -> list[str]:
    """The tasks of the table that both sides are published for."""
    return [task for task in RECIPES if all(folder.is_dir() for folder in sides(project, task).values())]


STAGES = {
    "tokenizer": lambda project, _: project.start(),
    "pack": lambda project, _: project.corpus(),
    "pretrain": run_pretrain,
    "distil": run_distil,
    "finetune": run_finetune,
    "evaluate": run_evaluate,
    "publish": run_publish,
    "all": run_all,
}


def parser() -> argparse.ArgumentParser:
    """The command line."""
    root = Path(__file__).resolve().parent
    command = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    command.add_argument("stage", choices=STAGES)
    command.add_argument("--data", type=Path, default=Path("data"), help="folder of the texts (default: data)")
    command.add_argument("--state", type=Path, default=root / "state", help="folder of unfinished work")
    command.add_argument("--checkpoints", type=Path, default=root.parent / "checkpoints", help="folder to publish to")
    command.add_argument("--minutes", type=float, help="time to spend; the learning rate follows it")
    command.add_argument("--tokens", type=int, help="tokens to read, in place of --minutes")
    command.add_argument("--steps", type=int, help="distil: steps to make, in place of --minutes")
    command.add_argument("--start", default=START, help=f"BERT to begin with: a folder or a hub's name ({START})")
    command.add_argument("--pieces", type=int, default=VOCABULARY_SIZE, help="pieces kept of its vocabulary")
    command.add_argument("--from", dest="weights", type=Path, help="published folder to go on from, without state")
    command.add_argument("--mlm-only", action="store_true", help="distil: leave the teacher out (the ablation)")
    command.add_argument("--short", action="store_true", help="distil: the run that the ablation is held against")
    command.add_argument("--tasks", nargs="*", choices=RECIPES, help="finetune, evaluate: these tasks alone")
    command.add_argument("--sides", nargs="*", choices=SIDES, help="finetune: these sides alone")
    command.add_argument("--questions", type=int, help="evaluate: how many of question answering (default: 2,000)")
    command.add_argument("--trained-on", help="publish: the device of the logs, if it is not this one")
    command.add_argument("--compile", action="store_true", help="pretrain, distil: compile the layers (on a GPU)")
    command.add_argument("--batch-tokens", type=int, default=2048, help="tokens a step (a GPU takes 65,536)")
    command.add_argument("--seed", type=int, default=1, help="adapters of another seed than 1 stay in the state folder")
    command.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    return command


def main() -> None:
    """Run the stage that the command line names."""
    command = parser()
    arguments = command.parse_args()
    budgets = arguments.minutes or arguments.tokens or (arguments.stage == "distil" and arguments.steps)
    if arguments.stage in ("pretrain", "distil", "all") and not budgets:
        command.error(f"{arguments.stage} needs a budget: --minutes or --tokens.")
    if arguments.stage in ("tokenizer", "pack", "finetune", "evaluate") and not arguments.data.is_dir():
        command.error(f"There is no folder {arguments.data}: name the folder of the texts with --data.")
    # transformers' logging has no types. It is silenced because a head that fine-tuning is to train is rightly missing.
    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    transformers_logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    device = torch.device(arguments.device)
    keep_memory()
    project = Project(
        arguments.data,
        arguments.state,
        arguments.checkpoints,
        device,
        arguments.batch_tokens,
        arguments.seed,
        arguments.start,
        arguments.pieces,
        arguments.compile,
    )
    STAGES[arguments.stage](project, arguments)


if __name__ == "__main__":
    main()
