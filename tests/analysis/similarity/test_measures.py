"""Laws over the whole table of similarity measures, and agreement with other libraries and closed forms."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from cka.hsic import hsic  # the package pytorch_cka
from scipy.linalg import eigh
from scipy.spatial import procrustes
from scipy.spatial.distance import pdist
from scipy.stats import ortho_group, spearmanr
from sklearn.cross_decomposition import CCA
from sklearn.neighbors import NearestNeighbors

from analysis.errors import AnalysisError
from analysis.similarity.canonical_correlations import mean_correlation, principal, whole
from analysis.similarity.measures import (
    CHANGES,
    FEWEST_TO_CENTRE,
    INVERTIBLE,
    MEASURES,
    PERMUTATION,
    ROTATION,
    SCALING,
)

every_measure = pytest.mark.parametrize("key", MEASURES)


def related(n: int = 120, width: int = 12, other: int | None = None, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Two representations with something in common: six shared signals of different strength, and noise."""
    generator = np.random.default_rng(seed)
    shared = generator.normal(size=(n, 6)) * [4, 3, 2, 1, 1, 0.5]

    def one(columns: int) -> np.ndarray:
        mean = generator.normal(size=columns) * 5
        return shared @ generator.normal(size=(6, columns)) + generator.normal(size=(n, columns)) + mean

    return one(width), one(other or width)


def changed(x: np.ndarray, change: str) -> np.ndarray:
    generator = np.random.default_rng(1)
    width = x.shape[1]
    maps = {
        PERMUTATION: np.eye(width)[generator.permutation(width)],
        SCALING: 0.037 * np.eye(width),
        ROTATION: ortho_group.rvs(width, random_state=1),
        INVERTIBLE: ortho_group.rvs(width, random_state=2) * np.geomspace(0.02, 50, width),
    }
    return x @ maps[change]


@every_measure
def test_a_representation_is_like_itself(key: str) -> None:
    x, _ = related()
    assert MEASURES[key](x, x) == pytest.approx(1, abs=1e-9)


@every_measure
def test_the_order_of_the_two_does_not_matter(key: str) -> None:
    x, y = related() if MEASURES[key].same_width else related(other=20)
    assert MEASURES[key](x, y) == pytest.approx(MEASURES[key](y, x), abs=1e-12)


@every_measure
def test_related_representations_are_between_unrelated_and_equal_ones(key: str) -> None:
    x, y = related()
    if MEASURES[key].same_width:
        y = x + y  # without alignment, only what single neurons share counts
    shuffled = y[np.random.default_rng(2).permutation(len(y))]
    assert MEASURES[key](x, shuffled) + 0.1 < MEASURES[key](x, y) < 0.99


@pytest.mark.parametrize("change", CHANGES)
@every_measure
def test_a_measure_ignores_what_it_says_it_ignores_and_nothing_else(key: str, change: str) -> None:
    measure = MEASURES[key]
    x, y = related()
    before, after = measure(x, y), measure(x, changed(y, change))
    if change in measure.invariances:
        assert after == pytest.approx(before, abs=1e-9)
    else:
        assert after != pytest.approx(before, abs=1e-5)  # PWCCA moves little: only its weights depend on the neurons


@every_measure
def test_every_measure_ignores_the_mean(key: str) -> None:
    x, y = related()
    assert MEASURES[key](x, y + 100) == pytest.approx(MEASURES[key](x, y), abs=1e-9)


@every_measure
def test_the_order_of_units_does_not_matter_as_long_as_both_share_it(key: str) -> None:
    x, y = related()
    order = np.random.default_rng(3).permutation(len(x))
    assert MEASURES[key](x[order], y[order]) == pytest.approx(MEASURES[key](x, y), abs=1e-9)


@every_measure
def test_only_an_unbiased_measure_is_zero_on_noise_with_few_units_and_many_neurons(key: str) -> None:
    generator = np.random.default_rng(4)
    values = [MEASURES[key](*generator.normal(size=(2, 64, 768))) for _ in range(8)]
    if MEASURES[key].unbiased:
        assert abs(np.mean(values)) < 3 * np.std(values) / np.sqrt(len(values))
        assert np.max(np.abs(values)) < (0.25 if key == "rsa" else 0.1)  # an example far out moves all its distances
    else:
        assert np.mean(values) > 0.1


