"""Models: a checkpoint in memory, ready to answer. Nothing is unpickled, and no code of a checkpoint is ever run."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from logging import ERROR
from pathlib import Path
from typing import TYPE_CHECKING

from analysis.errors import AnalysisError
from analysis.fetching import CONFIG, TOKENIZER_FILES, HubName, checkpoint_files, fetch, parse_source, shown
from analysis.pairs import EMBEDDED, Checkpoint
from analysis.reading import (
    FAMILIES,
    build_network,
    labels_in_order,
    network_class,
    read_config,
    read_tokenizer,
    read_weights,
)
from analysis.tasks import MASK, TASKS

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedConfig, PreTrainedModel, PreTrainedTokenizerBase

RANDOM = "random:"
RANDOM_TOKENIZER = EMBEDDED / "fill-mask" / "teacher"  # to random weights all pieces are alike

# Reading a model replaces parts of torch and transformers (initialisation, default type, verbosity) for all threads.
_READING = threading.Lock()


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

    @property
    def architecture(self) -> str:
        return self.checkpoint.architecture

    @property
    def max_tokens(self) -> int:
        """The most tokens one pass reads, special ones included."""
        return int(self.network.config.max_position_embeddings)


def load(checkpoint: Checkpoint, task: str, *, seed: int = 0) -> Model:
    """The checkpoint with its head for `task`; from the hub where it names one. `seed` matters to random weights only.

    Raises `AnalysisError` where the checkpoint cannot be had, is damaged, or is not what the pair says it is.
    """
    if checkpoint.architecture not in FAMILIES:
        raise ValueError(f'architecture must be one of {", ".join(FAMILIES)}, not "{checkpoint.architecture}"')
    if checkpoint.source.startswith(RANDOM):
        return _load_random(checkpoint, task, seed)
    source = parse_source(checkpoint.source)
    folder, revision = fetch(source) if isinstance(source, HubName) else (source, None)
    try:
        return _load_folder(checkpoint, task, folder, revision)
    except OSError as error:
        name = shown(checkpoint.source)
        raise AnalysisError(f"{name} cannot be read ({error.strerror or 'damaged'}): check its files.") from error


def fingerprint_of(checkpoint: Checkpoint) -> str | None:
    """The fingerprint that the model of a folder would have, without loading it; None for all other sources."""
    folder = Path(checkpoint.source)
    if not (folder / CONFIG).is_file():
        return None
    return _fingerprint(folder, checkpoint_files(os.listdir(folder)), checkpoint.labels)


def _load_folder(checkpoint: Checkpoint, task: str, folder: Path, revision: str | None) -> Model:
    name, head = shown(checkpoint.source), TASKS[task].head
    files = checkpoint_files(os.listdir(folder))
    with _READING, _quiet():
        config = read_config(name, folder, checkpoint.architecture, head)
        tokenizer = read_tokenizer(name, folder)
        _check_tokenizer(name, task, config, tokenizer)
        network = build_network(name, checkpoint.architecture, head, config, read_weights(name, folder))
    disk_bytes = sum((folder / file).stat().st_size for file in files)
    return _model(
        checkpoint, task, network, tokenizer, _fingerprint(folder, files, checkpoint.labels), disk_bytes, revision
    )


def _load_random(checkpoint: Checkpoint, task: str, seed: int) -> Model:
    if checkpoint.source != RANDOM + checkpoint.architecture:
        raise ValueError(f"{checkpoint.source} is no source of the architecture {checkpoint.architecture}")
    if not RANDOM_TOKENIZER.is_dir():
        raise AnalysisError("Random weights borrow the tokenizer of the embedded pair, which is not there: install it.")
    head = TASKS[task].head
    config = full_size(checkpoint.architecture)
    with _READING, _quiet():
        tokenizer = read_tokenizer("the embedded pair", RANDOM_TOKENIZER)
        weights = random_weights(network_class(checkpoint.architecture, head), config, seed)
        network = build_network(checkpoint.source, checkpoint.architecture, head, config, weights)
    recipe = (checkpoint.source, head, seed, version("torch"), version("transformers"), checkpoint.labels)
    return _model(checkpoint, task, network, tokenizer, _fingerprint(RANDOM_TOKENIZER, TOKENIZER_FILES, recipe))


def _model(
    checkpoint: Checkpoint,
    task: str,
    network: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    fingerprint: str,
    disk_bytes: int = 0,
    revision: str | None = None,
) -> Model:
    size_bytes = sum(tensor.nbytes for tensor in (*network.parameters(), *network.buffers()))
    labels = _labels(checkpoint, TASKS[task].head, network.config)
    return Model(
        checkpoint, task, network, tokenizer, labels, fingerprint, size_bytes, disk_bytes, revision, threading.RLock()
    )


def full_size(architecture: str) -> PreTrainedConfig:
    """The published size: 12 or 6 layers, 768 wide, 30,522 pieces, 512 positions. These are transformers' defaults."""
    import transformers

    config: PreTrainedConfig = getattr(transformers, FAMILIES[architecture] + "Config")()
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
    if len(own) < 2:
        raise AnalysisError(
            f"{shown(checkpoint.source)} gives one number, not a choice of labels: choose one with two or more."
        )
    return tuple(renamed.get(label, label) for label in own)


def _check_tokenizer(name: str, task: str, config: PreTrainedConfig, tokenizer: PreTrainedTokenizerBase) -> None:
    if len(tokenizer) > config.vocab_size:
        raise AnalysisError(
            f"The tokenizer of {name} has {len(tokenizer)} pieces and the model knows {config.vocab_size}: they do not "
            "belong together, fetch both again."
        )
    if TASKS[task].needs_mask and tokenizer.mask_token != MASK:
        raise AnalysisError(f"The tokenizer of {name} has no {MASK} to fill: choose another checkpoint.")


def _fingerprint(folder: Path, files: Iterable[str], recipe: object) -> str:
    """SHA-256 over names and contents of those files that are in `folder`, and over what is done with them."""
    total = hashlib.sha256(repr(recipe).encode())
    for file in files:
        if (folder / file).is_file():
            with (folder / file).open("rb") as stream:
                total.update(f"\n{file} {hashlib.file_digest(stream, 'sha256').hexdigest()}".encode())
    return total.hexdigest()


@contextmanager
def _quiet() -> Iterator[None]:
    """transformers without its progress bars and reports: what they would say is checked or raised by then."""
    from transformers.utils import logging

    verbosity, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity(ERROR)
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        yield
    finally:
        logging.set_verbosity(verbosity)
        if bars:
            logging.enable_progress_bar()  # type: ignore[no-untyped-call]
