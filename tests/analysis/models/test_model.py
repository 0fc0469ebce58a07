"""Models read from folders: they are what transformers makes of the same files, and each has a fingerprint."""

import json
import logging
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers

from analysis.errors import AnalysisError
from analysis.inputs.examples import Example
from analysis.inputs.tasks import TASKS
from analysis.models.model import load
from analysis.models.model_files import fingerprint_of
from analysis.models.pairs import Checkpoint
from analysis.models.tokens import tokenize
from analysis.predictions.heads import predict
from tests.support.checkpoint_folders import (
    ARCHITECTURES,
    LOWER,
    WEIGHTS,
    change_weights,
    logits,
    refusal,
    rewrite,
    tiny,
    with_weight,
)
from tests.support.tiny import EXAMPLES, LABELS


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_a_model_answers_as_transformers_own_loading_does(architecture: str, task: str, tmp_path: Path) -> None:
    model = load(tiny(tmp_path, architecture, task), task)
    reference = getattr(transformers, TASKS[task].head).from_pretrained(tmp_path).eval()
    tokens = model.tokenizer("the film was [MASK]", "who likes it?", return_tensors="pt")
    expected = reference(**tokens)
    for key, value in model.network(**tokens).items():
        torch.testing.assert_close(value, expected[key])  # not bit for bit: weights mapped from a file lie unaligned
    assert model.architecture == architecture
    assert model.labels == LABELS.get(task, ())
    assert model.max_tokens == 64
    assert model.network.config._attn_implementation == "sdpa"
    assert not model.network.training
    assert not any(parameter.requires_grad for parameter in model.network.parameters())
    assert model.disk_bytes == sum(path.stat().st_size for path in tmp_path.iterdir())


def test_the_tokenizer_gives_offsets_and_keeps_capitals(tmp_path: Path) -> None:
    model = load(tiny(tmp_path, task="entities", lower_case=False), "entities")
    tokens = model.tokenizer("John lives in Paris", return_offsets_mapping=True)
    assert model.tokenizer.convert_ids_to_tokens(tokens["input_ids"])[1:-1] == ["John", "lives", "in", "Paris"]
    assert tokens["offset_mapping"][1:-1] == [(0, 4), (5, 10), (11, 13), (14, 19)]


def test_a_cased_checkpoint_is_never_lower_cased(tmp_path: Path) -> None:
    checkpoint = tiny(tmp_path, task="entities", lower_case=False)
    (tmp_path / "tokenizer_config.json").unlink()
    assert transformers.AutoTokenizer.from_pretrained(tmp_path).tokenize("Paris") == ["paris"]
    assert load(checkpoint, "entities").tokenizer.tokenize("Paris") == ["Paris"]


def test_a_truncation_saved_in_the_tokenizer_cuts_nothing(tmp_path: Path) -> None:
    checkpoint = tiny(tmp_path)
    whole = load(checkpoint, "sentiment").tokenizer("the film was good and funny")["input_ids"]
    cut = {"direction": "Right", "max_length": 4, "strategy": "LongestFirst", "stride": 0}
    rewrite(tmp_path / "tokenizer.json", truncation=cut)
    assert load(checkpoint, "sentiment").tokenizer("the film was good and funny")["input_ids"] == whole


def test_the_fingerprint_follows_every_file_and_the_labels_but_not_the_place(tmp_path: Path) -> None:
    checkpoint = tiny(tmp_path / "here")
    here = tmp_path / "here"
    original = load(checkpoint, "sentiment").fingerprint
    assert fingerprint_of(checkpoint) == original
    shutil.copytree(here, tmp_path / "there")
    assert load(replace(checkpoint, source=str(tmp_path / "there")), "sentiment").fingerprint == original
    seen = {original, load(replace(checkpoint, labels=(("POSITIVE", "good"),)), "sentiment").fingerprint}
    change_weights(here / WEIGHTS, with_weight("classifier.bias", torch.tensor([1e-6, 0])))
    seen.add(load(checkpoint, "sentiment").fingerprint)
    rewrite(here / "config.json", layer_norm_eps=1e-6)
    seen.add(load(checkpoint, "sentiment").fingerprint)
    rewrite(here / "tokenizer_config.json", model_max_length=32)
    seen.add(load(checkpoint, "sentiment").fingerprint)
    assert len(seen) == 5


