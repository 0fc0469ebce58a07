"""The page list: a page is a script in `pages/` and one row here."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "pages"


@dataclass(frozen=True, slots=True)
class PageEntry:
    """One page; `path` is its place in the URL, "" for the first; `untrained` where random weights are of use too."""

    script: str
    title: str
    path: str
    untrained: bool = False


PAGES = (
    PageEntry("predictions.py", "Predictions", ""),
    PageEntry("attention.py", "Attention", "attention"),
    PageEntry("similarity.py", "Similarity", "similarity"),
    PageEntry("attributions.py", "Attributions", "attributions"),
    PageEntry("latency.py", "Latency", "latency", untrained=True),
    PageEntry("claims.py", "Claims", "claims", untrained=True),
    PageEntry("models.py", "Models", "models", untrained=True),
    PageEntry("distillation.py", "Distillation", "distillation", untrained=True),
)
