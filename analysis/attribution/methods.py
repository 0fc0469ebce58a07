"""The table of attribution methods, and `attribute`, which applies one of them to a text.

attribution = attribute(model, example, default_target(predict(teacher, example)), "Integrated gradients", "[MASK]")
attribution.words, attribution.scores, attribution.shares
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.arrays import Array, frozen
from analysis.attention.maps import units_of
from analysis.attribution.baselines import BASELINES, DEFAULT_BASELINE
from analysis.attribution.gradients import expected_gradients, input_x_gradient, saliency
from analysis.attribution.integrated_gradients import integrated_gradients
from analysis.attribution.layer_conductance import layer_conductance
from analysis.attribution.occlusion import occlusion
from analysis.attribution.rollout import attention_rollout
from analysis.attribution.score_function import ScoreFunction, score_function_of
from analysis.attribution.unit_scores import AttributionFn, UnitScores
from analysis.inputs.examples import Example
from analysis.inputs.words import Word
from analysis.models.model import Model
from analysis.predictions.targets import ResolvedTarget, Target
from analysis.progress import Progress, silent
from analysis.tables import row_of


@dataclass(frozen=True, slots=True)
class Method:
    """An attribution method. `about` is for the reader.

    `signed`: values below 0 speak against the target; otherwise they only say how much a word matters. `is_complete`
    (the completeness axiom): the values of all words, [CLS] and [SEP] sum to the score's change from the baseline to
    the text. `from_baseline`: the values depend on which baseline is chosen.
    """

    compute: AttributionFn
    signed: bool
    is_complete: bool
    about: str
    paper: str
    from_baseline: bool = True


@dataclass(frozen=True, slots=True)
class Attribution:
    """How much each word contributes to a target's score, by one method.

    `words` are those that the model reads; `scores` [word] are in logits if the method is complete (a word's pieces
    summed), else in the method's own unit; `special_tokens_score` is the value of [CLS] and [SEP] together. `score` and
    `baseline_score` are the target's at the text and at the baseline, in logits.

    If the method is complete, `n_steps` gradients were computed and `delta` is the sum minus the score's change, in
    logits (of several layers, the largest). `tolerance_kind` says whether delta was compared with the change
    ("relative") or, if there is hardly any, with a fixed bound ("absolute"), and `converged` whether it is small
    enough. Other methods have 0, None, "" and True.

    `layers` [layer + 1, word + 1]: the values after each layer, 0 being the embedding output, with [CLS] and [SEP]
    together in the last column; no rows if the method has no values by layer.
    """

    method: str
    baseline: str
    target: ResolvedTarget
    words: tuple[Word, ...]
    scores: Array
    special_tokens_score: float
    score: float
    baseline_score: float
    n_steps: int
    delta: float | None
    tolerance_kind: str
    converged: bool
    layers: Array

    @property
    def absolute_sum(self) -> float:
        """The sum of all values' sizes, whatever their sign."""
        return float(np.abs(self.scores).sum() + abs(self.special_tokens_score))

    @property
    def shares(self) -> Array:
        """[word]: of `absolute_sum`, so that two models and two methods are on one scale; above 0 for the target."""
        return np.asarray(self.scores / (self.absolute_sum or 1.0))


# Not here: DeepLift. Captum's runs on these models, but its rules are for activations that are modules of torch.nn;
# transformers' GELU, softmax and layer norms are not, so what it gives is the gradient times the difference of inputs.
METHODS: dict[str, Method] = {
    "Integrated gradients": Method(
        integrated_gradients,
        signed=True,
        is_complete=True,
        about="the gradient, integrated from the baseline to the text",
        paper="Sundararajan et al. 2017, https://arxiv.org/abs/1703.01365",
    ),
    "Expected gradients": Method(
        expected_gradients,
        signed=True,
        is_complete=True,
        about="integrated gradients, the mean over all baselines (what GradientSHAP estimates)",
        paper="Lundberg & Lee 2017, https://arxiv.org/abs/1705.07874; Erion et al. 2021, https://arxiv.org/abs/1906.10670",
        from_baseline=False,
    ),
    "Layer conductance": Method(
        layer_conductance,
        signed=True,
        is_complete=True,
        about="integrated gradients after each layer",
        paper="Dhamdhere et al. 2018, https://arxiv.org/abs/1805.12233",
    ),
    "Occlusion": Method(
        occlusion,
        signed=True,
        is_complete=False,
        about="how much the score drops with the baseline in a word's place",
        paper="Zeiler & Fergus 2014, https://arxiv.org/abs/1311.2901",
    ),
    "Input x gradient": Method(
        input_x_gradient,
        signed=True,
        is_complete=False,
        about="the gradient at the text, times the embeddings",
        paper="Shrikumar et al. 2016, https://arxiv.org/abs/1605.01713",
        from_baseline=False,
    ),
    "Saliency": Method(
        saliency,
        signed=False,
        is_complete=False,
        about="the size of the gradient at the text",
        paper="Simonyan et al. 2013, https://arxiv.org/abs/1312.6034",
        from_baseline=False,
    ),
    "Attention rollout": Method(
        attention_rollout,
        signed=False,
        is_complete=False,
        about="attention multiplied through the layers; it does not depend on the target",
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
    progress: Progress = silent,
) -> Attribution:
    """How much each word contributes to a target's score, by keys of `METHODS` and `BASELINES`.

    `progress` is called with an upper bound of the share done, outside the model's lock; whatever it raises stops the
    computation. Raises `AnalysisError` for an unknown key, for a target that the model does not know, and if the
    example needs several windows.
    """
    compute = row_of(METHODS, method, "method").compute
    baseline_row = row_of(BASELINES, baseline, "baseline")
    score_function = score_function_of(model, example, target)
    unit_scores = compute(score_function, baseline_row, progress)
    progress(1.0)
    return to_attribution(score_function, unit_scores, method, baseline)


def to_attribution(score_function: ScoreFunction, unit_scores: UnitScores, method: str, baseline: str) -> Attribution:
    """A method's scores as an `Attribution`, with [CLS] and [SEP] apart from the words."""
    tokens, convergence = score_function.tokens, unit_scores.convergence
    word_ids = tokens.word_ids[[unit[0] for unit in units_of(tokens)]]  # [unit], -1 for [CLS] and [SEP]
    layers = () if unit_scores.layers is None else unit_scores.layers
    rows = np.stack([unit_scores.values, *layers])
    apart = np.column_stack([rows[:, word_ids >= 0], rows[:, word_ids < 0].sum(axis=1)])  # [row, word + 1]
    return Attribution(
        method,
        baseline,
        score_function.target,
        words=tuple(tokens.words[word] for word in word_ids if word >= 0),
        scores=frozen(apart[0, :-1]),
        special_tokens_score=float(apart[0, -1]),
        score=unit_scores.end_scores[1],
        baseline_score=unit_scores.end_scores[0],
        n_steps=convergence.n_steps if convergence else 0,
        delta=convergence.delta if convergence else None,
        tolerance_kind=convergence.tolerance_kind if convergence else "",
        converged=convergence.converged if convergence else True,
        layers=frozen(apart[1:]),
    )
