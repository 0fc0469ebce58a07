"""Which texts the benchmark of faithfulness takes, what it computes of them when, and what it makes of the grades."""

from pathlib import Path

import numpy as np
import pytest

from analysis.attribution.baselines import BASELINES
from analysis.attribution.methods import METHODS
from analysis.inputs.examples import Example
from analysis.inputs.words import words_of
from analysis.models.model import Model
from analysis.models.pairs import Sides
from benchmarks import faithfulness
from benchmarks.faithfulness import graded, orders_of
from benchmarks.faithfulness_tables import Grade, gains, rows_of, table
from benchmarks.faithfulness_texts import SOURCES, masked_in, question_and_sentence
from tests.support.tiny import EXAMPLES
from training.questions import Question

ORDERS = orders_of(["Integrated gradients"])


def grades_of(texts: int, gain: float) -> list[Grade]:
    """Texts that differ widely; from [MASK] each has `gain` more comprehensiveness, in another order."""
    values = [("[PAD]", place, 10.0**place) for place in range(texts)]
    values += [("[MASK]", place, 10.0**place + gain) for place in reversed(range(texts))]
    return [
        Grade("sentiment", side, f"text {place}", "deletion", "Integrated gradients", baseline, value, -value)
        for side in ("teacher", "student")
        for baseline, place, value in values
    ]


def test_a_gain_is_taken_text_by_text() -> None:
    rows = rows_of(grades_of(texts=6, gain=0.5), ORDERS)
    assert [(row.side, row.baseline) for row in rows] == [
        (side, baseline) for side in ("teacher", "student") for baseline in ("[PAD]", "[MASK]")
    ]
    pad, mask = rows[:2]
    assert pad.texts == mask.texts == 6
    assert pad.comprehensiveness_gain is None
    assert mask.comprehensiveness.value == pytest.approx(111_111 / 6 + 0.5)
    assert mask.comprehensiveness.high - mask.comprehensiveness.low > 10_000
    gain = mask.comprehensiveness_gain
    assert (gain.value, gain.low, gain.high) == pytest.approx((0.5, 0.5, 0.5))
    assert mask.sufficiency_gain.value == pytest.approx(-0.5)


def test_tables_have_a_line_for_each_order_and_all_its_cells() -> None:
    rows = rows_of(grades_of(texts=3, gain=0.5), ORDERS)  # of the four baselines only two have been graded
    for lines in (table(rows).splitlines(), gains(rows, "comprehensiveness").splitlines()):
        assert len(lines) == 2 + 2
        assert len({line.count("|") for line in lines}) == 1
    assert lines[2].startswith(
        "| Sentiment | teacher | deletion | Integrated gradients | 3 | +0.50 (+0.50 to +0.50) |  |"
    )
    assert "-0.50 (-0.50 to -0.50)" in gains(rows, "sufficiency")


def test_methods_are_graded_from_every_baseline_that_changes_them() -> None:
    orders = orders_of(METHODS)
    assert len(orders) == len(set(orders))
    for method, row in METHODS.items():
        assert [baseline for name, baseline in orders if name == method] == (
            list(BASELINES) if row.from_baseline else [""]
        )


def test_what_is_known_is_not_computed_again(
    tiny_pairs: dict[str, Sides[Model]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair, records = tiny_pairs["sentiment"], tmp_path / "grades.jsonl"
    examples = [Example("sentiment", text) for text in ("the old film was unlovely.", "a good dog", "the cat")]
    one, left_out = graded(pair, examples, 1, ORDERS, records)
    assert left_out == 0
    assert len(one) == 2 * 2 * (len(BASELINES) + 2)  # sides, ways, and leave-one-out and random beside the baselines
    two, _ = graded(pair, examples, 2, [*ORDERS, ("Saliency", "")], records)
    assert set(one) < set(two)
    assert len(set(two)) == len(two) == 2 * 2 * 2 * (len(BASELINES) + 3)
    lines = records.read_text()
    monkeypatch.setattr(faithfulness, "attribute", lambda *_: pytest.fail("The text is graded already."))
    assert set(graded(pair, examples, 2, ORDERS, records)[0]) == set(two)
    assert records.read_text() == lines


def test_a_text_without_anything_to_take_away_is_left_out_of_both(
    tiny_pairs: dict[str, Sides[Model]], tmp_path: Path
) -> None:
    examples = [Example("fill-mask", text) for text in ("[MASK] [MASK]", "the [MASK] was good", "a [MASK]")]
    grades, left_out = graded(tiny_pairs["fill-mask"], examples, 1, [("Saliency", "")], tmp_path / "grades.jsonl")
    assert left_out == 1
    assert {grade.text for grade in grades} == {"the [MASK] was good"}
    with pytest.raises(ValueError, match="only 2 texts"):
        graded(tiny_pairs["fill-mask"], examples, 3, [("Saliency", "")], tmp_path / "grades.jsonl")


def test_one_word_is_masked_that_the_vocabulary_has() -> None:
    text = "Well, the unlovely film was 100 minutes."
    generator = np.random.default_rng(0)
    masked = {masked_in(text, {"the", "film", ",", "100"}, generator) for _ in range(50)}
    assert masked == {(text.replace(word, "[MASK]"),) for word in ("the", "film")}
    assert masked_in(text, {"cat"}, generator) == ()


@pytest.mark.parametrize("answer", ["Ada", "London", "Paris in 1840"])
def test_a_question_keeps_the_sentence_with_its_answer(answer: str) -> None:
    sentences = ("Ada was born in London.", "She went to Paris in 1840.", "Her mother did not.")
    context = " ".join(sentences)
    question = Question("where?", context, answer, context.index(answer), (answer,))
    text, kept = question_and_sentence(question)
    assert text == "where?"
    assert kept == next(sentence for sentence in sentences if answer in sentence)
    assert len(words_of(kept)) < len(words_of(context))


def test_every_task_has_texts() -> None:
    assert SOURCES.keys() == EXAMPLES.keys()
