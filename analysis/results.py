"""The numbers of a finding as JSON: one function per kind of result, each array with its unit, axes and shape.

    json.dumps(answers(predictions))

`results.json` of a saved finding holds them, and its `rerun.py` makes them again from the models.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np

from analysis.arrays import Array
from analysis.attention.head_distances import head_distances
from analysis.attention.head_matching import MATCHINGS
from analysis.attention.head_matching import HeadMatching as Matching
from analysis.attention.maps import AttentionMap
from analysis.attention.view import Head
from analysis.attribution.agreement import Agreement
from analysis.attribution.faithfulness import FaithfulnessCurves
from analysis.attribution.methods import METHODS, Attribution
from analysis.claims.claim import JudgedClaim
from analysis.models.pairs import Sides
from analysis.predictions.comparison import divergence
from analysis.predictions.heads import head_that_gave
from analysis.predictions.label_sets import LabelSet
from analysis.predictions.regression import Number
from analysis.predictions.targets import LOGITS
from analysis.predictions.values import Prediction
from analysis.similarity.layer_maps import LayerMap
from analysis.statistics import Estimate

LIKELIEST = 10  # outcomes of each distribution
SHARE = "share, 0 to 1"

Numbers: TypeAlias = dict[str, Any]


def described(values: Array | Sequence[Any], unit: str, *axes: str) -> Numbers:
    """An array with its unit, what each axis counts, its shape, and its values; None for NaN."""
    array = np.asarray(values)
    if array.ndim != len(axes):
        raise ValueError(f"{len(axes)} axes are named of {array.ndim}")
    return {"unit": unit, "axes": list(axes), "shape": list(array.shape), "values": _plain(array.tolist())}


def answers(predictions: Sides[Prediction]) -> Numbers:
    """Both answers, the likeliest outcomes of each distribution, and how far apart the distributions are."""
    return {
        **{
            side: {
                "answer": prediction.wording,
                "likeliest": [_likeliest(prediction, row) for row in _rows(prediction)],
                **({"number": prediction.value} if isinstance(prediction, Number) else {}),
                **_by_window(prediction),
            }
            for side, prediction in predictions.items()
        },
        "divergence": {"unit": "bits", "value": divergence(predictions)},
    }


def attention(maps: Sides[AttentionMap], heads: Sides[Head]) -> Numbers:
    """The weights of one head of each model, and the distance of the two where they are over the same words."""
    weights = maps.map(lambda map_: map_.weights[0, 0])
    alike = maps.teacher.labels == maps.student.labels
    return {
        **{
            side: {
                "layer": heads[side][0] + 1,
                "head": heads[side][1] + 1,
                "labels": list(maps[side].labels),
                "weights": described(weights[side], SHARE, "from", "to"),
            }
            for side in ("teacher", "student")
        },
        "distance": {
            "unit": "Jensen–Shannon distance, 0 to 1",
            "value": head_distances([maps.map(lambda map_: map_.weights)]).values.item() if alike else None,
        },
    }


def head_matching(matching: Matching, kind: str) -> Numbers:
    """The teacher head that each student head is matched with, by a key of `MATCHINGS`, and its origin."""
    matches, axes = MATCHINGS[kind](matching.distances), ("student layer", "student head")
    return {
        "teacher_layer": described(matches.layers + 1, "layer from 1; 0 for none", *axes),
        "teacher_head": described(matches.heads + 1, "head from 1; 0 for none", *axes),
        "distance": described(matches.distances, "Jensen–Shannon distance, 0 to 1", *axes),
        "origin": [list(row) for row in matching.origins.keys],
        "counts": dict(matching.origins.counts()),
        "texts": matching.distances.n_texts,
        "rows": matching.distances.n_rows,
    }


def layer_map(layer_map: LayerMap) -> Numbers:
    """The similarity of every two layers, its 95% interval, and what chance reaches."""
    axes = ("teacher layer", "student layer")
    return {
        "measure": layer_map.measure,
        **{
            name: described(getattr(layer_map, name), "similarity", *axes) for name in ("values", "low", "high", "null")
        },
        "examples": layer_map.n_examples,
        "sentences": layer_map.n_sentences,
    }


def attributions(both: Sides[Attribution], agreement: Agreement) -> Numbers:
    """How much each word contributes in each model, and how far the two rank the words alike."""
    return {
        **{side: _attribution(attribution) for side, attribution in both.items()},
        "spearman": _estimate(agreement.spearman),
        "kendall": _estimate(agreement.kendall),
    }


def grades(both: Sides[FaithfulnessCurves]) -> Numbers:
    """How faithful each method is on a text: the score without its top words, and with them alone."""
    return {
        side: {
            "methods": list(curves.names),
            "shares": described(curves.shares, SHARE, "point"),
            "removed": described(curves.removed, LOGITS, "method", "point"),
            "kept": described(curves.kept, LOGITS, "method", "point"),
            "comprehensiveness": described(curves.comprehensiveness, LOGITS, "method"),
            "sufficiency": described(curves.sufficiency, LOGITS, "method"),
            "random_comprehensiveness": described(curves.random_comprehensiveness, LOGITS, "5%, mean, 95%"),
            "random_sufficiency": described(curves.random_sufficiency, LOGITS, "5%, mean, 95%"),
        }
        for side, curves in both.items()
    }


def claims(judged: Sequence[JudgedClaim]) -> list[Numbers]:
    """Each exact meaning of each claim: its number with the interval, and the verdict."""
    return [
        {
            "claim": one.claim.title,
            "meaning": result.name,
            "unit": result.definition.unit,
            "verdict": result.verdict,
            "measured": _estimate(result.measured.estimate if result.measured else None),
        }
        for one in judged
        for result in one.results
    ]


def _attribution(attribution: Attribution) -> Numbers:
    unit = attribution.target.unit
    own = unit if METHODS[attribution.method].is_complete else "the method's own"
    return {
        "target": attribution.target.name,
        "words": [word.text for word in attribution.words],
        "scores": described(attribution.scores, own, "word"),
        "special_tokens": {"unit": own, "value": attribution.special_tokens_score},
        "score": {"unit": unit, "value": attribution.score},
        "baseline_score": {"unit": unit, "value": attribution.baseline_score},
    }


def _by_window(prediction: Prediction) -> Numbers:
    """What is answered to each window of a long text by itself; nothing where none is pooled."""
    own = head_that_gave(prediction).in_windows(prediction)
    return {"answers_by_window": [answer.wording for answer in own]} if own else {}


def _rows(prediction: Prediction) -> list[Array]:
    return [prediction.probabilities] if isinstance(prediction, LabelSet) else list(prediction.distributions)


def _likeliest(prediction: Prediction, row: Array) -> list[Numbers]:
    places = (-row).argsort(kind="stable")[:LIKELIEST].tolist()
    return [{"outcome": prediction.outcomes[place], "probability": float(row[place])} for place in places]


def _estimate(estimate: Estimate | None) -> Numbers | None:
    if estimate is None:
        return None
    return {"value": _plain(estimate.value), "low": _plain(estimate.low), "high": _plain(estimate.high)}


def _plain(value: Any) -> Any:
    """JSON has no NaN and no infinity: None."""
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
