"""Pictures of attributions carry the numbers they are drawn from; tinted words show their sign and stay text."""

from __future__ import annotations

import re

import numpy as np
import pytest

from analysis.attribution.agreement import Agreement
from analysis.attribution.edit_effect import EditEffect
from analysis.attribution.faithfulness import FaithfulnessCurves
from analysis.attribution.layers import LayerFlow
from analysis.inputs.words import Word
from analysis.models.pairs import Sides
from dashboard.charts.attribution import SPECIAL_TOKENS, edit_effect_bars, faithfulness_lines, layer_map, word_bars
from dashboard.ui import markup
from dashboard.ui.markup import TEACHER_AND_STUDENT, Tint
from dashboard.ui.theme import COLOURS

WORDS = tuple(Word(text, place, place + len(text)) for place, text in ((0, "<b>"), (4, "good"), (9, "<b>")))


def test_bars_have_a_place_for_each_word_and_its_share_in_per_cent() -> None:
    shares = Sides(np.array([0.5, -0.1, 0.2]), np.array([0.4, 0.0, 0.1]))
    found = Agreement(WORDS, Sides("good", "good"), shares, None, None, 3, 3, 3.0, (0, 1, 2))
    for bars, side in zip(word_bars(found).data, shares, strict=True):
        np.testing.assert_allclose(bars.y, 100 * side)
        assert len(set(bars.x)) == 3
        assert not any("<" in name for name in bars.x)


def test_faithfulness_curves_are_those_of_each_method_with_the_band_of_random_orders() -> None:
    generator = np.random.default_rng(0)
    names, shares = ("Occlusion", "Leave one out"), np.linspace(0, 1, 5)
    removed, kept = generator.normal(size=(2, 2, 5))
    random_removed, random_kept = generator.normal(size=(2, 20, 5))
    curves = FaithfulnessCurves("[MASK]", names, shares, 1.0, removed, kept, random_removed, random_kept)
    drawn = faithfulness_lines(curves).data
    for name, one, other in zip(names, removed, kept, strict=True):
        left, right = (trace for trace in drawn if trace.name == name)
        np.testing.assert_array_equal(left.y, one)
        np.testing.assert_array_equal(right.y, other)
        assert (left.x[0], left.x[-1]) == (0, 100)
    bands = [trace for trace in drawn if trace.fill == "toself"]
    for band, draws in zip(bands, (random_removed, random_kept), strict=True):
        np.testing.assert_allclose(band.y[:5], np.percentile(draws, 5, axis=0))
        np.testing.assert_allclose(band.y[:4:-1], np.percentile(draws, 95, axis=0))


def test_bars_before_and_after_stand_at_the_same_place_and_say_what_was_edited() -> None:
    before, after = (Sides(*np.random.default_rng(seed).normal(size=(2, 3))) for seed in (0, 1))
    replacements = ((WORDS[0],), (), (Word("<i>", 4, 7), Word("!", 7, 8)))
    figure = edit_effect_bars(EditEffect(WORDS, replacements, before, after))
    drawn = [(bars.yaxis, bars.y) for bars in figure.data]
    expected = [("y", before.teacher), ("y", after.teacher), ("y2", before.student), ("y2", after.student)]
    for (axis, shares), (side, values) in zip(drawn, expected, strict=True):
        assert axis == side
        np.testing.assert_allclose(shares, 100 * values)
    for bars in figure.data:
        assert list(bars.x) == ["1\u2002&lt;b&gt;", "2\u2002good → deleted", "3\u2002&lt;b&gt; → &lt;i&gt; !"]
    assert sum(bool(bars.showlegend) for bars in figure.data) == 3


def test_layers_have_a_row_each_on_one_scale_that_ends_at_the_largest_share_of_a_word() -> None:
    generator = np.random.default_rng(0)
    shares, special_tokens = (
        Sides(*(generator.normal(size=(n, 3)) for n in (5, 3))),
        Sides(np.full(5, 9.0), np.full(3, -9.0)),
    )
    figure = layer_map(LayerFlow(WORDS, shares, special_tokens, Sides((), ())))
    for drawn, rows, apart in zip(figure.data, shares, special_tokens, strict=True):
        np.testing.assert_allclose(drawn.z[:, :3], 100 * rows)
        assert np.isnan(drawn.z[:, 3]).all()
        np.testing.assert_allclose(drawn.z[:, 4], 100 * apart)
        assert list(drawn.customdata[0]) == ["&lt;b&gt;", "good", "&lt;b&gt;", "", SPECIAL_TOKENS]
    largest = 100 * max(np.abs(rows).max() for rows in shares)
    assert figure.layout.coloraxis.cmax == -figure.layout.coloraxis.cmin == pytest.approx(largest)


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


def test_a_difference_has_the_models_colours_and_never_those_of_for_and_against() -> None:
    html = markup.tinted("so good", [Tint(0, 2, 1.0, "+5%"), Tint(3, 7, -1.0, "-5%")], "", TEACHER_AND_STUDENT)
    teacher, student = re.findall(r"<span class=\"([^\"]*)\" style=\"background: color-mix\(in srgb, (#\w+)", html)
    assert teacher == ("dl-more-teacher", COLOURS.teacher)
    assert student == ("dl-more-student", COLOURS.student)


def test_a_layer_map_has_no_ground_of_its_own_where_nothing_flows() -> None:
    shares, special_tokens = Sides(np.zeros((5, 3)), np.zeros((3, 3))), Sides(np.zeros(5), np.zeros(3))
    scale = layer_map(LayerFlow(WORDS, shares, special_tokens, Sides((), ()))).layout.coloraxis.colorscale
    assert {colour[-3:] for place, colour in scale if place == 0.5} == {",0)"}
