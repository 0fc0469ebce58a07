"""The configuration in a checkpoint's folder: read, checked, and refused where it asks for what is not computed."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from math import isfinite
from pathlib import Path
from types import NoneType
from typing import TYPE_CHECKING, Any

from analysis.errors import AnalysisError
from analysis.inputs.words import half_pair
from analysis.models.families import FAMILIES
from analysis.wording import shown

if TYPE_CHECKING:
    from transformers import PreTrainedConfig

ALSO = {"ForMaskedLM": "ForPreTraining"}  # the published BERTs carry both heads of their pre-training
ALSO_KNOWN = ("num_labels", "tokenizer_class")  # settings of every configuration
SWITCHES = ("return_dict", "output_hidden_states", "chunk_size_feed_forward")  # for the caller to say, not for a file
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


def config_from(name: str, settings: Mapping[str, Any], architecture: str, head: str) -> PreTrainedConfig:
    """The configuration that these settings make, where they are of that architecture and made for that head.

    Where no architecture is named, any that is read here will do.
    """
    import transformers
    from huggingface_hub.errors import StrictDataclassError

    model_type, wanted = settings.get("model_type"), " or ".join([architecture] if architecture else FAMILIES)
    if not model_type:
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
    _check_choice(name, settings)
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
        raise no_head(name, head)
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


def _check_choice(name: str, settings: Mapping[str, Any]) -> None:
    """Refuses a single output that is said to be one of several labels: nobody can know what it was trained to give."""
    labels = settings.get("id2label")
    count = len(labels) if isinstance(labels, list | dict) else settings.get("num_labels")
    if count == 1 and settings.get("problem_type") == "single_label_classification":
        raise AnalysisError(
            f"{name} has one label and is said to choose from several (problem_type: single_label_classification): "
            "write regression there if it gives a number."
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
    if settings.get("model_type"):
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
        raise no_head(name, head)


def no_head(name: str, head: str) -> AnalysisError:
    kind = head.removeprefix("AutoModelFor")
    return AnalysisError(f"{name} has no trained head for this task ({kind}): choose a checkpoint fine-tuned for it.")
