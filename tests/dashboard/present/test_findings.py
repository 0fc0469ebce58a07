"""What the steps of our walkthroughs say in numbers, beside the same figures found in another way."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import scipy.spatial
import scipy.stats
import torch

from analysis.attention.view import View, one_head
from analysis.attribution.baselines import DEFAULT_BASELINE
from analysis.claims.evidence import Timing
from analysis.distillation.metrics import LEADING, noun_of
from analysis.inputs.probe_corpus import probe_sentences
from analysis.inputs.tasks import TASKS
from analysis.latency.config import BenchmarkConfig
from analysis.latency.profile import LatencyProfile
from analysis.models.pairs import EMBEDDED, Sides
from analysis.predictions.heads import predict
from analysis.predictions.resolve import default_target
from analysis.predictions.values import Prediction
from cache import attention, attribution, claims, latency, similarity, start
from cache.attribution import AttributionRequest
from cache.loaded_models import model
from cache.predictions import examples_of, prediction, tokens
from cache.similarity import LayerComparison
from cache.traces import trace
from dashboard.frame import Question
from dashboard.present.asked import finding_of, request_of
from dashboard.present.library import OURS, our_walkthrough
from dashboard.present.walkthrough import Step
from dashboard.report.finding import FindingRequest

SAID = [
    pytest.param(step, id=f"{name}: {number}")
    for name in OURS
    for number, step in enumerate(our_walkthrough(name).steps, 1)
    if step.finding
]
COPIED = (1, 3, 5, 8, 10, 12)  # the teacher layer that each student layer was initialised from (Sanh et al. 2019)
PROJECTIONS = (
    "bert.encoder.layer.{}.attention.output.dense",
    "distilbert.transformer.layer.{}.attention.out_lin",
)
Numbers = list[str]


def recorded() -> list[dict[str, Any]]:
    """What the evaluation found out about both models together."""
    pairs: list[dict[str, Any]] = json.loads((EMBEDDED / "evaluation.json").read_text(encoding="utf-8"))["pairs"]
    return pairs


def row_of(task: str, metric: str) -> dict[str, Any]:
    return next(row for row in recorded() if (row["task"], row["metric"]) == (task, metric))


def share(task: str, metric: str) -> str:
    return f"{100 * row_of(task, metric)['value']:.1f}%"


def predicted(request: FindingRequest) -> Sides[Prediction]:
    """What each model says, past the cache."""
    example = request.example
    return request.question.sides.map(lambda checkpoint: predict(model(checkpoint, example.task), example))


def answers(request: FindingRequest) -> Numbers:
    return [f"“{re.sub(r' [(].*', '', side.summary)}”" for side in predicted(request)]


def kept(_: FindingRequest) -> Numbers:
    leading = {row["task"]: row["value"] for row in recorded() if row["metric"] == f"share_kept:{LEADING[row['task']]}"}
    assert set(leading) == set(TASKS)
    most, least = (choose(leading, key=lambda task: leading[task]) for choose in (max, min))
    return [
        f"{word} on {noun_of(task)}, {100 * leading[task]:.1f}%" for word, task in (("most", most), ("least", least))
    ]


def same_answers(_: FindingRequest) -> Numbers:
    return [share(task, "agreement") for task in TASKS]


def second_teacher(request: FindingRequest) -> Numbers:
    return [share(request.example.task, metric) for metric in ("agreement:second-seed", "agreement")]


def counted(request: FindingRequest) -> Sides[int]:
    """Counted from the weights that are loaded."""
    networks = request.question.sides.map(lambda checkpoint: model(checkpoint, request.example.task).network)
    return networks.map(lambda network: sum(weights.numel() for weights in network.parameters()))


def sizes(request: FindingRequest) -> Numbers:
    return [f"{count / 1e6:.1f}" for count in counted(request)]


def layer_map(request: FindingRequest) -> Numbers:
    sides, task = request.question.sides, request.example.task
    across = similarity.layer_maps(LayerComparison(sides, Sides(task, task), probe_sentences(), "word")).across
    nearest = np.asarray(across.values).argmax(axis=0)[1:]
    largest = np.asarray(across.values)[nearest[-1], -1]
    return [f"{(nearest == COPIED).sum()} of {len(COPIED)} student layers", f"layer {nearest[-1]}: CKA {largest:.2f}"]


def head_origins(request: FindingRequest) -> Numbers:
    """Inherited is a head whose nearest teacher head is the very one it was copied from."""
    distances = attention.corpus_matching(request.question.sides, request.example.task).distances.values
    layers, heads = distances.shape[:2]
    nearest = distances.reshape(layers, heads, -1).argmin(axis=-1)
    copied = (np.array(COPIED)[:, None] - 1) * heads + np.arange(heads)
    return [f"{(nearest == copied).sum()} of {layers * heads}"]


def scorecard(request: FindingRequest) -> Numbers:
    """All four numbers; “only” where a whole interval is below what the page's rule asks."""
    task, weights = request.example.task, counted(request)
    smaller = 100 * (1 - weights.student / weights.teacher)
    said = [f"is {smaller:.1f}% smaller and {speed_up(request):.1f} times as fast"]
    for clause, metric, least in (
        ("keeps", f"share_kept:{LEADING[task]}", 0.95),
        ("gives the same answer for", "agreement", 0.9),
    ):
        row = row_of(task, metric)
        only = "only " if row["high"] < least else ""
        said.append(f"{'but ' * bool(only)}{clause} {only}{100 * row['value']:.1f}% of the")
    return said


