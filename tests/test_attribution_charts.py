"""Pictures of attributions carry the numbers they are drawn from; tinted words show their sign and stay text."""

from __future__ import annotations

import re

import numpy as np
import pytest

from analysis.attribution.agreement import Agreement
from analysis.attribution.erasure import Erasure
from analysis.pairs import Sides
from analysis.words import Word
from dashboard import markup
from dashboard.charts.attribution import erasure_curves, word_bars
from dashboard.markup import Tint

WORDS = tuple(Word(text, place, place + len(text)) for place, text in ((0, "<b>"), (4, "good"), (9, "<b>")))


def test_bars_have_a_place_for_each_word_and_its_share_in_per_cent() -> None:
    shares = Sides(np.array([0.5, -0.1, 0.2]), np.array([0.4, 0.0, 0.1]))
    found = Agreement(WORDS, shares, True, None, None, 3, 3, 3.0, (0, 1, 2))
    for bars, side in zip(word_bars(found, "the change").data, shares, strict=True):
        np.testing.assert_allclose(bars.y, 100 * side)
        assert len(set(bars.x)) == 3
        assert not any("<" in name for name in bars.x)


def test_erasure_curves_are_those_of_each_method_with_the_band_of_random_orders() -> None:
    generator = np.random.default_rng(0)
    names, shares = ("Occlusion", "Leave one out"), np.linspace(0, 1, 5)
    removed, kept = generator.normal(size=(2, 2, 5))
    random_removed, random_kept = generator.normal(size=(2, 20, 5))
    curves = Erasure("[MASK]", names, shares, 1.0, removed, kept, random_removed, random_kept)
    drawn = erasure_curves(curves).data
    for name, one, other in zip(names, removed, kept, strict=True):
        left, right = (trace for trace in drawn if trace.name == name)
        np.testing.assert_array_equal(left.y, one)
        np.testing.assert_array_equal(right.y, other)
        assert (left.x[0], left.x[-1]) == (0, 100)
    bands = [trace for trace in drawn if trace.fill == "toself"]
    for band, draws in zip(bands, (random_removed, random_kept), strict=True):
        np.testing.assert_allclose(band.y[:5], np.percentile(draws, 5, axis=0))
        np.testing.assert_allclose(band.y[:4:-1], np.percentile(draws, 95, axis=0))


@pytest.mark.parametrize(
    ("strength", "css", "per_cent"), [(1.0, "dl-for", 60), (-0.5, "dl-against", 30), (9, "dl-for", 60)]
)
def test_a_tint_shows_sign_and_strength_and_the_text_stays_text(strength: float, css: str, per_cent: int) -> None:
    text = "so <img src=x> good"
    html = markup.tinted(text, [Tint(3, 14, strength, '"+5 %"')], "teacher")
    assert f'class="{css}"' in html
    assert f" {per_cent}%, transparent" in html
    assert 'title="&quot;+5 %&quot;"' in html
    assert re.sub(r"<[^>]*>", "", html) == "so &lt;img src=x&gt; good"
