"""The sections of a saved finding, their figures drawn here from the numbers that it holds: no picture is read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from analysis.arrays import Array, frozen
from analysis.attention.maps import AttentionMap
from analysis.models.pairs import Sides
from dashboard.charts.attention import end_of_scale, head_map
from dashboard.charts.saved_finding import bars_of_both, grid
from dashboard.export.columns import Columns, of_cells, of_rows, plain_numbers
from dashboard.report.finding import Figure, Section, Table
from dashboard.report.foreign_json import Json
from dashboard.ui.figures import drawn
from dashboard.ui.theme import NAMES, SHORT

MOST_LAYERS = 100  # of a model, and heads of a layer
MOST_TOKENS = 1_000  # of an attention map
MOST_PLACES = 3  # of answers, such as two [MASK]s, that are drawn
SIDES = Sides("teacher", "student")

# The figures, and the tables without one.
Parts = tuple[tuple[Figure, ...], tuple[Table, ...]]


def saved_section(key: str, section: Json) -> Section:
    """A section with what it holds."""
    if key not in SECTIONS:
        section.refuse("is no section that this version of DistilLens knows")
    row = SECTIONS[key]
    read = Section(
        key=key,
        title=row.title,
        finding=section["finding"].text(),
        reading=row.reading,
        problem=section["problem"].text(),
    )
    if read.problem:
        return read
    figures, tables = row.parts(section["numbers"])
    return replace(read, figures=figures, tables=tables)


def _answers(numbers: Json) -> Parts:
    places = SIDES.map(lambda side: [place.each() for place in numbers[side]["likeliest"].each()])
    rows = [
        (name, at, one["outcome"].text(), one["probability"].number())
        for name, side in zip(SHORT, places, strict=True)
        for at, place in enumerate(side, start=1)
        for one in place
    ]
    table = Table("answers", of_rows(("Model", "Place", "Outcome", "Probability"), rows), "The likeliest outcomes")
    drawable = len(places.teacher) == len(places.student) <= MOST_PLACES
    pairs = zip(*places, strict=True) if drawable else ()
    figures = tuple(_likeliest(at, Sides(*both), len(places.teacher)) for at, both in enumerate(pairs, start=1))
    return figures, () if figures else (table,)


def _likeliest(at: int, both: Sides[list[Json]], of: int) -> Figure:
    """The likeliest outcomes of both models at one place."""
    values = both.map(lambda place: {one["outcome"].text(): one["probability"].number() for one in place})
    outcomes = list(dict.fromkeys([*values.teacher, *values.student]))
    aligned = values.map(lambda known: [known.get(outcome) for outcome in outcomes])
    title = "Probability of the likeliest outcomes" + (f", place {at}" if of > 1 else "")
    columns: Columns = {"Outcome": outcomes, **dict(zip(SHORT, aligned, strict=True))}
    return _bars(f"answers {at}", title, outcomes, aligned, "Probability", columns)


def _attributions(numbers: Json) -> Parts:
    words = SIDES.map(lambda side: [word.text() for word in numbers[side]["words"].each()])
    scores = SIDES.map(lambda side: _vector(numbers[side]["scores"], len(words[side])))
    if words.teacher == words.student:
        columns: Columns = {"Word": words.teacher, **dict(zip(SHORT, scores, strict=True))}
        return (_bars("attributions", "Score of each word", words.teacher, scores, _unit(numbers), columns),), ()
    return (), tuple(
        Table(f"attributions {side}", {"Word": words[side], "Score": scores[side]}, f"{name}: score of each word")
        for side, name in NAMES.items()
    )


def _unit(numbers: Json) -> str:
    return f"Score ({numbers['teacher']['scores']['unit'].text()})"


def _attention(numbers: Json) -> Parts:
    maps = SIDES.map(lambda side: _map(numbers[side]))
    end = end_of_scale(maps, dimmed=False)
    heads = SIDES.map(lambda side: f"{numbers[side]['layer'].count()}, head {numbers[side]['head'].count()}")
    figures = []
    for side, map_ in maps.items():
        cells = of_cells(("From", "To", "Weight"), map_.labels, map_.labels, map_.weights[0, 0])
        title, name = f"{NAMES[side]}, layer {heads[side]}", f"attention {side}"
        figures.append(Figure(name, title, drawn(head_map, map_, end), Table(name, cells), wide=False))
    return tuple(figures), ()


def _map(one: Json) -> AttentionMap:
    labels = tuple(label.text() for label in one["labels"].each())
    weights = one["weights"].array(2)
    if not 0 < len(labels) <= MOST_TOKENS or weights.shape != (len(labels), len(labels)) or np.isnan(weights).any():
        one.refuse(f"is no map of attention over up to {MOST_TOKENS:,} tokens")
    whole = np.zeros(len(labels), dtype=np.int64)
    return AttentionMap(frozen(weights[None, None]), labels, frozen(whole), frozen(np.arange(len(labels))))


def _matching(numbers: Json) -> Parts:
    distances, layers, heads = (_layers(numbers[key]) for key in ("distance", "teacher_layer", "teacher_head"))
    if not distances.shape == layers.shape == heads.shape:
        numbers.refuse("has matches of different shapes")
    names = [
        [f"{layer:.0f}.{head:.0f}" if layer > 0 else "none" for layer, head in zip(*row, strict=True)]
        for row in zip(layers, heads, strict=True)
    ]
    rows = [f"{at}" for at in range(1, distances.shape[0] + 1)]
    across = [f"{at}" for at in range(1, distances.shape[1] + 1)]
    cells = of_cells(("Student layer", "Student head", "Distance"), rows, across, distances)
    columns = {**cells, "Teacher head": [name for row in names for name in row]}
    axes = ("Student layer", "Student head", "distance")
    figure = drawn(grid, distances, (rows, across), axes, names)
    title = "The teacher head that each student head is matched with"
    return (Figure("matching", title, figure, Table("matching", columns)),), ()


def _layer_map(numbers: Json) -> Parts:
    values, low, high = (_layers(numbers[key]) for key in ("values", "low", "high"))
    if not values.shape == low.shape == high.shape:
        numbers.refuse("has similarities of different shapes")
    rows, across = ([f"{at}" for at in range(length)] for length in values.shape)
    axes = ("Teacher layer", "Student layer", "Similarity")
    cells = of_cells(axes, rows, across, values)
    columns = {**cells, "Low": plain_numbers(low), "High": plain_numbers(high)}
    figure = drawn(grid, values, (rows, across), (*axes[:2], numbers["measure"].text()))
    return (Figure("layers", "Similarity of all layers", figure, Table("layers", columns)),), ()


def _speed(numbers: Json) -> Parts:
    measured = numbers["measured"]
    samples: Sides[list[float | None]] = SIDES.map(
        lambda side: [sample.number() for sample in measured["samples_ms"][side].each()]
    )
    rounds = [f"{at}" for at in range(1, min(len(one) for one in samples) + 1)]
    columns: Columns = {"Round": rounds, **{name: one[: len(rounds)] for name, one in zip(SHORT, samples, strict=True)}}
    return (_bars("speed", "Time of each forward pass", rounds, samples, "ms", columns),), ()


def _claims(numbers: Json) -> Parts:
    """The verdicts; those that times have changed stand in place of those without."""
    judged = {key: row for part in ("claims", "measured") for key, row in map(_verdict, numbers[part].each())}
    titles = ("Claim", "Meaning", "Measured there", "Unit", "Verdict")
    rows = [(*key, *row) for key, row in judged.items()]
    return (), (Table("claims", of_rows(titles, rows), "All meanings of all claims"),)


def _verdict(one: Json) -> tuple[tuple[str, str], tuple[float | None, str, str]]:
    measured = one["measured"]["value"].number() if one["measured"] and one["measured"]["value"] else None
    return (one["claim"].text(), one["meaning"].text()), (measured, one["unit"].text(), one["verdict"].text())


@dataclass(frozen=True, slots=True)
class SavedRow:
    """A section: its title, how what is drawn of it here is read, and what draws it of its numbers."""

    title: str
    reading: str
    parts: Callable[[Json], Parts]


SECTIONS: dict[str, SavedRow] = {
    "answers": SavedRow(
        "Answers", "The likeliest outcomes of either model. A model's probabilities add up to 1.", _answers
    ),
    "attributions": SavedRow(
        "Attributions",
        "A bar above 0 is a word that speaks for what the model is asked about, one below 0 a word that speaks against "
        "it; the longer, the more it adds to or takes from the model's score.",
        _attributions,
    ),
    "attention": SavedRow(
        "Attention of two heads",
        "Rows are what attends, columns what it attends to; brighter means more attention. Each row sums to 1. Both "
        "maps share one colour scale.",
        _attention,
    ),
    "matching": SavedRow(
        "Head matching",
        "Each cell is a head of the student, with the teacher head that it is matched with, as layer.head. Darker "
        "means more similar attention: the distance is 0 for the same and 1 for nothing in common.",
        _matching,
    ),
    "layers": SavedRow(
        "Layer map",
        "Each cell compares a teacher layer with a student layer; yellow means similar. 0 is the embedding output. The "
        "table has the 95% CI of each cell.",
        _layer_map,
    ),
    "speed": SavedRow("Speed", "A pair of bars per round, in the order measured; shorter is faster.", _speed),
    "claims": SavedRow("Claims", "Each exact meaning of each claim, with the verdict that was reached there.", _claims),
}


def _bars(
    name: str, title: str, labels: list[str], values: Sides[list[float | None]], axis: str, columns: Columns
) -> Figure:
    return Figure(name, title, drawn(bars_of_both, labels, values, axis), Table(name, columns))


def _vector(array: Json, length: int) -> list[float | None]:
    values = array.array(1)
    if len(values) != length:
        array.refuse(f"has not {length:,} values")
    return plain_numbers(values)


def _layers(array: Json) -> Array:
    """An array over layers and heads, or over the layers of both models."""
    values = array.array(2)
    if not values.size or max(values.shape) > MOST_LAYERS:
        array.refuse(f"is empty or has more than {MOST_LAYERS} layers or heads")
    return values
