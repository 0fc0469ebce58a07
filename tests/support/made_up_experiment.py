"""Records of an experiment that never was, with numbers that are easy to recognise."""

import json
from pathlib import Path
from typing import Any

LOG = {"layers": 6, "rate": 0.001}
LAST = {"soft": 1.0, "mlm": 3.0, "cosine": 0.1, "held_out_loss": 3.25, "held_out_top1": 0.36}


def row(task: str, metric: str, value: float, low: float, high: float, side: str | None = None) -> dict[str, Any]:
    sides = {"side": side} if side else {}
    return {"task": task, "metric": metric, **sides, "value": value, "low": low, "high": high, "n": 872}


EVALUATION: dict[str, Any] = {
    "schema": 1,
    "rows": [
        row("fill-mask", "perplexity", 20.5, 19.0, 22.0, "teacher"),
        row("fill-mask", "top1", 0.4, 0.39, 0.41, "teacher"),
        row("fill-mask", "perplexity", 25.5, 24.0, 27.0, "student"),
        row("fill-mask", "top1", 0.36, 0.35, 0.37, "student"),
        row("fill-mask", "top1", 0.34, 0.33, 0.35, "student-short"),
        row("fill-mask", "top1", 0.3, 0.29, 0.31, "student_mlm_only"),
        row("sentiment", "accuracy", 0.82, 0.8, 0.85, "teacher"),
        row("sentiment", "accuracy", 0.8, 0.77, 0.83, "student"),
        row("sentiment", "accuracy", 0.81, 0.78, 0.84, "teacher-second-seed"),
        row("juggling", "balls_caught", 0.5, 0.4, 0.6, "teacher"),
    ],
    "pairs": [
        row("fill-mask", "agreement", 0.7, 0.69, 0.71),
        row("fill-mask", "kappa", 0.65, 0.64, 0.66),
        row("fill-mask", "share_kept:top1", 0.9, 0.88, 0.92),
        row("fill-mask", "difference:top1", -0.04, -0.05, -0.03),
        row("fill-mask", "distillation_adds:top1", 0.04, 0.03, 0.05),
        row("sentiment", "agreement", 0.92, 0.9, 0.94),
        row("sentiment", "agreement:second-seed", 0.96, 0.95, 0.97),
        row("sentiment", "kappa", float("nan"), 0.5, 0.6),
        row("sentiment", "difference:accuracy", -0.02, -0.045, 0.005),
        row("sentiment", "share_kept:accuracy", 0.971, 0.95, 1.002),
    ],
}
CURVES: dict[str, Any] = {
    "schema": 1,
    "settings": {
        "table": [
            ["teacher", "BERT, 12 layers, 9.99 M parameters"],
            ["student", "DistilBERT, 6 layers, 6.11 M parameters"],
            ["fewer parameters", "38.8%"],
            ["start of the teacher", "a published juggler"],
            ["student starts as", "teacher layers 1, 3, 5, 8, 10, 12"],
            ["distillation loss", "5 · soft + 2 · MLM + 1 · cosine"],
            ["fine-tuning, sentiment", "1 × all examples"],
        ],
        "tokens_by_source": {"wiki": 3_000_000, "novels": 1_500_000},
        "tokens_a_pass": 8_000_000,
        "device": "an abacus",
    },
    "stages": {
        "teacher": [
            {**LOG, "step": 10, "tokens": 1_000_000, "seconds": 60, "layers": 3, "loss": 6.0},
            {**LOG, "step": 20, "tokens": 2_000_000, "seconds": 120, "layers": 12, "loss": 4.0, "held_out_loss": 4.5},
        ],
        "student": [
            {**LOG, "step": 5, "tokens": 500_000, "seconds": 30, "loss": 20, "soft": 3.0, "mlm": 4.0, "cosine": 0.3},
            {**LOG, "step": 10, "tokens": 1_000_000, "seconds": 60, "loss": 11, **LAST},
        ],
        "student-short": [{**LOG, "step": 10, "tokens": 1_000_000, "seconds": 60, "loss": 11, "mlm": 3.2}],
        "student-mlm-only": [{**LOG, "step": 10, "tokens": 1_000_000, "seconds": 60, "loss": 3.5}],
        "sentiment-teacher": [{**LOG, "step": 7, "tokens": 70_000, "seconds": 9, "loss": 0.5}],
        "not-begun": [],
    },
}


def write_records(folder: Path, evaluation: Any = EVALUATION, curves: Any = CURVES) -> Path:
    """`folder`, now holding both files."""
    (folder / "evaluation.json").write_text(json.dumps(evaluation))
    (folder / "curves.json").write_text(json.dumps(curves))
    return folder
