"""The weights in a checkpoint's folder: tensors by name, from safetensors or from a pickle of nothing but tensors."""

from __future__ import annotations

import os
import pickle
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.errors import AnalysisError
from analysis.models.config_files import MALFORMED
from analysis.models.hub import weight_files

if TYPE_CHECKING:
    import torch

MOST_SHARED = 2  # times its size, for tensors that are in a file once and have two names
TABLES = ("state_dict", "model_state_dict", "model")  # where training scripts put the weights beside other things
WRAPPERS = ("module.", "_orig_mod.")


class Weights(dict[str, "torch.Tensor"]):
    """Tensors by their names in a checkpoint. Unlike a plain dict, it can be remembered for as long as it is in use."""


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
