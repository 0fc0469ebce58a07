"""One colour for each model, everywhere: blue and vermilion, told apart by all common kinds of colour blindness.

Both reach a contrast of 3 : 1 on the light and on the dark ground (WCAG 2.2, 1.4.11).
"""

from __future__ import annotations

from analysis.models.pairs import Sides

COLOURS = Sides("#2F7FC1", "#D9661F")
SHORT = Sides("Teacher", "Student")
NAMES = Sides("Teacher (BERT)", "Student (DistilBERT)")
