from collections.abc import Sequence
from dataclasses import replace
from math import log2

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.arrays import Array, softmax
from analysis.inputs.examples import Example
from analysis.inputs.samples import Sample
from analysis.inputs.words import words_of
from analysis.models.model import Model
from analysis.models.pairs import Sides
from analysis.predictions.classification import Classification
from analysis.predictions.comparison import compare, divergence
from analysis.predictions.correctness import compared
from analysis.predictions.entities import Entities, Entity, type_name
from analysis.predictions.fill_mask import MaskPredictions
from analysis.predictions.heads import predict
from analysis.predictions.question_answering import Answer, SpanPredictions
from analysis.predictions.values import Prediction
from analysis.statistics import jensen_shannon

PAIRED = ("question-answering", "sentence-pair")
TEXT = "Mary lives in Paris; Mary left Paris."
WORDS = words_of(TEXT)


def distributions(size: int) -> st.SearchStrategy[Array]:
    logits = st.lists(st.floats(-40, 40), min_size=size, max_size=size)
    return logits.map(lambda row: softmax(np.array(row)))


pairs_of_distributions = st.integers(1, 12).flatmap(lambda size: st.tuples(distributions(size), distributions(size)))


def entropy(p: Array) -> float:
    return -sum(x * log2(x) for x in p if x > 0)


@settings(max_examples=150)
@given(pairs_of_distributions)
def test_jensen_shannon_is_the_entropy_of_the_mean_less_the_mean_of_the_entropies(pair: tuple[Array, Array]) -> None:
    """Lin (1991), equation 4.1: another road to the number than the two relative entropies."""
    p, q = pair
    expected = entropy((p + q) / 2) - (entropy(p) + entropy(q)) / 2
    assert float(jensen_shannon(p, q)) == pytest.approx(expected, abs=1e-9)


@settings(max_examples=150)
@given(pairs_of_distributions)
def test_jensen_shannon_is_symmetric_and_between_0_and_1(pair: tuple[Array, Array]) -> None:
    p, q = pair
    assert 0 <= jensen_shannon(p, q) <= 1
    assert float(jensen_shannon(p, q)) == pytest.approx(float(jensen_shannon(q, p)), abs=1e-12)
    assert float(jensen_shannon(p, p)) == 0


@pytest.mark.parametrize(
    ("p", "q", "bits"),
    [([1, 0], [0, 1], 1), ([0.5, 0.5], [1, 0], 0.311278124459), ([0.3, 0.7], [0.3, 0.7], 0), ([1], [1], 0)],
)
def test_known_divergences(p: list[float], q: list[float], bits: float) -> None:
    assert float(jensen_shannon(np.array([p], float), np.array([q], float))[0]) == pytest.approx(bits, abs=1e-12)


def classification(
    *probabilities: float, labels: tuple[str, ...] = ("negative", "neutral", "positive")
) -> Classification:
    row = np.array(probabilities)
    return Classification(labels, np.log(row), row)


def fills(*rows: Sequence[float]) -> MaskPredictions:
    masks = tuple(word for word in words_of("[MASK] " * len(rows)))
    return MaskPredictions(masks, ("sea", "city", "dog"), np.array(rows))


def entities(*found: tuple[str, int, int]) -> Entities:
    labels = ("O", "B-PER", "B-LOC")
    rows = np.full((len(WORDS), 3), 1 / 3)
    return Entities(WORDS, labels, rows, tuple(Entity(kind, TEXT[a:b], a, b, 0.9) for kind, a, b in found))


def answers(start: int, end: int, no_answer: float | None = None) -> SpanPredictions:
    share = (1 - (no_answer or 0)) / len(WORDS)
    row = np.full(len(WORDS), share)
    return SpanPredictions(WORDS, (Answer(TEXT[start:end], start, end, 0.4),), row, row, no_answer, 1)


def test_the_order_of_labels_makes_no_difference() -> None:
    teacher, student = classification(0.7, 0.2, 0.1), classification(0.5, 0.3, 0.2)
    turned = Classification(student.labels[::-1], student.logits[::-1], student.probabilities[::-1])
    assert divergence(Sides(teacher, turned)) == divergence(Sides(teacher, student)) > 0
    assert divergence(Sides(turned, teacher)) == pytest.approx(divergence(Sides(teacher, student)))
    assert compare(Sides(teacher, turned)).agree


