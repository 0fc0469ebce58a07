"""What a step can point at: the parts of the pages, by name, and how each is found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Point:
    """A part of a page: what it is called on screen, its page and tab ("" where there are none), and its selector."""

    title: str
    page: str
    tab: str
    selector: str


def _figure(key: str) -> str:
    """The figure that is drawn under this key (`dashboard.ui.figures.chart`)."""
    return f".stElementContainer.st-key-{key.replace(' ', '-')}"


def _row_with(key: str) -> str:
    """The columns that a figure is in, with what stands beside it."""
    return f'[data-testid="stHorizontalBlock"]:has({_figure(key)})'


POINTS: Mapping[str, Point] = {
    "answers": Point("both answers", "predictions", "", ".st-key-answer_figures"),
    "words": Point("the text, tinted", "attributions", "words", ".st-key-tinted_words"),
    "word-bars": Point("the share of each word", "attributions", "words", _figure("attribution by word")),
    "score-flow": Point("the score's way, layer by layer", "attributions", "layers", _figure("attribution by layer")),
    "grades": Point("how faithful each method is", "attributions", "faithfulness", ".st-key-average_grades"),
    "baselines": Point("how much the baseline matters", "attributions", "baselines", ".st-key-baseline_tables"),
    "all-heads": Point("all heads", "attention", "all-heads", _row_with("teacher heads")),
    "two-heads": Point("a head of each model", "attention", "compare-two-heads", ".st-key-two_heads"),
    "head-difference": Point("their difference", "attention", "compare-two-heads", _figure("difference of heads")),
    "head-matrix": Point("all pairs of heads", "attention", "head-matching", _figure("matching matrix")),
    "head-links": Point("who matches whom", "attention", "head-matching", _figure("matching links")),
    "head-origins": Point("heads by origin", "attention", "head-matching", _figure("matching origins")),
    "head-behaviour": Point("what heads do", "attention", "what-heads-do", _figure("what heads do")),
    "attention-flow": Point("attention to the answer", "attention", "attention-flow", ".st-key-answer_flow"),
    "flow-and-attribution": Point(
        "attention beside attribution", "attention", "attention-flow", ".st-key-flow_and_attribution"
    ),
    "ablation": Point("the answers without a head", "attention", "ablate-heads", ".st-key-ablation"),
    "layer-map": Point("the layer map", "similarity", "layer-by-layer", _figure("layer map")),
    "word-drift": Point("how far each word moved", "similarity", "word-drift", _figure("drift of words")),
    "word-plane": Point("both models' words in one plane", "similarity", "word-drift", _figure("plane of words")),
    "logit-lens": Point("what each layer would answer", "similarity", "logit-lens", _figure("logit lens")),
    "fine-tuning": Point("what fine-tuning changed", "similarity", "fine-tuning", _figure("fine tuning")),
    "scorecard": Point("the four numbers", "scorecard", "", ".st-key-scorecard"),
    "disagreements": Point("where they disagree", "scorecard", "", ".st-key-disagreements"),
    "times": Point("the time of each pass", "latency", "profile", _figure("latency samples")),
    "stages": Point("where the time goes", "latency", "where-the-time-goes", _figure("latency stages")),
    "parameters": Point("the parameters", "latency", "cost", _figure("latency parameters")),
    "operations": Point("memory and operations", "latency", "cost", _row_with("latency memory")),
    "quality": Point("quality and time", "latency", "quality-per-millisecond", _figure("latency quality")),
    "claims": Point("the claims", "claims", "", ".st-key-claim_lines"),
    "kept": Point("what was kept, by task", "distillation", "what-was-kept", _figure("experiment kept")),
    "scores": Point("what each side scores", "distillation", "scores", _figure("experiment shares")),
    "same-answers": Point("how often they agree", "distillation", "same-answers", _row_with("together share")),
    "architecture": Point("what both are made of", "models", "", ".st-key-architecture"),
}
