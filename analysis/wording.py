"""Numbers as readers see them: probabilities, and estimates with their intervals."""

from __future__ import annotations

from analysis.statistics import Estimate


def per_cent(probability: float) -> str:
    """A probability in per cent; never “100%” or “0%” for what is neither.

    >>> per_cent(0.973), per_cent(0.9999), per_cent(0.0001)
    ('97%', '> 99%', '< 1%')
    """
    if probability > 0.99:
        return "> 99%"
    return "< 1%" if probability < 0.01 else f"{100 * probability:.0f}%"


def interval(estimate: Estimate, digits: int = 2) -> str:
    """ "0.52 [0.50, 0.54]"."""
    return f"{estimate.value:.{digits}f} [{estimate.low:.{digits}f}, {estimate.high:.{digits}f}]"
