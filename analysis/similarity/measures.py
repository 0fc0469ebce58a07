"""The similarity measures: a new one is one row of `MEASURES`.

    MEASURES["cka"](x, y)  # x [example, width], y [example, other width]: the same examples in the same order

A measure first prepares each representation alone and then compares two prepared ones, so that in a layer map each
layer is prepared once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from analysis.arrays import Array
from analysis.errors import AnalysisError
from analysis.similarity import canonical_correlations as subspaces
from analysis.similarity import geometry
from analysis.similarity.kernels import doubly_centred, gaussian, linear, product, u_centred, unit_length

FEWEST_TO_CENTRE = 4  # U-centring divides by n - 3

PERMUTATION = "order of the neurons"
SCALING = "scale"
ROTATION = "rotation"
INVERTIBLE = "any invertible linear map"

# What may be done to one of two representations; a measure is invariant where its value stays the same.
CHANGES = {
    PERMUTATION: "the neurons of one model are put in another order",
    SCALING: "all of one model's values are multiplied by one number",
    ROTATION: "one model's neurons are mixed by a rotation, which keeps all distances",
    INVERTIBLE: "one model's neurons are mixed by any linear map that can be undone, which stretches some directions",
}


@dataclass(frozen=True, slots=True)
class Measure:
    """How alike two representations are: 1 for a representation and itself.

    `meaning` is one sentence for the reader; `invariances` are keys of `CHANGES`; `unbiased` if unrelated
    representations have 0 on average, however few examples there are; `same_width` if both need as many neurons;
    `many_examples` if it says nothing unless there are many more examples than neurons.
    """

    title: str
    meaning: str
    invariances: tuple[str, ...]
    paper: str
    url: str
    prepare: Callable[[Array], Any]
    compare: Callable[[Any, Any], float]
    unbiased: bool = False
    same_width: bool = False
    many_examples: bool = False

    def __call__(self, x: Array, y: Array) -> float:
        """The similarity of x [example, width] and y [example, width]; NaN where one of them does not vary at all."""
        self.check(x, y)
        return self.compare(self.prepare(x), self.prepare(y))

    def check(self, x: Array, y: Array) -> None:
        """Raises if the two cannot be compared: too few examples, or widths that differ and may not."""
        if x.ndim != 2 or y.ndim != 2 or len(x) != len(y):
            raise ValueError(f"x and y must be [example, width] over the same examples, not {x.shape} and {y.shape}")
        if len(x) < FEWEST_TO_CENTRE:
            raise AnalysisError(
                f"There are {len(x)} examples to compare; {self.title} needs at least {FEWEST_TO_CENTRE}."
            )
        if self.same_width and x.shape[1] != y.shape[1]:
            raise AnalysisError(
                f"{self.title} compares neuron by neuron and needs equal widths; these models have {x.shape[1]} and "
                f"{y.shape[1]}. Choose another measure."
            )


KORNBLITH = ("Kornblith et al. 2019", "https://proceedings.mlr.press/v97/kornblith19a.html")

MEASURES: dict[str, Measure] = {
    "cka": Measure(
        "Linear CKA, debiased",
        "Do both models consider the same pairs of tokens similar? The value is corrected for small samples.",
        (PERMUTATION, SCALING, ROTATION),
        "Kornblith et al. 2019, debiased as in Song et al. 2012",
        KORNBLITH[1],
        lambda x: unit_length(u_centred(linear(x))),
        product,
        unbiased=True,
    ),
    "cka-biased": Measure(
        "Linear CKA, biased",
        "CKA as first published: near 1 for anything if there are fewer tokens than neurons.",
        (PERMUTATION, SCALING, ROTATION),
        *KORNBLITH,
        lambda x: unit_length(doubly_centred(linear(x))),
        product,
    ),
    "rbf-cka": Measure(
        "RBF CKA, debiased",
        "Like linear CKA, but only tokens closer than about the median distance count as similar.",
        (PERMUTATION, SCALING, ROTATION),
        "Kornblith et al. 2019, debiased as in Song et al. 2012",
        KORNBLITH[1],
        lambda x: unit_length(u_centred(gaussian(x))),
        product,
        unbiased=True,
    ),
    "svcca": Measure(
        "SVCCA",
        "How well do the directions that hold 99% of each model's variance predict one another, on average?",
        (PERMUTATION, SCALING, ROTATION),
        "Raghu et al. 2017",
        "https://arxiv.org/abs/1706.05806",
        subspaces.principal,
        subspaces.mean_correlation,
        many_examples=True,
    ),
    "pwcca": Measure(
        "PWCCA",
        "How well do all directions predict one another, weighted by how much each one matters to its model?",
        (PERMUTATION, SCALING),  # its weights are sums of absolute values over neurons
        "Morcos et al. 2018",
        "https://arxiv.org/abs/1806.05759",
        subspaces.whole,
        subspaces.weighted_correlation,
        many_examples=True,
    ),
    "procrustes": Measure(
        "Orthogonal Procrustes",
        "How well do the two clouds of tokens coincide once one is rotated and scaled onto the other?",
        (PERMUTATION, SCALING, ROTATION),
        "Ding et al. 2021; Schönemann 1966",
        "https://arxiv.org/abs/2108.01661",
        geometry.shape,
        geometry.rotated_overlap,
    ),
    "rsa": Measure(
        "RSA (Spearman)",
        "Do both models rank the distances between tokens alike?",
        (PERMUTATION, SCALING, ROTATION),
        "Kriegeskorte et al. 2008",
        "https://doi.org/10.3389/neuro.06.004.2008",
        geometry.distance_ranks,
        product,
        unbiased=True,
    ),
    "neighbours": Measure(
        "Shared nearest neighbours",
        f"Which share of a token's {geometry.NEIGHBOURS} nearest tokens is the same in both models?",
        (PERMUTATION, SCALING, ROTATION),
        "Huh et al. 2024",
        "https://arxiv.org/abs/2405.07987",
        geometry.neighbourhoods,
        geometry.shared_neighbours,
    ),
    "cosine": Measure(
        "Mean cosine after centring",
        "Do single neurons agree: does each token point the same way in both models, without any alignment?",
        (SCALING,),
        "The cosine loss of Sanh et al. 2019, centred",
        "https://arxiv.org/abs/1910.01108",
        geometry.directions,
        geometry.mean_cosine,
        unbiased=True,
        same_width=True,
    ),
}
