"""A private copy of a model to measure, with another attention implementation, number format, device, or with hooks.

    variant(model, BenchmarkConfig(precision="bfloat16")).network(**inputs)

The shared model stays unchanged: the copy has modules of its own, and shares the weights unless they have to change.
"""

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeAlias

from analysis.errors import AnalysisError
from analysis.latency.config import BenchmarkConfig
from analysis.models.model import Model

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel

    Tensors: TypeAlias = Callable[[torch.Tensor], torch.Tensor]

ATTENTIONS = ("sdpa", "eager")
DEVICES = ("cpu", "cuda")
# torch announces that this kind of int8 will move to a package of its own; it has no other that needs no calibration.
LEAVING = (
    (DeprecationWarning, r"\s*torch\.ao\.quantization is deprecated"),
    (UserWarning, r"torch\.quantize_per_tensor"),
)


def variant(model: Model, config: BenchmarkConfig) -> Model:
    """A copy of the model with a configuration's attention, precision and device; it shares tokenizer and lock.

    `size_bytes` is the copy's. It is compared with no other model, which would take time of its own. Raises
    `AnalysisError` with the reason if it does not run here.
    """
    import torch

    if config.device == "cuda" and not torch.cuda.is_available():
        raise AnalysisError("There is no GPU here that torch can use.")
    try:
        network = PRECISIONS[config.precision](model, config.device)
        network.set_attn_implementation(config.attention)
        with torch.inference_mode():
            network(input_ids=torch.zeros((1, 3), dtype=torch.int64, device=config.device))
    except (AttributeError, ImportError, RuntimeError) as error:  # RuntimeError: also if an operation is missing
        message = str(error).strip().split("\n")[0]
        raise AnalysisError(
            f"{config.precision} with {config.attention} attention does not run here ({config.device}): {message}"
        ) from error
    return replace(model, network=network, size_bytes=held_bytes(network), beside=None)


def copied(model: Model, tensors: Tensors = lambda tensor: tensor) -> PreTrainedModel:
    """A copy of the network's modules without hooks.

    `tensors` maps each weight to the one in the copy. If it returns the weight itself, both networks share it.
    """
    import torch

    weights = {}
    with model.lock:  # while another thread holds it, the model may have hooks
        for tensor in (*model.network.parameters(), *model.network.buffers()):
            mapped = tensors(tensor)
            keep = mapped is tensor or not isinstance(tensor, torch.nn.Parameter)
            weights[id(tensor)] = mapped if keep else torch.nn.Parameter(mapped, requires_grad=False)
        return copy.deepcopy(model.network, weights)


def _float32(model: Model, device: str) -> PreTrainedModel:
    return copied(model, lambda tensor: tensor.to(device))


def _bfloat16(model: Model, device: str) -> PreTrainedModel:
    import torch

    return copied(model, lambda tensor: tensor.to(device, torch.bfloat16 if tensor.is_floating_point() else None))


def _int8(model: Model, device: str) -> PreTrainedModel:
    """Weights of all linear layers in int8, their inputs rounded to int8 in each pass; the rest in float32."""
    import torch

    if device != "cpu":
        raise AnalysisError("torch's dynamic int8 runs on the processor only.")
    with warnings.catch_warnings():
        for category, message in LEAVING:
            warnings.filterwarnings("ignore", message, category)
        quantised: PreTrainedModel = torch.ao.quantization.quantize_dynamic(  # type: ignore[no-untyped-call]
            copied(model), {torch.nn.Linear}, dtype=torch.qint8, inplace=True
        )
    return quantised


# Number format -> a function that copies the network into it.
PRECISIONS: dict[str, Callable[[Model, str], PreTrainedModel]] = {
    "float32": _float32,
    "bfloat16": _bfloat16,
    "int8": _int8,
}


def held_bytes(network: PreTrainedModel) -> int:
    """Bytes of all weights, quantised ones included."""
    import torch

    packed: list[Any] = [part for part in network.modules() if isinstance(part, torch.ao.nn.quantized.dynamic.Linear)]
    quantised: int = sum(module.weight().numel() + module.bias().nbytes for module in packed)
    return quantised + sum(tensor.nbytes for tensor in (*network.parameters(), *network.buffers()))
