"""How many requests a second one model holds on this machine while nearly all are answered in time.

One request at a time, in the order in which they come. They come at random (a Poisson process), and each takes as long
as one of the measured passes, drawn at random: the queue M/G/1. How long each waits follows from the one before it
(Lindley 1952, https://doi.org/10.1017/S0305004100027638).
"""

from __future__ import annotations

import numpy as np

from analysis.arrays import Array
from analysis.errors import AnalysisError
from analysis.estimates import Estimate
from analysis.latency.values import Capacity

WITHIN_MS = 100.0
SHARE = 0.99  # of the requests that are answered within it
FEWEST = 100  # samples; more do not move it much, since it is the queue that makes the tail
REQUESTS = 20_000  # in a simulation
RESAMPLES = 40
STEPS = 14  # of halving: to 1/16,000 of what the machine could do without a pause
SEED = 0


def capacity(samples: Array, within_ms: float = WITHIN_MS) -> Capacity:
    """Requests a second, from one model's forward passes of batch 1 in ms [round].

    Raises `AnalysisError` where there are too few of them.
    """
    if len(samples) < FEWEST:
        raise AnalysisError(
            f"{len(samples)} passes are too few to say how many requests a second they hold; measure {FEWEST} or more."
        )
    generator = np.random.default_rng(SEED)
    gaps = generator.exponential(size=REQUESTS)  # between arrivals, where one comes a second
    places = generator.integers(len(samples), size=REQUESTS)
    value = _rate(samples[places], gaps, within_ms)
    drawn = generator.integers(len(samples), size=(RESAMPLES, len(samples)))
    rates = [_rate(samples[draw][places], gaps, within_ms) for draw in drawn]
    low, high = np.quantile(rates, (0.025, 0.975))
    return Capacity(Estimate(value, float(low), float(high)), within_ms)


def responses(services: Array, gaps: Array) -> Array:
    """From arrival to answer, [request], from how long each takes and how long after the last it comes, [request].

    Each waits for what was still to do when it came: never less than nothing, hence the minimum.
    """
    ahead = np.concatenate([[0.0], np.cumsum(services[:-1] - gaps[1:])])
    return np.asarray(ahead - np.minimum.accumulate(ahead) + services)


def _rate(services: Array, gaps: Array, within_ms: float) -> float:
    """The most requests a second, by halving: with the same draws, more requests never wait less."""
    low, high = 0.0, 1000 / float(services.mean())
    for _ in range(STEPS):
        middle = (low + high) / 2
        late = np.quantile(responses(services, 1000 * gaps / middle), SHARE) > within_ms
        low, high = (low, middle) if late else (middle, high)
    return low
