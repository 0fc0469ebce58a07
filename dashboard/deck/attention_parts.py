"""Parts of the page Attention that a report has no section for: all heads, matches, statistics, flow, ablation."""

from __future__ import annotations

from dataclasses import replace

from analysis.attention.head_matching import MATCHINGS, finding
from analysis.attention.view import brightest
from analysis.attribution.agreement import beside_answer_flow
from analysis.models.forward import Trace
from analysis.models.pairs import Sides
from analysis.predictions.resolve import default_target
from analysis.progress import Progress
from cache import attention as remembered
from cache.attribution import AttributionRequest, attribution
from cache.predictions import prediction
from cache.traces import trace
from dashboard.attention.ablation import ABLATED, before_and_after
from dashboard.attention.answer_flow import ABOUT, METHOD, flow_finding, flow_table
from dashboard.attention.head_matching import MATCHING
from dashboard.attention.head_statistics import axes, columns_of, medians, points_of, statistics_table
from dashboard.attribution.word_scores import correlation_cells
from dashboard.charts import attention as charts
from dashboard.charts import head_matching as matching_charts
from dashboard.export.columns import of_rows
from dashboard.export.head_matching import match_table
from dashboard.report import choices
from dashboard.report.choices import chosen
from dashboard.report.finding import Figure, FindingRequest, Section, Table, of_figure
from dashboard.report.inside_sections import chosen_heads, matched, with_special_tokens
from dashboard.ui.figures import drawn
from dashboard.ui.theme import NAMES, SHORT

CORRELATED = ("Spearman's rank correlation of the two", "Value", "95% CI")


def traces_of(request: FindingRequest) -> Sides[Trace]:
    """What happens inside both models."""
    return request.question.sides.map(lambda checkpoint: trace(checkpoint, request.example))


def all_heads(request: FindingRequest, progress: Progress) -> Section:
    """A tile for every head of both models."""
    heads = chosen_heads(request, traces_of(request))
    small = remembered.thumbnails(request.question.sides, request.example, choices.view(request.choices))
    largest = max(map(brightest, small))
    summaries = remembered.head_summaries(request.question.sides, request.example)
    figures = [
        Figure(f"all-heads-{side}", name, drawn(charts.mosaic, side, tiles, largest, head), Table("", {}), wide=False)
        for (side, name), tiles, head in zip(NAMES.items(), small, heads, strict=True)
    ]
    table = Table("all-heads", statistics_table(summaries, columns_of(summaries)), "What each head attends to")
    reading = "Each tile is one head: rows attend to columns, brighter means more attention. The framed one is open."
    return Section("all-heads", "All heads", "", figures=tuple(figures), tables=(table,), reading=reading)


def head_links(request: FindingRequest, progress: Progress) -> Section:
    """A line from every student head to the teacher head that it is matched with."""
    found = matched(request, progress)
    matches = MATCHINGS[chosen(request.choices, MATCHING)](found.distances)
    figure = drawn(matching_charts.links, matches, found.origins, found.distances.values.shape)
    reading = (
        "A line joins each student head (right) to the teacher head it is matched with (left). A flat line means that "
        "both are at the same depth. Grey lines lead to the head it was initialised from."
    )
    table = Table("head-links", match_table(found, matches))
    return of_figure(Figure("head-links", "Which head matches which", figure, table), finding(found.origins), reading)


def head_behaviour(request: FindingRequest, progress: Progress) -> Section:
    """Every head of both models by two statistics."""
    summaries = remembered.head_summaries(request.question.sides, request.example)
    columns = columns_of(summaries)
    across, upward = (chosen(request.choices, choice) for choice in axes(columns))
    points = points_of(summaries, columns[across], columns[upward])
    figure = drawn(charts.scatter, points, across, upward)
    table = Table("head-behaviour", statistics_table(summaries, columns))
    found = medians(summaries, {title: columns[title] for title in (across, upward)})
    return of_figure(Figure("head-behaviour", f"{upward} and {across}", figure, table), found, "One dot per head.")


def attention_flow(request: FindingRequest, progress: Progress) -> Section:
    """How much of each word reaches the answer."""
    method = chosen(request.choices, METHOD)
    flows = remembered.answer_flows(request.question.sides, request.example, method)
    figure = drawn(charts.bars, flows, not with_special_tokens(request))
    table = Table("attention-flow", flow_table(flows))
    title = f"How much of each word reaches “{flows.teacher.positions.name}”, by {method.lower()}"
    return of_figure(
        Figure("attention-flow", title, figure, table),
        flow_finding(flows),
        f"One bar per word and model. {ABOUT[method]}",
    )


def flow_and_attribution(request: FindingRequest, progress: Progress) -> Section:
    """The same words by attention and by integrated gradients of the teacher's answer, and how alike they rank."""
    sides, example = request.question.sides, request.example
    flow, target = attention_flow(request, progress), default_target(prediction(sides.teacher, example))
    flows = remembered.answer_flows(sides, example, chosen(request.choices, METHOD))
    pairs = []
    for checkpoint, one, side in zip(sides, traces_of(request), flows, strict=True):
        scores = attribution(AttributionRequest(checkpoint, example, target), "Integrated gradients")
        pairs.append(beside_answer_flow(scores, side, one.tokens.words))
    shares = Sides(*(share for share, _ in pairs))
    rows = [(name, *correlation_cells(value)) for name, (_, value) in zip(SHORT, pairs, strict=True)]
    correlated = of_rows(CORRELATED, rows)
    title = "Each word's share of the integrated gradients of the teacher's answer"
    drawing = drawn(charts.bars, shares, not with_special_tokens(request))
    beside = Figure("attribution-beside", title, drawing, Table("attribution-beside", flow_table(shares)))
    return Section(
        "flow-and-attribution",
        "Attention and attribution",
        "",
        figures=tuple(replace(figure, wide=False) for figure in (*flow.figures, beside)),
        tables=(Table("flow-and-attribution", correlated, "How alike the two rank the words"),),
        reading=f"{flow.reading} A correlation of 1 is the same order of the words, 0 no relation.",
    )


def ablation(request: FindingRequest, progress: Progress) -> Section:
    """Both answers without the chosen heads and their layers."""
    rows, found = before_and_after(request.question, chosen_heads(request, traces_of(request)))
    columns = of_rows(("Without", *ABLATED[1:]), rows)
    return Section(
        "ablation",
        "Ablated heads",
        found,
        tables=(Table("ablation", columns, "The answers before and after"),),
        reading="An ablated head passes on nothing of what it read; an ablated layer passes its input on unchanged.",
    )
