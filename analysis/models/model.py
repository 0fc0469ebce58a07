"""Models: a checkpoint in memory, ready to answer. Nothing is unpickled, and no code of a checkpoint is ever run."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib.metadata import version
from logging import ERROR
from pathlib import Path
from typing import TYPE_CHECKING

from analysis.errors import AnalysisError
from analysis.inputs.tasks import MASK, TASKS
from analysis.models.adapters import merge, names_in_network, read_adapter_weights, settings_with
from analysis.models.config_files import check_labels, config_from, labels_in_order, read_settings, with_architecture
from analysis.models.families import FAMILIES, Build, Family
from analysis.models.hub import CONFIG, TOKENIZER_FILES, fetch
from analysis.models.libraries import import_libraries
from analysis.models.model_files import Fetched, ModelFiles, as_trained, files_of, fingerprint, readable
from analysis.models.network import build_network, network_class
from analysis.models.pairs import ANY, EMBEDDED, Checkpoint
from analysis.models.tokenizer_files import read_tokenizer
from analysis.models.weight_files import Weights, read_weights
from analysis.wording import shown

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedConfig, PreTrainedModel, PreTrainedTokenizerBase

REGRESSION = "regression"
RANDOM_TOKENIZER = EMBEDDED / "teacher"  # to random weights all pieces are alike

# Reading a model replaces parts of torch and transformers (initialisation, default type, verbosity) for all threads.
_READING = threading.Lock()


@dataclass(frozen=True, slots=True)
class Neighbour:
    """How another model reads texts: beside it, words and the windows of a long text are the same for both."""

    name: str
    tokenizer: PreTrainedTokenizerBase
    max_tokens: int


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """A network with the head of one task, and its tokenizer. Compares by identity.

    `network` runs on `sdpa` attention, in float32, without dropout and without gradients on its weights; hold `lock`
    while anything is hooked into it. `fingerprint` is equal for equal files and labels, wherever they came from.
    """

    checkpoint: Checkpoint
    task: str
    network: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase  # a fast one: it gives character offsets
    labels: tuple[str, ...]  # the task's name for each logit, in the checkpoint's order; () without a classifying head
    fingerprint: str  # SHA-256, hexadecimal
    size_bytes: int  # of the weights in memory
    disk_bytes: int  # of the checkpoint's files; 0 for random weights
    revision: str | None  # the commit, where it came from the hub
    lock: threading.RLock
    base: str | None = None  # what an adapter was merged into, by its last two folders; None without an adapter
    beside: Neighbour | None = None  # the model that it is compared with, where that reads texts otherwise
    weights: Weights | None = None  # as read from the base checkpoint: models that share it hold the same tensors

    @property
    def architecture(self) -> str:
        """A key of `FAMILIES`."""
        return str(self.network.config.model_type)

    @property
    def family(self) -> Family:
        return FAMILIES[self.architecture]

    @property
    def build(self) -> Build:
        config = self.network.config
        return Build(self.architecture, config.num_hidden_layers, config.num_attention_heads, config.hidden_size)

    @property
    def problem(self) -> str | None:
        """What its outputs were trained for, where its configuration says so: "multi_label_classification"."""
        return getattr(self.network.config, "problem_type", None) or (REGRESSION if len(self.labels) == 1 else None)

    @property
    def max_tokens(self) -> int:
        """The most tokens one pass reads, special ones included."""
        return int(self.network.config.max_position_embeddings)


def load(
    checkpoint: Checkpoint,
    task: str,
    *,
    seed: int = 0,
    weights_of: Callable[[str, Path], Weights] = read_weights,
    fetched: Fetched = fetch,
) -> Model:
    """The checkpoint with its head for `task`; from the hub where it names one. `seed` matters to random weights only.

    A folder may hold an adapter: it is merged into its base, of which `weights_of(name, folder)` gives the tensors.
    `fetched` gives the folder and the commit of what is on the hub, of the checkpoint and of the one beside it.
    Raises `AnalysisError` where the checkpoint cannot be had, is damaged, or is not what the pair says it is.
    """
    if checkpoint.architecture not in (*FAMILIES, ANY):
        raise ValueError(f'architecture must be one of {", ".join(FAMILIES)}, not "{checkpoint.architecture}"')
    import_libraries()
    if checkpoint.random_architecture:
        return _load_random(checkpoint, checkpoint.random_architecture, task, seed)
    name = shown(checkpoint.source)
    with readable(name):
        files = files_of(checkpoint, fetched)
        return _load_files(as_trained(checkpoint, files), task, files, weights_of)


def _load_files(
    checkpoint: Checkpoint, task: str, files: ModelFiles, weights_of: Callable[[str, Path], Weights]
) -> Model:
    name, head = shown(checkpoint.source), TASKS[task].head
    adapter, base = files.adapter, f"The base of {shown(checkpoint.source, 60)}" if files.adapter else name
    with _READING, _quiet():
        settings = read_settings(base, files.base / CONFIG)
        settings = with_architecture(settings, lambda: weights_of(base, files.base))
        changes = read_adapter_weights(adapter) if adapter else Weights()
        if adapter:
            settings = settings_with(adapter, settings, head, changes)
        config = config_from(name, settings, checkpoint.architecture, head)
        tokenizer = read_tokenizer(name, files.tokenizer, config)
        _check_tokenizer(name, task, config, tokenizer)
        beside = _neighbour(files.beside, config) if files.beside else None
        weights = weights_of(base, files.base)
        network = build_network(name, config.model_type, head, config, weights, names_in_network(changes))
        if adapter:
            network = merge(adapter, network, changes)
    disk_bytes = sum(path.stat().st_size for path in files.paths())
    merged_into = "/".join(files.base.parts[-2:]) if adapter else None
    model = _model(checkpoint, task, network, tokenizer, files.fingerprint(checkpoint.recipe), disk_bytes)
    return replace(model, revision=files.revision, base=merged_into, weights=weights, beside=beside)


def _neighbour(files: ModelFiles, config: PreTrainedConfig) -> Neighbour:
    return Neighbour(files.name, read_tokenizer(files.name, files.tokenizer, config), files.max_tokens)


def _load_random(checkpoint: Checkpoint, architecture: str, task: str, seed: int) -> Model:
    if not RANDOM_TOKENIZER.is_dir():
        raise AnalysisError("Random weights borrow the tokenizer of the embedded pair, which is not there: install it.")
    head = TASKS[task].head
    config = full_size(architecture)
    with _READING, _quiet():
        tokenizer = read_tokenizer("the embedded pair", RANDOM_TOKENIZER, config)
        weights = random_weights(network_class(architecture, head), config, seed)
        network = build_network(checkpoint.source, architecture, head, config, weights)
    recipe = (checkpoint.source, head, seed, version("torch"), version("transformers"), checkpoint.recipe)
    files = [RANDOM_TOKENIZER / file for file in TOKENIZER_FILES if (RANDOM_TOKENIZER / file).is_file()]
    return _model(checkpoint, task, network, tokenizer, fingerprint(files, recipe))


def _model(
    checkpoint: Checkpoint,
    task: str,
    network: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    fingerprint: str,
    disk_bytes: int = 0,
) -> Model:
    size_bytes = sum(tensor.nbytes for tensor in (*network.parameters(), *network.buffers()))
    labels = _labels(checkpoint, TASKS[task].head, network.config)
    return Model(
        checkpoint, task, network, tokenizer, labels, fingerprint, size_bytes, disk_bytes, None, threading.RLock()
    )


def full_size(architecture: str) -> PreTrainedConfig:
    """The published size: 12 or 6 layers, 768 wide, 30,522 pieces, 512 positions. These are transformers' defaults."""
    import transformers

    config: PreTrainedConfig = getattr(transformers, FAMILIES[architecture].classes + "Config")()
    return config


