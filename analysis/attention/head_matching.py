"""All heads of a pair matched, on one text or over a corpus of sentences, and the finding in words.

match_corpus(models, probe_sentences()).origins.counts()  # {"inherited": …, "drifted": …, "new": …}
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from analysis.arrays import Array
from analysis.attention.head_distances import (
    HeadDistances,
    Matches,
    across_and_within,
    nearest,
    one_to_one,
)
from analysis.attention.head_origins import HeadOrigins, head_origins, nearer_heads_allowed, ranks_within
from analysis.attention.maps import by_word, on_shared_words, without_special_tokens
from analysis.errors import AnalysisError
from analysis.models.families import known_origins
from analysis.models.forward import Trace, traces_of
from analysis.models.model import Model
from analysis.models.pairs import Sides
from analysis.progress import Progress, silent
from analysis.wording import listed

MATCHINGS: dict[str, Callable[[HeadDistances], Matches]] = {"Nearest": nearest, "One to one": one_to_one}


@dataclass(frozen=True, slots=True)
class HeadMatching:
    """All heads of a pair matched: how far each is from each, and where each of the student's comes from."""

    distances: HeadDistances
    origins: HeadOrigins


def match_heads(traces: Sides[Trace], with_special_tokens: bool = True) -> HeadMatching:
    """Every head of both models matched on the words of one text.

    `with_special_tokens=False` leaves [CLS] and [SEP] out, and rows sum to 1 again.
    """
    origins = known_origins(traces.teacher.build, traces.student.build)
    return _matched([_maps(traces, with_special_tokens)], origins)


def match_corpus(
    models: Sides[Model],
    sentences: Sequence[str],
    with_special_tokens: bool = True,
    progress: Progress = silent,
) -> HeadMatching:
    """Every head of both models matched over sentences, each traced once and one of them in memory at a time.

    `progress` gets the share of sentences that is done, outside the models' locks; whatever it raises stops the
    matching. Raises `AnalysisError` if a sentence is longer than a model reads.
    """
    both = zip(traces_of(models.teacher, sentences, progress), traces_of(models.student, sentences), strict=True)
    origins = known_origins(models.teacher.build, models.student.build)
    return _matched((_maps(Sides(*traces), with_special_tokens) for traces in both), origins)


def _maps(traces: Sides[Trace], with_special_tokens: bool) -> Sides[Array]:
    """Both models' weights over the words that both have."""
    maps = on_shared_words(traces.map(lambda trace: by_word(trace.attentions, trace.tokens)))
    shown = maps if with_special_tokens else maps.map(without_special_tokens)
    if not shown.teacher.labels:
        raise AnalysisError("The two models read no word of this text in common: there is nothing to match heads on.")
    return shown.map(lambda map_: map_.weights)


def _matched(texts: Iterable[Sides[Array]], origins: tuple[int, ...] | None) -> HeadMatching:
    distances, within_teacher = across_and_within(texts)
    return HeadMatching(distances, head_origins(distances, within_teacher, origins))


def finding(origins: HeadOrigins) -> str:
    """The result in one sentence or two, each number beside what chance would give."""
    if "undecided" in origins.counts():
        return f"The teacher has {origins.n_teacher_heads} heads: too few to tell a match from chance."
    counts, chance, total = origins.counts(), origins.by_chance(), origins.nearest_p.size
    inherited, drifted, matched, new = (counts.get(key, 0) for key in ("inherited", "drifted", "matched", "new"))
    if origins.initialised_from is None:
        return (
            f"{matched} of {total} student heads match a teacher head (chance: at most {chance['matched']:.1f}); "
            f"{new} match none."
        )
    return (
        f"{inherited} of {total} student heads still match the teacher head that they were initialised from (chance: "
        f"{chance['inherited']:.1f}); {drifted} drifted (chance: at most {chance['drifted']:.1f}); {new} match none."
        f"{_by_layer(origins)}"
    )


def _by_layer(origins: HeadOrigins) -> str:
    counts = [row.count("inherited") for row in origins.keys]
    most, least = max(counts), min(counts)
    if most == least:
        return ""
    heads = origins.nearest_p.shape[1]
    first = _layers_with("Layer", most, counts, "inherited most", heads)
    return f" {first}, {_layers_with('layer', least, counts, 'least', heads)}."


def _layers_with(noun: str, count: int, counts: list[int], did: str, heads: int) -> str:
    """What those layers did that have so many."""
    numbers = [str(number) for number, one in enumerate(counts, start=1) if one == count]
    many = len(numbers) > 1
    return f"{noun}{'s' * many} {listed(numbers)} {did} ({count} of {heads}{' each' * many})"


def decision_rule(origins: HeadOrigins) -> str:
    """The rule by which a head counts as inherited, drifted or new, with its numbers."""
    if "undecided" in origins.counts():
        return "Nothing is decided if the teacher has too few heads to tell a match from chance."
    n, each = origins.n_teacher_heads, origins.threshold if origins.initialised_from is None else origins.threshold / 2
    near = (
        f"closer to its nearest teacher head than all but {nearer_heads_allowed(n, each)} of the teacher's {n} heads "
        "are to theirs"
    )
    at_most = f"for a head unrelated to the teacher's, the probability of that is at most {origins.threshold:g}"
    if origins.initialised_from is None:
        return f"A head is matched if it is {near}: {at_most}. Otherwise it is new."
    ranks, same_layer, own = ranks_within(n, each), origins.in_origin_layer(), origins.counts().get("inherited", 0)
    expected = same_layer / origins.nearest_p.shape[1]
    still = f"its origin is still among the {ranks} nearest, or it is " if ranks > 1 else "it is "
    return (
        f"A head is inherited if, of all {n} teacher heads, the nearest is the one it was initialised from; if the "
        f"teacher's heads were shuffled, this would happen 1 time in {n}. It has drifted if another is nearest, but "
        f"{still}{near}; {at_most}. Otherwise it is new. Of {same_layer} heads that are nearest to a head of the layer "
        f"they were initialised from, {own} are nearest to the very one; with heads shuffled within layers it would be "
        f"{expected:.1f}."
    )
