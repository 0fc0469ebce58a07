"""How many requests per second one model can serve on this machine while nearly all are answered in time.

Requests are answered one at a time, in the order in which they arrive. They arrive at random (a Poisson process), and
each takes as long as one of the measured passes: the queue M/G/1. The waiting time follows from the formula of
Pollaczek (1930) and Khinchine (1932): it is a sum of residual services whose number is geometrically distributed
(Asmussen 2003, Applied Probability and Queues, VIII.5, https://doi.org/10.1007/b97236). It is evaluated on a grid of
times, by Fourier transform.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.arrays import Array
from analysis.errors import AnalysisError
from analysis.statistics import Estimate

WITHIN_MS = 100.0
SHARE = 0.99  # of the requests that must be answered within it
FEWEST = 100  # samples; more change little, since most of the tail is waiting time
STEPS = 2_000  # of the grid, up to `within_ms`
GRID = 2**14  # steps in all: times over 8 times `within_ms` would wrap around
HALVINGS = 14  # to 1/16,000 of the rate at full load
RESAMPLES = 40
SEED = 0


@dataclass(frozen=True, slots=True)
class Capacity:
    """How many requests per second one model can serve here while 99 in 100 are answered within `within_ms`.

    The interval is over service times drawn anew. The rate is 0 if a single request already takes longer.
    """

    rate: Estimate
    within_ms: float


def capacity(samples: Array, within_ms: float = WITHIN_MS) -> Capacity:
    """The capacity, computed from one model's forward passes of batch 1 in ms [round].

    Raises `AnalysisError` if there are too few of them.
    """
    if len(samples) < FEWEST:
        raise AnalysisError(
            f"{len(samples)} passes are too few to compute requests per second; measure {FEWEST} or more."
        )
    drawn = np.random.default_rng(SEED).choice(samples, (RESAMPLES, len(samples)))
    low, high = np.quantile([_rate(row, within_ms) for row in drawn], (0.025, 0.975))
    return Capacity(Estimate(_rate(samples, within_ms), float(low), float(high)), within_ms)


def in_time(samples: Array, rates: Array, within_ms: float) -> Array:
    """The share of requests that are answered within `within_ms`, for each of `rates` (requests per second): [rate]."""
    service, residual = _transforms(samples, within_ms)
    loads = np.asarray(rates) / 1000 * samples.mean()
    return np.array([_in_time(load, service, residual) for load in loads])


def _transforms(samples: Array, within_ms: float) -> tuple[Array, Array]:
    """Transforms of the service time of a request, and of its residual when another request arrives."""
    step = within_ms / STEPS
    return np.fft.rfft(_services(samples, step)), np.fft.rfft(_residuals(samples, step))


def _in_time(load: float, service: Array, residual: Array) -> float:
    """The share in time at a given load (the share of time that the machine is busy), from the two transforms."""
    answered = np.fft.irfft((1 - load) / (1 - load * residual) * service, GRID)  # [step]
    return float(answered[: STEPS + 1].sum())


def _services(samples: Array, step: float) -> Array:
    """The distribution of service times on the grid, [step]; samples between steps are split to keep the mean."""
    places = np.minimum(samples / step, GRID - 2)
    below = places.astype(int)
    part = places - below
    shares = np.bincount(below, 1 - part, GRID) + np.bincount(below + 1, part, GRID)
    return np.asarray(shares / len(samples))


def _residuals(samples: Array, step: float) -> Array:
    """The distribution of the residual of a request that is in progress when another arrives, [step]."""
    longer = 1 - np.searchsorted(np.sort(samples), step * np.arange(GRID), side="right") / len(samples)
    density = longer + np.append(longer[0], longer[:-1])  # between the steps, to keep the mean
    return np.asarray(density / density.sum())


def _rate(samples: Array, within_ms: float) -> float:
    """The most requests per second, by bisection: the more there are, the fewer are answered in time."""
    service, residual = _transforms(samples, within_ms)
    low, high = 0.0, 1.0  # of the time that the machine is busy
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if _in_time(middle, service, residual) >= SHARE else (low, middle)
    return low * 1000 / float(samples.mean())