def random_weights(kind: type[PreTrainedModel], config: PreTrainedConfig, seed: int) -> dict[str, torch.Tensor]:
    """Weights as before any training: matrices normal, biases zero, layer norms one. Equal seeds give equal weights."""
    import torch

    with torch.device("meta"):
        blueprint = kind(config)
    generator = torch.Generator().manual_seed(seed)  # its own: other threads may draw from the global one
    weights = {}
    for name, parameter in blueprint.named_parameters():
        if parameter.dim() > 1:
            weights[name] = torch.empty(parameter.shape).normal_(0, config.initializer_range, generator=generator)
        else:
            weights[name] = torch.full(parameter.shape, 0.0 if name.endswith("bias") else 1.0)
    return weights


def _labels(checkpoint: Checkpoint, head: str, config: PreTrainedConfig) -> tuple[str, ...]:
    if not head.endswith("Classification"):
        return ()
    own, renamed = labels_in_order(config), dict(checkpoint.labels)
    if unknown := [label for label in renamed if label not in own]:
        has = shown(", ".join(own))
        raise AnalysisError(
            f"{shown(checkpoint.source)} has no label {unknown[0]} for this pair to rename; it has {has}."
        )
    _check_outputs(shown(checkpoint.source), head, config.problem_type, len(own))
    labels = tuple(renamed.get(label, label) for label in own)
    check_labels(shown(checkpoint.source), labels)
    return labels


def _check_outputs(name: str, head: str, problem: str | None, count: int) -> None:
    """Refuses outputs of which nothing can be chosen, or which are several numbers."""
    if count == 1 and head.endswith("TokenClassification"):
        raise AnalysisError(
            f"{name} has one label for each word, so there is nothing to choose from: choose one with two or more."
        )
    if count > 1 and problem == REGRESSION:
        raise AnalysisError(f"{name} gives {count} numbers, which are not told apart here: choose one that gives one.")


def _check_tokenizer(name: str, task: str, config: PreTrainedConfig, tokenizer: PreTrainedTokenizerBase) -> None:
    pieces = max(tokenizer.get_vocab().values()) + 1  # not their count: a word list may have one twice
    if pieces > config.vocab_size:
        raise AnalysisError(
            f"The tokenizer of {name} has {pieces} pieces and the model knows {config.vocab_size}: they do not "
            "belong together, fetch both again."
        )
    if len(TASKS[task].fields) > 1 and getattr(config, "type_vocab_size", 2) < 2:
        raise AnalysisError(
            f"{name} has one kind of segment (type_vocab_size: 1) and cannot tell two texts apart: choose a checkpoint "
            "with two."
        )
    if TASKS[task].needs_mask and tokenizer.mask_token != MASK:
        raise AnalysisError(f"The tokenizer of {name} has no {MASK} to fill: choose another checkpoint.")


@contextmanager
def _quiet() -> Iterator[None]:
    """transformers without its progress bars and reports: what they would say is checked or raised by then."""
    from transformers.utils import logging

    verbosity, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity(ERROR)
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "`is_gradient_checkpointing` is deprecated", FutureWarning)  # peft asks
            yield
    finally:
        logging.set_verbosity(verbosity)
        if bars:
            logging.enable_progress_bar()  # type: ignore[no-untyped-call]
