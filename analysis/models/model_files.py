"""The files that a model is read from, wherever they lie, and the fingerprint that they give it."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

from analysis.errors import AnalysisError
from analysis.models.adapters import Adapter, base_of, is_adapter, read_adapter
from analysis.models.cards import says_unanswerable
from analysis.models.config_files import read_settings, with_architecture
from analysis.models.cutting import cut_alike
from analysis.models.families import FAMILIES
from analysis.models.hub import (
    ADAPTER_FILES,
    CONFIG,
    TOKENIZER,
    TOKENIZER_FILES,
    HubName,
    checkpoint_files,
    fetch,
    parse_source,
)
from analysis.models.pairs import Checkpoint
from analysis.wording import shown

Fetched: TypeAlias = Callable[[HubName], tuple[Path, str]]

POSITIONS = 512  # of a BERT whose configuration does not say


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """What a model is read from: a base checkpoint's folder, and an adapter to it if there is one."""

    name: str
    base: Path
    revision: str | None
    adapter: Adapter | None
    beside: ModelFiles | None = None  # of the model that it is compared with, where that reads texts otherwise

    @property
    def tokenizer(self) -> Path:
        """The folder of the tokenizer: the adapter's own if it brings one."""
        own = self.adapter and any((self.adapter.folder / file).is_file() for file in TOKENIZER)
        return self.adapter.folder if self.adapter and own else self.base

    def paths(self) -> list[Path]:
        """All files that have a say, the base's first."""
        paths = [self.base / file for file in checkpoint_files(os.listdir(self.base))]
        if self.adapter:
            files = (*(TOKENIZER_FILES if self.tokenizer == self.adapter.folder else ()), *ADAPTER_FILES)
            paths += [self.adapter.folder / file for file in files]
        return [path for path in dict.fromkeys(paths) if path.is_file()]

    @property
    def max_tokens(self) -> int:
        """The most tokens one pass reads, as the configuration says; BERT's number where it says none that can be."""
        said = read_settings(self.name, self.base / CONFIG).get("max_position_embeddings")
        return said if isinstance(said, int) and said > 0 else POSITIONS

    def reads_as(self, other: ModelFiles) -> bool:
        """Whether all texts are read alike: cut into the same tokens, and as many of them at once."""
        return self.max_tokens == other.max_tokens and cut_alike(self.tokenizer, other.tokenizer)

    def fingerprint(self, recipe: object) -> str:
        if not self.beside:
            return fingerprint(self.paths(), recipe)
        cutting = [path for file in TOKENIZER_FILES if (path := self.beside.tokenizer / file).is_file()]
        return fingerprint([*self.paths(), *cutting], (recipe, self.beside.max_tokens))


def files_of(checkpoint: Checkpoint, fetched: Fetched = fetch) -> ModelFiles:
    files = _own_files(shown(checkpoint.source), checkpoint.source, fetched)
    if not checkpoint.beside:
        return files
    other = _own_files(shown(checkpoint.beside), checkpoint.beside, fetched)
    return files if files.reads_as(other) else replace(files, beside=other)


def as_trained(checkpoint: Checkpoint, files: ModelFiles) -> Checkpoint:
    """The checkpoint with what its files say of its training."""
    folder = files.adapter.folder if files.adapter else files.base
    return replace(checkpoint, unanswerable=checkpoint.unanswerable or says_unanswerable(checkpoint.source, folder))


def _own_files(name: str, text: str, fetched: Fetched) -> ModelFiles:
    source = parse_source(text)
    folder, revision = fetched(source) if isinstance(source, HubName) else (source, None)
    if not is_adapter(folder):
        return ModelFiles(name, folder, revision, None)
    adapter = read_adapter(name, folder)
    return ModelFiles(name, *base_of(adapter), adapter)


def fingerprint_of(checkpoint: Checkpoint) -> str | None:
    """The fingerprint that the model of a folder would have, without loading it; None for all other sources.

    None too for a folder of another architecture, which will not be loaded: its results are known as another side's.
    """
    name, folder = shown(checkpoint.source), Path(checkpoint.source)
    with readable(name):
        if not os.path.isdir(folder) or not (is_adapter(folder) or (folder / CONFIG).is_file()):
            return None
        if checkpoint.beside and not os.path.isdir(checkpoint.beside):
            return None  # on the hub
        files = files_of(checkpoint)
        settings = with_architecture(read_settings(name, files.base / CONFIG), list)
        same = settings.get("model_type") in ([checkpoint.architecture] if checkpoint.architecture else FAMILIES)
        return files.fingerprint(as_trained(checkpoint, files).recipe) if same else None


@contextmanager
def readable(name: str) -> Iterator[None]:
    """Makes a sentence of what the file system says while the files of a checkpoint are read."""
    try:
        yield
    except OSError as error:
        raise AnalysisError(f"{name} cannot be read ({error.strerror or 'damaged'}): check its files.") from error


def fingerprint(paths: Iterable[Path], recipe: object) -> str:
    """SHA-256 over names and contents of the files, and over what is done with them."""
    total = hashlib.sha256(repr(recipe).encode())
    for path in paths:
        with path.open("rb") as stream:
            total.update(f"\n{path.name} {hashlib.file_digest(stream, 'sha256').hexdigest()}".encode())
    return total.hexdigest()
