"""`random:` checkpoints: weights as transformers draws them, the same for the same seed."""

from pathlib import Path

import pytest
import torch
import transformers

from analysis.errors import AnalysisError
from analysis.inputs.tasks import TASKS
from analysis.models import model as models
from analysis.models.model import load, random_weights
from analysis.models.network import network_class
from analysis.models.pairs import Checkpoint
from tests.support.checkpoint_folders import ARCHITECTURES, logits, refusal
from tests.support.tiny import tiny_checkpoint


@pytest.fixture
def small_random(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`random:` at a size for tests, with a tokenizer where the embedded pair's would be."""
    monkeypatch.setattr(models, "RANDOM_TOKENIZER", tiny_checkpoint(tmp_path / "teacher", "bert", "fill-mask"))
    small = {"vocab_size": 200, "max_position_embeddings": 512}
    sizes = {
        "bert": transformers.BertConfig(hidden_size=48, intermediate_size=96, **small),
        "distilbert": transformers.DistilBertConfig(dim=48, hidden_dim=96, **small),
    }
    monkeypatch.setattr(models, "full_size", sizes.__getitem__)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.usefixtures("small_random")
def test_random_weights_are_equal_for_equal_seeds_and_leave_the_global_generator(architecture: str) -> None:
    checkpoint = Checkpoint(f"random:{architecture}", architecture)
    before = torch.random.get_rng_state()
    first, again, other = (load(checkpoint, "fill-mask", seed=seed) for seed in (7, 7, 8))
    assert torch.equal(torch.random.get_rng_state(), before)
    text = "the film was [MASK]"
    assert torch.equal(logits(first, text), logits(again, text))
    assert not torch.equal(logits(first, text), logits(other, text))
    assert first.fingerprint == again.fingerprint
    assert first.fingerprint != other.fingerprint
    assert (first.disk_bytes, first.revision, first.max_tokens) == (0, None, 512)


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_random_weights_are_distributed_as_transformers_own(architecture: str, task: str) -> None:
    own = {"bert": transformers.BertConfig, "distilbert": transformers.DistilBertConfig}[architecture]
    size = {"bert": {"hidden_size": 96, "intermediate_size": 96}, "distilbert": {"dim": 96, "hidden_dim": 96}}
    config = own(vocab_size=500, **size[architecture])
    kind = network_class(architecture, TASKS[task].head)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        reference = dict(kind(config).named_parameters())
    drawn = random_weights(kind, config, seed=0)
    assert drawn.keys() == reference.keys()
    for name, tensor in drawn.items():
        assert tensor.shape == reference[name].shape
        if tensor.numel() > 5000:
            assert tensor.std() == pytest.approx(reference[name].std().item(), rel=0.1)
        elif tensor.dim() == 1:
            assert torch.equal(tensor, reference[name])


def test_random_weights_need_the_embedded_tokenizer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(models, "RANDOM_TOKENIZER", tmp_path / "none")
    with pytest.raises(AnalysisError, match="tokenizer of the embedded pair"):
        load(Checkpoint("random:bert", "bert"), "fill-mask")


@pytest.mark.parametrize("source", ["random:distilbert", "random:", "random:bert-0"])
def test_what_is_not_quite_a_source_of_random_weights_is_one_sentence(source: str) -> None:
    refusal(Checkpoint(source, "bert"))


def test_mistakes_of_the_programmer_are_value_errors() -> None:
    with pytest.raises(ValueError, match="architecture must be one of bert, distilbert"):
        load(Checkpoint("random:roberta", "roberta"), "fill-mask")
