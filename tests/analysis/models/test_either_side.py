"""A side is teacher or student by where it stands: a BERT or a DistilBERT of any size on either."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.attention.answer_flow import FLOW_METHODS, answer_flow
from analysis.attention.default_heads import as_deep, most_attentive, most_different
from analysis.attention.head_matching import MATCHINGS, decision_rule, finding, match_corpus, match_heads
from analysis.attribution.agreement import agreement
from analysis.attribution.methods import METHODS, attribute
from analysis.inputs.examples import Example
from analysis.models.families import FAMILIES, Build, known_origins
from analysis.models.forward import trace
from analysis.models.model import Model, load
from analysis.models.model_files import fingerprint_of
from analysis.models.pairs import PAIRS, Checkpoint, Sides, own_pair
from analysis.predictions.comparison import compare
from analysis.predictions.heads import predict
from analysis.predictions.resolve import own_targets
from tests.support.tiny import tiny_checkpoint

TEXT = Example("sentiment", "Mary lives in Paris, and the film was good.")
Size = tuple[str, int, int, int]  # architecture, layers, heads, width
# As people have them, only smaller: one architecture twice, the two changed about, a student that is narrower, that has
# fewer heads (TinyBERT) or more (MiniLM), or that is deeper than its teacher.
SIZES: dict[str, Sides[Size]] = {
    "two BERTs": Sides(("bert", 4, 4, 16), ("bert", 2, 2, 8)),
    "two DistilBERTs": Sides(("distilbert", 2, 2, 16), ("distilbert", 3, 2, 16)),
    "changed about": Sides(("distilbert", 2, 2, 16), ("bert", 3, 4, 24)),
    "more heads": Sides(("bert", 3, 2, 24), ("bert", 2, 6, 12)),
}


def models_of(root: Path, sizes: Sides[Size]) -> Sides[Model]:
    folders: list[str] = []
    for side, (architecture, layers, heads, width) in sizes.items():
        made = tiny_checkpoint(
            root / side, architecture, "sentiment", layers=layers, heads=heads, hidden=width, seed=len(folders)
        )
        folders.append(str(made))
    pair = own_pair("sentiment", *folders)
    return pair.sides("sentiment").map(lambda checkpoint: load(checkpoint, "sentiment"))


@pytest.fixture(scope="module", params=SIZES)
def models(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Sides[Model]:
    return models_of(tmp_path_factory.mktemp("sides"), SIZES[request.param])


def test_each_model_is_what_its_files_say(models: Sides[Model], request: pytest.FixtureRequest) -> None:
    sizes = SIZES[request.node.callspec.params["models"]]
    for model, size in zip(models, sizes, strict=True):
        assert model.build == Build(*size)
        assert model.family is FAMILIES[size[0]]
        assert fingerprint_of(model.checkpoint) == model.fingerprint
        named = load(Checkpoint(model.checkpoint.source, size[0]), "sentiment")
        assert named.fingerprint == model.fingerprint  # whoever asks


def test_both_answer_and_are_explained_on_one_scale(models: Sides[Model]) -> None:
    answers = models.map(lambda model: predict(model, TEXT))
    assert compare(answers).divergence > 0
    targets = own_targets(answers)
    for method in METHODS:
        both = Sides(*(attribute(model, TEXT, target, method) for model, target in zip(models, targets, strict=True)))
        assert both.teacher.words == both.student.words
        assert agreement(both).words == both.teacher.words


def test_heads_are_matched_whatever_their_number(models: Sides[Model]) -> None:
    traces, matched = models.map(lambda model: trace(model, TEXT)), match_corpus(models, [TEXT.text])
    found = match_heads(traces)
    teacher, student = models.map(lambda model: (model.build.layers, model.build.heads))
    assert found.distances.values.shape == (*student, *teacher)
    np.testing.assert_allclose(matched.distances.values, found.distances.values, atol=1e-5)
    assert found.origins.initialised_from is None
    assert "initialised" not in finding(found.origins) + decision_rule(found.origins)
    for matching in MATCHINGS.values():
        matches = matching(found.distances)
        assert matches.layers.shape == student
        assert matches.layers.max() < teacher[0] and matches.heads.max() < teacher[1]
    for heads in (most_different(traces), most_attentive(traces, 3)):
        assert all(
            layer < build[0] and head < build[1] for (layer, head), build in zip(heads, (teacher, student), strict=True)
        )
    flows = traces.map(lambda each: answer_flow(each, predict(models.teacher, TEXT), next(iter(FLOW_METHODS))))
    assert flows.teacher.words.tolist() == flows.student.words.tolist()


BUILDS = st.builds(
    Build, st.sampled_from(["bert", "distilbert"]), st.sampled_from([4, 6, 12]), st.sampled_from([6, 12]), st.just(768)
)


@given(BUILDS, BUILDS)
def test_origins_are_known_of_the_published_kind_alone(teacher: Build, student: Build) -> None:
    published = (teacher.architecture, teacher.layers) == ("bert", 12) and student == Build(
        "distilbert", 6, teacher.heads, 768
    )
    assert known_origins(teacher, student) == ((0, 2, 4, 7, 9, 11) if published else None)


def test_a_narrow_student_of_the_published_depth_has_no_known_origin() -> None:
    teacher = Build("bert", 12, 12, 768)
    assert known_origins(teacher, Build("distilbert", 6, 12, 768)) == (0, 2, 4, 7, 9, 11)
    assert known_origins(teacher, Build("distilbert", 6, 12, 384)) is None
    assert known_origins(teacher, Build("bert", 6, 12, 768)) is None  # TinyBERT, MiniLM


def test_the_embedded_student_still_knows_its_layers() -> None:
    sides = PAIRS["embedded"].sides("fill-mask").map(lambda checkpoint: load(checkpoint, "fill-mask"))
    traces = sides.map(lambda model: trace(model, Example("fill-mask", "Paris is the [MASK] of France.")))
    assert match_heads(traces).origins.initialised_from == (0, 2, 4, 7, 9, 11)
    teacher, student = most_different(traces)
    assert teacher[0] == (0, 2, 4, 7, 9, 11)[student[0]] != as_deep(6, 12)[student[0]] or student[0] > 2


def test_random_weights_are_of_what_the_source_names() -> None:
    sides = own_pair("sentiment", "random:distilbert", "random:bert").sides("sentiment")
    assert [checkpoint.random_architecture for checkpoint in sides] == ["distilbert", "bert"]
    assert Checkpoint("random:gpt2", "").random_architecture == ""
    assert Checkpoint("bert", "").random_architecture == ""
