"""What the tests of attributions ask, and a model whose attributions are known."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor
from transformers import PreTrainedModel

from analysis.attribution.score_function import ScoreFunction, score_function_of
from analysis.models.model import Model
from analysis.predictions.heads import predict
from analysis.predictions.resolve import default_target
from analysis.predictions.targets import Target
from tests.support.tiny import EXAMPLES


def target_for(model: Model) -> Target:
    """What the model itself answers."""
    return default_target(predict(model, EXAMPLES[model.task]))


def score_function_for(model: Model, target: Target | None = None) -> ScoreFunction:
    return score_function_of(model, EXAMPLES[model.task], target or target_for(model))


class Linear(torch.nn.Module):
    """A network for two labels: the first logit is `bent` of a sum of the embeddings, each token with its own weights.

    Its second logit is 7 everywhere.
    """

    def __init__(self, network: PreTrainedModel, bent: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.bent = bent
        self.config, self.embeddings = network.config, network.get_input_embeddings()
        table: Any = self.embeddings.weight
        generator = torch.Generator().manual_seed(3)
        self.weights = torch.randn(64, table.shape[1], generator=generator)  # [token, width]

    def get_input_embeddings(self) -> torch.nn.Module:
        return self.embeddings

    def forward(self, inputs_embeds: Tensor, output_hidden_states: bool = False, **_: object) -> "Outputs":
        first = self.bent((inputs_embeds * self.weights[: inputs_embeds.shape[1]]).sum(dim=(1, 2)))
        outputs = Outputs(logits=torch.stack([first, first * 0 + 7], dim=1))
        outputs.hidden_states = (inputs_embeds,)
        return outputs


class Outputs(dict[str, Any]):
    hidden_states: tuple[Tensor, ...]

    __getattr__ = dict.__getitem__
    __setattr__ = dict.__setitem__


def linear(model: Model, bent: Callable[[Tensor], Tensor] = lambda sums: sums) -> Model:
    """The model with such a network in it, linear unless it is bent."""
    return replace(model, network=Linear(model.network, bent))
