"""What a checkpoint's folder holds: configuration, weights and network, each read with its own safeguards.

Every damage and every mismatch becomes one sentence. transformers itself would go on with fresh random weights, or with
half of the layers, and only log it.
"""

from __future__ import annotations

import json
import os
import pickle
import zipfile
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from math import isfinite
from pathlib import Path
from types import NoneType
from typing import TYPE_CHECKING, Any

from analysis.errors import AnalysisError
from analysis.inputs.words import half_pair
from analysis.models.families import FAMILIES
from analysis.models.hub import weight_files
from analysis.wording import shown

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedConfig, PreTrainedModel

ALSO = {"ForMaskedLM": "ForPreTraining"}  # the published BERTs carry both heads of their pre-training
ALSO_KNOWN = ("num_labels", "tokenizer_class")  # settings of every configuration
SWITCHES = ("return_dict", "output_hidden_states", "chunk_size_feed_forward")  # for the caller to say, not for a file
MOST_SHARED = 2  # times its size, for tensors that are in a file once and have two names
TABLES = ("state_dict", "model_state_dict", "model")  # where training scripts put the weights beside other things
WRAPPERS = ("module.", "_orig_mod.")
MOST_LABELS = 10_000  # of which transformers makes a table before anything can be compared with the weights

# What the constructors and parsers below raise on files that are not what they should be.
MALFORMED = (AssertionError, AttributeError, EOFError, ImportError, LookupError, RuntimeError, TypeError, ValueError)


@dataclass(frozen=True, slots=True)
class _Understood:
    """A setting: what any other value than `values`, or none, means for the model, if it has one of these heads."""

    values: tuple[str, ...]
    means: str
    heads: tuple[str, ...] = ("",)


# Settings that would change what is computed, and the values for which it is computed here.
UNDERSTOOD = {
    "is_decoder": _Understood((), "reads each word with those before it alone"),
    "is_encoder_decoder": _Understood((), "has an encoder and a decoder"),
    "add_cross_attention": _Understood((), "reads what another model has read"),
    "position_embedding_type": _Understood(("absolute",), "counts positions from each word"),
    "pruned_heads": _Understood((), "has some of its heads cut out"),
    "problem_type": _Understood(
        ("single_label_classification", "multi_label_classification", "regression"),
        "was trained for what has no name here",
        ("ForSequenceClassification",),
    ),
}


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
    """The configuration that these settings make, where they are of that architecture and made for that head.

    Where no architecture is named, any that is read here will do.
    """
    import transformers
    from huggingface_hub.errors import StrictDataclassError

    model_type, wanted = settings.get("model_type"), " or ".join([architecture] if architecture else FAMILIES)
    if model_type is None:
        raise AnalysisError(
            f"The config.json of {name} does not say what it configures: write it as “model_type” into it if it is "
            f"{wanted}."
        )
    if model_type not in ([architecture] if architecture else [*FAMILIES]):
        raise AnalysisError(f"{name} is a {shown(str(model_type), 40)} checkpoint: choose one that is {wanted}.")
    architecture = str(model_type)
    if "quantization_config" in settings:
        raise AnalysisError(f"{name} is quantised; choose the checkpoint with its full weights.")
    check_head(name, settings.get("architectures"), head)
    _check_understood(name, settings, head)
    number = settings.get("num_labels")
    if isinstance(number, int | float) and number > MOST_LABELS:
        labels_read = f"{shown(f'{number:,}', 40)} labels; at most {MOST_LABELS:,} are read here"
        raise AnalysisError(f"{name} has {labels_read}: choose another one.")
    try:
        kind = getattr(transformers, f"{FAMILIES[architecture].classes}Config")
        settings = {**settings, **_labels_by_number(settings)}
        config: PreTrainedConfig = kind.from_dict({key: settings[key] for key in _known(kind) & settings.keys()})
        labels = labels_in_order(config)
        if half_pair("".join(labels)) or not all(map(isfinite, _floats(settings))):
            raise ValueError("a label that cannot be shown, or a number that is none")
    except (*MALFORMED, OverflowError, StrictDataclassError) as error:
        key = _odd_key(kind, settings)
        which = f" ({key}: {shown(json.dumps(settings[key], default=str), 40)})" if key else ""
        raise AnalysisError(
            f"The config.json of {name} holds a value that cannot be{which}: fetch it again."
        ) from error
    if head.endswith("QuestionAnswering") and len(labels) != 2:  # a start and an end
        raise _no_head(name, head)
    return config


def _check_understood(name: str, settings: Mapping[str, Any], head: str) -> None:
    """Refuses what changes the numbers and is not computed here: transformers itself would leave most of it out."""
    for key, setting in UNDERSTOOD.items():
        value = settings.get(key)
        if head.endswith(setting.heads) and value not in setting.values and value not in (None, False, 0, {}, []):
            raise AnalysisError(
                f"{name} {setting.means} ({key}: {shown(json.dumps(value), 40)}), which DistilLens does not compute: "
                "choose another checkpoint."
            )


def _labels_by_number(settings: Mapping[str, Any]) -> dict[str, Any]:
    """`id2label` as transformers takes it, where a file has a list, counts from 1, or has `label2id` alone.

    Raises `ValueError` where two settings give one label two numbers.
    """
    labels, numbers = settings.get("id2label"), settings.get("label2id")
    if isinstance(labels, list):
        labels = dict(enumerate(labels))
    if not isinstance(labels, dict | NoneType):
        raise ValueError("labels that are no table")
    own = {int(number): label for number, label in (labels or {}).items()}
    if not own and isinstance(numbers, dict):
        own = {int(number): label for label, number in numbers.items()}
        if len(own) != len(numbers):
            raise ValueError("two labels of one number")
    first = min(own, default=0)
    named = {str(label): number for number, label in own.items()}
    contrary = isinstance(numbers, dict) and any(int(numbers.get(label, at)) != at for label, at in named.items())
    if contrary and len(named) == len(own):
        raise ValueError("label2id contradicts id2label")
    if not own:
        return {}
    if first not in (0, 1) or sorted(own) != list(range(first, first + len(own))):
        raise ValueError("numbers without a label")
    ordered = [str(own[number]) for number in sorted(own)]
    return {"id2label": dict(enumerate(ordered)), "label2id": {label: at for at, label in enumerate(ordered)}}


