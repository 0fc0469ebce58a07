"""What sentences are made of: probabilities, estimates with their intervals, and the words of others."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

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


def signed(share: float, digits: int = 1) -> str:
    """A share in hundredths with its sign: “+1.0”, “−0.5”; never “−0”.

    >>> signed(-0.0512), signed(-0.004, digits=0)
    ('−5.1', '+0')
    """
    return f"{100 * share:+z.{digits}f}".replace("-", "−")


def listed(names: Sequence[str]) -> str:
    """Names in a sentence, at least one.

    >>> listed(["sentiment"]), listed(["sentiment", "named entities", "sentence pairs"])
    ('sentiment', 'sentiment, named entities and sentence pairs')
    """
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def shown(text: str, longest: int = 90) -> str:
    """What somebody wrote, as a sentence can quote it: on one line, cut in the middle beyond `longest` characters."""
    line = "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)
    half = longest // 2
    return line if len(line) <= longest else f"{line[: half - 1]}…{line[-half:]}"
