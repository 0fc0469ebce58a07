"""Checkpoints as Hugging Face folders, and the curves and the model card written from the run's records."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

from transformers import PreTrainedModel, PreTrainedTokenizerBase

from .card import card
from .curves import svg
from .evaluate import SIDES
from .fill_mask import ABLATION, SHORT
from .folders import check_files, rewrite
from .tokenizer import retarget

LARGEST_SHARD = "15MB"  # of weights: less, since a shard has a header
PRE_TRAINED = (*SIDES, SHORT, ABLATION)  # the stages whose curves come first
SIZES = ("tokens_by_source", "tokens_a_pass")  # of the text, among the settings
MOST_POINTS = 150  # of a curve, in curves.json
LOGGED = ("loss", "soft", "mlm", "cosine")  # averaged over a point's lines


def publish(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, folder: Path) -> None:
    """Write config, half-precision weights and tokenizer to `folder`, as `from_pretrained` reads them.

    The config names float32, so that every loader computes in it; tied weights are stored once. Earlier weights in the
    folder are removed, since they may have been more files.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for stale in folder.glob("model*"):
        stale.unlink()
    halved = deepcopy(model).cpu().half()  # type: ignore[no-untyped-call] # transformers' half has no types
    halved.save_pretrained(folder, max_shard_size=LARGEST_SHARD)
    rewrite(folder / "config.json", dtype="float32")
    retarget(tokenizer, model.config.model_type).save_pretrained(folder)
    check_files(folder)


def read_log(path: Path) -> list[dict[str, Any]]:
    """The lines of a training log."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def published_record(checkpoints: Path) -> dict[str, Any]:
    """What `curves.json` holds; nothing where there is none."""
    path = checkpoints / "curves.json"
    nothing: dict[str, Any] = {"settings": {}, "stages": {}}
    return nothing | json.loads(path.read_text(encoding="utf-8")) if path.exists() else nothing


def merged(lines: list[dict[str, Any]], most: int = MOST_POINTS) -> list[dict[str, Any]]:
    """At most `most` points of a curve: neighbouring lines averaged, held-out values taken where they were measured."""
    lines = after_restarts(lines)
    size = max(1, -(-len(lines) // most))
    points = []
    for begin in range(0, len(lines), size):
        group = lines[begin : begin + size]
        losses = {name for line in group for name in line if name in LOGGED}
        point: dict[str, Any] = {
            name: group[-1][name]
            for name in ("step", "tokens", "seconds", "layers", "length", "rate")
            if name in group[-1]
        }
        for name in sorted(losses):
            values = [line[name] for line in group if name in line]
            point[name] = round(sum(values) / len(values), 4)
        for line in group:
            point |= {name: value for name, value in line.items() if name.startswith("held_out")}
        points.append(point)
    return points


def after_restarts(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The log without what a killed run wrote after its last saved state and a resumed one did again."""
    kept: list[dict[str, Any]] = []
    for line in lines:
        while kept and kept[-1]["step"] >= line["step"]:
            kept.pop()
        kept.append(line)
    return kept


def place_of(stage: str) -> int:
    """Where a stage's curves stand: the teacher's first, then the student's, then the tasks'."""
    return PRE_TRAINED.index(stage) if stage in PRE_TRAINED else len(PRE_TRAINED)


def logs_in(state: Path) -> list[Path]:
    """The logs of stages that are published, oldest first: a second seed's adapters are not, nor is their curve."""
    logs = (path for path in state.glob("*.jsonl") if "-seed" not in path.stem)
    return sorted(logs, key=lambda path: path.stat().st_mtime)


def publish_records(state: Path, checkpoints: Path, settings: dict[str, Any]) -> None:
    """Write `curves.json`, `curves.svg` and the model card `README.md` from the logs and `evaluation.json`.

    A stage without a log keeps its published curve, and a teacher without one the sizes of the text that it has read.
    A file `notes.md` beside them is taken into the card's limits: what the records do not tell of the run.
    """
    published, new = published_record(checkpoints), {path.stem: merged(read_log(path)) for path in logs_in(state)}
    curves = dict(sorted((published["stages"] | new).items(), key=lambda stage: place_of(stage[0])))
    if "teacher" not in new:
        settings = settings | {name: size for name, size in published["settings"].items() if name in SIZES}
    evaluation = json.loads((checkpoints / "evaluation.json").read_text(encoding="utf-8"))
    record = {"schema": 1, "settings": settings, "stages": curves}
    (checkpoints / "curves.json").write_text(json.dumps(record) + "\n", encoding="utf-8")
    (checkpoints / "curves.svg").write_text(svg(curves), encoding="utf-8")
    notes = checkpoints / "notes.md"
    told = notes.read_text(encoding="utf-8") if notes.exists() else ""
    (checkpoints / "README.md").write_text(card(record, evaluation, found(checkpoints), told), encoding="utf-8")


def found(checkpoints: Path) -> tuple[str, ...]:
    """What the dashboard's page on the experiment finds in the records."""
    from analysis.distillation.record import read_experiment  # late: training alone does not need it
    from analysis.distillation.report import findings, seed_sentences

    experiment = read_experiment(checkpoints)
    return findings(experiment) + seed_sentences(experiment)