@pytest.mark.parametrize(
    "labels", [("negative", "neutral", "good"), ("negative", "positive"), ("negative", "neutral", "positive", "mixed")]
)
def test_different_labels_have_no_divergence(labels: tuple[str, ...]) -> None:
    other = classification(*np.full(len(labels), 1 / len(labels)), labels=labels)
    teacher = classification(0.7, 0.2, 0.1)
    assert divergence(Sides(teacher, other)) is None
    assert divergence(Sides(other, teacher)) is None
    assert compare(Sides(teacher, other)).divergence is None


def test_a_checkpoint_that_may_answer_nothing_is_not_compared_with_one_that_must_answer() -> None:
    assert divergence(Sides(answers(0, 4), answers(0, 4, no_answer=0.5))) is None
    assert divergence(Sides(answers(0, 4, no_answer=0.2), answers(0, 4, no_answer=0.5))) > 0


def test_several_masks_count_equally() -> None:
    teacher, student = fills([1, 0, 0], [0, 1, 0]), fills([1, 0, 0], [1, 0, 0])
    assert divergence(Sides(teacher, student)) == pytest.approx(0.5)


def test_divergence_and_agreement_of_a_model_with_itself(tiny_pair: Sides[Model]) -> None:
    model = tiny_pair.teacher
    text = "mary [MASK] in paris" if model.task == "fill-mask" else "mary lives in paris"
    example = Example(model.task, *(("who is it?", text) if model.task in PAIRED else (text,)))
    comparison = compare(Sides(predict(model, example), predict(model, example)))
    assert comparison.agree
    assert comparison.divergence == 0


def test_teacher_and_student_of_each_task_are_compared(tiny_pair: Sides[Model]) -> None:
    task = tiny_pair.teacher.task
    text = "mary [MASK] in paris" if task == "fill-mask" else "mary lives in paris"
    example = Example(task, *(("who is it?", text) if task in PAIRED else (text,)))
    predictions = tiny_pair.map(lambda model: predict(model, example))
    comparison = compare(predictions)
    assert 0 < comparison.divergence < 1
    assert comparison.agree == (predictions.teacher.answer_key == predictions.student.answer_key)
    assert comparison.divergence == pytest.approx(compare(Sides(*reversed(list(predictions)))).divergence)


POSITIVE, NEGATIVE = classification(0.1, 0.1, 0.8), classification(0.9, 0.05, 0.05)
SEA, CITY = [0.6, 0.3, 0.1], [0.3, 0.6, 0.1]


@pytest.mark.parametrize(
    ("teacher", "student", "sentence"),
    [
        (POSITIVE, classification(0.2, 0.2, 0.6), "Both answer “positive”."),
        (POSITIVE, NEGATIVE, "They disagree: the teacher answers “positive”, the student “negative”."),
        (
            classification(0.1, 0.9, labels=("no", "is (very) good")),
            classification(0.2, 0.8, labels=("no", "is (very) good")),
            "Both answer “is (very) good”.",
        ),
        (fills(SEA), fills(SEA), "Both answer “sea”."),
        (fills(SEA, CITY), fills(SEA, CITY), "Both answer “sea, city”."),
        (
            fills(SEA, CITY),
            fills(SEA, SEA),
            "They disagree: the teacher answers “sea, city”, the student “sea, sea”.",
        ),
        (
            entities(("PER", 0, 4), ("LOC", 14, 19)),
            entities(("PER", 0, 4), ("LOC", 14, 19)),
            "Both answer “Mary (person), Paris (place)”.",
        ),
        (
            entities(("PER", 0, 4)),
            entities(),
            "They disagree: the teacher answers “Mary (person)”, the student “no entity”.",
        ),
        (entities(), entities(), "Both answer “no entity”."),
        (
            entities(("PER", 0, 4)),
            entities(("PER", 21, 25)),
            "They disagree: both answer “Mary (person)”, but in different places of the text.",
        ),
        (answers(14, 20), answers(14, 20), "Both answer “Paris;”."),
        (answers(14, 19), answers(31, 36), "Both answer “Paris”."),
        (
            answers(0, 4),
            answers(14, 19),
            "They disagree: the teacher answers “Mary”, the student “Paris”.",
        ),
        (
            answers(14, 20),
            answers(31, 36),
            "Both give the same answer: the teacher “Paris;”, the student “Paris”.",
        ),
        (
            answers(14, 19, no_answer=0.7),
            answers(14, 19, no_answer=0.1),
            "They disagree: the teacher answers “no answer”, the student “Paris”.",
        ),
    ],
)
def test_the_sentence_says_whether_they_agree(teacher: Prediction, student: Prediction, sentence: str) -> None:
    comparison = compare(Sides(teacher, student))
    assert comparison.sentence == sentence
    assert comparison.agree == sentence.startswith("Both")


