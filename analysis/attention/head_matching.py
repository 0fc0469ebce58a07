"""All heads of a pair matched: on one text, or over a corpus of sentences; and what came out, in sentences.

match_corpus(models, probe_sentences()).verdicts.counts()  # {"inherited": …, "drifted": …, "new": …}
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from analysis.arrays import Array
from analysis.attention.head_distances import (
    HeadDistances,
    Matches,
    across_and_within,
    initialised_from,
    nearest,
    one_to_one,
)
from analysis.attention.head_origins import Verdicts, nearer_siblings, ranks_within, verdicts
from analysis.attention.maps import by_word, on_shared_words, without_added
from analysis.errors import AnalysisError
from analysis.models.forward import Trace, traces_of
from analysis.models.model import Model
from analysis.models.pairs import Sides

MATCHINGS: dict[str, Callable[[HeadDistances], Matches]] = {"Nearest": nearest, "One to one": one_to_one}


@dataclass(frozen=True, slots=True)
class HeadMatching:
    """All heads of a pair matched: how far each is from each, and where each of the student's comes from."""

    distances: HeadDistances
    verdicts: Verdicts


def match_heads(traces: Sides[Trace], with_added: bool = True) -> HeadMatching:
    """Every head of both models matched on the words of one text.

    `with_added=False` leaves [CLS] and [SEP] out, and rows sum to 1 again.
    """
    return _matched([_maps(traces, with_added)])


def match_corpus(
    models: Sides[Model],
    sentences: Sequence[str],
    with_added: bool = True,
    progress: Callable[[float], None] = lambda share: None,
) -> HeadMatching:
    """Every head of both models matched over sentences, each traced once and one of them in memory at a time.

    `progress` is told the share of sentences that is done, outside the models' locks; whatever it raises stops the
    matching. Raises `AnalysisError` where a sentence is longer than a model reads.
    """
    both = zip(traces_of(models.teacher, sentences, progress), traces_of(models.student, sentences), strict=True)
    return _matched(_maps(Sides(*traces), with_added) for traces in both)


def _maps(traces: Sides[Trace], with_added: bool) -> Sides[Array]:
    """Both models' weights over the words that both have."""
    maps = on_shared_words(traces.map(lambda trace: by_word(trace.attentions, trace.tokens)))
    shown = maps if with_added else maps.map(without_added)
    if not shown.teacher.labels:
        raise AnalysisError("The two models read no word of this text in common: there is nothing to match heads on.")
    return shown.map(lambda map_: map_.weights)


def _matched(texts: Iterable[Sides[Array]]) -> HeadMatching:
    distances, within_teacher = across_and_within(texts)
    return HeadMatching(distances, verdicts(distances, within_teacher, initialised_from(distances)))


def finding(judged: Verdicts) -> str:
    """What came out, in one sentence or two, each number beside what chance would give."""
    if "undecided" in judged.counts():
        return f"The teacher has {judged.n_teacher_heads} heads: too few to tell a match from chance."
    counts, chance, total = judged.counts(), judged.by_chance(), judged.nearest_p.size
    inherited, drifted, matched, new = (counts.get(key, 0) for key in ("inherited", "drifted", "matched", "new"))
    if judged.origins is None:
        return (
            f"{matched} of {total} student heads {_are(matched)} nearer to a teacher head than chance brings them (by "
            f"chance {chance['matched']:.1f} at most); {new} {_are(new)} not."
        )
    return (
        f"{inherited} of {total} student heads {_are(inherited)} nearest to the very teacher head they were "
        f"initialised from (by chance: {chance['inherited']:.1f}); {drifted} drifted (by chance: "
        f"{chance['drifted']:.1f} at most); {new} {_are(new)} new.{_by_layer(judged)}"
    )


def _by_layer(judged: Verdicts) -> str:
    counts = [row.count("inherited") for row in judged.keys]
    most, least = max(counts), min(counts)
    if most == least:
        return ""
    heads = judged.nearest_p.shape[1]
    return (
        f" Most are inherited in layer {counts.index(most) + 1} ({most} of {heads}), fewest in layer "
        f"{counts.index(least) + 1} ({least} of {heads})."
    )


def rule(judged: Verdicts) -> str:
    """By which rule the verdicts were given, with its numbers."""
    if "undecided" in judged.counts():
        return "No verdict is given where the teacher has too few heads to tell a match from chance."
    n, each = judged.n_teacher_heads, judged.threshold if judged.origins is None else judged.threshold / 2
    near = (
        f"closer to its nearest than all but {nearer_siblings(n, each)} of the teacher's {n} heads are to their own "
        "nearest fellow"
    )
    at_most = f"this happens to a head unrelated to the teacher's with a probability of at most {judged.threshold:g}"
    if judged.origins is None:
        return f"A head is matched if it is {near}: {at_most}. Otherwise it is new."
    ranks, same_layer, own = ranks_within(n, each), judged.in_origin_layer(), judged.counts().get("inherited", 0)
    expected = same_layer / judged.nearest_p.shape[1]
    still = f"its origin is still among the {ranks} nearest, or it is " if ranks > 1 else "it is "
    return (
        f"A head is inherited if, of all {n} teacher heads, the nearest is the one it was initialised from; with the "
        f"teacher's heads shuffled this happens 1 time in {n}. It has drifted if another is nearest, but "
        f"{still}{near}; {at_most}. Otherwise it is new. Of {same_layer} heads whose nearest is in the layer of their "
        f"origin, {own} have the very head; shuffled within layers it would be {expected:.1f}."
    )


def _are(count: int) -> str:
    return "is" if count == 1 else "are"