@every_measure
def test_what_does_not_vary_has_no_similarity(key: str) -> None:
    x, _ = related()
    constant = np.tile(np.float32(0.1) * np.arange(12, dtype=np.float32), (len(x), 1))
    assert np.isnan(MEASURES[key](x, constant))
    assert np.isnan(MEASURES[key](constant, constant))


@every_measure
def test_single_precision_changes_the_fifth_digit_at_most(key: str) -> None:
    x, y = related()
    single = MEASURES[key](x.astype(np.float32), y.astype(np.float32))
    assert single == pytest.approx(MEASURES[key](x, y), abs=1e-5)


@every_measure
def test_too_few_units_are_refused_with_both_numbers(key: str) -> None:
    x, y = related(n=FEWEST_TO_CENTRE - 1)
    with pytest.raises(AnalysisError, match=f"{FEWEST_TO_CENTRE - 1} examples .* at least {FEWEST_TO_CENTRE}"):
        MEASURES[key](x, y)


def test_a_measure_by_neuron_refuses_two_widths() -> None:
    with pytest.raises(AnalysisError, match="12 and 20"):
        MEASURES["cosine"](*related(other=20))


def test_other_units_are_a_mistake_of_the_caller() -> None:
    x, y = related()
    with pytest.raises(ValueError, match="same examples"):
        MEASURES["cka"](x, y[:-1])


# References. Each is found in another way than the measure, or by another library.


def test_biased_cka_is_the_closed_form_over_features() -> None:
    x, y = related(other=20)
    x, y = x - x.mean(axis=0), y - y.mean(axis=0)
    expected = np.sum((y.T @ x) ** 2) / np.linalg.norm(x.T @ x) / np.linalg.norm(y.T @ y)
    assert MEASURES["cka-biased"](x, y) == pytest.approx(expected, rel=1e-12)


def test_debiased_cka_is_the_sum_over_four_different_units() -> None:
    """Song et al. 2012, section 3: HSIC as the mean over all ordered quadruples of different examples."""
    x, y = related(n=9, width=5, other=3)

    def by_quadruples(k: np.ndarray, other: np.ndarray) -> float:
        n = range(len(k))
        terms = [
            k[i, j] * (other[i, j] + other[q, r] - 2 * other[i, q])
            for i in n
            for j in n
            for q in n
            for r in n
            if len({i, j, q, r}) == 4
        ]
        return float(np.mean(terms))

    k, other = x @ x.T, y @ y.T
    expected = by_quadruples(k, other) / np.sqrt(by_quadruples(k, k) * by_quadruples(other, other))
    assert MEASURES["cka"](x, y) == pytest.approx(expected, rel=1e-9)


def test_debiased_cka_is_that_of_the_package_pytorch_cka() -> None:
    x, y = related(other=20)
    grams = [torch.tensor(side @ side.T)[None] for side in (x, y)]
    cross, own_x, own_y = hsic(*grams)
    assert MEASURES["cka"](x, y) == pytest.approx(float(cross / (own_x * own_y).sqrt()), rel=1e-9)


def test_rbf_cka_is_that_of_the_package_pytorch_cka_on_the_same_kernel() -> None:
    x, y = related(other=20)

    def gram(side: np.ndarray) -> torch.Tensor:
        distances = torch.cdist(torch.tensor(side), torch.tensor(side), compute_mode="donot_use_mm_for_euclid_dist")
        rows, columns = np.triu_indices(len(side), 1)
        return torch.exp(-0.5 * (distances / np.median(distances[rows, columns])) ** 2)[None]

    cross, own_x, own_y = hsic(gram(x), gram(y))
    assert MEASURES["rbf-cka"](x, y) == pytest.approx(float(cross / (own_x * own_y).sqrt()), rel=1e-9)


