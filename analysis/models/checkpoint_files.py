"""What a checkpoint's folder holds: configuration, weights, network and tokenizer, each read with its own safeguards.

Every damage and every mismatch becomes one sentence. transformers itself would go on with fresh random weights, with
a vocabulary of five pieces, or with half of the layers, and only log it.
"""

from __future__ import annotations

import json
import os
import pickle
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.errors import AnalysisError
from analysis.models.families import FAMILIES
from analysis.models.hub import TOKENIZER, shown, weight_files

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedConfig, PreTrainedModel, PreTrainedTokenizerBase

ALSO = {"ForMaskedLM": "ForPreTraining"}  # the published BERTs carry both heads of their pre-training
OUTPUT_SWITCHES = ("return_dict", "output_attentions", "output_hidden_states")  # for the caller to say, not for a file

# What the constructors and parsers below raise on files that are not what they should be.
MALFORMED = (AssertionError, AttributeError, EOFError, ImportError, LookupError, RuntimeError, TypeError, ValueError)


class Weights(dict[str, "torch.Tensor"]):
    """Tensors by their names in a checkpoint. Unlike a plain dict, it can be remembered for as long as it is in use."""


def network_class(architecture: str, head: str) -> type[PreTrainedModel]:
    """The class for a head ("AutoModelForMaskedLM") on an architecture ("bert"): here, `BertForMaskedLM`."""
    import transformers

    found: type[PreTrainedModel] = getattr(
        transformers, FAMILIES[architecture].classes + head.removeprefix("AutoModel")
    )
    return found


def config_from(name: str, settings: Mapping[str, Any], architecture: str, head: str) -> PreTrainedConfig:
    """The configuration that these settings make, where they are of that architecture and made for that head."""
    import transformers
    from huggingface_hub.errors import StrictDataclassError

    model_type = settings.get("model_type", "an unnamed")
    if model_type != architecture:
        raise AnalysisError(
            f"{name} is a {shown(str(model_type), 40)} checkpoint; DistilLens compares bert with distilbert: choose a "
            f"{architecture} for this side."
        )
    if "quantization_config" in settings:
        raise AnalysisError(f"{name} is quantised; choose the checkpoint with its full weights.")
    check_head(name, settings.get("architectures"), head)
    try:
        kept = {key: value for key, value in settings.items() if key not in OUTPUT_SWITCHES}
        config: PreTrainedConfig = getattr(transformers, f"{FAMILIES[architecture].classes}Config").from_dict(kept)
        labels = labels_in_order(config)
    except (*MALFORMED, StrictDataclassError) as error:
        raise AnalysisError(f"The config.json of {name} holds a value that cannot be: fetch it again.") from error
    if head.endswith("QuestionAnswering") and len(labels) != 2:  # a start and an end
        raise _no_head(name, head)
    return config


def labels_in_order(config: PreTrainedConfig) -> tuple[str, ...]:
    """The checkpoint's own label for each logit."""
    names: dict[Any, str] = config.id2label or {}
    return tuple(str(names[index]) for index in range(len(names)))


def read_settings(name: str, path: Path) -> dict[str, Any]:
    """The settings in a checkpoint's config.json, or in a file like it."""
    if not path.is_file():
        raise AnalysisError(f"{name} has no {path.name}: give the folder that holds {path.name} and the weights.")
    try:
        settings = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise AnalysisError(f"The {path.name} of {name} is not valid JSON: fetch the checkpoint again.") from error
    if not isinstance(settings, dict):
        raise AnalysisError(f"The {path.name} of {name} holds no settings: fetch the checkpoint again.")
    return settings


def check_head(name: str, declared: object, head: str) -> None:
    """A head by its class, where the checkpoint says which: those of two tasks may have equal shapes and names."""
    wanted = head.removeprefix("AutoModel")
    suffixes = tuple(filter(None, (wanted, ALSO.get(wanted))))
    if isinstance(declared, list) and declared and not any(str(entry).endswith(suffixes) for entry in declared):
        raise _no_head(name, head)


def _no_head(name: str, head: str) -> AnalysisError:
    kind = head.removeprefix("AutoModelFor")
    return AnalysisError(f"{name} has no trained head for this task ({kind}): choose a checkpoint fine-tuned for it.")


def read_weights(name: str, folder: Path) -> Weights:
    """All tensors of the checkpoint in float32, by name."""
    files = weight_files(os.listdir(folder))
    if not files:
        raise AnalysisError(f"{name} has no weights to read: model.safetensors or pytorch_model.bin is needed.")
    return read_tensors(name, [folder / file for file in files])


