"""Facts about transformers that the analysis rests on: where one of them changes, so must the code."""

from pathlib import Path

import pytest
import torch
import transformers

from analysis.models import model as models
from analysis.models.model import load
from tests.support.checkpoint_folders import ARCHITECTURES, tiny


def test_fact_the_full_size_pair_has_these_parameters() -> None:
    with torch.device("meta"):
        teacher = transformers.BertModel(models.full_size("bert"))
        student = transformers.DistilBertModel(models.full_size("distilbert"))
    assert sum(parameter.numel() for parameter in teacher.parameters()) == 109_482_240
    assert sum(parameter.numel() for parameter in student.parameters()) == 66_362_880
    assert teacher.config.hidden_size == student.config.hidden_size == 768
    assert teacher.config.num_attention_heads == student.config.num_attention_heads == 12


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_fact_sdpa_returns_no_attentions_and_eager_does(architecture: str, tmp_path: Path) -> None:
    model = load(tiny(tmp_path, architecture), "sentiment")
    tokens = model.tokenizer("the film was good", return_tensors="pt")
    assert not model.network(**tokens, output_attentions=True).attentions
    model.network.set_attn_implementation("eager")
    assert len(model.network(**tokens, output_attentions=True).attentions) == 2


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_fact_head_mask_changes_nothing(architecture: str, tmp_path: Path) -> None:
    model = load(tiny(tmp_path, architecture), "sentiment")
    tokens = model.tokenizer("the film was good", return_tensors="pt")
    masked = model.network(**tokens, head_mask=torch.zeros(2, 2)).logits
    assert torch.equal(masked, model.network(**tokens).logits)


def test_fact_without_a_vocabulary_transformers_goes_on_with_five_pieces(tmp_path: Path) -> None:
    tiny(tmp_path)
    (tmp_path / "tokenizer.json").unlink()
    assert len(transformers.AutoTokenizer.from_pretrained(tmp_path)) == 5


def test_fact_a_head_is_filled_in_with_random_weights(tmp_path: Path) -> None:
    tiny(tmp_path, task="fill-mask")
    network = transformers.AutoModelForSequenceClassification.from_pretrained(tmp_path)
    assert network.classifier.weight.std() > 0