def check_labels(name: str, labels: Sequence[str]) -> None:
    """Raises `AnalysisError` where two labels have one name: one would be taken for the other."""
    if twice := [label for label, times in Counter(labels).items() if times > 1]:
        raise AnalysisError(
            f"{name} calls more than one of its classes “{shown(twice[0], 40)}”: give each a name of its own in "
            "id2label of its config.json."
        )


def _odd_key(kind: Any, settings: Mapping[str, Any]) -> str | None:
    """The first setting that alone is enough to make a configuration impossible."""
    from huggingface_hub.errors import StrictDataclassError

    for key in sorted(_known(kind) & settings.keys()):
        try:
            config = kind.from_dict({key: settings[key]})
            odd = half_pair("".join(labels_in_order(config))) or not all(map(isfinite, _floats({key: settings[key]})))
        except (*MALFORMED, StrictDataclassError):
            return key
        if odd:
            return key
    return None


def _known(kind: Any) -> set[str]:
    """The settings that this configuration has; what else a file holds would only steer how transformers loads."""
    own = {field.name for field in fields(kind)}
    return own.union(kind.attribute_map, ALSO_KNOWN).difference(SWITCHES)


def _floats(settings: Mapping[str, Any]) -> Iterable[float]:
    return (value for value in settings.values() if isinstance(value, float))


def labels_in_order(config: PreTrainedConfig) -> tuple[str, ...]:
    """The checkpoint's own label for each logit."""
    names: dict[Any, str] = config.id2label or {}
    return tuple(str(names[index]) for index in range(len(names)))


def with_architecture(settings: dict[str, Any], names: Callable[[], Iterable[str]]) -> dict[str, Any]:
    """The settings with their `model_type`: where none is said, that of the declared class or of the weights' names."""
    if settings.get("model_type") is not None:
        return settings
    declared = settings.get("architectures")
    for kind, family in FAMILIES.items():
        if isinstance(declared, list) and declared and str(declared[0]).startswith(f"{family.classes}For"):
            return {**settings, "model_type": kind}
    prefixes = {name.partition(".")[0] for name in names()}
    found = [kind for kind in FAMILIES if kind in prefixes]
    return {**settings, "model_type": found[0]} if len(found) == 1 else settings


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
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        found = load_file(path) if path.suffix == ".safetensors" else _torch_table(path)
    except pickle.UnpicklingError as error:
        raise AnalysisError(
            f"The {path.name} of {name} holds something other than tensors, or is damaged; DistilLens runs no code of "
            "a checkpoint: choose one with model.safetensors."
        ) from error
    except (FileNotFoundError, PermissionError):
        raise
    except (*MALFORMED, OSError, SafetensorError, zipfile.BadZipFile) as error:
        # OSError: a seek before the start of a short file
        raise AnalysisError(f"The {path.name} of {name} is damaged or cut off: fetch the checkpoint again.") from error
    table: dict[str, torch.Tensor] = _unwrapped(found)
    whole = isinstance(table, dict) and all(isinstance(key, str) and _is_whole(table[key]) for key in table)
    if not whole or sum(tensor.nbytes for tensor in table.values()) > MOST_SHARED * path.stat().st_size:
        raise AnalysisError(f"The {path.name} of {name} holds no table of weights: choose another checkpoint.")
    return table


def _unwrapped(found: Any) -> Any:
    """The table of weights in what a training script saved: under a name of its own, or as torch's wrappers name them.

    `DataParallel` writes module. before every name, `torch.compile` _orig_mod.
    """
    for key in TABLES:
        if isinstance(found, dict) and isinstance(found.get(key), dict):
            found = found[key]
    for wrapper in WRAPPERS * 2:
        if isinstance(found, dict) and found and all(str(key).startswith(wrapper) for key in found):
            found = {str(key).removeprefix(wrapper): tensor for key, tensor in found.items()}
    return found


def _torch_table(path: Path) -> Any:
    """What a file in torch's own format holds, left in the file until it is asked for.

    torch writes no compressed file, and would unpack one to a thousand times its size.
    """
    import torch

    packed = zipfile.is_zipfile(path)  # as torch writes them since 1.6
    if packed:
        with zipfile.ZipFile(path) as entries:
            if any(entry.compress_type != zipfile.ZIP_STORED for entry in entries.infolist()):
                raise ValueError("compressed")
    return torch.load(path, "cpu", weights_only=True, mmap=packed)


def _is_whole(tensor: object) -> bool:
    """Whether every number of a tensor is in the file: torch's format has ways to write a huge one in a few bytes."""
    import torch

    if not isinstance(tensor, torch.Tensor) or tensor.is_meta or tensor.layout != torch.strided:
        return False
    return tensor.nbytes <= tensor.untyped_storage().nbytes()


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
        raise _no_head(name, head)
    if report["mismatched_keys"]:
        raise AnalysisError(f"The weights of {name} are not of the sizes in its config.json: fetch both again.")
    if left_over := [key for key in report["unexpected_keys"] if ".layer." in key]:
        raise AnalysisError(
            f"The config.json of {name} has no place for its weights {shown(min(left_over))}: fetch both again."
        )
