from copy import deepcopy
from dataclasses import replace

import pytest
import torch
import transformers

from analysis.models.architecture import Architecture, architecture
from analysis.models.model import Model
from analysis.models.pairs import Sides

KINDS = {"bert": ("BertConfig", "BertModel"), "distilbert": ("DistilBertConfig", "DistilBertModel")}


@pytest.fixture(scope="module")
def full_size(tiny_pairs: dict[str, Sides[Model]]) -> Sides[Architecture]:
    """BERT-base and DistilBERT-base as shapes without numbers."""

    def shapes(model: Model) -> Architecture:
        config, kind = (getattr(transformers, name) for name in KINDS[model.architecture])
        with torch.device("meta"):
            return architecture(replace(model, network=kind(config())))

    return tiny_pairs["fill-mask"].map(shapes)


def test_parts_sum_to_all_weights_with_tied_ones_counted_once(tiny_pair: Sides[Model], side: str) -> None:
    model = tiny_pair[side]
    sizes = architecture(model)
    storages = {tensor.data_ptr(): tensor.numel() for tensor in model.network.state_dict().values()}
    assert sizes.parameters == sum(storages.values())
    assert sizes.memory_bytes >= 4 * sizes.parameters
    assert sizes.embedding_parameters > 0 < sizes.encoder_parameters


def test_the_head_is_what_comes_after_embeddings_and_encoder(tiny_pairs: dict[str, Sides[Model]]) -> None:
    width, labels = 16, 3
    heads = tiny_pairs["sentence-pair"].map(lambda model: architecture(model).head_parameters)
    inner = width * width + width  # BERT's pooler, DistilBERT's pre-classifier
    assert heads == Sides(*[inner + width * labels + labels] * 2)


def test_sizes_are_those_of_the_configuration(tiny_pairs: dict[str, Sides[Model]]) -> None:
    for model in tiny_pairs["sentiment"]:
        sizes = architecture(model)
        assert (sizes.layers, sizes.heads, sizes.width, sizes.feed_forward, sizes.positions) == (2, 2, 16, 32, 64)
        assert sizes.vocabulary == len(model.tokenizer)
        assert sizes.disk_bytes == model.disk_bytes > 0


@pytest.mark.filterwarnings("ignore:.*quantiz")  # it will move to a package of its own
def test_integer_bytes_are_those_of_torchs_dynamic_quantisation(tiny_pair: Sides[Model], side: str) -> None:
    model = tiny_pair[side]
    quantised = torch.ao.quantization.quantize_dynamic(deepcopy(model.network), {torch.nn.Linear}, dtype=torch.qint8)
    layers = [module for module in quantised.modules() if isinstance(module, torch.ao.nn.quantized.dynamic.Linear)]
    integers = sum(layer.weight().numel() + 4 * layer.bias().numel() for layer in layers)
    floats = sum(parameter.nbytes for parameter in quantised.parameters())
    assert architecture(model).integer_bytes == integers + floats < 4 * architecture(model).parameters


def test_full_size_models_have_the_published_parameters(full_size: Sides[Architecture]) -> None:
    """Sanh et al. (2019), table 3 (110 and 66 million), exactly."""
    assert [sizes.parameters for sizes in full_size] == [109_482_240, 66_362_880]
    assert 1 - full_size.student.parameters / full_size.teacher.parameters == pytest.approx(0.394, abs=5e-4)


def test_the_student_has_half_of_the_layers_and_exactly_half_of_the_encoder(full_size: Sides[Architecture]) -> None:
    assert full_size.teacher.encoder_parameters == 2 * full_size.student.encoder_parameters == 85_054_464
    assert [sizes.layers for sizes in full_size] == [12, 6]
    assert [(sizes.width, sizes.heads, sizes.feed_forward) for sizes in full_size] == [(768, 12, 3072)] * 2


def test_the_student_drops_segment_embeddings_and_pooler(full_size: Sides[Architecture]) -> None:
    teacher, student = full_size
    assert teacher.embedding_parameters - student.embedding_parameters == 2 * 768
    assert (teacher.segments, student.segments) == (2, 0)
    for pooler in ("head_parameters", "pooler_parameters"):
        assert (getattr(teacher, pooler), getattr(student, pooler)) == (768 * 768 + 768, 0)


def test_the_task_decides_whether_the_teacher_has_its_pooler(tiny_pairs: dict[str, Sides[Model]]) -> None:
    poolers = {task: pair.map(lambda model: architecture(model).pooler_parameters) for task, pair in tiny_pairs.items()}
    with_pooler = Sides(16 * 16 + 16, 0)
    assert poolers["sentiment"] == poolers["sentence-pair"] == with_pooler
    assert poolers["fill-mask"] == poolers["entities"] == poolers["question-answering"] == Sides(0, 0)
