"""What models cost: operations by formula, memory by hand, queues by theory."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from analysis.errors import AnalysisError
from analysis.latency import energy as energies
from analysis.latency import roofline
from analysis.latency.capacity import FEWEST, capacity, in_time
from analysis.latency.config import BenchmarkConfig
from analysis.latency.cost import cost
from analysis.latency.energy import energy
from analysis.latency.measure import random_batch
from analysis.latency.memory import most_alive, peak_bytes
from analysis.latency.operations import operations
from analysis.latency.roofline import Peaks, achieved, peaks
from analysis.models.model import Model, load
from analysis.models.pairs import Checkpoint, Sides
from tests.support.timekeeping import profile_of


@pytest.fixture
def pair(tiny_pairs: dict[str, Sides[Model]]) -> Sides[Model]:
    return tiny_pairs["sentiment"]


@pytest.fixture(scope="module")
def full_size(tiny_pairs: dict[str, Sides[Model]]) -> Sides[Model]:
    """BERT-base and DistilBERT-base for two labels, as shapes without numbers."""
    kinds = {"bert": "Bert", "distilbert": "DistilBert"}

    def shapes(model: Model) -> Model:
        name = kinds[model.architecture]
        config = getattr(transformers, f"{name}Config")()
        with torch.device("meta"):
            return replace(model, network=getattr(transformers, f"{name}ForSequenceClassification")(config))

    return tiny_pairs["sentiment"].map(shapes)


@pytest.mark.parametrize("batch", [1, 3])
@pytest.mark.parametrize("tokens", [3, 64])
def test_operations_of_every_layer_are_those_of_the_formula(pair: Sides[Model], tokens: int, batch: int) -> None:
    for model in pair:
        found = operations(model, tokens, batch)
        assert found.layers.tolist() == found.formula.tolist()
        assert len(found.layers) == model.network.config.num_hidden_layers


def test_full_size_layers_have_the_operations_of_the_textbook(full_size: Sides[Model]) -> None:
    """24 n d² + 4 n² d where the feed-forward part is four times as wide, and the labels come from one token."""
    n, d = 128, 768
    layer = 24 * n * d**2 + 4 * n**2 * d
    teacher, student = full_size.map(lambda model: operations(model, n))
    assert set(teacher.layers.tolist()) == set(student.layers.tolist()) == {layer}
    assert teacher.total == 12 * layer + 2 * d * d + 2 * d * 2  # BERT's pooler or DistilBERT's inner layer, two labels
    assert student.total == 6 * layer + 2 * d * d + 2 * d * 2


def test_a_batch_has_the_operations_of_its_sequences(pair: Sides[Model]) -> None:
    for model in pair:
        assert operations(model, 8, batch=5).total == 5 * operations(model, 8).total


def test_weights_are_read_whole_but_for_the_tables_that_are_looked_up(tiny_pairs: dict[str, Sides[Model]]) -> None:
    for task, tied in (("sentiment", 0), ("fill-mask", 1)):
        for model in tiny_pairs[task]:
            tables = [part.weight for part in model.network.modules() if isinstance(part, torch.nn.Embedding)]
            whole = sum(weight.nbytes for weight in model.network.parameters())
            words = model.network.get_input_embeddings().weight.nbytes
            expected = whole - sum(table.nbytes for table in tables) + tied * words  # the output reads all of them
            assert operations(model, 8).weight_bytes == expected


class Recorded(TorchDispatchMode):
    """Which of torch's operations run, on which shapes."""

    def __init__(self) -> None:
        super().__init__()
        self.log: list[Any] = []

    def __torch_dispatch__(
        self, function: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        given = function(*args, **(kwargs or {}))
        shapes = [tuple(leaf.shape) for leaf in torch.utils._pytree.tree_leaves(given) if hasattr(leaf, "shape")]
        self.log.append((str(function), shapes))
        return given


def test_the_values_of_the_weights_change_neither_what_is_computed_nor_on_which_shapes(
    pair: Sides[Model], side: str
) -> None:
    """So random weights cost what trained ones cost: no operation asks what the numbers are."""
    model, logs = pair[side], []
    other = load(replace(model.checkpoint), "sentiment")
    with torch.no_grad():
        for tensor in other.network.parameters():
            tensor.copy_(torch.rand_like(tensor) - 0.5)
    for one in (model, other):
        with torch.no_grad(), Recorded() as recorded:
            one.network(**random_batch(one, BenchmarkConfig(tokens=20)))
        logs.append(recorded.log)
    assert len(logs[0]) > 20
    assert logs[0] == logs[1]


def test_memory_at_its_peak_is_that_of_the_tensors_alive() -> None:
    def work() -> Tensor:
        one = torch.zeros(1_000)  # 4,000 bytes
        view = one[:500].view(5, 100)
        two = view + 1  # 2,000 more
        del one, view
        three = two.double()  # the first are gone: 2,000 + 4,000
        return three + two  # 4,000 more

    assert most_alive(work, []) == 10_000
    given = torch.zeros(1_000)
    assert most_alive(lambda: given.add_(1), [given]) == 0
    assert most_alive(lambda: given + 1, [given]) == 4_000


@pytest.mark.parametrize("attention", ["sdpa", "eager"])
def test_peak_memory_does_not_grow_with_depth_but_with_the_text(tmp_path: Path, attention: str) -> None:
    from tests.support.tiny import tiny_checkpoint

    def deep(layers: int) -> Model:
        folder = tiny_checkpoint(tmp_path / str(layers), "distilbert", "sentiment", layers=layers)
        return load(Checkpoint(str(folder), "distilbert"), "sentiment")

    shallow, deeper = (
        [peak_bytes(deep(layers), BenchmarkConfig(tokens, attention=attention)) for tokens in (16, 64)]
        for layers in (2, 5)
    )
    assert shallow == deeper
    assert shallow[1] >= 4 * shallow[0]
    if attention == "eager":
        assert shallow[1] >= 2 * 2 * 64 * 64 * 4  # two heads' scores, and their softmax beside them


def test_cost_has_every_length_that_both_read(pair: Sides[Model]) -> None:
    shares: list[Any] = []
    found = cost(pair, shares.append)
    assert found.lengths == (8, 16, 32, 64)
    assert shares == pytest.approx(np.cumsum(found.lengths) / sum(found.lengths))
    for model, peak, counts in zip(pair, found.peak_bytes, found.operations, strict=True):
        assert [counted.tokens for counted in counts] == list(found.lengths)
        assert peak[-1] == peak_bytes(model, BenchmarkConfig(tokens=64))


def test_cost_says_what_the_student_saves(pair: Sides[Model]) -> None:
    found = cost(pair)
    teacher, student = (sum(weights.numel() for weights in model.network.parameters()) for model in pair)
    fewer = 100 - 100 * student / teacher
    assert found.finding.startswith(f"The student has {fewer:.1f}% fewer parameters, computes ")
    same = replace(found, architectures=Sides(*[found.architectures.teacher] * 2), peak_bytes=Sides(*[np.ones(4)] * 2))
    doubled = Sides(
        found.operations.student,
        tuple(replace(one, layers=2 * one.layers, rest=2 * one.rest) for one in found.operations.student),
    )
    ours = found.operations.student
    at_last = Sides(ours, (*ours[:-1], replace(ours[-1], layers=2 * ours[-1].layers, rest=2 * ours[-1].rest)))
    assert replace(same, operations=at_last).finding == replace(same, operations=doubled).finding
    assert replace(same, operations=doubled).finding == (
        "The student has as many parameters, computes 100.0% more operations at 64 tokens, and needs as much memory "
        "in addition to its weights."
    )


def test_the_roof_is_the_lower_of_both_limits() -> None:
    peak = Peaks(threads=1, gflops=50.0, gigabytes=10.0)
    assert [peak.roof(intensity) for intensity in (1.0, 5.0, 20.0)] == [10.0, 50.0, 50.0]


def test_what_is_achieved_is_operations_over_time(pair: Sides[Model]) -> None:
    profile = profile_of(
        [4.0] * 3, [2.0] * 3, [4.0] * 3, config=BenchmarkConfig(tokens=16, batch=2), tokens=Sides(16, 16)
    )
    for model, ms, found in zip(pair, (4, 2), achieved(profile, pair, Peaks(1, 2.0, 1.0)), strict=True):
        total = operations(model, 16, 2).total
        assert found.gflops.value == pytest.approx(total / (ms * 1e-3) / 1e9)
        assert found.share.value == pytest.approx(found.gflops.value / 2)
        assert found.roof == Peaks(1, 2.0, 1.0).roof(found.intensity)


def test_peaks_are_work_over_the_shortest_time(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = iter([step for took in (30, 20, 40, 50, 60) * 2 for step in (0, took)])
    monkeypatch.setattr(roofline, "perf_counter_ns", lambda: next(ticks))
    monkeypatch.setattr(roofline, "SIDE", 10)
    monkeypatch.setattr(roofline, "COPIED_BYTES", 400)
    assert peaks(1) == Peaks(threads=1, gflops=2 * 10**3 / 20, gigabytes=2 * 400 / 20)


def test_answers_in_time_are_as_in_the_queue_of_exponential_services() -> None:
    """M/M/1: what it takes from coming to being answered is exponential too."""
    samples = -10 * np.log(1 - (np.arange(20_000) + 0.5) / 20_000)  # of 10 ms on average
    rates = np.array([10.0, 50.0, 80.0])
    expected = 1 - np.exp(-100 * (1 / 10 - rates / 1000))
    assert in_time(samples, rates, within_ms=100) == pytest.approx(expected, abs=2e-3)
    found = capacity(samples).rate
    assert found.value == pytest.approx(1000 * (1 / 10 - np.log(100) / 100), rel=0.01)
    assert found.low <= found.value <= found.high


@pytest.mark.parametrize("shape", [0.5, 2.0, None])
def test_answers_in_time_are_as_when_every_request_is_followed(shape: float | None) -> None:
    """Each waits for what is still to be done when it comes (Lindley 1952): services all alike, or widely spread."""
    generator = np.random.default_rng(0)
    samples = np.full(300, 20.0) if shape is None else generator.gamma(shape, 20 / shape, 300)
    services, gaps = generator.choice(samples, 400_000), generator.exponential(1000 / 25, 400_000)  # 25 a second
    ahead = np.concatenate([[0.0], np.cumsum(services[:-1] - gaps[1:])])
    taken = ahead - np.minimum.accumulate(ahead) + services
    assert in_time(samples, np.array([25.0]), 100) == pytest.approx([np.mean(taken <= 100)], abs=5e-3)


def test_who_is_twice_as_fast_holds_more_than_twice_as_much() -> None:
    samples = np.random.default_rng(0).gamma(9.0, 3.0, FEWEST)
    slow, fast = (capacity(times).rate.value for times in (samples, samples / 2))
    assert fast > 2 * slow > 0


def test_nothing_is_held_where_one_request_alone_takes_too_long() -> None:
    assert capacity(np.full(FEWEST, 101.0)).rate.high == 0
    with pytest.raises(AnalysisError, match="99 passes are too few"):
        capacity(np.full(FEWEST - 1, 1.0))


def counter(folder: Path, name: str, microjoules: int, whole: int = 999_999) -> None:
    (folder / name).mkdir(exist_ok=True)
    (folder / name / "energy_uj").write_text(f"{microjoules}\n")
    (folder / name / "max_energy_range_uj").write_text(f"{whole}\n")


def test_energy_is_what_the_counters_of_all_processors_say_also_across_their_end(
    tmp_path: Path, pair: Sides[Model], monkeypatch: pytest.MonkeyPatch
) -> None:
    now, passes = [0.0], [0]
    for name in ("intel-rapl:0", "intel-rapl:1", "intel-rapl:0:0"):  # the last is a part of the first
        counter(tmp_path, name, 990_000)

    def request() -> None:
        passes[0] += 1
        now[0] += 0.5
        for name in ("intel-rapl:0", "intel-rapl:1", "intel-rapl:0:0"):
            counter(tmp_path, name, (990_000 + 5_000 * passes[0]) % 1_000_000)

    monkeypatch.setattr(energies, "request_of", lambda *_: request)
    monkeypatch.setattr(energies, "perf_counter", lambda: now[0])
    found = energy(pair.teacher, BenchmarkConfig(tokens=8), tmp_path)
    assert found.joules_per_pass == pytest.approx(2 * 0.005)
    assert found.watts == pytest.approx(2 * 0.005 / 0.5)
    assert found.tokens_per_joule == pytest.approx(8 / 0.01)


def test_energy_that_cannot_be_read_is_said_to_be_so(
    tmp_path: Path, pair: Sides[Model], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(AnalysisError, match="no energy counter"):
        energy(pair.teacher, BenchmarkConfig(tokens=8), tmp_path)
    monkeypatch.setattr(energies, "SECONDS", 0.0)
    counter(tmp_path, "intel-rapl:0", 5)
    with pytest.raises(AnalysisError, match="stands still"):
        energy(pair.teacher, BenchmarkConfig(tokens=8), tmp_path)
    monkeypatch.setattr(energies, "_counted", lambda _: (_ for _ in ()).throw(PermissionError))
    with pytest.raises(AnalysisError, match="only its administrator"):
        energy(pair.teacher, BenchmarkConfig(tokens=8), tmp_path)
