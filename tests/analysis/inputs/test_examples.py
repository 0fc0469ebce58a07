import pytest
from hypothesis import given, settings

from analysis.errors import AnalysisError
from analysis.inputs.examples import Example, checked, with_mask
from analysis.inputs.samples import Sample
from analysis.inputs.tasks import TASKS
from analysis.inputs.words import words_of
from tests.support.hostile import HOSTILE, TEXTS

SAMPLES = [(task, sample) for task in TASKS for sample in TASKS[task].samples]


def refusal(example: Example, **options: int) -> str:
    with pytest.raises(AnalysisError) as caught:
        checked(example, **options)
    return str(caught.value)


@pytest.mark.parametrize(("task", "sample"), SAMPLES, ids=lambda value: getattr(value, "title", value))
def test_every_sample_can_be_computed_on_where_strangers_share_the_machine(task: str, sample: Sample) -> None:
    example = Example(task, sample.text, sample.text_pair)
    assert checked(example, 2_000) == example


@pytest.mark.parametrize("task", TASKS)
def test_every_task_has_six_to_ten_samples_of_different_titles(task: str) -> None:
    titles = {sample.title for sample in TASKS[task].samples}
    assert 6 <= len(titles) == len(TASKS[task].samples) <= 10


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_pass_as_they_are(text: str) -> None:
    assert checked(Example("sentiment", text)).text == text


@pytest.mark.parametrize("nothing", ["", " ", "\n\t ", "\u3000\u2028", "\u200b\u00ad", "\x00\x1f"])
def test_a_text_without_a_visible_character_is_empty(nothing: str) -> None:
    assert refusal(Example("sentiment", nothing)) == ("The field “Text” is empty; type a text or choose an example.")


@pytest.mark.parametrize("task", ["question-answering", "sentence-pair"])
@pytest.mark.parametrize("second", [None, "", " \n"])
def test_a_missing_second_text_is_named(task: str, second: str | None) -> None:
    assert f"“{TASKS[task].fields[1]}” is empty" in refusal(Example(task, "Who lives here?", second))


def test_a_second_text_that_the_task_does_not_read_is_dropped() -> None:
    assert checked(Example("sentiment", "good", "left over \ud800")) == Example("sentiment", "good")


def test_fill_mask_needs_a_mask() -> None:
    assert refusal(Example("fill-mask", "No [mask] here.")) == (
        "The text has no [MASK]; put one where a word is to be guessed."
    )


@pytest.mark.parametrize(("hosted", "limit"), [("", 100_000), ("0", 100_000), ("1", 2_000)])
@pytest.mark.parametrize("field", [0, 1])
def test_each_field_has_a_limit_that_is_lower_where_hosted(
    monkeypatch: pytest.MonkeyPatch, hosted: str, limit: int, field: int
) -> None:
    monkeypatch.setenv("DISTILLENS_HOSTED", hosted)
    texts = ["a", "a"]
    texts[field] = "a" * limit
    checked(Example("sentence-pair", *texts))
    texts[field] += "a"
    assert refusal(Example("sentence-pair", *texts)) == (
        f"The field “{TASKS['sentence-pair'].fields[field]}” has {limit + 1:,} characters; "
        f"at most {limit:,} are read here."
    )


@pytest.mark.parametrize("code", [0xD800, 0xDBFF, 0xDFFF])
def test_lone_surrogates_are_refused_with_their_place(code: int) -> None:
    assert refusal(Example("sentiment", f"ab{chr(code)} c")) == (
        "Character 3 of the field “Text” is half of a surrogate pair, no valid Unicode; delete it."
    )


def test_an_unknown_task_is_answered_with_those_there_are() -> None:
    message = refusal(Example("translation", "good"))
    assert all(task in message for task in ("translation", *TASKS))


@settings(max_examples=150)
@given(TEXTS)
def test_with_mask_makes_any_text_one_that_fill_mask_takes(text: str) -> None:
    masked = checked(Example("fill-mask", with_mask(text))).text
    assert "[MASK]" in [word.text for word in words_of(masked)]


@settings(max_examples=150)
@given(TEXTS)
def test_with_mask_leaves_a_text_alone_that_ends_in_one(text: str) -> None:
    assert with_mask(f"{text} [MASK].") == f"{text} [MASK]."


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Paris is the capital of France.", "Paris is the capital of [MASK]."),
        ("Is it?!", "Is [MASK]?!"),
        ("", "[MASK]"),
        ("...", "... [MASK]"),
        ("<mask> is the capital of France.", "[MASK] is the capital of France."),
        ("Paris is the [mask] of France.", "Paris is the [MASK] of France."),
        ("Paris is the ___ of __________.", "Paris is the [MASK] of [MASK]."),
        ("The [ Mask ] and {mask}, snake_case", "The [MASK] and [MASK], snake_case"),
    ],
)
def test_with_mask(text: str, masked: str) -> None:
    assert with_mask(text) == masked
