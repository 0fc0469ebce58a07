"""The training loop that every stage shares: a budget, a learning rate, a log, and a state that survives a kill."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from .threads import SharedCores

SECONDS_BETWEEN_STATES = 180.0
STEPS_BETWEEN_LOGS = 20
MOMENTS = ("exp_avg", "exp_avg_sq")
COMPILED = ("BertLayer", "TransformerBlock")  # the layers of both architectures

Network = TypeVar("Network", bound=nn.Module)


@dataclass(slots=True)
class Progress:
    """How far a run is: optimiser steps, tokens read, seconds spent training (pauses do not count).

    A run that goes on from published weights counts on from the `earlier_…` figures, which its budget leaves out.
    """

    step: int = 0
    tokens: int = 0
    seconds: float = 0.0
    earlier_step: int = 0
    earlier_tokens: int = 0
    earlier_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Budget:
    """What a stage may spend: one of the three, which also sets the pace of its learning rate."""

    minutes: float | None = None
    tokens: int | None = None
    steps: int | None = None

    def share(self, progress: Progress) -> float:
        """The part of the budget that is spent: 0 at the start, 1 or more when the stage is over."""
        if self.minutes is not None:
            return (progress.seconds - progress.earlier_seconds) / (60 * self.minutes)
        if self.tokens is not None:
            return (progress.tokens - progress.earlier_tokens) / self.tokens
        return (progress.step - progress.earlier_step) / (self.steps or 1)


@dataclass(frozen=True, slots=True)
class Pace:
    """The optimiser's settings: AdamW, linear warm-up over a share of the budget, then linear decay to zero."""

    peak: float
    warm_up: float = 0.03
    weight_decay: float = 0.01
    betas: tuple[float, float] = (0.9, 0.98)
    epsilon: float = 1e-6
    longest_gradient: float = 1.0

    def rate(self, share: float) -> float:
        """The learning rate when this share of the budget is spent."""
        return self.peak * min(share / self.warm_up, max(0.0, 1 - share) / (1 - self.warm_up), 1.0)


class Stage(Protocol[Network]):
    """What a stage adds to the loop."""

    @property
    def pace(self) -> Pace:
        """The settings of its optimiser."""

    def build(self) -> Network:
        """The model at the start of the stage."""

    def length(self, share: float) -> int:
        """How long the longest sequences are when this share of the budget is spent."""

    def losses(self, model: Network, step: int, share: float) -> tuple[dict[str, Tensor], int]:
        """The losses of this step by name, "loss" being the one to descend, and the tokens read for it."""

    def watch(self, model: Network) -> dict[str, float]:
        """Measurements on held-out data, written to the log at every saved state."""


def optimiser_for(model: nn.Module, pace: Pace) -> torch.optim.AdamW:
    """AdamW without weight decay on biases and layer norms, as BERT was trained."""
    parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
    groups = [
        {"params": [parameter for parameter in parameters if parameter.ndim > 1], "weight_decay": pace.weight_decay},
        {"params": [parameter for parameter in parameters if parameter.ndim <= 1], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=0.0, betas=pace.betas, eps=pace.epsilon, fused=True)


def trained(model: nn.Module) -> dict[str, nn.Parameter]:
    """The parameters that learn, by name; a tied pair appears once."""
    return {name: parameter for name, parameter in model.named_parameters() if parameter.requires_grad}


def save_state(path: Path, model: nn.Module, optimiser: torch.optim.AdamW, progress: Progress) -> None:
    """Weights, optimiser and progress in one file, which is the old one or the new one whenever the run is killed.

    No random generator's state is kept: every batch follows from the seed and the number of its step.
    """
    tensors: dict[str, Tensor] = {}
    steps = 0.0
    for name, parameter in trained(model).items():
        tensors[f"model/{name}"] = parameter.detach()
        if state := optimiser.state.get(parameter):
            tensors |= {f"{moment}/{name}": state[moment] for moment in MOMENTS}
            steps = float(state["step"])
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".part")
    metadata = {"progress": json.dumps(asdict(progress)), "optimiser_steps": str(steps)}
    save_file({name: tensor.cpu().contiguous() for name, tensor in tensors.items()}, unfinished, metadata)
    os.replace(unfinished, path)


def saved_progress(path: Path) -> Progress | None:
    """How far the saved run is, or None where there is none."""
    if not path.exists():
        return None
    with safe_open(path, "pt") as stored:
        return Progress(**json.loads(stored.metadata()["progress"]))


def load_weights(path: Path, model: nn.Module) -> None:
    """Put the saved weights into a model of the same shape."""
    with safe_open(path, "pt") as stored, torch.no_grad():
        for name, parameter in trained(model).items():
            parameter.copy_(stored.get_tensor(f"model/{name}"))


