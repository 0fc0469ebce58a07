"""What a step can point at: the parts of the pages, by name, and how each is found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Point:
    """A part of a page: what it is called on screen, its page and tab ("" where there are none), and its selector.

    `wide` where it needs all of the width.
    """

    title: str
    page: str
    tab: str
    selector: str
    wide: bool = False


def _figure(key: str) -> str:
    """The figure that is drawn under this key (`dashboard.ui.figures.chart`)."""
    return f".stElementContainer.st-key-{key.replace(' ', '-')}"


def _any_figure(key: str) -> str:
    """The one figure whose key begins like this."""
    return f'.stElementContainer[class*="st-key-{key.replace(" ", "-")}"]:has(.stPlotlyChart)'


def _row_with(key: str) -> str:
    """The columns that a figure is in, with what stands beside it."""
    return f'[data-testid="stHorizontalBlock"]:has({_figure(key)})'


POINTS: Mapping[str, Point] = {
    "start": Point("a sentence as both models read it", "", "", ".dl-hero", wide=True),
    "three-numbers": Point("size, speed and same answers", "", "", ".st-key-numbers", wide=True),
    "cards": Point("where they disagree, on all tasks", "", "", ".st-key-cards", wide=True),
    "answers": Point("both answers", "predictions", "", ".st-key-answer_figures", wide=True),
    "words": Point("the text, tinted", "attributions", "words", ".st-key-tinted_words", wide=True),
    "word-bars": Point("the share of each word", "attributions", "words", _figure("attribution by word")),
    "edited-words": Point(
        "the answers and words after an edit", "attributions", "edit-a-word", ".st-key-edited_words", wide=True
    ),
    "score-flow": Point(
        "the score's way, layer by layer", "attributions", "layers", _figure("attribution by layer"), wide=True
    ),
    "grades": Point("how faithful each method is", "attributions", "faithfulness", ".st-key-average_grades", wide=True),
    "baselines": Point(
        "how much the baseline matters", "attributions", "baselines", ".st-key-baseline_tables", wide=True
    ),
    "all-heads": Point("all heads", "attention", "all-heads", _row_with("teacher heads"), wide=True),
    "two-heads": Point(
        "a head of each model",
        "attention",
        "compare-two-heads",
        '[data-testid="stHorizontalBlock"]:has([class*="st-key-teacher-head-"])',
        wide=True,
    ),
    "head-difference": Point("their difference", "attention", "compare-two-heads", _figure("difference of heads")),
    "head-matrix": Point("all pairs of heads", "attention", "head-matching", _figure("matching matrix")),
    "head-links": Point("who matches whom", "attention", "head-matching", _figure("matching links")),
    "head-origins": Point("heads by origin", "attention", "head-matching", _figure("matching origins")),
    "head-behaviour": Point("what heads do", "attention", "what-heads-do", _figure("what heads do")),
    "attention-flow": Point("attention to the answer", "attention", "attention-flow", _any_figure("attention flow by")),
    "flow-and-attribution": Point(
        "attention beside attribution", "attention", "attention-flow", _figure("attributions beside attention")
    ),
    "ablation": Point("the answers without a head", "attention", "ablate-heads", ".st-key-ablated_answers", wide=True),
    "bertviz": Point("BertViz", "attention", "bertviz", ".st-key-bertviz_views", wide=True),
    "layer-map": Point("the layer map", "similarity", "layer-by-layer", _figure("layer map")),
    "within": Point(
        "the layers of each model", "similarity", "within-each-model", _row_with("within Teacher"), wide=True
    ),
    "word-drift": Point("how far each word moved", "similarity", "word-drift", _figure("drift of words")),
    "word-plane": Point("both models' words in one plane", "similarity", "word-drift", _figure("plane of words")),
    "logit-lens": Point("what each layer would answer", "similarity", "logit-lens", _figure("logit lens")),
    "fine-tuning": Point("what fine-tuning changed", "similarity", "fine-tuning", _figure("fine tuning")),
    "scorecard": Point("the four numbers", "scorecard", "", ".st-key-scorecard", wide=True),
    "disagreements": Point("where they disagree", "scorecard", "", ".st-key-disagreements", wide=True),
    "times": Point("the time of each pass", "latency", "profile", _figure("latency samples")),
    "stages": Point("where the time goes", "latency", "where-the-time-goes", _figure("latency stages")),
    "parameters": Point("the parameters", "latency", "cost", _figure("latency parameters")),
    "operations": Point("memory and operations", "latency", "cost", _row_with("latency memory"), wide=True),
    "quality": Point("quality and time", "latency", "quality-per-millisecond", _figure("latency quality")),
    "claims": Point("the claims", "claims", "", ".st-key-claim_lines", wide=True),
    "claim-faster": Point("the claim “60% faster”", "claims", "", ".dl-claim-60-faster", wide=True),
    "kept": Point("what was kept, by task", "distillation", "what-was-kept", _figure("experiment kept")),
    "scores": Point("what each side scores", "distillation", "scores", _figure("experiment shares")),
    "same-answers": Point(
        "how often they agree", "distillation", "same-answers", _row_with("together share"), wide=True
    ),
    "training": Point("how the student learned", "distillation", "training", _figure("experiment student")),
    "recipe": Point("how the experiment was done", "distillation", "recipe-and-limits", ".st-key-recipe", wide=True),
    "architecture": Point("what both are made of", "models", "", ".st-key-architecture"),
}