def speed_up(request: FindingRequest) -> float:
    shipped = claims.shipped_speed(request.question.sides, request.example.task)
    assert shipped
    assert isinstance(shipped.speed.floats, Timing)
    return float(shipped.speed.floats.times.value)


def ratio_of(profile: LatencyProfile | None) -> float:
    assert profile
    return float(np.median(np.asarray(profile.samples.teacher) / np.asarray(profile.samples.student)))


def speed(request: FindingRequest) -> Numbers:
    profile = latency.shipped_profile(request.question.sides, request.example.task, BenchmarkConfig(), request.example)
    assert profile
    return [f"{ratio_of(profile):.2f} times", *(f"{np.median(np.asarray(side)):.2f}" for side in profile.samples)]


def stages(request: FindingRequest) -> Numbers:
    profile = latency.shipped_stages(request.question.sides, request.example)
    assert profile
    said = []
    for own, samples in zip(profile.stages, profile.samples, strict=True):
        medians = np.median(np.asarray(samples), axis=0)
        layers = [stage.kind in ("attention", "feed-forward") for stage in own]
        said.append(f"{100 * medians[layers].sum() / medians.sum():.0f}%")
    return said


def operations(request: FindingRequest) -> Numbers:
    """In each layer 2 (4 n w² + 2 n² w + 2 n w f) for n tokens, width w and feed-forward width f; the head besides."""
    cost = latency.cost(request.question.sides, request.example.task)
    said = []
    for size, counted in zip(cost.architectures, cost.operations, strict=True):
        n, w, f = cost.lengths[-1], size.width, size.feed_forward
        layers = size.layers * 2 * (4 * n * w * w + 2 * n * n * w + 2 * n * w * f)
        said.append(f"{(layers + counted[-1].rest) / 1e9:.2f} billion")
    return said


def quality(request: FindingRequest) -> Numbers:
    task = request.example.task
    profile = latency.shipped_profile(request.question.sides, task, BenchmarkConfig(tokens=64))
    return [share(task, f"share_kept:{LEADING[task]}"), f"in {1 / ratio_of(profile):.2f} ["]


def faster_claim(request: FindingRequest) -> Numbers:
    """Both readings of the claim from the ratio that was measured."""
    ratio = speed_up(request)
    return [f"({100 * (ratio - 1):.1f}%", f"({100 * (1 - 1 / ratio):.1f}%"]


def attributions(request: FindingRequest) -> Numbers:
    """The word with the largest share for the model's own answer; shares are of the sum of all sizes.

    By the gradients of 200 texts on the straight way from the baseline, words only, [CLS] and [SEP] as they are.
    """
    said, example = [], request.example
    own = start.own_attributions(request.question.sides, example)
    for name, checkpoint in request.question.sides.items():
        asked, (read,) = model(checkpoint, example.task), tokens(checkpoint, example)
        answer = predict(asked, example)
        network: Any = asked.network
        ids, words = torch.tensor(read.ids), np.asarray(read.word_ids)
        vectors = network.get_input_embeddings()
        text, mask = vectors(ids).detach(), vectors(torch.tensor(asked.tokenizer.mask_token_id)).detach()
        began = torch.where(torch.tensor(words >= 0)[:, None], mask, text)
        way = ((torch.arange(200) + 0.5) / 200)[:, None, None]
        rows = (began + way * (text - began)).requires_grad_()
        label = int(np.argmax(answer.distributions))
        network(inputs_embeds=rows).logits[:, label].sum().backward()
        pieces = ((text - began) * rows.grad.mean(dim=0)).sum(dim=-1).numpy()
        by_word = np.array([pieces[words == word].sum() for word in range(len(read.words))])
        top = int(np.argmax(by_word))
        share_of_top = own[name].shares[top]  # which takes fewer steps
        assert share_of_top == pytest.approx(by_word[top] / np.abs(by_word).sum(), abs=0.01)
        owner = "The teacher's" if name == "teacher" else "the student's"
        said.append(f"{owner} “{answer.outcomes[label]}”")
        said.append(f"on “{read.words[top].text}” ({100 * share_of_top:+.0f}%)")
    return said


