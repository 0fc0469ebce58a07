"""The methods, side by side, and what each says about a text as one value.

told = attribute(model, example, default_target(predict(teacher, example)), "Integrated gradients", "[MASK]")
told.words, told.scores, told.shares
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from analysis.arrays import Array, frozen
from analysis.attention.maps import units_of
from analysis.attribution.baselines import BASELINES, DEFAULT_BASELINE
from analysis.attribution.gradients import expected_gradients, input_x_gradient, integrated_gradients, saliency
from analysis.attribution.integrated_gradients import Progress
from analysis.attribution.layer_conductance import layer_conductance
from analysis.attribution.occlusion import occlusion
from analysis.attribution.rollout import attention_rollout
from analysis.attribution.score_function import Asked, ask
from analysis.attribution.unit_scores import Account, Give
from analysis.errors import AnalysisError
from analysis.inputs.examples import Example
from analysis.inputs.words import Word
from analysis.models.model import Model
from analysis.predictions.targets import ResolvedTarget, Target

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Method:
    """How words are accounted for. `about` is for the reader.

    `signed`: values below 0 speak against the target; else they only say how much a word matters. `adds_up`: the values
    of all words, [CLS] and [SEP] sum to the score's change from the baseline to the text. `from_baseline`: the values
    depend on which baseline is chosen.
    """

    give: Give
    signed: bool
    adds_up: bool
    about: str
    paper: str
    from_baseline: bool = True


@dataclass(frozen=True, slots=True)
class Attribution:
    """What each word accounts for in a target's score, by one method.

    `words` are those that the model reads; `scores` [word] in logits where the method adds up (a word's pieces summed),
    else in the method's own unit; `added` is what [CLS] and [SEP] have of it. `score` and `baseline_score` are the
    target's at the text and at the baseline, in logits.

    Where the method adds up, `n_steps` gradients were computed and `delta` is the sum less the score's change, in
    logits (of several layers, where it is largest). `rule` says whether that was held against the change ("relative")
    or, where there is hardly any, against a fixed bound ("absolute"), and `reached` whether it is small enough. Other
    methods have 0, None, "" and True.

    `layers` [layer + 1, word + 1]: the same after each layer, 0 the embedding output, [CLS] and [SEP] together last; no
    rows for a method that does not tell them.
    """

    method: str
    baseline: str
    target: ResolvedTarget
    words: tuple[Word, ...]
    scores: Array
    added: float
    score: float
    baseline_score: float
    n_steps: int
    delta: float | None
    rule: str
    reached: bool
    layers: Array

    @property
    def size(self) -> float:
        """All values together, whatever their sign."""
        return float(np.abs(self.scores).sum() + abs(self.added))

    @property
    def whole(self) -> float:
        """What shares are shares of: the size of the score's change, or of all values where that is not their sum."""
        return abs(self.score - self.baseline_score) if self.rule == "relative" else self.size

    @property
    def shares(self) -> Array:
        """[word]: of `whole`, so that two models are on one scale; above 0 in favour of the target."""
        return np.asarray(self.scores / self.whole if self.whole else self.scores)


# Not here: DeepLift. Captum's runs on these models, but its rules are for activations that are modules of torch.nn;
# transformers' GELU, softmax and layer norms are not, so what it gives is the gradient times the difference of inputs.
METHODS: dict[str, Method] = {
    "Integrated gradients": Method(
        integrated_gradients,
        signed=True,
        adds_up=True,
        about="the gradient, followed from the baseline to the text",
        paper="Sundararajan et al. 2017, https://arxiv.org/abs/1703.01365",
    ),
    "Expected gradients": Method(
        expected_gradients,
        signed=True,
        adds_up=True,
        about="integrated gradients, the mean over all baselines (what GradientSHAP estimates)",
        paper="Lundberg & Lee 2017, https://arxiv.org/abs/1705.07874; Erion et al. 2021, https://arxiv.org/abs/1906.10670",
        from_baseline=False,
    ),
    "Layer conductance": Method(
        layer_conductance,
        signed=True,
        adds_up=True,
        about="integrated gradients, told after each layer",
        paper="Dhamdhere et al. 2018, https://arxiv.org/abs/1805.12233",
    ),
    "Occlusion": Method(
        occlusion,
        signed=True,
        adds_up=False,
        about="what the score loses with the baseline in a word's place",
        paper="Zeiler & Fergus 2014, https://arxiv.org/abs/1311.2901",
    ),
    "Input x gradient": Method(
        input_x_gradient,
        signed=True,
        adds_up=False,
        about="the gradient at the text, times the embeddings",
        paper="Shrikumar et al. 2016, https://arxiv.org/abs/1605.01713",
        from_baseline=False,
    ),
    "Saliency": Method(
        saliency,
        signed=False,
        adds_up=False,
        about="the size of the gradient at the text",
        paper="Simonyan et al. 2013, https://arxiv.org/abs/1312.6034",
        from_baseline=False,
    ),
    "Attention rollout": Method(
        attention_rollout,
        signed=False,
        adds_up=False,
        about="attention multiplied through the layers; it knows nothing of the target",
        paper="Abnar & Zuidema 2020, https://aclanthology.org/2020.acl-main.385",
        from_baseline=False,
    ),
}


def attribute(
    model: Model,
    example: Example,
    target: Target,
    method: str = "Integrated gradients",
    baseline: str = DEFAULT_BASELINE,
    progress: Progress = lambda share: None,
) -> Attribution:
    """What each word accounts for in what is asked, by keys of `METHODS` and `BASELINES`.

    `progress` is told the share that is done at most, outside the model's lock; whatever it raises stops the
    computation. Raises `AnalysisError` for an unknown key, for an aim that the model does not know, and where the
    example needs several windows.
    """
    chosen, start = row_of(METHODS, method, "method"), row_of(BASELINES, baseline, "baseline")
    asked = ask(model, example, target)
    account = chosen.give(asked, start, progress)
    progress(1.0)
    return told(asked, account, method, baseline)


def told(asked: Asked, account: Account, method: str, baseline: str) -> Attribution:
    """An account as a value, [CLS] and [SEP] apart from the words."""
    tokens, convergence = asked.tokens, account.convergence
    word_ids = tokens.word_ids[[unit[0] for unit in units_of(tokens)]]  # [unit], -1 for [CLS] and [SEP]
    rows = account.values[None] if account.layers is None else np.stack([account.values, *account.layers])
    apart = np.column_stack([rows[:, word_ids >= 0], rows[:, word_ids < 0].sum(axis=1)])  # [row, word + 1]
    return Attribution(
        method,
        baseline,
        asked.target,
        words=tuple(tokens.words[word] for word in word_ids if word >= 0),
        scores=frozen(apart[0, :-1]),
        added=float(apart[0, -1]),
        score=account.ends[1],
        baseline_score=account.ends[0],
        n_steps=convergence.n_steps if convergence else 0,
        delta=convergence.delta if convergence else None,
        rule=convergence.rule if convergence else "",
        reached=convergence.reached if convergence else True,
        layers=frozen(apart[1:]),
    )


def row_of(table: Mapping[str, Row], key: str, kind: str) -> Row:
    """A table's row, or an `AnalysisError` that says which there are."""
    if key not in table:
        raise AnalysisError(f"There is no {kind} “{key}”; there are {', '.join(table)}.")
    return table[key]
