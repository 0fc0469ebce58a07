"""The sections on what happens inside: attention of the chosen heads, head matching, and the layer map."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from analysis import results
from analysis.arrays import Array
from analysis.attention.head_matching import MATCHINGS, HeadMatching, decision_rule, finding
from analysis.attention.head_origins import HeadOrigins
from analysis.attention.maps import AttentionMap, difference
from analysis.attention.view import Head, one_head
from analysis.errors import AnalysisError
from analysis.inputs.probe_corpus import probe_sentences
from analysis.inputs.words import words_of_all
from analysis.models.forward import Trace
from analysis.models.pairs import Sides
from analysis.progress import Progress
from analysis.similarity.layer_maps import LayerMap
from analysis.similarity.measures import MEASURES
from analysis.similarity.representations import GRANULARITIES, own_lines
from analysis.similarity.summary import finding as finding_of_layers
from cache import attention as remembered
from cache import similarity
from cache.similarity import LayerComparison
from cache.traces import trace
from dashboard.attention.head_maps import CAVEAT, likeness
from dashboard.attention.head_matching import CAVEAT as MATCHING_CAVEAT
from dashboard.attention.head_matching import CORPUS as MATCHED_ON_CORPUS
from dashboard.attention.head_matching import MATCHING, MOST_MATCHED
from dashboard.attention.head_matching import SOURCE as MATCHED_ON
from dashboard.charts import attention as charts
from dashboard.charts import head_matching as matching_charts
from dashboard.charts import similarity as similarity_charts
from dashboard.export.columns import Columns, of_cells
from dashboard.export.head_matching import match_table
from dashboard.export.similarity import map_table
from dashboard.report import choices
from dashboard.report.choices import chosen
from dashboard.report.finding import Figure, FindingRequest, Section, Table
from dashboard.similarity.controls import (
    CKA,
    GRANULARITY,
    MEASURE,
    OWN,
    SOURCE,
    SPECIAL,
    SPECIAL_TOKENS,
    initialised_from,
)
from dashboard.similarity.controls import TEXT as TEXT_ALONE
from dashboard.ui.figures import drawn
from dashboard.ui.theme import NAMES, SHORT


def attention(request: FindingRequest, progress: Progress) -> Section:
    """One head of each model, and where the two differ."""
    sides, example = request.question.sides, request.example
    traces = sides.map(lambda checkpoint: trace(checkpoint, example))
    view, heads = choices.view(request.choices), chosen_heads(request, traces)
    maps = view.of(traces, heads.map(one_head))
    numbers, end = results.attention(maps, heads), charts.end_of_scale(maps, view.dimmed)
    names = [f"{name}, layer {layer + 1}, head {head + 1}" for name, (layer, head) in zip(NAMES, heads, strict=True)]
    figures = [
        Figure(
            f"attention-{side}",
            name,
            drawn(charts.head_map, map_, end, view.dimmed),
            Table(f"attention-{side}", _cells(map_, map_.weights[0, 0], "Weight"), largest="Weight"),
            wide=False,
        )
        for (side, map_), name in zip(maps.items(), names, strict=True)
    ]
    distance = numbers["distance"]["value"]
    if distance is not None:
        figures.append(_difference(maps, view.dimmed))
    compared = " and ".join(f"{side} {layer + 1}.{head + 1}" for side, (layer, head) in heads.items())
    return Section(
        key="attention",
        title="Attention of two heads",
        finding=_alike(distance, compared),
        figures=tuple(figures),
        reading=f"Rows are the {view.over.lower()} that attend, columns those they attend to; brighter means more "
        f"attention. Each row sums to 1. Both maps share one colour scale, which ends at {end.weight:.2g}. In the "
        f"difference, blue is where the teacher's head attends more, orange where the student's does. {CAVEAT}",
        numbers={
            "settings": {"over": view.over, "special_tokens": view.special_tokens, "order": view.order},
            **numbers,
        },
    )


def _difference(maps: Sides[AttentionMap], dimmed: bool) -> Figure:
    key, title = "attention-difference", "Teacher − student"
    apart = difference(*maps.map(lambda map_: map_.weights[0, 0]))
    table = Table(key, _cells(maps.teacher, apart, title), largest=title)
    drawing = drawn(charts.difference_map, apart, maps.teacher, dimmed)
    return Figure(key, "Difference: teacher − student", drawing, table)


def chosen_heads(request: FindingRequest, traces: Sides[Trace]) -> Sides[Head]:
    """The head of each model that is looked at."""
    defaults = remembered.default_heads(request.question.sides, request.example, _word(request))
    return Sides(
        *(
            choices.head(request.choices, side, one.attentions.shape, default)
            for (side, one), default in zip(traces.items(), defaults, strict=True)
        )
    )


def _alike(distance: float | None, compared: str) -> str:
    if distance is None:
        return f"Heads {compared}: the two models cut the text differently, so they are shown without a difference."
    return f"{likeness(distance)}: {compared} (distance {distance:.2f}; 0 = same, 1 = nothing in common)."


def _word(request: FindingRequest) -> int | None:
    """The word whose heads are looked at, counted from 0, if there is one."""
    words = {str(place): place for place in range(len(words_of_all(request.example.texts)))}
    return words.get(request.choices.get("word", ""))  # as the page, which has none where it is of another text


def _cells(map_: AttentionMap, values: Array, title: str) -> Columns:
    """One row per pair of words or tokens."""
    labels = [f"{place + 1} {label}" for place, label in enumerate(map_.labels)]
    return of_cells(("From", "To", title), labels, labels, values.round(7))


def matching(request: FindingRequest, progress: Progress) -> Section:
    """Every student head, and the teacher head that it is matched with."""
    source, kind = chosen(request.choices, MATCHED_ON), chosen(request.choices, MATCHING)
    found = matched(request, progress)
    matches, origins, distances = MATCHINGS[kind](found.distances), found.origins, found.distances
    texts = "1 text" if distances.n_texts == 1 else f"{distances.n_texts:,} texts"
    return Section(
        key="matching",
        title="Head matching",
        finding=finding(origins),
        figures=(
            Figure(
                "head-matching",
                "Distance of every student head to every teacher head",
                drawn(matching_charts.distance_matrix, distances, matches, origins),
                Table("head-matching", match_table(found, matches)),
            ),
            _origins(origins),
        ),
        reading="One row per student head, one column per teacher head; brighter means more similar attention. Symbols "
        "mark the matches. The distance is the Jensen–Shannon distance of their rows of attention over words (0 = "
        f"same, 1 = nothing in common), the mean of {distances.n_rows:,} rows in {texts}. {decision_rule(origins)} "
        f"{MATCHING_CAVEAT}",
        numbers={
            "settings": {"on": source, "with": kind, "special_tokens": with_special_tokens(request)},
            **results.head_matching(found, kind),
        },
    )


def _origins(origins: HeadOrigins) -> Figure:
    counts: Columns = {
        "Student layer": list(range(1, len(origins.keys) + 1)),
        **{key: [row.count(key) for row in origins.keys] for key in origins.counts()},
    }
    drawing = drawn(matching_charts.origin_counts, origins)
    return Figure("head-origins", "Heads per layer by origin", drawing, Table("head-origins", counts))


def matched(request: FindingRequest, progress: Progress) -> HeadMatching:
    """Every student head's distance to every teacher head, on the text or over the corpus."""
    sides, example = request.question.sides, request.example
    if chosen(request.choices, MATCHED_ON) == MATCHED_ON_CORPUS:
        return remembered.corpus_matching(sides, example.task, with_special_tokens(request), progress)
    _check_length(request)
    return remembered.head_matching(sides, example, with_special_tokens(request))