@pytest.mark.parametrize("activation", ["relu", "gelu_new", "silu"])
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_another_activation_is_computed_everywhere(architecture: str, activation: str, tmp_path: Path) -> None:
    """In the layers as transformers does, and in the head as the network's own, which the logit lens asks."""
    checkpoint = tiny(tmp_path, architecture, "fill-mask")
    key = {"bert": "hidden_act", "distilbert": "activation"}[architecture]
    plain = logits(load(checkpoint, "fill-mask"), "the old [MASK] was good")
    rewrite(tmp_path / "config.json", **{key: activation})
    model = load(checkpoint, "fill-mask")
    reference = transformers.AutoModelForMaskedLM.from_pretrained(tmp_path).eval()
    tokens = model.tokenizer("the old [MASK] was good", return_tensors="pt")
    expected = reference(**tokens, output_hidden_states=True)
    torch.testing.assert_close(logits(model, "the old [MASK] was good"), expected.logits)
    assert not torch.allclose(plain, expected.logits)
    lens = model.family.mask_logits(model.network, expected.hidden_states[-1][0])
    torch.testing.assert_close(lens, expected.logits[0])


@pytest.mark.parametrize("positions", [16, 40, 128])
def test_a_model_reads_as_many_tokens_as_it_has_positions(positions: int, tmp_path: Path) -> None:
    model = load(tiny(tmp_path, max_positions=positions), "sentiment")
    assert model.max_tokens == positions
    assert len(tokenize(model, Example("sentiment", "cat " * (positions - 2)))) == 1
    assert len(tokenize(model, Example("sentiment", "cat " * (positions - 1)))) == 2


@pytest.mark.parametrize("task", TASKS)
def test_a_model_of_one_segment_reads_one_text(task: str, tmp_path: Path) -> None:
    checkpoint = tiny(tmp_path, task=task)
    rewrite(tmp_path / "config.json", type_vocab_size=1)
    segments = "bert.embeddings.token_type_embeddings.weight"
    change_weights(tmp_path / WEIGHTS, lambda weights: {**weights, segments: weights[segments][:1].clone()})
    if len(TASKS[task].fields) > 1:
        assert "cannot tell two texts apart" in refusal(checkpoint, task)
    else:
        assert predict(load(checkpoint, task), EXAMPLES[task]).summary


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_rows_of_a_padded_vocabulary_have_a_name_each(architecture: str, tmp_path: Path) -> None:
    """Weights are often padded to a multiple of 64, for speed."""
    checkpoint = tiny(tmp_path, architecture, "fill-mask", vocabulary=[*LOWER, *(f"pad{at}" for at in range(20))])
    pieces = json.loads((tmp_path / "tokenizer.json").read_text(encoding="utf-8"))["model"]
    rewrite(tmp_path / "tokenizer.json", model=pieces | {"vocab": {word: at for at, word in enumerate(LOWER)}})
    found: Any = predict(load(checkpoint, "fill-mask"), EXAMPLES["fill-mask"])
    assert found.vocabulary == (*LOWER, *(f"[id {len(LOWER) + at}]" for at in range(20)))
    np.testing.assert_allclose(found.probabilities.sum(axis=1), 1, rtol=1e-5)


def test_a_folder_has_no_fingerprint_as_another_architecture(tmp_path: Path) -> None:
    """It would be that of the results of the side that it can be."""
    assert fingerprint_of(replace(tiny(tmp_path), architecture="distilbert")) is None


def test_loading_says_nothing_and_silences_nobody(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    logger = transformers.utils.logging
    before = (logger.get_verbosity(), logger.is_progress_bar_enabled())
    load(tiny(tmp_path / "loaded", "bert", "fill-mask"), "fill-mask")
    capfd.readouterr()
    load(Checkpoint(str(tmp_path / "loaded"), "bert"), "fill-mask")
    with pytest.raises(AnalysisError):
        load(Checkpoint(str(tmp_path / "loaded"), "bert"), "question-answering")
    assert capfd.readouterr() == ("", "")
    assert (logger.get_verbosity(), logger.is_progress_bar_enabled()) == before
    assert logging.getLogger("transformers").level != logging.CRITICAL


def test_models_loaded_at_the_same_time_are_the_ones_loaded_alone(tmp_path: Path) -> None:
    checkpoints = [tiny(tmp_path / str(seed), seed=seed) for seed in range(4)]

    def answer(checkpoint: Checkpoint) -> torch.Tensor:
        return logits(load(checkpoint, "sentiment"), "the film was good")

    alone = [answer(checkpoint) for checkpoint in checkpoints]
    with ThreadPoolExecutor(4) as threads:
        together = list(threads.map(answer, checkpoints))
    assert all(map(torch.equal, together, alone))


def test_a_model_is_equal_to_itself_alone_and_cannot_be_changed(tmp_path: Path) -> None:
    checkpoint = tiny(tmp_path)
    first, second = load(checkpoint, "sentiment"), load(checkpoint, "sentiment")
    assert first != second
    assert len({first, second}) == 2
    with pytest.raises(AttributeError):
        first.task = "entities"
