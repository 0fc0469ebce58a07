from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import AnalysisError
from analysis.inputs.examples import Example, checked
from analysis.inputs.samples import Sample
from analysis.inputs.tasks import TASKS, Task, task_named
from analysis.models.cards import says_unanswerable
from analysis.models.hub import as_source
from analysis.models.model import load
from analysis.models.model_files import fingerprint_of
from analysis.models.pairs import ANY, PAIRS, Checkpoint, Pair, Sides, own_pair, pair_named
from analysis.predictions.comparison import compare
from analysis.predictions.heads import predict
from tests.support.checkpoint_folders import rewrite
from tests.support.tiny import EXAMPLES, tiny_checkpoint

ROWS = [(pair, task) for pair in PAIRS for task in PAIRS[pair].checkpoints]


def test_a_new_task_and_a_new_pair_are_one_row_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def toy(architecture: str) -> Checkpoint:
        labels = ("ham", "spam") if architecture == "bert" else ("SPAM", "HAM")
        folder = tiny_checkpoint(tmp_path / architecture, architecture, "sentiment", labels=labels)
        return Checkpoint(str(folder), architecture, () if architecture == "bert" else student_labels)

    student_labels = (("SPAM", "spam"), ("HAM", "ham"))
    task = Task(
        title="Spam",
        question="Is the message wanted?",
        fields=("Message",),
        head="AutoModelForSequenceClassification",
        target="a label",
        samples=(Sample("Offer", "Would anybody want this?", "a new film in paris, it is good!"),),
    )
    monkeypatch.setitem(TASKS, "spam", task)
    monkeypatch.setitem(PAIRS, "toy", Pair("Toy", "For a test.", {"spam": Sides("bert", "distilbert").map(toy)}))

    example = checked(Example("spam", task_named("spam").samples[0].text))
    models = pair_named("toy").sides("spam").map(lambda checkpoint: load(checkpoint, "spam"))
    predictions: Sides[Any] = models.map(lambda model: predict(model, example))
    comparison = compare(predictions)
    assert predictions.map(lambda prediction: prediction.labels) == Sides(("ham", "spam"), ("spam", "ham"))
    assert 0 < comparison.divergence < 1
    assert comparison.agree == (predictions.teacher.answer_key == predictions.student.answer_key)


@pytest.mark.parametrize(("pair", "task"), ROWS)
def test_every_checkpoint_is_for_a_task_and_on_its_side(pair: str, task: str) -> None:
    assert task in TASKS
    sides = pair_named(pair).sides(task)
    assert (sides.teacher.architecture, sides.student.architecture) == ("bert", "distilbert")


@pytest.mark.parametrize(("pair", "task"), ROWS)
def test_the_labels_of_both_sides_get_the_same_names(pair: str, task: str) -> None:
    names = [sorted(new for _, new in side.labels) for side in PAIRS[pair].sides(task)]
    assert names[0] == names[1]
    for side in PAIRS[pair].sides(task):
        olds, news = zip(*side.labels, strict=True) if side.labels else ((), ())
        assert len(set(olds)) == len(set(news)) == len(side.labels)


def test_full_size_pairs_are_offered_for_all_tasks() -> None:
    assert set(PAIRS["full-size"].checkpoints) == set(PAIRS["architecture"].checkpoints) == set(TASKS)


def test_only_random_weights_are_untrained() -> None:
    untrained = {key for key, pair in PAIRS.items() if not pair.trained}
    random = {pair for pair, task in ROWS for side in PAIRS[pair].sides(task) if side.source.startswith("random:")}
    assert untrained == random == {"architecture"}


def test_unknown_keys_are_answered_with_those_there_are() -> None:
    with pytest.raises(AnalysisError, match=r"no pair called “tiny”; there are embedded, full-size, architecture\."):
        pair_named("tiny")
    toy = Pair("Toy", "For a test.", {"sentiment": Sides(Checkpoint("a", "bert"), Checkpoint("b", "distilbert"))})
    with pytest.raises(AnalysisError, match=r"“Toy” has no checkpoint for the task entities; it has sentiment\."):
        toy.sides("entities")
    with pytest.raises(AnalysisError, match=r"it has no task yet\."):
        Pair("Toy", "For a test.", {}).sides("entities")


def test_a_pair_of_ones_own_has_one_task() -> None:
    sides = own_pair("sentiment", " me/teacher@v1\n", "me/student").sides("sentiment")
    assert sides == Sides(
        Checkpoint("me/teacher@v1", ANY, beside="me/student"),
        Checkpoint("me/student", ANY, beside="me/teacher@v1"),
    )
    with pytest.raises(AnalysisError, match="it has sentiment"):
        own_pair("sentiment", "a", "b").sides("entities")


@pytest.mark.parametrize(
    ("typed", "source"),
    [
        ("https://huggingface.co/owner/name", "owner/name"),
        ("huggingface.co/owner/name/", "owner/name"),
        ("https://huggingface.co/owner/name/tree/main", "owner/name@main"),
        ("https://hf.co/owner/name.v2/blob/v1/config.json", "owner/name.v2@v1"),
        ("https://huggingface.co/owner/name/tree/refs/pr/3", "owner/name@refs/pr/3"),
        (" 'https://huggingface.co/owner/name?library=transformers#use' ", "owner/name"),
        ('"/models/my bert"', "/models/my bert"),
        ("“owner/name@v1”", "owner/name@v1"),
        ("https://example.org/owner/name", "https://example.org/owner/name"),
        ("'", "'"),
    ],
)
def test_a_checkpoint_is_taken_as_people_paste_it(typed: str, source: str) -> None:
    assert own_pair("sentiment", typed, typed).sides("sentiment").map(lambda side: side.source) == Sides(source, source)


