"""Computes and measures what ships with the embedded pair: checkpoints/precomputed/, a file per kind.

    python -m cache.precompute                                # every kind
    python -m cache.precompute --only sizes --only predictions

What a file has already for these weights and texts stays as it is; delete the file to make all of it again. What is
computed takes about twenty minutes on two cores. What is measured takes five, and the machine to itself: a measurement
that allows no conclusion does not ship.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from analysis.attribution.baselines import BASELINES
from analysis.attribution.methods import METHODS
from analysis.claims.evidence import Timing
from analysis.inputs.examples import Example
from analysis.inputs.probe_corpus import probe_sentences
from analysis.inputs.tasks import TASKS
from analysis.latency.config import BenchmarkConfig
from analysis.latency.machine import machine
from analysis.latency.measure import now
from analysis.latency.profile import LatencyProfile, StageProfile
from analysis.latency.summary import profile_summary
from analysis.models.pairs import PAIRS, Checkpoint, Sides
from analysis.predictions.comparison import compare
from analysis.predictions.resolve import default_target, own_targets
from analysis.predictions.values import Prediction
from analysis.progress import silent
from cache import attention, attribution, claims, latency, models, precomputed, similarity
from cache.attribution import AttributionRequest
from cache.claims import ShippedSpeed
from cache.keys import Request
from cache.predictions import examples_of, prediction, tokens
from cache.remember import shipped
from cache.similarity import LayerComparison

PAIR = PAIRS["embedded"].checkpoints
PRETRAINED = "fill-mask"
GRANULARITY = "word"  # the page's first choice, as everything here
METHOD = next(iter(METHODS))
BY_LAYER = "Layer conductance"
TOKENS = 64  # of random tokens, on Latency
ROUNDS = 300  # enough for a narrow interval on a machine that does other things too


def sizes(task: str) -> None:
    """What every page says about both models, and what they cost on any machine."""
    for checkpoint in PAIR[task]:
        models.architecture(checkpoint, task)
    latency.cost(PAIR[task], task)


def predictions(task: str) -> None:
    """Both models' tokens of every example, and their answers."""
    for example in examples_of(task):
        for checkpoint in PAIR[task]:
            tokens(checkpoint, example)
            prediction(checkpoint, example)


def attributions(task: str) -> None:
    """Why both models answer what either does: of the default example, with all tabs, and where they disagree."""
    for place, example in enumerate(examples_of(task)):
        answers = _answers(example)
        if place == 0 or not compare(answers).agree:
            for target in dict.fromkeys((*answers.map(default_target), *own_targets(answers))):
                for checkpoint in PAIR[task]:
                    request = AttributionRequest(checkpoint, example, target)
                    attribution.attribution(request, METHOD)
                    if place == 0:
                        _attributions_of_tabs(request)


def _attributions_of_tabs(request: AttributionRequest) -> None:
    """What the tabs Layers and Baselines show at first."""
    attribution.attribution(request, BY_LAYER)
    for baseline in BASELINES:
        attribution.attribution(replace(request, baseline=baseline), METHOD)


def _answers(example: Example) -> Sides[Prediction]:
    with precomputed.noting():  # of their own: answers are another kind
        return PAIR[example.task].map(lambda checkpoint: prediction(checkpoint, example))


def layer_maps(task: str) -> None:
    """Teacher with student, and each of them with its pre-trained self, over the probe corpus."""
    for sides, tasks in comparisons(task):
        similarity.layer_maps(LayerComparison(sides, tasks, probe_sentences(), GRANULARITY))


def comparisons(task: str) -> Iterator[tuple[Sides[Checkpoint], Sides[str]]]:
    """What the page Similarity compares at first, each checkpoint with the task that it is loaded for."""
    yield PAIR[task], Sides(task, task)
    if task != PRETRAINED and PRETRAINED in PAIR:
        for before, after in zip(PAIR[PRETRAINED], PAIR[task], strict=True):
            yield Sides(before, after), Sides(PRETRAINED, task)


def head_matching(task: str) -> None:
    """Which heads of the teacher the student's resemble over the probe corpus, with [CLS] and [SEP] and without."""
    for with_special_tokens in (True, False):
        attention.corpus_matching(PAIR[task], task, with_special_tokens)


def speed(task: str) -> None:
    """What Latency measures with its settings at first, of the default example and of random tokens; and Claims."""
    sides, default = PAIR[task], examples_of(task)[0]
    for example, config in ((default, BenchmarkConfig()), (None, BenchmarkConfig(tokens=TOKENS))):
        _ship(
            latency.profile_request(sides, task, config, example),
            LatencyProfile,
            partial(latency.latency_profile, sides, task, config, example, ROUNDS),
            lambda profile: (profile.inconclusive_reason, profile_summary(profile)),
        )
    _ship(claims.speed_request(sides, task), ShippedSpeed, lambda: _speed(sides, task), _reason_against)


def stages(task: str) -> None:
    """Where the time of the default example goes."""
    sides, default = PAIR[task], examples_of(task)[0]
    _ship(
        latency.stages_request(sides, default),
        StageProfile,
        lambda: latency.stage_profile(sides, default, rounds=ROUNDS),
        lambda profile: (None, profile.finding),
    )


def _speed(sides: Sides[Checkpoint], task: str) -> ShippedSpeed:
    started = now()
    return ShippedSpeed(claims.speed(sides, task, silent), machine(), started)


def _reason_against(measured: ShippedSpeed) -> tuple[str | None, str]:
    both = (measured.speed.floats, measured.speed.integers)
    reason = next((timing for timing in both if isinstance(timing, str)), None)
    return reason, "; ".join(timing.conditions for timing in both if isinstance(timing, Timing))


def _ship(
    request: Request, value_type: Any, measure: Callable[[], Any], judge: Callable[[Any], tuple[str | None, str]]
) -> None:
    """A measurement for the file: the one that ships, or a new one if it allows a conclusion."""
    value = shipped(request, value_type) or measure()
    reason, summary = judge(value)
    print(f"  {reason or summary}", flush=True)
    if reason is None:
        precomputed.note(request, value)


KINDS: dict[str, Callable[[str], None]] = {
    "sizes": sizes,
    "predictions": predictions,
    "attributions": attributions,
    "layer-maps": layer_maps,
    "head-matching": head_matching,
    "speed": speed,
    "stages": stages,
}


def file_of(kind: str) -> Path:
    """Where the results of a kind are."""
    return precomputed.FOLDER / f"{kind}{precomputed.SUFFIX}"


def make(kind: str) -> None:
    """Puts all results of a kind into its file, after each task what is there by then, and in the end nothing else."""
    file = file_of(kind)
    before = precomputed.read(file) if file.is_file() else {}
    with precomputed.noting() as results:
        for task in PAIR:
            KINDS[kind](task)
            if not results.keys() <= before.keys():
                before = {**before, **results}
                precomputed.write(before, file)
            print(f"{kind}: {TASKS[task].title.lower()}", flush=True)
    precomputed.write(results, file)
    print(f"{kind}: {len(results)} results, {file.stat().st_size / 1e6:.2f} MB", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=KINDS, action="append", help="may be given several times")
    for kind in parser.parse_args().only or KINDS:
        make(kind)


if __name__ == "__main__":
    main()