@pytest.mark.parametrize(
    ("prediction", "summary"),
    [
        (POSITIVE, "positive (80%)"),
        (classification(0.001, 0.001, 0.998), "positive (> 99%)"),
        (fills(SEA, CITY), "sea (60%), city (60%)"),
        (entities(("LOC", 14, 19)), "Paris (place)"),
        (entities(), "no entity"),
        (answers(14, 19), "Paris (40%)"),
        (answers(14, 19, no_answer=0.7), "no answer (70%)"),
    ],
)
def test_summaries(prediction: Prediction, summary: str) -> None:
    assert prediction.summary == summary


def many_entities(*left_out: int) -> Entities:
    """The first letter of the text, its second …, each an entity, without some of the twelve."""
    return entities(*(("PER", place, place + 1) for place in range(12) if place not in left_out))


def test_of_many_entities_the_first_are_named_and_the_others_counted() -> None:
    assert many_entities().summary.count("(person)") == 8
    assert many_entities().summary.endswith(" and 4 more")
    assert compare(Sides(many_entities(), many_entities())).sentence == f"Both answer “{many_entities().summary}”."


def test_of_many_entities_only_those_that_differ_are_named() -> None:
    first, last = TEXT[0], TEXT[11]
    missed = compare(Sides(many_entities(), many_entities(0)))
    assert missed.sentence == f"They disagree, with 11 in common: only the teacher finds {first} (person)."
    apart = compare(Sides(many_entities(11), many_entities(0)))
    assert apart.sentence == (
        f"They disagree, with 10 in common: only the teacher finds {first} (person); only the student finds {last} "
        "(person)."
    )


def test_entities_in_another_order_are_the_same_entities() -> None:
    found = entities(("PER", 0, 4), ("LOC", 14, 19))
    assert compare(Sides(found, replace(found, entities=found.entities[::-1]))).agree


@pytest.mark.parametrize(
    ("teacher", "student"), [("the old Mill", "Old mill."), ("A mill", "an mill"), ("mill", "mills"), ("", "the")]
)
def test_two_answers_are_the_same_where_the_official_script_takes_one_for_the_other(teacher: str, student: str) -> None:
    """SQuAD 1.1's evaluate-v1.1.py, written again: lower case, then no punctuation, no articles, single spaces."""
    sides = Sides(teacher, student)
    predictions = sides.map(lambda text: replace(answers(0, 4), answers=(Answer(text, 0, len(text), 0.4),)))
    lowered = sides.map(lambda text: "".join(letter for letter in text.lower() if letter.isalnum() or letter == " "))
    words = lowered.map(lambda text: [word for word in text.split() if word not in ("a", "an", "the")])
    assert compare(predictions).agree == (words.teacher == words.student)


def test_an_answer_that_reads_no_answer_is_not_the_same_as_having_none() -> None:
    spelled = replace(answers(0, 4, no_answer=0.1), answers=(Answer("no answer", 0, 4, 0.4),))
    assert not compare(Sides(spelled, answers(0, 4, no_answer=0.7))).agree


def test_two_right_answers_do_not_disagree() -> None:
    predictions = Sides(answers(0, 4), answers(14, 19))
    both = "They answer differently, and both are right: the teacher “Mary”, the student “Paris”."
    assert compare(predictions, Sides(True, True)).sentence == both
    assert compare(predictions, Sides(True, False)).sentence.startswith("They disagree")
    sample = Sample("", "", "Who or where?", TEXT, ("mary", "Paris"))
    assert compared(predictions, sample).sentence == both
    assert compared(predictions, replace(sample, expected=None)).sentence.startswith("They disagree")


def test_no_two_labels_of_a_data_set_read_alike() -> None:
    for labels in (("per", "geo", "org", "gpe", "tim", "art", "eve", "nat"), ("PER", "ORG", "LOC", "MISC")):
        assert len({type_name(label) for label in labels}) == len(labels)
        assert not {type_name(label) for label in labels} & set(labels)