def test_canonical_correlations_are_those_of_scikit_learn() -> None:
    x, y = related(n=400, width=4, other=3)
    u, v = CCA(n_components=3, max_iter=5_000, tol=1e-12).fit_transform(x, y)
    expected = np.mean([np.corrcoef(u[:, place], v[:, place])[0, 1] for place in range(3)])
    assert mean_correlation(whole(x), whole(y)) == pytest.approx(expected, abs=1e-6)


def test_svcca_is_the_generalised_eigenproblem_of_the_kept_components() -> None:
    x, y = related(other=20)

    def components(side: np.ndarray) -> np.ndarray:
        centred = side - side.mean(axis=0)
        variances, axes = np.linalg.eigh(centred.T @ centred)
        order = np.argsort(-variances)
        count = int(np.searchsorted(np.cumsum(variances[order]) / variances.sum(), 0.99)) + 1
        return centred @ axes[:, order[:count]]

    a, b = components(x), components(y)
    cross = a.T @ b
    squared = eigh(cross @ np.linalg.solve(b.T @ b, cross.T), a.T @ a, eigvals_only=True)
    expected = np.sqrt(np.sort(squared)[::-1][: min(a.shape[1], b.shape[1])].clip(0)).mean()
    assert principal(x).basis.shape[1] == a.shape[1]
    assert MEASURES["svcca"](x, y) == pytest.approx(expected, abs=1e-9)


def test_pwcca_weighs_canonical_directions_as_its_authors_do() -> None:
    """Their code (google/svcca, pwcca.py): through inverse roots of the covariances, not through a basis."""
    x, y = related()
    x, y = (side - side.mean(axis=0) for side in (x, y))

    def inverse_root(covariance: np.ndarray) -> np.ndarray:
        values, vectors = np.linalg.eigh(covariance)
        return (vectors / np.sqrt(values)) @ vectors.T

    def one(a: np.ndarray, b: np.ndarray) -> float:
        root_a, root_b = inverse_root(a.T @ a), inverse_root(b.T @ b)
        left, correlations, _ = np.linalg.svd(root_a @ (a.T @ b) @ root_b)
        canonical = a @ root_a @ left  # [example, direction]
        weights = np.abs(canonical.T @ a).sum(axis=1)
        return float(weights @ correlations / weights.sum())

    assert MEASURES["pwcca"](x, y) == pytest.approx((one(x, y) + one(y, x)) / 2, rel=1e-9)


def test_procrustes_is_that_of_scipy() -> None:
    x, y = related()
    disparity = procrustes(x, y)[2]
    assert MEASURES["procrustes"](x, y) == pytest.approx(np.sqrt(1 - disparity), rel=1e-9)


def test_rsa_is_spearman_of_scipys_distances() -> None:
    x, y = related(other=20)
    assert MEASURES["rsa"](x, y) == pytest.approx(spearmanr(pdist(x), pdist(y)).statistic, abs=1e-9)


def test_shared_neighbours_are_those_of_scikit_learn() -> None:
    x, y = related(other=20)
    found = [NearestNeighbors(n_neighbors=10).fit(side).kneighbors(return_distance=False) for side in (x, y)]
    shares = [len(set(one) & set(other)) / 10 for one, other in zip(*found, strict=True)]
    assert MEASURES["neighbours"](x, y) == pytest.approx(np.mean(shares), abs=1e-12)


def test_mean_cosine_is_torchs() -> None:
    x, y = related()
    sides = [torch.tensor(side - side.mean(axis=0)) for side in (x, y)]
    assert MEASURES["cosine"](x, y) == pytest.approx(float(torch.cosine_similarity(*sides).mean()), abs=1e-12)


def test_one_outlier_makes_biased_cka_say_one_and_not_the_debiased() -> None:
    """As [CLS] and [SEP] often are: one shared token of thirty times the norm, all others unrelated."""
    generator = np.random.default_rng(5)
    x, y = generator.normal(size=(2, 64, 768))
    x[0], y[0] = 30 * x[0], 30 * y[0]
    assert MEASURES["cka-biased"](x, y) > 0.99
    assert MEASURES["cka"](x, y) < 0.5