def load_optimiser(path: Path, model: nn.Module, optimiser: torch.optim.AdamW) -> None:
    """Put the saved moments into the optimiser of a model of the same shape."""
    with safe_open(path, "pt") as stored:
        steps, names = float(stored.metadata()["optimiser_steps"]), set(stored.keys())
        for name, parameter in trained(model).items():
            if f"{MOMENTS[0]}/{name}" in names:
                moments = {moment: stored.get_tensor(f"{moment}/{name}").to(parameter.device) for moment in MOMENTS}
                optimiser.state[parameter] = {"step": torch.tensor(steps, device=parameter.device), **moments}


class Log:
    """JSON lines: what the run averaged since the last line, and where it stands."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.sums: dict[str, Tensor] = {}
        self.count = 0
        path.parent.mkdir(parents=True, exist_ok=True)

    def begin(self, points: Sequence[Mapping[str, Any]]) -> None:
        """Start the file with these points of an earlier run."""
        self.path.write_text("".join(json.dumps(point) + "\n" for point in points), encoding="utf-8")

    def add(self, losses: Mapping[str, Tensor]) -> None:
        """Take one step's losses in."""
        self.count += 1
        for name, value in losses.items():
            self.sums[name] = self.sums.get(name, 0.0) + value.detach()

    def write(self, progress: Progress, rate: float, **more: Any) -> None:
        """Append a line with the mean losses, and start anew."""
        means = {name: round(float(value) / self.count, 5) for name, value in self.sums.items()} if self.count else {}
        line = {**asdict(progress), "seconds": round(progress.seconds, 1), "rate": rate, **means, **more}
        with self.path.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(line) + "\n")
        self.sums, self.count = {}, 0


def restored(stage: Stage[Network], state: Path) -> Network:
    """The model of the saved state, wherever in its run that is."""
    if not state.exists():
        raise FileNotFoundError(f"There is no saved training at {state}: run its stage first.")
    model = stage.build()
    load_weights(state, model)
    return model


def going_on(points: Sequence[Mapping[str, Any]]) -> Progress:
    """The progress of a run that begins where the published curve `points` of an earlier one ends."""
    step, tokens, seconds = (points[-1][name] for name in ("step", "tokens", "seconds")) if points else (0, 0, 0.0)
    return Progress(step, tokens, seconds, step, tokens, seconds)


def train(
    stage: Stage[Network],
    budget: Budget,
    state: Path,
    log_path: Path,
    device: torch.device,
    cores: SharedCores | None = None,
    earlier: Sequence[Mapping[str, Any]] = (),
    compiled: bool = False,
) -> Network:
    """The trained model; goes on from `state` if that exists and returns at once if the budget is spent.

    `earlier` is the published curve of the run whose weights the stage starts from, if it does: the log begins with it.
    With `compiled` the model's layers are compiled.
    """
    log = Log(log_path)
    if not state.exists():
        log.begin(earlier)
    progress = saved_progress(state) or going_on(earlier)
    model = stage.build().to(device)
    if compiled:
        compile_layers(model)
    optimiser = optimiser_for(model, stage.pace)
    if state.exists():
        load_weights(state, model)
        load_optimiser(state, model, optimiser)
    before = saved = time.perf_counter()
    while (share := budget.share(progress)) < 1:
        rate, reached = stage.pace.rate(share), {"length": stage.length(share)}
        losses, tokens = one_step(stage, model, optimiser, progress.step, share, rate)
        log.add(losses)
        progress.step += 1
        progress.tokens += tokens
        now = time.perf_counter()
        progress.seconds += now - before
        before = now
        if progress.step % STEPS_BETWEEN_LOGS == 0:
            log.write(progress, rate, **reached, threads=cores.adapt() if cores else torch.get_num_threads())
        if now - saved > SECONDS_BETWEEN_STATES:
            log.write(progress, rate, **reached, **stage.watch(model))
            save_state(state, model, optimiser, progress)
            saved = now
    if saved_progress(state) != progress:
        log.write(progress, 0.0, length=stage.length(1.0), **stage.watch(model))
        save_state(state, model, optimiser, progress)
    return model


def evaluating(model: Network, device: torch.device) -> Network:
    """The model on the device, in evaluation mode."""
    return model.to(device).eval()


def compile_layers(model: nn.Module) -> None:
    """Fuse what lies between the matrix products of each layer, in place: for GPUs and batches of few shapes."""
    for module in model.modules():
        if type(module).__name__ in COMPILED:
            module.compile(dynamic=False)


def one_step(
    stage: Stage[Network], model: Network, optimiser: torch.optim.AdamW, step: int, share: float, rate: float
) -> tuple[dict[str, Tensor], int]:
    """One descent: the losses before it, and the tokens it read."""
    model.train()
    for group in optimiser.param_groups:
        group["lr"] = rate
    losses, tokens = stage.losses(model, step, share)
    torch.autograd.backward(losses["loss"])
    nn.utils.clip_grad_norm_(model.parameters(), stage.pace.longest_gradient)
    optimiser.step()
    optimiser.zero_grad(set_to_none=True)
    return losses, tokens