def with_special_tokens(request: FindingRequest) -> bool:
    """Whether attention to special tokens counts."""
    return choices.view(request.choices).special_tokens != "Left out"


def _check_length(request: FindingRequest) -> None:
    longest = max(len(trace(checkpoint, request.example).tokens) for checkpoint in request.question.sides)
    if longest > MOST_MATCHED:
        raise AnalysisError(
            f"Heads are matched on texts of up to {MOST_MATCHED} tokens, and this one has {longest:,}: match them on "
            "the probe corpus instead."
        )


def layers(request: FindingRequest, progress: Progress) -> Section:
    """Every layer of the student against every layer of the teacher."""
    how = _compared_on(request)
    map_, initial = _layer_map(request, how, progress), initialised_from(request.question)
    row, granularity = MEASURES[map_.measure], GRANULARITIES[how.granularity].title.lower()
    return Section(
        key="layers",
        title="Layer map",
        finding=finding_of_layers(map_, initial),
        figures=(
            Figure(
                "layer-map",
                f"Similarity of all layers: {row.title}",
                drawn(similarity_charts.layer_map, map_, SHORT.teacher, SHORT.student, initial),
                Table("layer-map", map_table(map_, "Teacher layer", "Student layer"), largest="Similarity"),
            ),
        ),
        reading="Each cell compares a teacher layer with a student layer; yellow means similar. White dots mark the "
        "most similar layer, squares the layer that each student layer was initialised from. Compared over "
        f"{map_.amount}, by {granularity}; 0 is the embedding output. Hatched cells are not above chance: their 95% CI "
        "(over sentences) reaches below the null, the value that 95 of 100 maps stay under if the student's sentences "
        f"are put in another order. {row.meaning} ({row.paper}, {row.url})",
        numbers={"settings": asdict(how), **results.layer_map(map_)},
    )


@dataclass(frozen=True, slots=True)
class _Comparison:
    """What layers are compared on and how, under the names that results.json has; `lines` are the reader's own."""

    on: str
    lines: tuple[str, ...]
    granularity: str
    special_tokens: bool
    measure: str


def _compared_on(request: FindingRequest) -> _Comparison:
    source = chosen(request.choices, SOURCE)
    lines = own_lines(request.choices.get("lines", "")) if source == OWN else ()
    if source == OWN and not lines:
        raise AnalysisError("There are no sentences to compare the layers on: paste them on the page Similarity.")
    return _Comparison(
        source,
        lines,
        chosen(request.choices, GRANULARITY),
        SPECIAL_TOKENS[chosen(request.choices, SPECIAL)],
        CKA if source == TEXT_ALONE else chosen(request.choices, MEASURE),
    )


def _layer_map(request: FindingRequest, how: _Comparison, progress: Progress) -> LayerMap:
    sides, task = request.question.sides, request.example.task
    if how.on == TEXT_ALONE:
        return similarity.text_maps(sides, request.example, how.granularity, how.special_tokens).across
    sentences = how.lines or probe_sentences()
    comparison = LayerComparison(sides, Sides(task, task), sentences, how.granularity, how.special_tokens)
    if how.measure == CKA:
        return similarity.layer_maps(comparison, progress).across
    return similarity.layer_map_by(how.measure, comparison, progress)
