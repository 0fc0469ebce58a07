"""A new kind of task head and a new architecture are one row each: everything else takes them as they are."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import transformers
from streamlit.testing.v1 import AppTest

from analysis.attribution.methods import METHODS, attribute
from analysis.inputs.examples import Example
from analysis.inputs.samples import Sample
from analysis.inputs.tasks import TASKS, Task
from analysis.models.families import FAMILIES, Family
from analysis.models.model import Model, load
from analysis.models.pairs import PAIRS, Checkpoint, Pair, Sides
from analysis.predictions.heads import HEADS, predict
from analysis.predictions.resolve import default_target
from dashboard.__main__ import _loaded
from dashboard.predict_command import report_of
from tests.support import toy_head
from tests.support.app import html_of, problems
from tests.support.checkpoint_folders import rewrite
from tests.support.tiny import tiny_checkpoint, tiny_vocabulary

LABELS = ("dull", "old", "good")
TEXT = "the old film was good."
TOY = Task("Toy", "Which of these?", ("Text",), toy_head.NAME, "a label", (Sample("One", "Look.", TEXT),))


@pytest.fixture
def toys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pair:
    """A pair whose heads are of the toy kind."""
    for kind in ("Bert", "DistilBert"):
        trained = getattr(transformers, f"{kind}ForSequenceClassification")
        toy = type(f"{kind}ForToyClassification", (trained,), {})
        monkeypatch.setattr(transformers, toy.__name__, toy, raising=False)
    monkeypatch.setitem(HEADS, toy_head.NAME, toy_head.ROW)
    monkeypatch.setitem(TASKS, "toy", TOY)
    sides = Sides("bert", "distilbert").map(lambda kind: Checkpoint(str(tmp_path / kind), kind))
    for checkpoint in sides:
        folder = tiny_checkpoint(Path(checkpoint.source), checkpoint.architecture, "sentiment", labels=LABELS)
        rename_head(folder / "config.json")
    pair = Pair("Toy pair", "About toys.", {"toy": sides})
    monkeypatch.setitem(PAIRS, "toys", pair)
    return pair


def rename_head(config: Path) -> None:
    settings = json.loads(config.read_text(encoding="utf-8"))
    names = [name.replace("Sequence", "Toy") for name in settings["architectures"]]
    rewrite(config, architectures=names)


def test_a_new_kind_of_head_is_answered_attributed_and_exported(toys: Pair) -> None:
    example = Example("toy", TEXT)
    for model in toys.sides("toy").map(lambda checkpoint: load(checkpoint, "toy")):
        prediction = predict(model, example)
        assert prediction.summary.startswith("toy: ")
        attribution = attribute(model, example, default_target(prediction), "Occlusion")
        assert len(attribution.words) == len(attribution.scores) == 6
    exported = report_of(toys, _loaded(toys, example.task), example)
    assert exported["teacher"]["distributions"] and exported["divergence_bits"] > 0


@pytest.mark.parametrize("page", ["predictions", "attention", "attributions", "similarity", "models"])
def test_a_new_kind_of_head_is_shown_on_every_page(app: AppTest, toys: Pair, page: str) -> None:
    app.query_params["pair"] = toys.title
    app.run()
    app.switch_page(f"../pages/{page}.py").run()
    assert not problems(app)
    assert html_of(app).count('<b class="dl-answer">toy: ') == 2


def electra(folder: Path) -> Model:
    """A tiny ELECTRA, an architecture that the table does not have."""
    pieces = tiny_vocabulary(lower_case=True)
    config = transformers.ElectraConfig(
        vocab_size=len(pieces),
        embedding_size=16,
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=64,
        id2label={0: "bad", 1: "good"},
        label2id={"bad": 0, "good": 1},
    )
    transformers.ElectraForSequenceClassification(config).save_pretrained(folder)
    tokenizer = transformers.ElectraTokenizer(vocab={piece: index for index, piece in enumerate(pieces)})  # type: ignore[attr-defined]
    tokenizer.save_pretrained(folder)
    return load(Checkpoint(str(folder), "electra"), "sentiment")


def test_a_new_architecture_is_one_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(
        FAMILIES,
        "electra",
        Family(
            title="ELECTRA",
            classes="Electra",
            layers="encoder.layer",
            attention_output="attention.output.dense",
            attention_norm="attention.output.LayerNorm",
            reads_segments=True,
            mask_logits=lambda network, states: network.generator_lm_head(network.generator_predictions(states)),
        ),
    )
    model, example = electra(tmp_path), Example("sentiment", TEXT)
    target = default_target(predict(model, example))
    for method in METHODS:
        assert len(attribute(model, example, target, method).scores) == 6
