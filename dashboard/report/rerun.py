"""Makes the numbers of results.json again, from the models, and says how far apart the two are.

    python rerun.py

It reads the question from the results.json beside it and needs DistilLens to be installed, of which it uses `analysis`
alone. Times are left out: another run does not give them again. What it computes is written to results-again.json.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from analysis import results
from analysis.attention.head_matching import match_corpus, match_heads
from analysis.attention.view import View, one_head
from analysis.attribution.agreement import agreement
from analysis.attribution.faithfulness import faithfulness_curves
from analysis.attribution.methods import METHODS, attribute
from analysis.claims.evidence import Evidence, recorded
from analysis.claims.judging import judge
from analysis.claims.statements.table import CLAIMS
from analysis.inputs.examples import Example, checked
from analysis.inputs.probe_corpus import probe_sentences
from analysis.inputs.words import Word
from analysis.models.architecture import architecture
from analysis.models.forward import Trace, trace
from analysis.models.model import Model, load
from analysis.models.pairs import Pair, Sides, own_pair, pair_named
from analysis.predictions.heads import predict
from analysis.predictions.targets import Target, Term
from analysis.similarity.jackknife import measured_map
from analysis.similarity.layer_maps import cka_maps
from analysis.similarity.representations import Representations, one_by_one, vectors_of

TOLERANCE = 1e-4
Numbers = dict[str, Any]


@dataclass(frozen=True)
class Asked:
    """The question, and the two models that answer it."""

    question: Numbers

    @cached_property
    def example(self) -> Example:
        return checked(Example(self.question["task"], self.question["text"], self.question["text_pair"]))

    @cached_property
    def pair(self) -> Pair:
        if self.question["pair"]:
            return pair_named(self.question["pair"])
        sources = (self.question["task"], self.question["teacher"], self.question["student"])
        labels = Sides(self.question["teacher_labels"] or "", self.question["student_labels"] or "")
        return own_pair(*sources, labels, self.question["unanswerable"] == "true")

    @cached_property
    def models(self) -> Sides[Model]:
        return self.pair.sides(self.example.task).map(lambda checkpoint: load(checkpoint, self.example.task))

    @cached_property
    def traces(self) -> Sides[Trace]:
        return self.models.map(lambda model: trace(model, self.example))


def answers(asked: Asked, stored: Numbers) -> Numbers:
    return results.answers(asked.models.map(lambda model: predict(model, asked.example)))


def attention(asked: Asked, stored: Numbers) -> Numbers:
    settings = stored["settings"]
    view = View(settings["over"], settings["special_tokens"], settings["order"])
    heads = Sides(*((stored[side]["layer"] - 1, stored[side]["head"] - 1) for side in ("teacher", "student")))
    return results.attention(view.of(asked.traces, heads.map(one_head)), heads)


def matching(asked: Asked, stored: Numbers) -> Numbers:
    settings = stored["settings"]
    with_special_tokens = settings["special_tokens"]
    if settings["on"] == "text":
        found = match_heads(asked.traces, with_special_tokens)
    else:
        found = match_corpus(asked.models, probe_sentences(), with_special_tokens)
    return results.head_matching(found, settings["with"])


def layers(asked: Asked, stored: Numbers) -> Numbers:
    settings = stored["settings"]
    granularity, counted, measure = settings["granularity"], settings["special_tokens"], settings["measure"]
    if settings["on"] == "This text alone":
        return results.layer_map(cka_maps(one_by_one(vectors_of(asked.traces, granularity, counted))).across)
    sentences = Representations(asked.models, tuple(settings["lines"]) or probe_sentences(), granularity, counted)
    return results.layer_map(cka_maps(sentences).across if measure == "cka" else measured_map(measure, sentences))


def attributions(asked: Asked, stored: Numbers) -> Numbers:
    settings = stored["settings"]
    targets = Sides(*(_target(settings["targets"][side]) for side in ("teacher", "student")))
    method, baseline = settings["method"], settings["baseline"]

    def by(method: str, side: str) -> Any:
        return attribute(asked.models[side], asked.example, targets[side], method, baseline)

    def curves(side: str) -> Any:
        model, graded = asked.models[side], [by(method, side) for method in METHODS]
        return faithfulness_curves(model, asked.example, targets[side], graded, settings["removed_by"])

    both = Sides("teacher", "student").map(lambda side: by(method, side))
    grades = {"grades": results.grades(Sides("teacher", "student").map(curves))} if settings["graded"] else {}
    return {**results.attributions(both, agreement(both)), **grades}


def claims(asked: Asked, stored: Numbers) -> Numbers:
    task, pair = asked.example.task, asked.pair
    sizes, experiment = asked.models.map(architecture), recorded(pair.sides(task), task)
    evidence = Evidence(task, sizes, tuple(pair.checkpoints), pair.trained, experiment)
    return {"claims": results.claims([judge(claim, evidence) for claim in CLAIMS])}


AGAIN: dict[str, Callable[[Asked, Numbers], Numbers]] = {
    "answers": answers,
    "attributions": attributions,
    "attention": attention,
    "matching": matching,
    "layers": layers,
    "claims": claims,
}


def differences(stored: Any, again: Any, path: str = "") -> Iterator[tuple[str, float]]:
    """Every number's place and how far apart the two are, relative to their size where that is above 1.

    What differs otherwise is infinitely far apart.
    """
    if isinstance(stored, dict) and isinstance(again, dict) and stored.keys() == again.keys():
        for key in stored:
            yield from differences(stored[key], again[key], f"{path}/{key}")
    elif isinstance(stored, list) and isinstance(again, list) and len(stored) == len(again):
        for place, (one, other) in enumerate(zip(stored, again, strict=True)):
            yield from differences(one, other, f"{path}/{place}")
    elif isinstance(stored, float) and isinstance(again, int | float):
        yield path, abs(stored - again) / max(1.0, abs(stored))
    else:
        yield path, 0.0 if stored == again else math.inf


def main() -> int:
    folder = Path(__file__).parent
    finding = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    asked, largest = Asked(finding["question"]), 0.0
    made = {}
    for key, section in finding["sections"].items():
        stored = {name: value for name, value in section["numbers"].items() if name != "measured"}
        if key not in AGAIN or not stored:
            print(f"{key}: left out")
            continue
        made[key] = AGAIN[key](asked, stored)
        compared = {name: value for name, value in stored.items() if name != "settings"}
        where, most = max(differences(compared, made[key]), key=lambda each: each[1], default=("", 0.0))
        largest = max(largest, most)
        same = "the same" if most <= TOLERANCE else "NOT the same"
        print(f"{key}: {same}; the largest difference is {most:.1e} {where}")
    text = json.dumps(made, ensure_ascii=False, indent=1, allow_nan=False)
    (folder / "results-again.json").write_text(text, encoding="utf-8")
    return int(largest > TOLERANCE)


def _target(stored: Numbers) -> Target:
    return Target(_terms(stored["terms"]), stored["name"], _terms(stored["foil"]))


def _terms(stored: list[Numbers]) -> tuple[Term, ...]:
    return tuple(Term(term["outcome"], Word(**term["word"]) if term["word"] else None) for term in stored)


if __name__ == "__main__":
    sys.exit(main())
