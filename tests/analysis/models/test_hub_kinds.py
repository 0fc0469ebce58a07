"""One checkpoint of each kind that people have, served by the stand-in hub: loaded from there, it answers as itself."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from analysis.inputs.examples import Example
from analysis.models.forward import read
from analysis.models.model import Model, load
from analysis.models.pairs import Checkpoint
from analysis.predictions.entities import Entities
from analysis.predictions.heads import predict
from analysis.predictions.label_sets import LabelSet
from analysis.predictions.question_answering import SpanPredictions
from analysis.predictions.regression import Number
from analysis.predictions.tags import scheme_of
from tests.support.stand_in_hub import Repository, StandInHub, commit_of, files_of, stand_in_hub, use_hub
from tests.support.tiny import EXAMPLES, tiny_adapter, tiny_checkpoint, tiny_vocabulary

WEIGHTS = "model.safetensors"
BIOES = ["O", *(f"{place}-{kind}" for kind in ("PER", "LOC") for place in "BIES")]
CARD = "---\ndatasets:\n- squad_v2\n---\nA model.\n"
Kind = tuple[str, Callable[[Path], Path], Callable[[Model], bool]]


def words_alone(folder: Path) -> Path:
    tiny_checkpoint(folder, "bert", "sentiment", lower_case=False)
    for file in ("tokenizer.json", "tokenizer_config.json"):
        (folder / file).unlink()
    (folder / "vocab.txt").write_text("\n".join(tiny_vocabulary(lower_case=False)), encoding="utf-8")
    return folder


def in_shards(folder: Path) -> Path:
    weights = load_file(tiny_checkpoint(folder, "bert", "sentiment") / WEIGHTS)
    for shard in (1, 2):
        part = {name: weights[name] for name in sorted(weights)[shard - 1 :: 2]}
        save_file(part, folder / f"model-0000{shard}-of-00002.safetensors")
    (folder / WEIGHTS).unlink()
    return folder


def in_two_formats(folder: Path) -> Path:
    weights = load_file(tiny_checkpoint(folder, "bert", "sentiment") / WEIGHTS)
    torch.save({name: torch.zeros_like(tensor) for name, tensor in weights.items()}, folder / "pytorch_model.bin")
    return folder


def adapter(folder: Path) -> Path:
    base = tiny_checkpoint(folder.parent / "base", "bert", "fill-mask")
    return tiny_adapter(folder, base, "sentiment")


def on_hub(folder: Path) -> dict[str, bytes]:
    """A folder's files, of an adapter with the base that the hub has."""
    files = files_of(folder)
    if config := files.get("adapter_config.json"):
        settings = json.loads(config) | {"base_model_name_or_path": "kinds/base"}
        files["adapter_config.json"] = json.dumps(settings).encode()
    return files


def of_labels(task: str, labels: list[str], problem: str | None = None) -> Callable[[Path], Path]:
    return lambda folder: tiny_checkpoint(folder, "bert", task, labels=labels, problem=problem)


def with_card(folder: Path) -> Path:
    (tiny_checkpoint(folder, "bert", "question-answering") / "README.md").write_text(CARD, encoding="utf-8")
    return folder


def answer(model: Model) -> Any:
    return predict(model, EXAMPLES[model.task])


KINDS: dict[str, Kind] = {
    "vocab-only": ("sentiment", words_alone, lambda model: model.tokenizer.tokenize("Mary") == ["Mary"]),
    "shards": ("sentiment", in_shards, lambda model: len(model.weights or ()) > 20),
    "two-formats": ("sentiment", in_two_formats, lambda model: bool(np.ptp(answer(model).logits) > 0)),
    "adapter": ("sentiment", adapter, lambda model: model.base is not None),
    "multi-label": (
        "sentiment",
        of_labels("sentiment", ["toxic", "insult"], "multi_label_classification"),
        lambda model: isinstance(answer(model), LabelSet),
    ),
    "regression": (
        "sentence-pair",
        of_labels("sentence-pair", ["LABEL_0"], "regression"),
        lambda model: isinstance(answer(model), Number),
    ),
    "bioes": (
        "entities",
        of_labels("entities", BIOES),
        lambda model: (
            isinstance(answer(model), Entities) and {tag.place for tag in scheme_of(model.labels).tags} > {*"BIES"}
        ),
    ),
    "no-answer-by-its-card": (
        "question-answering",
        with_card,
        lambda model: isinstance(answer(model), SpanPredictions) and answer(model).no_answer is not None,
    ),
}


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    root = tmp_path_factory.mktemp("kinds")
    return {name: make(root / name / "one") for name, (_, make, _) in KINDS.items()}


@pytest.fixture(scope="module")
def hub(folders: dict[str, Path]) -> Iterator[StandInHub]:
    served = {f"kinds/{name}": Repository([on_hub(folder)]) for name, folder in folders.items()}
    base = Repository([files_of(folders["adapter"].parent / "base")])
    with stand_in_hub({**served, "kinds/base": base}) as running:
        yield running


@pytest.fixture(autouse=True)
def fetched_from(hub: StandInHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use_hub(hub, tmp_path / "home", monkeypatch)


@pytest.mark.parametrize("name", KINDS)
def test_a_checkpoint_of_each_kind_answers_from_the_hub_as_from_its_folder(
    name: str, hub: StandInHub, folders: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    task, _, is_of_its_kind = KINDS[name]
    source = f"kinds/{name}"
    if name == "adapter":
        load(Checkpoint("kinds/base", "bert"), "fill-mask")  # what is not asked for is not fetched
    model = load(Checkpoint(source, "bert"), task)
    assert model.revision == commit_of(hub.repositories[source].commits[-1]) or name == "adapter"
    assert is_of_its_kind(model)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert load(Checkpoint(source, "bert"), task).fingerprint == model.fingerprint  # all of it stays here
    local = load(Checkpoint(str(folders[name]), "bert"), task)
    example: Example = EXAMPLES[task]
    for one, other in zip(read(model, example), read(local, example), strict=True):
        np.testing.assert_array_equal(one.logits, other.logits)
    assert predict(model, example).summary == predict(local, example).summary
