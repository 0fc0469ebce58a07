"""Batches that are ready when their step begins: for a GPU the next one is prepared while the current step runs."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Protocol, TypeVar

import torch
from torch import Tensor


class Movable(Protocol):
    """What can be moved to a device."""

    def to(self: Ready, device: torch.device) -> Ready:
        """The same on another device."""


Ready = TypeVar("Ready", bound=Movable)
Setting = TypeVar("Setting", int, str)  # what else a batch depends on, and what seldom changes: its length, say
Prepare = Callable[[int, Setting], Ready]  # of the number of a step


def moved(tensor: Tensor, device: torch.device) -> Tensor:
    """The tensor on the device; a GPU copies it from pinned memory while the program goes on."""
    return tensor.pin_memory().to(device, non_blocking=True) if device.type == "cuda" else tensor.to(device)


def on_device(prepare: Prepare[Setting, Ready], device: torch.device) -> Prepare[Setting, Ready]:
    """The batches of `prepare` on the device, for a GPU one step ahead."""

    def prepared(step: int, setting: Setting) -> Ready:
        return prepare(step, setting).to(device)

    return one_ahead(prepared) if device.type == "cuda" else prepared


def one_ahead(prepare: Prepare[Setting, Ready]) -> Prepare[Setting, Ready]:
    """The same batches; that of the next step, guessed to have the same setting, is prepared by a thread meanwhile."""
    thread = ThreadPoolExecutor(max_workers=1)  # one: `prepare` is never called twice at a time
    guessed: dict[tuple[int, Setting], Future[Ready]] = {}

    def ready(step: int, setting: Setting) -> Ready:
        batch = (guessed.pop((step, setting), None) or thread.submit(prepare, step, setting)).result()
        guessed.clear()
        guessed[step + 1, setting] = thread.submit(prepare, step + 1, setting)
        return batch

    return ready