def read_tensors(name: str, paths: Iterable[Path]) -> Weights:
    """The files' tensors as float32 in memory of their own: a file may change while they are in use."""
    import torch

    weights = Weights()
    for path in paths:
        weights |= _tensors(name, path)
    for key, tensor in weights.items():
        if not tensor.is_floating_point() and not key.endswith("_ids"):  # position_ids of older checkpoints
            raise AnalysisError(f"{name} is quantised; choose the checkpoint with its full weights.")
        weights[key] = tensor.to(torch.float32, copy=True)
        if not torch.isfinite(weights[key].sum()):  # not finite where any weight is not, at a twentieth of the cost
            raise AnalysisError(f"The weights of {name} are damaged, some are not finite: fetch the checkpoint again.")
    return weights


def _tensors(name: str, path: Path) -> dict[str, torch.Tensor]:
    """The tensors of one file. torch's own format goes through its weights-only reader, which builds nothing else."""
    import torch
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        found = load_file(path) if path.suffix == ".safetensors" else torch.load(path, "cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise AnalysisError(
            f"The {path.name} of {name} holds something other than tensors, or is damaged; DistilLens runs no code of "
            "a checkpoint: choose one with model.safetensors."
        ) from error
    except (FileNotFoundError, PermissionError):
        raise
    except (*MALFORMED, OSError, SafetensorError) as error:  # OSError: a seek before the start of a short file
        raise AnalysisError(f"The {path.name} of {name} is damaged or cut off: fetch the checkpoint again.") from error
    if not isinstance(found, dict) or not all(isinstance(tensor, torch.Tensor) for tensor in found.values()):
        raise AnalysisError(f"The {path.name} of {name} holds no table of weights: choose another checkpoint.")
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


def _check_complete(name: str, head: str, base: str, report: Mapping[str, Any], to_come: Collection[str]) -> None:
    """Refuses what transformers reports of a loading: names of weights that were missing, misshapen or not used."""
    missing = sorted(set(report["missing_keys"]) - set(to_come))
    if absent := [key for key in missing if key.startswith(base) and "pooler" not in key]:
        raise AnalysisError(f"{name} lacks {len(absent)} of its weights, such as {absent[0]}: fetch it again.")
    if missing:
        raise _no_head(name, head)
    if report["mismatched_keys"]:
        raise AnalysisError(f"The weights of {name} are not of the sizes in its config.json: fetch both again.")
    if left_over := [key for key in report["unexpected_keys"] if ".layer." in key]:
        raise AnalysisError(
            f"The config.json of {name} has no place for its weights {min(left_over)}: fetch both again."
        )


def read_tokenizer(name: str, folder: Path) -> PreTrainedTokenizerBase:
    """The fast tokenizer, with a vocabulary of its own."""
    import transformers

    if not any((folder / file).is_file() for file in TOKENIZER):
        raise AnalysisError(f"{name} has no tokenizer: tokenizer.json or vocab.txt is needed beside the weights.")
    try:
        tokenizer: PreTrainedTokenizerBase = transformers.AutoTokenizer.from_pretrained(
            folder, trust_remote_code=False, local_files_only=True
        )
    except Exception as error:
        # The tokenizers library raises bare Exception; anything more specific than the list is a mistake of ours.
        if type(error) is not Exception and not isinstance(error, (*MALFORMED, OSError)):
            raise
        raise AnalysisError(f"The tokenizer of {name} is damaged: fetch the checkpoint again.") from error
    if not tokenizer.is_fast:
        raise AnalysisError(f"The tokenizer of {name} gives no character offsets: choose one with a tokenizer.json.")
    if len(tokenizer) <= len(tokenizer.all_special_ids):
        raise AnalysisError(f"The tokenizer of {name} has an empty vocabulary: fetch the checkpoint again.")
    _check_capitals(name, folder, tokenizer)
    return tokenizer


def _check_capitals(name: str, folder: Path, tokenizer: PreTrainedTokenizerBase) -> None:
    """transformers asks tokenizer_config.json alone, and lower-cases for a cased model where that does not say."""
    if not (folder / "tokenizer.json").is_file():
        return
    normalizer = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8")).get("normalizer") or {}
    backend: Any = tokenizer
    does = getattr(backend.backend_tokenizer.normalizer, "lowercase", None)
    if None not in (does, normalizer.get("lowercase")) and does != normalizer["lowercase"]:
        raise AnalysisError(
            f"The tokenizer of {name} keeps capitals in one of its files and lower-cases in another: set do_lower_case "
            "in tokenizer_config.json."
        )