@given(st.sampled_from(["{}", " {}\n", '"{}"', "'{}'", "“{}”", "<{}>", "`{}`"]), st.sampled_from(["", "@v1", "@a/b"]))
def test_quotes_and_spaces_around_a_name_are_no_part_of_it(around: str, revision: str) -> None:
    assert as_source(around.format(f"owner/name{revision}")) == f"owner/name{revision}"


@pytest.mark.parametrize(
    ("teacher", "student", "missing"), [("", "a", "teacher"), ("a", " \t", "student"), ('""', "a", "teacher")]
)
def test_a_pair_of_ones_own_needs_both_sides(teacher: str, student: str, missing: str) -> None:
    with pytest.raises(AnalysisError, match=f"Name a {missing}: a folder, or owner/name"):
        own_pair("sentiment", teacher, student)


def test_checkpoints_are_named_as_people_know_them() -> None:
    names = {"/srv/models/sst2/teacher": "sst2/teacher", "owner/name@v1": "owner/name@v1", "models/mine": "models/mine"}
    assert {source: Checkpoint(source, "bert").name for source in names} == names


def test_sides_iterate_teacher_first() -> None:
    sides = Sides(2, 3)
    assert list(sides) == [2, 3]
    assert sides.map(str) == Sides("2", "3")
    assert dict(sides.items()) == {"teacher": 2, "student": 3}


@pytest.mark.parametrize(
    ("name", "card", "unanswerable"),
    [
        ("bert-squad2", "", True),
        ("BERT_SQuAD_v2.0", "", True),
        ("squad-v2-model", "", True),
        ("bert-squad", "", False),
        ("bert-squad-v1", "", False),
        ("bert-squad23", "", False),
        ("mine", "---\ndatasets:\n- squad_v2\n---\nA model.", True),
        ("mine", "---\r\ndatasets:\r\n- rajpurkar/squad_v2\r\nlicense: mit\r\n---\r\nA model.", True),
        ("mine", "---\ndatasets: [squad, squad_v2]\n---\nA model.", True),
        ("mine", "---\ndatasets: squad\nmodel-index:\n- name: x\n  results:\n  - dataset: squad_v2\n---\n", False),
        ("mine", "---\nmodel-index:\n- name: x\n  results:\n  - dataset:\n      name: SQuAD2.0\n---\n", True),
        ("mine", "---\ndatasets:\n- squad\n---\nNot trained on squad_v2.", False),
        ("mine", "A model for squad_v2.", False),
        ("mine", "", False),
    ],
)
def test_a_checkpoint_says_that_there_may_be_no_answer(
    name: str, card: str, unanswerable: bool, tmp_path: Path
) -> None:
    folder = tmp_path / "squad2" / name  # of which only the last part is a name
    folder.mkdir(parents=True)
    (folder / "README.md").write_text(card, encoding="utf-8")
    sides = own_pair("question-answering", str(folder), "owner/other@main").sides("question-answering")
    assert sides.map(lambda side: side.unanswerable) == Sides(unanswerable, False)
    assert own_pair("question-answering", "a/b", f"owner/{name}").sides("question-answering").student.unanswerable == (
        unanswerable and not card
    )
    both = own_pair("question-answering", "a/b", "c/d", unanswerable=True).sides("question-answering")
    assert all(side.unanswerable for side in both)


@pytest.mark.parametrize(
    ("settings", "unanswerable"),
    [
        ({"finetuning_task": "squad_v2"}, True),
        ({"_name_or_path": "owner/bert-base-cased-squad2"}, True),
        ({"_name_or_path": "squad2/bert-base-cased"}, False),
        ({"task_specific_params": {"question-answering": {"version_2_with_negative": True}}}, True),
        ({"version_2_with_negative": False, "finetuning_task": "squad"}, False),
        ({"finetuning_task": 2, "task_specific_params": [2]}, False),
    ],
)
def test_a_configuration_says_that_there_may_be_no_answer(
    settings: dict[str, Any], unanswerable: bool, tmp_path: Path
) -> None:
    folder = tiny_checkpoint(tmp_path / "mine", "bert", "question-answering")
    rewrite(folder / "config.json", **settings)
    assert says_unanswerable("mine", folder) == unanswerable
    checkpoint = Checkpoint(str(folder), "bert")  # not told by a pair
    model = load(checkpoint, "question-answering")
    assert model.checkpoint.unanswerable == unanswerable
    assert fingerprint_of(checkpoint) == model.fingerprint
    answer: Any = predict(model, EXAMPLES["question-answering"])
    assert (answer.no_answer is not None) == unanswerable


def test_results_with_and_without_no_answer_are_kept_apart(tmp_path: Path) -> None:
    plain = Checkpoint(str(tiny_checkpoint(tmp_path, "bert", "question-answering")), "bert")
    also = replace(plain, unanswerable=True)
    assert fingerprint_of(plain) == load(plain, "question-answering").fingerprint
    assert fingerprint_of(also) == load(also, "question-answering").fingerprint
    assert fingerprint_of(plain) != fingerprint_of(also)
