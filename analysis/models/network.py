"""The network of a checkpoint, built of its configuration and exactly its weights.

Every damage and every mismatch becomes one sentence. transformers itself would go on with fresh random weights, or with
half of the layers, and only log it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from analysis.errors import AnalysisError
from analysis.models.config_files import MALFORMED, no_head
from analysis.models.families import FAMILIES
from analysis.wording import shown

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedConfig, PreTrainedModel


def network_class(architecture: str, head: str) -> type[PreTrainedModel]:
    """The class for a head ("AutoModelForMaskedLM") on an architecture ("bert"): here, `BertForMaskedLM`."""
    import transformers

    found: type[PreTrainedModel] = getattr(
        transformers, FAMILIES[architecture].classes + head.removeprefix("AutoModel")
    )
    return found


def build_network(
    name: str,
    architecture: str,
    head: str,
    config: PreTrainedConfig,
    weights: Mapping[str, torch.Tensor],
    to_come: Collection[str] = (),
) -> PreTrainedModel:
    """The network with exactly these weights: none missing, none of another shape, no layer left over.

    It holds the tensors themselves, not copies. Names `to_come` may be missing: they are at random until they come.
    """
    import torch

    if not _fits(config, weights):
        raise AnalysisError(f"The weights of {name} are not of the sizes in its config.json: fetch both again.")
    try:
        loaded: Any = network_class(architecture, head).from_pretrained(
            None,
            config=config,
            state_dict=weights,
            dtype=torch.float32,
            attn_implementation="sdpa",
            ignore_mismatched_sizes=True,  # reported below instead
            output_loading_info=True,
        )
    except MALFORMED as error:
        raise AnalysisError(f"{name} cannot be built from its config.json: fetch the checkpoint again.") from error
    network: PreTrainedModel = loaded[0]
    _check_complete(name, head, network.base_model_prefix + ".", loaded[1], to_come)
    network.requires_grad_(False)
    return network  # already in evaluation mode: dropout is off


def _fits(config: PreTrainedConfig, weights: Mapping[str, torch.Tensor]) -> bool:
    """Whether the weights have matrices of the sizes that the network will have.

    transformers makes its own of any size before it compares them.
    """
    width = config.hidden_size
    embedded = getattr(config, "embedding_size", width)  # which some architectures project to their width
    rows = {getattr(config, name, None) for name in ("vocab_size", "max_position_embeddings", "type_vocab_size")}
    inner = config.intermediate_size if hasattr(config, "intermediate_size") else config.hidden_dim
    wanted = {(inner, width), (width, width), *((row, embedded) for row in rows if row is not None)}
    shapes = {tuple(tensor.shape) for tensor in weights.values()}
    return config.num_hidden_layers <= len(weights) and wanted <= shapes


def _check_complete(name: str, head: str, base: str, report: Mapping[str, Any], to_come: Collection[str]) -> None:
    """Refuses what transformers reports of a loading: names of weights that were missing, misshapen or not used."""
    missing = sorted(set(report["missing_keys"]) - set(to_come))
    if absent := [key for key in missing if key.startswith(base) and "pooler" not in key]:
        raise AnalysisError(f"{name} lacks {len(absent)} of its weights, such as {absent[0]}: fetch it again.")
    if missing:
        raise no_head(name, head)
    if report["mismatched_keys"]:
        raise AnalysisError(f"The weights of {name} are not of the sizes in its config.json: fetch both again.")
    if left_over := [key for key in report["unexpected_keys"] if ".layer." in key]:
        raise AnalysisError(
            f"The config.json of {name} has no place for its weights {shown(min(left_over))}: fetch both again."
        )
