"""A model of one's own to measure: other attention, other number format, another device, hooks.

    variant(model, Setting(precision="bfloat16")).network(**inputs)

The shared model stays as it is: what is measured is a copy of its modules, which reads the same weights where they can
stay as they are, and has weights of its own where not.
"""

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeAlias

from analysis.errors import AnalysisError
from analysis.latency.config import Setting
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


def variant(model: Model, setting: Setting) -> Model:
    """The model under a setting's attention, precision and device, with its lock, since it has its tokenizer.

    `size_bytes` is the copy's. Raises `AnalysisError` with the reason where it does not run here.
    """
    import torch

    if setting.device == "cuda" and not torch.cuda.is_available():
        raise AnalysisError("There is no GPU here that torch can use.")
    try:
        network = PRECISIONS[setting.precision](model, setting.device)
        network.set_attn_implementation(setting.attention)
        with torch.inference_mode():
            network(input_ids=torch.zeros((1, 3), dtype=torch.int64, device=setting.device))
    except (AttributeError, ImportError, RuntimeError) as error:  # RuntimeError: also where an operation is not there
        said = str(error).strip().split("\n")[0]
        raise AnalysisError(
            f"{setting.precision} with {setting.attention} attention does not run here ({setting.device}): {said}"
        ) from error
    return replace(model, network=network, size_bytes=held_bytes(network))


def copied(model: Model, tensors: Tensors = lambda tensor: tensor) -> PreTrainedModel:
    """The network's modules once more, nothing hooked in.

    `tensors` gives what stands for each weight. Where it is the weight itself, both networks read one and the same.
    """
    import torch

    weights = {}
    with model.lock:  # while somebody else has it, there may be hooks in it
        for tensor in (*model.network.parameters(), *model.network.buffers()):
            other = tensors(tensor)
            own = other is tensor or not isinstance(tensor, torch.nn.Parameter)
            weights[id(tensor)] = other if own else torch.nn.Parameter(other, requires_grad=False)
        return copy.deepcopy(model.network, weights)


def _float32(model: Model, device: str) -> PreTrainedModel:
    return copied(model, lambda tensor: tensor.to(device))


def _bfloat16(model: Model, device: str) -> PreTrainedModel:
    import torch

    return copied(model, lambda tensor: tensor.to(device, torch.bfloat16 if tensor.is_floating_point() else None))


def _int8(model: Model, device: str) -> PreTrainedModel:
    """Weights of all linear layers in int8, their inputs rounded to int8 anew in each pass; the rest in float32."""
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


# Key of a number format -> a copy of the network in it.
PRECISIONS: dict[str, Callable[[Model, str], PreTrainedModel]] = {
    "float32": _float32,
    "bfloat16": _bfloat16,
    "int8": _int8,
}


def held_bytes(network: PreTrainedModel) -> int:
    """Bytes of all weights, those that are quantised included."""
    import torch

    packed: list[Any] = [part for part in network.modules() if isinstance(part, torch.ao.nn.quantized.dynamic.Linear)]
    quantised: int = sum(module.weight().numel() + module.bias().nbytes for module in packed)
    return quantised + sum(tensor.nbytes for tensor in (*network.parameters(), *network.buffers()))
