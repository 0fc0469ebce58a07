"""What each part of a page that a step can point at is in a deck: a section of a report, or one made for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from analysis.errors import AnalysisError
from analysis.progress import Progress, silent
from dashboard.deck import attention_parts, edit_parts, experiment_parts, measured_parts, word_parts
from dashboard.present.points import POINTS
from dashboard.report.answer_section import answers
from dashboard.report.finding import FindingRequest, MakeSection, Section
from dashboard.report.inside_sections import attention, layers, matching
from dashboard.report.judged_sections import claims, speed
from dashboard.report.why_section import attributions


@dataclass(frozen=True, slots=True)
class Part:
    """What makes the section that a part of a page is of, and which of its figures it is: None for all.

    `asks`: it says nothing without the text that was asked, which stands above it.
    """

    make: MakeSection
    figures: tuple[str, ...] | None = None
    asks: bool = False


PARTS: Mapping[str, Part] = {
    "start": Part(attributions, ()),
    "three-numbers": Part(measured_parts.card),
    "cards": Part(experiment_parts.widest_parted),
    "answers": Part(answers, asks=True),
    "words": Part(attributions, ()),
    "word-bars": Part(attributions, ("attributions",), asks=True),
    "edited-words": Part(edit_parts.edited_words),
    "score-flow": Part(word_parts.score_flow, asks=True),
    "grades": Part(measured_parts.grades),
    "baselines": Part(edit_parts.baselines, asks=True),
    "all-heads": Part(attention_parts.all_heads, asks=True),
    "two-heads": Part(attention, ("attention-teacher", "attention-student"), asks=True),
    "head-difference": Part(attention, ("attention-difference",), asks=True),
    "head-matrix": Part(matching, ("head-matching",)),
    "head-links": Part(attention_parts.head_links),
    "head-origins": Part(matching, ("head-origins",)),
    "head-behaviour": Part(attention_parts.head_behaviour, asks=True),
    "attention-flow": Part(attention_parts.attention_flow, asks=True),
    "flow-and-attribution": Part(attention_parts.flow_and_attribution, asks=True),
    "ablation": Part(attention_parts.ablation, asks=True),
    "bertviz": Part(attention, ("attention-teacher", "attention-student"), asks=True),  # the same heads as maps
    "layer-map": Part(layers),
    "within": Part(word_parts.within),
    "word-drift": Part(word_parts.word_drift, asks=True),
    "word-plane": Part(word_parts.word_plane, asks=True),
    "logit-lens": Part(word_parts.logit_lens, asks=True),
    "fine-tuning": Part(word_parts.fine_tuning),
    "scorecard": Part(measured_parts.card),
    "disagreements": Part(measured_parts.parted),
    "times": Part(speed, asks=True),
    "stages": Part(measured_parts.stages, asks=True),
    "parameters": Part(measured_parts.parameters),
    "operations": Part(measured_parts.operations),
    "quality": Part(measured_parts.quality),
    "claims": Part(claims),
    "claim-faster": Part(measured_parts.claim_faster),
    "kept": Part(measured_parts.kept),
    "scores": Part(measured_parts.scores),
    "same-answers": Part(measured_parts.same_answers),
    "training": Part(experiment_parts.training),
    "recipe": Part(experiment_parts.recipe),
    "architecture": Part(measured_parts.architecture),
}


def section_of(point: str, request: FindingRequest, progress: Progress = silent) -> Section:
    """What a step that points there shows, or why there is nothing to show."""
    part = PARTS[point]
    try:
        section = part.make(request, progress)
    except AnalysisError as error:
        return Section(point, POINTS[point].title, "", problem=str(error))
    if part.figures is None:
        return section
    return replace(section, figures=tuple(figure for figure in section.figures if figure.name in part.figures))
