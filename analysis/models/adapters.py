"""Adapters: what fine-tuning changed in a base checkpoint, read from a folder of its own and merged into the base.

A folder holds `adapter_config.json` and `adapter_model.safetensors` as peft writes them, and `labels.json`: a JSON list
that names the classes in the order of the logits. The adapters are LoRA (Hu et al. 2021,
https://arxiv.org/abs/2106.09685); task heads come whole. peft is told what to build by the names and shapes of the
tensors: of the configuration it sees checked numbers alone, no class to import, no pattern to match, no hub to ask.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.errors import AnalysisError
from analysis.inputs.words import half_pair
from analysis.models.config_files import MALFORMED, check_head, read_settings
from analysis.models.hub import ADAPTER, ADAPTER_WEIGHTS, CONFIG, HUB_NAME, LABELS, HubName, fetch
from analysis.models.weight_files import read_tensors
from analysis.wording import shown

if TYPE_CHECKING:
    from peft import LoraConfig
    from transformers import PreTrainedModel

    from analysis.models.weight_files import Weights

PREFIX = "base_model.model."  # before every name in the file
LORA = re.compile(r"(?P<module>[\w.]+)\.lora_(?:embedding_)?(?P<part>A|B|magnitude_vector)(?:\.weight)?")
CLASSES = re.compile(r"(?:classifier|qa_outputs)\.weight")  # [class, feature]: the last layer of a task head
PLAIN = re.compile(r"[\w.]+")
TASK_HEADS = {
    "SEQ_CLS": "ForSequenceClassification",
    "TOKEN_CLS": "ForTokenClassification",
    "QUESTION_ANS": "ForQuestionAnswering",
}
INITIALISATIONS = (None, True, False, "gaussian", "orthogonal")  # others changed the base before the training
# What changes the result in ways that are not taken over here: refused where it is set.
NOT_MERGED = (
    "alora_invocation_tokens",
    "kasa_config",
    "layer_replication",
    "lora_bias",
    "target_parameters",
    "trainable_token_indices",
    "use_bdlora",
    "use_qalora",
    "velora_config",
)


@dataclass(frozen=True, slots=True)
class Adapter:
    """The folder of an adapter and what its `adapter_config.json` holds; `name` is what sentences call it."""

    name: str
    folder: Path
    settings: Mapping[str, Any]


def is_adapter(folder: Path) -> bool:
    """True for a folder that holds an adapter."""
    return (folder / ADAPTER).is_file()


def read_adapter(name: str, folder: Path) -> Adapter:
    """The adapter in a folder, or an `AnalysisError` if it is not one that can be merged."""
    settings = read_settings(name, folder / ADAPTER)
    kind = settings.get("peft_type")
    if kind != "LORA":
        raise AnalysisError(f"{name} is an adapter of the kind {shown(str(kind), 40)}: choose one of the kind LORA.")
    if not (folder / ADAPTER_WEIGHTS).is_file():
        raise AnalysisError(f"{name} has no {ADAPTER_WEIGHTS}: save the adapter in the safetensors format.")
    if unmerged := [key for key in NOT_MERGED if settings.get(key)]:
        raise AnalysisError(f"{name} uses {unmerged[0]}, which DistilLens does not merge: give the merged checkpoint.")
    if settings.get("init_lora_weights") not in INITIALISATIONS or settings.get("bias", "none") != "none":
        raise AnalysisError(f"{name} changes its base beside the adapter's weights: give the merged checkpoint.")
    return Adapter(name, folder, settings)


def base_of(adapter: Adapter) -> tuple[Path, str | None]:
    """The folder of the base checkpoint and, where that is the hub's local copy, its commit. Nothing is downloaded.

    The base is the folder that the adapter names (a relative path starts at the adapter's own folder), else the
    adapter's folder itself if a checkpoint lies in it too, else the copy of the hub's checkpoint that is here already.
    """
    named = adapter.settings.get("base_model_name_or_path")
    named = named if isinstance(named, str) and "\0" not in named else ""
    if named and (adapter.folder / named / CONFIG).is_file():
        return (adapter.folder / named).resolve(), None
    if (adapter.folder / CONFIG).is_file():
        return adapter.folder, None
    if match := HUB_NAME.fullmatch(named):
        return fetch(HubName(match["repository"], match["revision"]), download=False)
    raise AnalysisError(
        f"{adapter.name} is an adapter for “{shown(named)}”, which is not there: write the folder of its base "
        f"checkpoint as base_model_name_or_path into {ADAPTER}."
    )


def settings_with(adapter: Adapter, base: Mapping[str, Any], head: str, weights: Weights) -> dict[str, Any]:
    """The base's configuration with the head that the adapter brings: a name for each of its logits.

    `head` is the class that the task wants ("AutoModelForTokenClassification"); one that classifies needs labels.
    """
    check_head(adapter.name, _declared(adapter), head)
    settings = {**base, "architectures": None}  # the base's own head is not asked for
    heads = [tensor for key, tensor in weights.items() if CLASSES.fullmatch(key.removeprefix(PREFIX))]
    sizes = [len(tensor) for tensor in heads if tensor.dim() == 2]
    if not sizes:
        return settings
    named = head.endswith("Classification")
    labels = _labels(adapter, sizes[0]) if named else [f"LABEL_{number}" for number in range(sizes[0])]
    numbers = {label: number for number, label in enumerate(labels)}
    return {**settings, "num_labels": sizes[0], "id2label": dict(enumerate(labels)), "label2id": numbers}


def read_adapter_weights(adapter: Adapter) -> Weights:
    """The tensors of an adapter in float32, by name in the file."""
    return read_tensors(adapter.name, [adapter.folder / ADAPTER_WEIGHTS])


def names_in_network(weights: Weights) -> set[str]:
    """What the network calls the tensors that come whole: its task head."""
    return {key.removeprefix(PREFIX) for key in weights}


def merge(adapter: Adapter, network: PreTrainedModel, weights: Weights) -> PreTrainedModel:
    """The network with the adapter in its weights: those that it changes are new tensors, others stay as they are.

    Raises `AnalysisError` if a tensor of the adapter has no place in the network, or a place for one stays empty.
    """
    import peft

    try:
        config = _lora_config(adapter, weights)
        _check_targets(adapter, network, config.rank_pattern or ())
        adapted: Any = peft.get_peft_model(network, config, low_cpu_mem_usage=True)
        report: Any = peft.set_peft_model_state_dict(adapted, weights, low_cpu_mem_usage=True)
        if report.unexpected_keys or any(_adapts(key) for key in report.missing_keys):
            raise ValueError("names of the adapter and of the network differ")
        merged: PreTrainedModel = adapted.merge_and_unload(safe_merge=True)
    except MALFORMED as error:
        raise AnalysisError(
            f"{adapter.name} does not fit its base checkpoint: give the base it was made for."
        ) from error
    merged.requires_grad_(False)
    merged.train(False)  # LoRA's layers came in training
    return merged


def _declared(adapter: Adapter) -> list[str] | None:
    """The head that the adapter was trained with, as peft notes it: a name to compare, never one to import."""
    mapping, kind = (adapter.settings.get(key) for key in ("auto_mapping", "task_type"))
    noted = mapping.get("base_model_class") if isinstance(mapping, dict) else None
    name = noted if isinstance(noted, str) else TASK_HEADS.get(str(kind))
    return [name] if name else None


def _labels(adapter: Adapter, classes: int) -> list[str]:
    path = adapter.folder / LABELS
    wanted = f"a JSON list with a name for each of its {classes} classes, in the order of the logits"
    if not path.is_file():
        raise AnalysisError(f"{adapter.name} does not name its classes: add a file {LABELS} to its folder, {wanted}.")
    try:
        labels = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise AnalysisError(f"The {LABELS} of {adapter.name} is not valid JSON: make it {wanted}.") from error
    texts = isinstance(labels, list) and all(isinstance(label, str) and label for label in labels)
    if not texts or half_pair("".join(labels)) or len(labels) != classes or len(set(labels)) != classes:
        raise AnalysisError(f"The {LABELS} of {adapter.name} does not fit its head: make it {wanted}.")
    return list(labels)


def _lora_config(adapter: Adapter, weights: Weights) -> LoraConfig:
    """What peft builds: modules and ranks as the tensors have them, scale and variant as the configuration says."""
    from peft import LoraConfig

    settings, name = adapter.settings, adapter.name
    matches = {key: LORA.fullmatch(key.removeprefix(PREFIX)) for key in weights}
    ranks = {match["module"]: len(weights[key]) for key, match in matches.items() if match and match["part"] == "A"}
    saved = _saved_modules(adapter, [key.removeprefix(PREFIX) for key, match in matches.items() if not match])
    alphas = settings.get("alpha_pattern") or {}
    numbers = (settings.get("lora_alpha"), *(alphas.values() if isinstance(alphas, dict) else [None]))
    if not all(isinstance(number, (int, float)) and not isinstance(number, bool) for number in numbers):
        raise AnalysisError(f"The {ADAPTER} of {name} has no number as lora_alpha: save the adapter again.")
    if not ranks or not all(PLAIN.fullmatch(key) for key in alphas):
        raise AnalysisError(f"The {ADAPTER_WEIGHTS} of {name} holds no LoRA matrices by name: save the adapter again.")
    return LoraConfig(
        r=next(iter(ranks.values())),
        rank_pattern=ranks,
        lora_alpha=numbers[0],
        alpha_pattern=dict(alphas),
        target_modules=list(ranks),
        modules_to_save=saved or None,
        use_rslora=bool(settings.get("use_rslora")),
        use_dora=bool(settings.get("use_dora")),
        fan_in_fan_out=False,  # the layers of BERT and DistilBERT are torch's Linear
    )


def _check_targets(adapter: Adapter, network: PreTrainedModel, modules: Iterable[str]) -> None:
    """Refuses weights that two modules share: merged they would change in both, unmerged they change in one."""
    holders = Counter(id(module.weight) for module in network.modules() if hasattr(module, "weight"))
    for name in modules:
        if holders[id(network.get_submodule(name).weight)] > 1:  # AttributeError where there is no such module
            raise AnalysisError(
                f"{adapter.name} adapts {shown(name)}, which the head shares: give the merged checkpoint."
            )


def _saved_modules(adapter: Adapter, keys: list[str]) -> list[str]:
    """The modules that come whole: those named in the configuration, if every other tensor belongs to one of them."""
    named = adapter.settings.get("modules_to_save") or []
    names = [name for name in named if isinstance(name, str)] if isinstance(named, list) else []
    modules = {name: [key for key in keys if f".{name}." in f".{key}"] for name in names}
    if stray := set(keys) - {key for held in modules.values() for key in held}:
        raise AnalysisError(
            f"{adapter.name} holds {shown(min(stray))}, which is neither LoRA nor of modules_to_save: save it again."
        )
    return [name for name, held in modules.items() if held]


def _adapts(key: str) -> bool:
    return ".lora_" in key or ".modules_to_save." in key