def grades(request: FindingRequest) -> Numbers:
    """Of the orders that were graded on the most texts, the one whose top words are missed most."""
    rows = [
        row
        for row in json.loads((EMBEDDED / "faithfulness.json").read_text(encoding="utf-8"))
        if (row["task"], row["perturbation"]) == (request.example.task, "[MASK]")
        and row["baseline"] in ("", DEFAULT_BASELINE)
        and row["texts"] == 100
    ]
    falls = {(row["method"], row["side"]): row["comprehensiveness"]["value"] for row in rows}
    best = max((method for method, _ in falls), key=lambda it: falls[it, "teacher"] + falls[it, "student"])
    return [best, f"{falls[best, 'teacher']:.1f} logits", f"{falls[best, 'student']:.1f} in the student"]


def disagreements(request: FindingRequest) -> Numbers:
    """Who is right by the words of the two answers: case, articles and full stops aside."""
    task, pair = request.example.task, request.question.pair
    parted, alone = 0, {"teacher": 0, "student": 0}
    for example, sample in zip(examples_of(task), TASKS[task].samples, strict=True):
        given = predicted(FindingRequest(Question(pair, example), {}, ())).map(lambda one: plain(one.summary))
        known = {plain(str(each)) for each in sample.expected or ()}
        right = Sides(given.teacher in known, given.student in known)
        parted += given.teacher != given.student and not (right.teacher and right.student)
        for side, other in (("teacher", "student"), ("student", "teacher")):
            alone[side] += right[side] and not right[other]
    return [
        f"Of the {len(TASKS[task].samples)} examples",
        f"the two differ on {parted}: the teacher alone is right on {alone['teacher']}, the student alone on "
        f"{alone['student']}.",
    ]


def plain(answer: str) -> str:
    """An answer without its probability, as SQuAD's judges compare it."""
    words = re.sub(r" [(][^()]*%[)]$", "", answer).lower().strip(" .")
    return re.sub(r"^(a|an|the) ", "", words)


def correlations(request: FindingRequest) -> Numbers:
    sides, example = request.question.sides, request.example
    target, said = default_target(prediction(sides.teacher, example)), []
    for checkpoint, flow in zip(sides, attention.answer_flows(sides, example, "Rollout"), strict=True):
        words = trace(checkpoint, example).tokens.words
        scored = attribution.attribution(AttributionRequest(checkpoint, example, target), "Integrated gradients")
        sizes = {word: abs(score) for word, score in zip(scored.words, scored.scores.tolist(), strict=True)}
        both = [(part, sizes[words[at]]) for part, at in zip(flow.shares, flow.words, strict=True) if at >= 0]
        said.append(f"{scipy.stats.spearmanr(both).statistic:.2f} (".replace("-", "−"))
    return said


def two_heads(request: FindingRequest) -> Numbers:
    """The Jensen–Shannon distance of the two heads, by SciPy: the mean over rows of words, special tokens included."""
    sides, example = request.question.sides, request.example
    heads = attention.default_heads(sides, example, None)
    maps = View().of(sides.map(lambda checkpoint: trace(checkpoint, example)), heads.map(one_head))
    rows = zip(*(map_.weights[0, 0] for map_ in maps), strict=True)
    distance = np.mean([scipy.spatial.distance.jensenshannon(*row, base=2) for row in rows])
    named = [f"{layer + 1}.{place + 1}" for layer, place in heads]
    return [f"teacher {named[0]}", f"student {named[1]}", f"distance {distance:.2f}"]


def without_heads(request: FindingRequest) -> Numbers:
    """A head adds nothing where its columns of the output projection are 0."""
    said, example = [], request.example
    heads = attention.default_heads(request.question.sides, example, None)
    for checkpoint, (layer, place), name in zip(request.question.sides, heads, PROJECTIONS, strict=True):
        asked = model(checkpoint, example.task)
        weight: Any = asked.network.get_submodule(name.format(layer)).weight
        width, before = weight.shape[1] // asked.network.config.num_attention_heads, weight.detach().clone()
        try:
            weight.data[:, place * width : (place + 1) * width] = 0
            said.append(predict(asked, example).summary)
        finally:
            weight.data.copy_(before)
        said.append(f"with it {predict(asked, example).summary}")
    return said


FOUND_OTHERWISE: dict[str, Callable[[FindingRequest], Numbers]] = {
    "answers": answers,
    "kept": kept,
    "same-answers": same_answers,
    "second-teacher": second_teacher,
    "sizes": sizes,
    "layer-map": layer_map,
    "head-origins": head_origins,
    "scorecard": scorecard,
    "speed": speed,
    "stages": stages,
    "operations": operations,
    "quality": quality,
    "faster-claim": faster_claim,
    "attributions": attributions,
    "grades": grades,
    "disagreements": disagreements,
    "attention-beside-attribution": correlations,
    "two-heads": two_heads,
    "without-heads": without_heads,
}


@pytest.mark.parametrize("step", SAID)
def test_a_step_says_the_numbers_that_are_found_in_another_way(step: Step) -> None:
    sentence = finding_of(step)
    for number in FOUND_OTHERWISE[step.finding](request_of(step)):
        assert number in sentence
