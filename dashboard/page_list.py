"""The page list: a page is a script in `pages/` and one row here."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "pages"


@dataclass(frozen=True, slots=True)
class PageEntry:
    """One page: the door that it stands behind ("" for none), its place in the URL ("" for the first), what it answers.

    `untrained` where random weights are of use too; `bench` where the reader's text and its answers stand above it;
    `traces` where the page needs what happens inside both models, from which the answers follow, too;
    `listed` in the navigation, where other pages do not link to it alone.
    """

    script: str
    title: str
    path: str
    group: str
    asks: str
    untrained: bool = False
    bench: bool = True
    traces: bool = False
    listed: bool = True


PAGES = (
    PageEntry("start.py", "Start", "", "", "Where do they disagree?", bench=False),
    PageEntry("predictions.py", "Predictions", "predictions", "Compare", "What do they answer?"),
    PageEntry("attributions.py", "Attributions", "attributions", "Compare", "Which words do the answers rest on?"),
    PageEntry("attention.py", "Attention", "attention", "Inside", "What does each head attend to?", traces=True),
    PageEntry("similarity.py", "Similarity", "similarity", "Inside", "Which layers correspond?"),
    PageEntry(
        "scorecard.py", "Scorecard", "scorecard", "Decide", "Can the student replace the teacher?", untrained=True
    ),
    PageEntry("latency.py", "Latency", "latency", "Decide", "How much faster is the student?", untrained=True),
    PageEntry("claims.py", "Claims", "claims", "Decide", "Is it true what people say?", untrained=True),
    PageEntry("distillation.py", "Distillation", "distillation", "Behind", "How was the student made?", untrained=True),
    PageEntry("models.py", "Models", "models", "Behind", "What are the two made of?", untrained=True),
    PageEntry("talks.py", "Talks", "talks", "", "How do I show it to others?", bench=False),
    PageEntry("notes.py", "Notes", "notes", "", "What do I say to it?", bench=False, listed=False),
    PageEntry("finding.py", "Open a finding", "finding", "", "What did others measure?", bench=False, listed=False),
)
